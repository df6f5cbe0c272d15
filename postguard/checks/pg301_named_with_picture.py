"""A pupil is named in a draft that has a picture.

The school's policy: pupils' names are not attached to photographs. It holds for every pupil, whatever
the family agreed to, and wherever the name stands: in the text, a hashtag, the description, the file's
name, what the file carries inside, or written in the picture itself. Take the name out, or post the
words without pictures.
"""

from collections.abc import Iterable

from postguard.checks.naming import name_finding, namings
from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG301",
    name="named-with-picture",
    severity=Severity.BLOCK,
    summary="A pupil's name stands in a draft that has a picture.",
    floor=Severity.REVIEW,
    lifted_by=LiftedBy.DEPUTY,
)

CURES = {
    "name": "Give the file a name that names nobody.",
    "alt": "Describe the picture without naming anybody.",
    "metadata": "Save a copy of the picture without what it carries inside.",
    "picture": "Cover or crop the written name, or leave the picture out.",
}
CURE = "Take the name out, or post the words without pictures."


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    if not evidence.has_picture:
        return
    for naming in namings(evidence, roster, sure=True):
        where = naming.mention.part.rpartition(":")[2]
        message = "A pupil is named in a draft that has a picture."
        yield name_finding(RULE, naming, RULE.severity, message, CURES.get(where, CURE))
