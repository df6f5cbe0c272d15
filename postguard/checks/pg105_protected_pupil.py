"""A pupil who must be protected is in the draft.

Only the head teacher sees this rule. To everybody else it reads like any face or name that may not
be posted, because the reason is nobody's business. Whatever the consent says, a protected pupil is
never cleared by the machine, and only the head teacher may vouch.
"""

from collections.abc import Iterable

from postguard.checks.faces import finding, with_outcome
from postguard.checks.pg101_unconsented_face import CURE, WHY
from postguard.checks.pg101_unconsented_face import RULE as PG101
from postguard.domain.evidence import Evidence, Outcome
from postguard.domain.people import ConsentState, Person, Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG105",
    name="protected-pupil",
    severity=Severity.BLOCK,
    summary="A protected pupil is seen or named.",
    floor=Severity.BLOCK,
    lifted_by=LiftedBy.HEAD,
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for decision in with_outcome(evidence, Outcome.UNCONSENTED):
        person = roster.person(decision.person or "")
        if person is not None and person.high_risk:
            message = f"May not be shown: {_why(person, evidence)}."
            yield finding(RULE, decision, message, CURE, reads_as=PG101.id)


def _why(person: Person, evidence: Evidence) -> str:
    """The sentence PG101 would say, so that nothing tells the two apart."""
    state = person.consent_state(evidence.channel, evidence.date)
    return WHY[ConsentState.REFUSED if state is ConsentState.GRANTED else state]
