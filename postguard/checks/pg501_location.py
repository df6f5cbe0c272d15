"""A picture's file says where it was taken.

Phones write the place into the file. Some platforms take it out and some do not; a school's website
never does. Save a copy without it (`postguard prepare`, or "remove location" on the phone).
"""

from collections.abc import Iterable

from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG501",
    name="location",
    severity=Severity.BLOCK,
    summary="A picture's file says where it was taken.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for photograph in evidence.photographs:
        if photograph.place:
            yield Finding(
                rule=RULE.id,
                severity=RULE.severity,
                part=photograph.part,
                message=f"The file says where the picture was taken ({', '.join(photograph.place)}).",
                cure="Save a copy without what the file carries inside, then check again.",
            )
