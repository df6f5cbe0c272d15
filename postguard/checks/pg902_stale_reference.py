"""Somebody's reference photos are too old to clear a face.

Children change. After twelve months a reference may still stop a draft but no longer clear one.
Take new reference photos and run `postguard enrol`.
"""

from collections.abc import Iterable

from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG902",
    name="stale-reference",
    severity=Severity.NOTE,
    summary="A reference is too old to clear anybody.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for person in evidence.stale_references:
        yield Finding(
            rule=RULE.id,
            severity=RULE.severity,
            part="pictures",
            message="The reference photos of somebody near a face here are too old to clear it.",
            cure="Take new reference photos and run `postguard enrol`.",
            person=person,
        )
