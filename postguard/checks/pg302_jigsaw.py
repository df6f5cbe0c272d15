"""One post names a pupil and another shows the same pupil's face.

Neither says who the face is, but both together do. Both posts are reported when they are checked
together, as one folder. Take the name out of the one, or leave the picture out of the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from postguard.domain.evidence import Evidence, How, Mention, Outcome
from postguard.domain.people import Role, Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG302",
    name="jigsaw",
    severity=Severity.REVIEW,
    summary="A pupil is named in one draft and shown in another of the same batch.",
    lifted_by=LiftedBy.DEPUTY,
)

NAMED = "A pupil who is named here is shown in another draft of the same batch: together they tell who it is."
SHOWN = "A pupil who is shown here is named in another draft of the same batch: together they tell who it is."
CURE = "Take the name out of the one draft, or leave the picture out of the other."

_SHOWS = frozenset({Outcome.CLEARED, Outcome.CONFIRMED, Outcome.UNCONSENTED, Outcome.WAIVED})


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    """One draft alone is no jigsaw: see `across`."""
    return ()


def across(evidences: Sequence[Evidence], roster: Roster, policy: Policy) -> tuple[tuple[Finding, ...], ...]:
    """The findings of each draft of a batch, in the order of the drafts.

    Only sure mentions by the roster's own names count, and only in one draft what another one shows; a draft
    that does both is PG301's.
    """
    pupils = {p.id for p in roster.people if p.role is Role.PUPIL}
    naming = [_named(evidence) & pupils for evidence in evidences]
    showing = [_shown(evidence) & pupils for evidence in evidences]
    severity = dict(policy.severities).get(RULE.id, RULE.severity)
    named_in = _drafts_of(naming)
    shown_in = _drafts_of(showing)
    findings: list[tuple[Finding, ...]] = []
    for number, evidence in enumerate(evidences):
        named = {who for who in naming[number] if shown_in[who] - {number}}
        shown = {who for who in showing[number] if named_in[who] - {number}}
        findings.append((*_name_findings(evidence, named, severity), *_face_findings(evidence, shown, severity)))
    return tuple(findings)


def _named(evidence: Evidence) -> set[str]:
    return {mention.person for mention in evidence.mentions if _is_certain(mention)}


def _is_certain(mention: Mention) -> bool:
    return mention.sure and mention.how in (How.EXACT, How.KNOWN_AS)


def _shown(evidence: Evidence) -> set[str]:
    return {d.person for d in evidence.decisions if d.person is not None and d.outcome in _SHOWS}


def _drafts_of(people: Sequence[set[str]]) -> defaultdict[str, set[int]]:
    drafts: defaultdict[str, set[int]] = defaultdict(set)
    for number, everybody in enumerate(people):
        for person in everybody:
            drafts[person].add(number)
    return drafts


def _name_findings(evidence: Evidence, people: set[str], severity: Severity) -> Iterable[Finding]:
    """One for each person, where the name first stands: PG301 or PG201 speak of each place anyway."""
    left = set(people)
    for mention in evidence.mentions:
        if mention.person in left and _is_certain(mention):
            left.remove(mention.person)
            yield Finding(
                rule=RULE.id,
                severity=severity,
                part=mention.part,
                message=NAMED,
                cure=CURE,
                person=mention.person,
                start=mention.start,
                end=mention.end,
                field=mention.field,
            )


def _face_findings(evidence: Evidence, people: set[str], severity: Severity) -> Iterable[Finding]:
    """One for each person, at the first of the pupil's faces."""
    left = set(people)
    for decision in evidence.decisions:
        if decision.person in left and decision.outcome in _SHOWS:
            left.remove(decision.person)
            yield Finding(
                rule=RULE.id,
                severity=severity,
                part=decision.face.part,
                message=SHOWN,
                cure=CURE,
                region=decision.face.region,
                face=decision.face.number,
                person=decision.person,
            )
