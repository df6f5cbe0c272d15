"""A date stands beside words like "born" or "date of birth".

A full date of birth opens many doors. "Turned seven" is enough for a birthday. Dates of people long dead
pass, and so do those of chicks and lambs, of a school's own birthday and of birthday parties.
"""

from collections.abc import Iterable

from postguard.checks.spotted import finding, spotted
from postguard.domain.evidence import Evidence, Topic
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG404",
    name="birth-date",
    severity=Severity.BLOCK,
    summary="A date of birth.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for spotting in spotted(evidence, Topic.BIRTH_DATE):
        yield finding(
            RULE,
            spotting,
            "This is a date of birth.",
            "Take the date out.",
        )
