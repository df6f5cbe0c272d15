"""A face is there, but it cannot be made out well enough to say whose it is.

It is small, blurred, dark, turned away or covered, or the detector is hardly sure that it is a face.
Somebody who knows the child may still recognise it, so the draft stops. `postguard confirm` lets you
say who it is, or that it is no face at all. Faces under 10 px, which nobody could recognise, are only
counted, in a note.
"""

from collections.abc import Iterable

from postguard.checks.faces import finding, with_outcome
from postguard.domain.evidence import Evidence, Outcome
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG104",
    name="unclear-face",
    severity=Severity.BLOCK,
    summary="The face is too small, blurred, dark, turned or covered to identify.",
    floor=Severity.REVIEW,
    lifted_by=LiftedBy.POSTER,
)

CURE = "Use a clearer picture, or cover or crop this face. If you know who it is, run `postguard confirm`."


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for decision in with_outcome(evidence, Outcome.UNCLEAR):
        yield finding(RULE, decision, f"Cannot be made out: {decision.because}.", CURE)
    tiny: dict[str, int] = {}
    for decision in with_outcome(evidence, Outcome.UNIDENTIFIABLE):
        tiny[decision.face.part] = tiny.get(decision.face.part, 0) + 1
    for part, count in sorted(tiny.items()):
        faces = "1 face is" if count == 1 else f"{count} faces are"
        yield Finding(
            rule=RULE.id,
            severity=Severity.NOTE,
            part=part,
            message=f"{faces} smaller than 10 pixels: nobody could recognise anybody there.",
        )
