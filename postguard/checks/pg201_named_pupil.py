"""A pupil is named in a post without pictures.

A pupil's name, or the name the pupil is known by, stands in the words. Where the family has not agreed
to this channel the post is stopped, whatever the settings say; where it has, somebody has to look at it
once more. Say "one of our P4s" or "our star writer" instead. A member of staff's name is no pupil's name and
is not reported.
"""

from collections.abc import Iterable

from postguard.checks.naming import name_finding, namings
from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG201",
    name="named-pupil",
    severity=Severity.BLOCK,
    summary="A pupil's name stands in a post without pictures.",
    lifted_by=LiftedBy.POSTER,
)

CURE = "Take the name out: say what was done, not who did it."


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    if evidence.has_picture:
        return
    for naming in namings(evidence, roster, sure=True):
        if all(pupil.may_appear(evidence.channel, evidence.date) for pupil in naming.pupils):
            message = "A pupil is named here. The family allows this channel; somebody has to agree to the name."
            yield name_finding(RULE, naming, Severity.REVIEW, message, CURE)
        else:
            message = "A pupil is named here, and there is no permission for this channel."
            yield name_finding(RULE, naming, Severity.BLOCK, message, CURE, floor=Severity.BLOCK)
