"""What the name rules share: the pupils that one place in the words may name."""

from collections.abc import Iterator
from dataclasses import dataclass

from postguard.domain.evidence import Evidence, How, Mention
from postguard.domain.people import Person, Role, Roster
from postguard.domain.rules import Finding, Rule, Severity

PROTECTED = "PG105"
"""The rule that a protected pupil's name falls under; it reads as the rule that the name breaks anyway."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """One place in the words and the pupils it may name: two where two bear the same name."""

    mention: Mention
    pupils: tuple[Person, ...]


def namings(evidence: Evidence, roster: Roster, *, sure: bool) -> Iterator[Naming]:
    """Every place where a pupil is named for sure, or may be. Handles are PG203's, staff's names nobody's."""
    people = {person.id: person for person in roster.people if person.role is Role.PUPIL}
    places: dict[tuple[str, str, int, int], list[Mention]] = {}
    for mention in evidence.mentions:
        if mention.how is not How.HANDLE and mention.person in people:
            places.setdefault((mention.part, mention.field or "", mention.start, mention.end), []).append(mention)
    for _, mentions in sorted(places.items(), key=lambda item: item[0]):
        if any(mention.sure for mention in mentions) is sure:
            ids = dict.fromkeys(sorted(m.person for m in mentions if m.sure is sure))
            yield Naming(mention=mentions[0], pupils=tuple(people[i] for i in ids))


def name_finding(
    rule: Rule, naming: Naming, severity: Severity, message: str, cure: str, *, floor: Severity = Severity.NOTE
) -> Finding:
    """A finding on one name, at its place; about nobody in particular where several pupils bear the name.

    A protected pupil's is as hard as everybody else's: another severity would tell.
    """
    protected = [pupil for pupil in naming.pupils if pupil.high_risk]
    hidden = bool(protected) and naming.mention.sure
    named = protected if hidden else naming.pupils
    return Finding(
        rule=PROTECTED if hidden else rule.id,
        severity=severity,
        part=naming.mention.part,
        message=message,
        cure=cure,
        person=named[0].id if len(named) == 1 else None,
        start=naming.mention.start,
        end=naming.mention.end,
        field=naming.mention.field,
        reads_as=rule.id if hidden else None,
        floor=floor,
    )
