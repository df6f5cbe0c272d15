"""Something in the draft could not be checked.

A file that cannot be opened, a second text, a hidden file, a format nobody here can read: what was
not read cannot be cleared, so the draft fails until it is taken out or mended. This rule cannot be
turned down and nobody can vouch for it.
"""

from collections.abc import Iterable

from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG901",
    name="unchecked",
    severity=Severity.BLOCK,
    summary="A file or part could not be read, decoded or understood.",
    floor=Severity.BLOCK,
    lifted_by=LiftedBy.NOBODY,
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for unchecked in evidence.unchecked:
        yield Finding(
            rule=RULE.id,
            severity=RULE.severity,
            part=unchecked.part,
            message=f"Could not be checked: {_sentence(unchecked.reason)}",
            cure="Mend it or take it out of the draft, then check again.",
        )


def _sentence(reason: str) -> str:
    """Reasons come from many hands: one way of beginning and ending for all."""
    reason = reason.strip()
    return reason[:1].lower() + reason[1:] + ("" if reason.endswith((".", "!", "?")) else ".")
