"""There are more pictures than the channel takes in one post.

Leave some out, or make two posts of it.
"""

from collections.abc import Iterable

from postguard.domain.drafts import DRAFT
from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG702",
    name="too-many-pictures",
    severity=Severity.BLOCK,
    summary="More pictures than the channel takes.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    limits = policy.limits_of(evidence.channel)
    number = len(evidence.draft.pictures)
    if limits is not None and limits.pictures is not None and number > limits.pictures:
        yield Finding(
            rule=RULE.id,
            severity=RULE.severity,
            part=DRAFT,
            message=f"There are {number} pictures; this channel takes {limits.pictures}.",
            cure="Leave some out, or make two posts of it.",
        )
