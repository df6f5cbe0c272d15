"""A rude or abusive word stands in the draft.

Found by a list of British and Scots words: starred out, drawn out, put apart or with signs for letters too, in
accounts and hashtags; words around it may make it harmless (a blue tit, cock crow, Dick Whittington).
A list finds rudeness. It does not find defamation or unkindness: read it again.
"""

from collections.abc import Iterable

from postguard.checks.spotted import finding, spotted
from postguard.domain.evidence import Evidence, Topic
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG601",
    name="rude-language",
    severity=Severity.REVIEW,
    summary="A rude or abusive word.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for spotting in spotted(evidence, Topic.RUDE):
        yield finding(
            RULE,
            spotting,
            "This may be rude or abusive.",
            "Say it another way. If it is harmless here, have it vouched for.",
        )
