"""What one reader may see of a batch. Plain values: whatever a reader must not see is not in them.

`audience.view_for` makes a `View`; every renderer takes one and shows all of it, so no renderer decides
who may see what. All strings are free of control characters.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path

from postguard.domain.drafts import split_part
from postguard.domain.evidence import Region
from postguard.domain.report import Verdict
from postguard.domain.rules import Rule, Severity


class Audience(Enum):
    """Who reads it (docs/decisions/0010-what-travels.md)."""

    POSTER = "poster"
    """The poster at the console, who must act: people are named."""
    REDACTED = "redacted"
    """The same with `--redact`: ids instead of names."""
    PRIVATE = "private"
    """A file the poster asked for with `--private`: ids, candidates, rules; nobody is named."""
    TRAVEL = "travel"
    """Anything written that may be passed on: nobody is named or identified, and no refusal can be told."""

    @property
    def names(self) -> bool:
        return self is Audience.POSTER

    @property
    def ids(self) -> bool:
        return self is not Audience.TRAVEL

    @property
    def file_names(self) -> bool:
        """Whether a file or folder whose name names somebody keeps it."""
        return self in {Audience.POSTER, Audience.PRIVATE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Who:
    """A person as the reader may know them; `name` is None where only the id may be shown."""

    id: str
    name: str | None = None

    @property
    def label(self) -> str:
        return self.id if self.name is None else f"{self.name} ({self.id})"


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownCandidate:
    who: Who
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownFace:
    """`number` of `of` faces in its part, left to right. `outcome` is a word of `postguard-report/1`."""

    part: str
    number: int
    of: int
    region: Region
    outcome: str
    stops: bool
    who: Who | None = None
    candidates: tuple[ShownCandidate, ...] = ()
    because: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt:
    """Words that were found, and a little of what stands around them."""

    before: str
    words: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownFinding:
    """`face` of `faces` in its part. `name` is the rule's name. `excerpt` only where the reader may see words."""

    rule: str
    name: str
    severity: Severity
    part: str
    message: str
    cure: str = ""
    region: Region | None = None
    face: int | None = None
    faces: int = 0
    who: Who | None = None
    start: int | None = None
    end: int | None = None
    field: str | None = None
    excerpt: Excerpt | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownWaiver:
    finding: ShownFinding
    by: str
    until: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownMention:
    part: str
    start: int
    end: int
    how: str
    who: Who | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownUnchecked:
    part: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of a passage. `mark` says what was found in it ("name", "phone"); "" is plain text."""

    text: str
    mark: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPassage:
    part: str
    field: str | None
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPicture:
    """A picture of a draft, the `number`-th, counted from 1.

    `cover`: regions that must be painted over before anybody sees the picture. `withheld`: why this
    reader must not see it at all, or "". `counted` is how many people the poster counted in it. `path` is
    for a link on this machine only.
    """

    part: str
    number: int
    width: int = 0
    height: int = 0
    faces: tuple[ShownFace, ...] = ()
    cover: tuple[Region, ...] = ()
    withheld: str = ""
    counted: int | None = None
    path: Path | None = None
    image: bytes | None = None

    @property
    def opened(self) -> bool:
        return self.width > 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownDraft:
    """One draft, the `number`-th of the batch, counted from 1.

    `words` is how many words were looked at, file names not counted; `people` how many faces were found, where
    the same people in many frames of a clip count once.
    """

    name: str
    number: int
    verdict: Verdict
    channel: str
    date: date
    register: str
    words: int
    people: int
    findings: tuple[ShownFinding, ...] = ()
    faces: tuple[ShownFace, ...] = ()
    mentions: tuple[ShownMention, ...] = ()
    unchecked: tuple[ShownUnchecked, ...] = ()
    waived: tuple[ShownWaiver, ...] = ()
    pictures: tuple[ShownPicture, ...] = ()
    passages: tuple[ShownPassage, ...] = ()
    remarks: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    not_looked_at: tuple[str, ...] = ()
    counted: int | None = None
    """How many people the poster counted in all pictures together."""
    path: Path | None = None

    @property
    def failing(self) -> tuple[ShownFinding, ...]:
        return tuple(finding for finding in self.findings if finding.severity.fails)

    @property
    def notes(self) -> tuple[ShownFinding, ...]:
        return tuple(finding for finding in self.findings if not finding.severity.fails)

    @property
    def unexplained(self) -> tuple[ShownUnchecked, ...]:
        """Unchecked parts that no finding speaks of yet."""
        told = {finding.part for finding in self.findings if finding.rule == "PG901"}
        return tuple(item for item in self.unchecked if item.part not in told)

    def picture_of(self, part: str) -> ShownPicture | None:
        """The picture that a part is of; None for the post's own words."""
        name, _ = split_part(part, [picture.part for picture in self.pictures])
        return next((picture for picture in self.pictures if picture.part == name), None)

    @property
    def poster_counted(self) -> int | None:
        """How many people the poster counted in all, or None where some picture was left out."""
        if self.counted is not None:
            return self.counted
        counts = [picture.counted for picture in self.pictures if picture.counted is not None]
        return sum(counts) if len(counts) == len(self.pictures) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A batch as one reader may see it. `rules` are those that this reader's report may name."""

    audience: Audience
    verdict: Verdict
    postguard: str
    drafts: tuple[ShownDraft, ...]
    rules: tuple[Rule, ...] = ()
    roster: str = ""
    shared_remarks: tuple[str, ...] = ()
    """What is said of every one of several drafts, and so need be said only once."""

    def own_remarks(self, draft: ShownDraft) -> tuple[str, ...]:
        """What is said of this draft and not of all."""
        return tuple(remark for remark in draft.remarks if remark not in self.shared_remarks)
