"""A postcode or a street with its number stands in the draft.

It may be where a child lives. The school's own address is listed in the settings (`own_contacts`) and
passes. Take it out: the name of a place or a hall says enough.
"""

from collections.abc import Iterable

from postguard.checks.spotted import finding, spotted
from postguard.domain.evidence import Evidence, Topic
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG403",
    name="address",
    severity=Severity.BLOCK,
    summary="A postcode or a street address that is not the school's own.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for spotting in spotted(evidence, Topic.ADDRESS):
        yield finding(
            RULE,
            spotting,
            "This is a postcode or a street address, and not the school's.",
            "Take it out. If it is the school's own, list it in the settings under own_contacts.",
        )
