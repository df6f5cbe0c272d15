"""The number of people the poster counted is not the number of faces found.

A face that no detector saw is the one mistake nobody would notice, so the poster counts everybody
who can be seen, backs of heads too, and writes `people: 10` in the post before looking at the
result. Fewer faces found: somebody was missed. More: something was taken for a face, or somebody
was overlooked. Either way the draft stops until it is sorted out.

In a clip, count the most people who can be seen at one moment, not everybody who comes and goes:
postguard cannot tell whether somebody who comes back is the same person.
"""

from collections.abc import Iterable

from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG106",
    name="head-count",
    severity=Severity.BLOCK,
    summary="The poster counted another number of people than faces were found.",
    floor=Severity.REVIEW,
    lifted_by=LiftedBy.POSTER,
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    counted = set()
    for head_count in evidence.draft.head_counts:
        found = evidence.people_found(head_count.part)
        counted.update([head_count.part] if head_count.part else [p.part for p in evidence.draft.pictures])
        if found != head_count.people:
            yield _finding(
                head_count.part or "pictures",
                f"You counted {head_count.people}, postguard found {_faces(found)}.",
                "Look again at everybody, backs of heads too. Mark whoever was missed with `postguard confirm`, "
                "or correct `people:` in the post.",
            )
    if policy.require_head_count:
        for picture in evidence.draft.pictures:
            if picture.part not in counted:
                yield _finding(
                    picture.part,
                    f"Nobody has counted the people; postguard found {_faces(evidence.people_found(picture.part))}.",
                    "Count everybody who can be seen, backs of heads too, and write `people:` in the post.",
                )


def _faces(number: int) -> str:
    return "1 face" if number == 1 else f"{number} faces"


def _finding(part: str, message: str, cure: str) -> Finding:
    return Finding(rule=RULE.id, severity=RULE.severity, part=part, message=message, cure=cure)
