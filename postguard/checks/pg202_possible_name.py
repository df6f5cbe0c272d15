"""Words that may be a pupil's name.

A surname alone, a nickname, initials, a misspelt name, a forename beside somebody else's surname, or a
name that is also a word, like Grace or May. postguard cannot tell; a person can. Take it out, or say
that it is not our pupil.
"""

from collections.abc import Iterable

from postguard.checks.naming import name_finding, namings
from postguard.domain.evidence import Evidence, How
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Rule, Severity

RULE = Rule(
    id="PG202",
    name="possible-name",
    severity=Severity.REVIEW,
    summary="A word may be a pupil's name: a nickname, initials, a surname, a misspelling, a word like Grace.",
    lifted_by=LiftedBy.POSTER,
)

CURE = "If it is a pupil, take it out. If it is not, say so: it is then not our pupil."

MESSAGES = {
    How.EXACT: "This may be a pupil's name.",
    How.KNOWN_AS: "This may be the name a pupil is known by.",
    How.NICKNAME: "This may be short for a pupil's name.",
    How.FUZZY: "This may be a pupil's name, spelt another way.",
    How.INITIAL: "This may be a pupil's name with an initial.",
}


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    for naming in namings(evidence, roster, sure=False):
        yield name_finding(RULE, naming, RULE.severity, MESSAGES[naming.mention.how], CURE)
