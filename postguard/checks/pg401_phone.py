"""A telephone number stands in the draft.

Home and mobile numbers are nobody's business but the family's: however the digits are parted, in words too, and
behind "call" or "ring" without the area's code. The school's own numbers are listed in
the settings (`own_contacts`) and pass, and so do helplines and other free numbers. Take the number out,
or, if it is the school's, ask for it to be listed.
"""

from collections.abc import Iterable

from postguard.checks.spotted import finding, spotted
from postguard.domain.evidence import Evidence, Topic
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG401",
    name="phone",
    severity=Severity.BLOCK,
    summary="A telephone number that is not the school's own.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for spotting in spotted(evidence, Topic.PHONE):
        yield finding(
            RULE,
            spotting,
            "This is a telephone number, and not one of the school's.",
            "Take it out. If it is the school's own, list it in the settings under own_contacts.",
        )
