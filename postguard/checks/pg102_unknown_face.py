"""A face in the picture is nobody that postguard may clear.

It matches nobody enrolled who may be shown and who, by the draft's word, was there: a visitor, a
brother or sister, a child whose family allows no template, or a poor likeness. Nobody's permission
is known, so the draft stops. If you know who it is, `postguard confirm` lets you say so and checks
what you say. Otherwise cover or crop the face, or ask the head teacher or a deputy to vouch.
"""

from collections.abc import Iterable

from postguard.checks.faces import finding, with_outcome
from postguard.domain.evidence import Evidence, Outcome
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG102",
    name="unknown-face",
    severity=Severity.BLOCK,
    summary="The face matches nobody who may be shown here.",
    floor=Severity.REVIEW,
    lifted_by=LiftedBy.POSTER,
)

CURE = "If you know who this is, run `postguard confirm`. If not, cover or crop this face, or leave the picture out."


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for decision in with_outcome(evidence, Outcome.UNKNOWN):
        yield finding(RULE, decision, "Nobody on the roster who may be shown here looks enough like this face.", CURE)
