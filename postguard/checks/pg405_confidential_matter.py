"""Something confidential may be said of somebody.

Additional needs, health, care, behaviour, free meals, where a family comes from: said of a person, or
anywhere in a draft that shows or names somebody. Awareness weeks, forms and fundraisers pass. A list
cannot weigh what is private: where nothing is found, that is no promise.
"""

from collections.abc import Iterable

from postguard.checks.spotted import finding, spotted
from postguard.domain.evidence import Evidence, Topic
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG405",
    name="confidential-matter",
    severity=Severity.REVIEW,
    summary="Health, needs, care, behaviour or money, said of a person or beside one.",
)

OF_SOMEBODY = "Something confidential may be said of somebody here."
BESIDE_SOMEBODY = "Something confidential stands in a draft that shows or names somebody."
CURE = "Take it out, or say it so that it can be about nobody here."


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    somebody = bool(evidence.decisions) or any(mention.sure for mention in evidence.mentions)
    for spotting in spotted(evidence, Topic.CONFIDENTIAL):
        if spotting.of_person:
            yield finding(RULE, spotting, OF_SOMEBODY, CURE)
        elif somebody:
            yield finding(RULE, spotting, BESIDE_SOMEBODY, CURE)
