"""A face in the picture is somebody who may not be shown on this channel today.

The face matches a person on the roster whose consent for the channel is refused, not written down,
not yet in force, past its last day, or withdrawn. The picture must not be posted as it is. Cover or
crop that face, or leave the picture out. Nobody can vouch for this one. If it is truly somebody
else, only the head teacher may record who it is.
"""

from collections.abc import Iterable

from postguard.checks.faces import finding, with_outcome
from postguard.domain.evidence import Evidence, Outcome
from postguard.domain.people import ConsentState, Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG101",
    name="unconsented-face",
    severity=Severity.BLOCK,
    summary="The face is somebody without permission for this channel on this day.",
    floor=Severity.BLOCK,
    lifted_by=LiftedBy.NOBODY,
)

CURE = "Cover or crop this face, or leave the picture out."

WHY = {
    ConsentState.REFUSED: "permission for this channel was refused",
    ConsentState.MISSING: "no permission for this channel is written down",
    ConsentState.NOT_YET: "permission for this channel has not begun yet",
    ConsentState.EXPIRED: "permission for this channel has run out",
    ConsentState.WITHDRAWN: "permission for this channel was withdrawn",
    ConsentState.GRANTED: "this person may not be shown here",
}


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for decision in with_outcome(evidence, Outcome.UNCONSENTED):
        person = roster.person(decision.person or "")
        if person is not None and person.high_risk:
            continue
        state = person.consent_state(evidence.channel, evidence.date) if person else ConsentState.MISSING
        yield finding(RULE, decision, f"May not be shown: {WHY[state]}.", CURE)
