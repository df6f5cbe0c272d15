"""Rules and findings: what can stand against a draft."""

from dataclasses import dataclass
from enum import Enum

from postguard.domain.evidence import Region


class Severity(Enum):
    """BLOCK fails the draft. REVIEW fails it until confirmed or vouched for. NOTE is printed only."""

    BLOCK = "block"
    REVIEW = "review"
    NOTE = "note"

    @property
    def fails(self) -> bool:
        return self is not Severity.NOTE

    @property
    def rank(self) -> int:
        """Larger is harder: NOTE 0, REVIEW 1, BLOCK 2."""
        return {Severity.NOTE: 0, Severity.REVIEW: 1, Severity.BLOCK: 2}[self]


class LiftedBy(Enum):
    """Who may lift a finding."""

    NOBODY = "nobody"
    POSTER = "the poster may confirm it; a deputy or the head teacher may vouch for it"
    DEPUTY = "a deputy or the head teacher may vouch for it"
    HEAD = "only the head teacher may vouch for it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule's identity. Ids are final: never reused, never renumbered.

    `floor` is the lowest severity that settings may turn it down to. `summary` is for teachers, plain words.
    """

    id: str
    name: str
    severity: Severity
    summary: str
    floor: Severity = Severity.NOTE
    lifted_by: LiftedBy = LiftedBy.DEPUTY


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something that stands against a draft.

    `message` and `cure` never hold a person's name, a matched word or a part's name: those are in
    `person`, `start`/`end` and `part`, and each renderer decides whether its reader may see them.
    """

    rule: str
    severity: Severity
    part: str
    message: str
    cure: str = ""
    region: Region | None = None
    face: int | None = None
    """The face's number in its part, counted from 1, left to right."""
    person: str | None = None
    start: int | None = None
    end: int | None = None
    field: str | None = None
    reads_as: str | None = None
    """The rule everybody but the head teacher sees instead of this one (PG105 must not show)."""
    floor: Severity = Severity.NOTE
    """How far settings may turn this one finding down, where that is less far than its rule."""
