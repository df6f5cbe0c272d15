"""Facts about a draft: what was seen and read in it, and whom it is near. No judgement yet."""

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from postguard.domain.drafts import Draft, Unchecked


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Region:
    """A box in pixels of the upright picture; (x, y) is its top left corner."""

    x: int
    y: int
    width: int
    height: int

    def way_to(self, other: "Region") -> float:
        """From the middle of this box to the other's, in pixels."""
        across = self.x + self.width / 2 - other.x - other.width / 2
        return math.hypot(across, self.y + self.height / 2 - other.y - other.height / 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """Somebody a face is near to. `score` is from 0 to 1, larger is nearer."""

    person: str
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Detection:
    """What one detector says of one face: its name and its own score, from 0 to 1."""

    detector: str
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Glance:
    """Where a face was when its clip was looked at, at `at` seconds.

    `since` is the look before, 0 for the first; `until` the look after, infinite for the last.
    """

    at: float
    since: float
    until: float
    region: Region
    roll: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Face:
    """A face in a picture.

    `part` is the picture's name, with `@seconds` for a frame of a clip. `number` counts the faces of
    a part from 1, left to right. `flaws` says in plain words what keeps it from being identified
    ("blurred", "turned away"). `candidates` are the nearest first: everybody who could matter to the
    decision, and nobody when the face was not compared. `roll` is the head's tilt in degrees, clockwise positive.
    `path` is where else in a clip it was seen, in order; empty in a picture. `figure` is the number of the person
    in the clip that it seems to be, of whom there may be several sights; 0 in a picture. It only groups what is told.
    """

    part: str
    number: int
    region: Region
    detections: tuple[Detection, ...] = ()
    flaws: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    roll: float = 0.0
    path: tuple[Glance, ...] = ()
    figure: int = 0


class Outcome(Enum):
    """What the identity decision says of one face."""

    CLEARED = "cleared"
    CONFIRMED = "confirmed"
    UNCONSENTED = "unconsented"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    UNCLEAR = "unclear"
    UNIDENTIFIABLE = "unidentifiable"
    WAIVED = "waived"

    @property
    def stops(self) -> bool:
        return self not in _LETS_PASS


_LETS_PASS = frozenset({Outcome.CLEARED, Outcome.CONFIRMED, Outcome.UNIDENTIFIABLE, Outcome.WAIVED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """A face and what was decided of it. `person` is who it was taken for; `because` is a plain reason."""

    face: Face
    outcome: Outcome
    person: str | None = None
    because: str = ""

    @property
    def is_somebody(self) -> bool:
        """False for a box that the poster confirmed to be no face: it is no person to be counted."""
        return self.outcome is not Outcome.CONFIRMED or self.person is not None


class How(Enum):
    """In which form a name was written."""

    EXACT = "exact"
    KNOWN_AS = "known-as"
    NICKNAME = "nickname"
    FUZZY = "fuzzy"
    INITIAL = "initial"
    HANDLE = "handle"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """Where [start, end) of a passage's text, in code points, stands in the picture."""

    start: int
    end: int
    region: Region


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """Words that would be published or carried along.

    `part` is `text`, or a picture's name followed by `:alt`, `:name`, `:metadata` or `:picture`.
    `field` says which metadata field it came from. `lines` say where words read in a picture stand; two
    passages of the same words are equal wherever they stand.
    """

    part: str
    text: str
    field: str | None = None
    lines: tuple[Line, ...] = dataclasses.field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """A person's name in a passage, at [start, end) of its text, in code points.

    `sure` is False for a possible name only (a surname alone, a common word, a misspelling).
    """

    part: str
    start: int
    end: int
    person: str
    how: How
    sure: bool = True
    of_parent: bool = False
    field: str | None = None


class Topic(Enum):
    """Kinds of words, other than names, that a rule watches for."""

    PHONE = "phone"
    EMAIL = "e-mail"
    ADDRESS = "address"
    BIRTH_DATE = "birth date"
    CONFIDENTIAL = "confidential"
    RUDE = "rude"


@dataclass(frozen=True, kw_only=True, slots=True)
class Spotting:
    """Words about a topic in a passage, at [start, end) of its text, in code points.

    `about` says what kind; `of_person` whether the sentence says it of somebody.
    """

    part: str
    start: int
    end: int
    topic: Topic
    about: str = ""
    of_person: bool = False
    field: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Photograph:
    """Facts about a picture file as a whole.

    `sha256` is of the file's bytes; `width` and `height` are of the upright picture in pixels;
    `size` is in bytes; `format` is Pillow's name ("JPEG"). `place` says where metadata gives a
    location away (field names, never the location).
    """

    part: str
    sha256: str
    width: int
    height: int
    size: int
    format: str
    frames: int = 1
    camera: str | None = None
    place: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """Everything found in one draft, for one channel, on one day.

    `unchecked` fails the draft. `not_looked_at` is what this version or this call does not look at:
    it is said in every report, so that nobody takes silence for an answer. `means` says by which
    engines the draft was looked at.
    """

    draft: Draft
    channel: str
    date: date
    photographs: tuple[Photograph, ...] = ()
    decisions: tuple[Decision, ...] = ()
    passages: tuple[Passage, ...] = ()
    mentions: tuple[Mention, ...] = ()
    spottings: tuple[Spotting, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    not_looked_at: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    stale_references: tuple[str, ...] = field(default=())
    """Ids of people near a face of this draft whose references are too old to clear anybody."""

    @property
    def has_picture(self) -> bool:
        """Whether anything but words would be published, readable or not."""
        return bool(self.draft.pictures)

    def people_found(self, part: str | None) -> int:
        """How many faces were found in one picture, or in all of the draft (None)."""
        pictures: dict[str, list[Decision]] = {}
        for decision in self.decisions:
            pictures.setdefault(picture_of(decision.face.part), []).append(decision)
        wanted = pictures.values() if part is None else [pictures.get(part, [])]
        return sum(map(people_in_view, wanted))


def people_in_view(decisions: Iterable[Decision]) -> int:
    """How many people these faces of one picture or clip are. In a clip the same people are in many frames: the most
    that are in view at one moment count."""
    faces = [d.face for d in decisions if d.is_somebody]
    return max((sum(_in_view_with(face, other) for other in faces) for face in faces), default=0)


def _in_view_with(face: Face, other: Face) -> bool:
    """Whether `other` is there when `face` appears."""
    if not face.path or not other.path:
        return face.part == other.part
    return other.path[0].at <= face.path[0].at <= other.path[-1].at


def is_claimed_twice(decision: "Decision", among: Iterable["Decision"]) -> bool:
    """Whether another of these gives the same person to another face that is in view at the same moment."""
    return decision.person is not None and any(
        other is not decision and other.person == decision.person and _at_one_moment(decision.face, other.face)
        for other in among
    )


def _at_one_moment(face: Face, other: Face) -> bool:
    """Whether both are in view of one picture, or of one clip at the same look."""
    if face.part == other.part:
        return True
    looks = {glance.at for glance in face.path}
    return picture_of(face.part) == picture_of(other.part) and any(glance.at in looks for glance in other.path)


def picture_of(part: str) -> str:
    """The picture's name without a clip's `@seconds`: "clip.mp4@1.5" is of "clip.mp4"."""
    name, at, seconds = part.rpartition("@")
    return name if at and seconds.replace(".", "", 1).isdigit() else part
