"""A face could be somebody who may be shown, or somebody who may not: too near to tell apart.

A person without permission is about as near to this face as one with permission; or two faces of
the same picture were taken for the same person; or the nearest has a look-alike (a twin, a sister)
who may not be shown. `postguard confirm` lets you say who it is and checks what you say; else cover
or crop the face, or ask the head teacher or a deputy to vouch.
"""

from collections.abc import Iterable

from postguard.checks.faces import finding, with_outcome
from postguard.domain.evidence import Evidence, Outcome
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG103",
    name="ambiguous-face",
    severity=Severity.BLOCK,
    summary="The face is too near to somebody without permission, or two faces claim one person.",
    floor=Severity.REVIEW,
    lifted_by=LiftedBy.POSTER,
)

CURE = "If you know who this is, run `postguard confirm`. If not, cover or crop this face, or leave the picture out."


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for decision in with_outcome(evidence, Outcome.AMBIGUOUS):
        yield finding(RULE, decision, f"Cannot be told apart with certainty: {decision.because}.", CURE)
