"""A picture has no description.

People who cannot see the picture hear its description (alt text). Say what is in it, without names.
"""

from collections.abc import Iterable

from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG704",
    name="no-alt-text",
    severity=Severity.NOTE,
    summary="A picture has no description.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    described = {alt.part for alt in evidence.draft.alt if alt.text.strip()}
    for picture in evidence.draft.pictures:
        if picture.part not in described:
            yield Finding(
                rule=RULE.id,
                severity=RULE.severity,
                part=picture.part,
                message="The picture has no description for people who cannot see it.",
                cure="Describe what is in it, without names.",
            )
