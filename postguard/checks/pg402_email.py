"""An e-mail address stands in the draft, written out, with a gap or in disguise ("name at school dot org").

The school's own addresses, or its whole domain (`@example.sch.uk`), are listed in the settings
(`own_contacts`) and pass. Take the address out, or ask for it to be listed.
"""

from collections.abc import Iterable

from postguard.checks.spotted import finding, spotted
from postguard.domain.evidence import Evidence, Topic
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG402",
    name="e-mail",
    severity=Severity.BLOCK,
    summary="An e-mail address that is not the school's own.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for spotting in spotted(evidence, Topic.EMAIL):
        yield finding(
            RULE,
            spotting,
            "This is an e-mail address, and not one of the school's.",
            "Take it out. If it is the school's own, list it in the settings under own_contacts.",
        )
