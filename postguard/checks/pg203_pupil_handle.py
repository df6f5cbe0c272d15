"""A pupil's or a parent's account is named.

An @handle or a link to a profile that the roster lists for a pupil or a parent. It leads every reader to
the family. Take it out. The school's own accounts are not on the roster's lists and pass.
"""

from collections.abc import Iterable

from postguard.checks.naming import PROTECTED
from postguard.domain.evidence import Evidence, How
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG203",
    name="pupil-handle",
    severity=Severity.BLOCK,
    summary="A pupil's or a parent's account is named.",
    floor=Severity.REVIEW,
    lifted_by=LiftedBy.DEPUTY,
)

CURE = "Take the account's name or link out."


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for mention in evidence.mentions:
        if mention.how is not How.HANDLE:
            continue
        pupil = roster.person(mention.person)
        protected = pupil is not None and pupil.high_risk
        whose = "a parent's" if mention.of_parent else "a pupil's"
        yield Finding(
            rule=PROTECTED if protected else RULE.id,
            severity=Severity.REVIEW if mention.of_parent else Severity.BLOCK,
            part=mention.part,
            message=f"This is {whose} account.",
            cure=CURE,
            person=mention.person,
            start=mention.start,
            end=mention.end,
            field=mention.field,
            reads_as=RULE.id if protected else None,
        )
