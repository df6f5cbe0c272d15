"""Answers that count: what the poster says of a face, and what the head teacher or a deputy vouches for.

Pure functions; every answer is weighed again on every check, so that a file edited by hand clears nothing
that the machine and the roster would not (docs/decisions/0011-answers.md). An answer is bound to the bytes it
was given about, and dies with them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from postguard.domain.drafts import Draft, split_part
from postguard.domain.evidence import Evidence, Face, Passage, Photograph, Region
from postguard.domain.rules import Finding, Severity

CONFIRMATIONS_FILE = "postguard-confirmed.yaml"
"""The poster's answers, beside the pictures they are about; never published and never a part of the draft."""

NOT_A_FACE = "not-a-face"
"""The claim that a box is no face at all."""

FIRST_PAGE = "@1"
"""The frame of the one page of a scan that a copy keeps."""

SAME_PLACE = 0.5
"""Intersection over union from which two boxes of one picture are one face: PASCAL VOC's convention.

Engines of two versions may draw a box a pixel apart; the picture's bytes must be the same to the last bit.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where in a draft an answer belongs.

    `sha256` is of the picture's bytes, or `words_hash` for words. `frame` is `@seconds` for a clip. Without
    region and span it is about the whole; `about` then holds a hash of what was said against it.
    """

    sha256: str
    frame: str = ""
    region: Region | None = None
    span: tuple[int, int] | None = None
    about: str = ""

    def covers(self, other: "Place") -> bool:
        """Whether an answer given here counts there."""
        if (self.sha256, self.frame, self.span, self.about) != (other.sha256, other.frame, other.span, other.about):
            return False
        if self.region is None or other.region is None:
            return self.region is other.region
        return overlap(self.region, other.region) >= SAME_PLACE


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """The poster's word on one face: a person's id, or NOT_A_FACE."""

    place: Place
    claim: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A person whom no detector saw, marked by the poster: counted, and never cleared without a vouch."""

    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class NotOurPupil:
    """The poster's word that a lone forename is somebody who is no pupil here."""

    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmations:
    """All that a poster answered about one draft."""

    faces: tuple[Confirmation, ...] = ()
    marks: tuple[Mark, ...] = ()
    names: tuple[NotOurPupil, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Voucher:
    """Who answers for it: an id that holds `role` in the settings, never the poster. `until` is inclusive."""

    by: str
    role: str
    given: date
    until: date
    poster: str | None = None
    """Who the poster was said to be, where the draft does not say it itself."""
    draft: str = ""
    """The name of the draft's folder then: binds nothing, and tells which draft a vouch was for once that changed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """A finding somebody answers for, on one channel.

    `severity` is what it had then: a finding that got harder since is not covered. `person` binds a name in
    the words to whose it was; a waiver of PG105 holds neither person nor reason.
    """

    rule: str
    severity: Severity
    place: Place
    channel: str
    voucher: Voucher
    reason: str = ""
    person: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SomebodyElse:
    """The head teacher's word that the machine is wrong about a face: "P12, not P02"."""

    place: Place
    channel: str
    voucher: Voucher
    person: str
    instead_of: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Waivers:
    """All that anybody vouched for at this school."""

    waivers: tuple[Waiver, ...] = ()
    somebody_else: tuple[SomebodyElse, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Copied:
    """A picture's copy: the SHA-256 of its bytes, the crop's top left corner in the old picture, and how many pixels
    of the copy one of the old is."""

    sha256: str
    origin: tuple[int, int] = (0, 0)
    scale: float = 1.0


def carried_over(answers: Confirmations, copies: Mapping[str, Copied], consented: frozenset[str]) -> Confirmations:
    """What the poster said, where it is in the copies of the pictures. `copies`: the old picture's SHA-256 to its copy.

    Only what the machine weighs again: marks need a vouch, and a vouch is for one picture. Only of who may be shown:
    the copy tells nobody who may not.
    """
    may_go_along = consented | {NOT_A_FACE}
    faces = tuple(
        Confirmation(place=_moved(said.place, said.place.region, copies[said.place.sha256]), claim=said.claim)
        for said in answers.faces
        if said.claim in may_go_along
        and said.place.sha256 in copies
        and said.place.region is not None
        and said.place.frame in ("", FIRST_PAGE)
    )
    return Confirmations(faces=faces, names=answers.names)


def _moved(place: Place, region: Region, copy: Copied) -> Place:
    left, top = (round((at - start) * copy.scale) for at, start in zip((region.x, region.y), copy.origin, strict=True))
    width, height = (max(1, round(length * copy.scale)) for length in (region.width, region.height))
    return replace(place, sha256=copy.sha256, frame="", region=Region(x=left, y=top, width=width, height=height))


def overlap(one: Region, other: Region) -> float:
    """Intersection over union of two boxes, from 0 to 1."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def words_hash(text: str, pictures: Iterable[str]) -> str:
    """What an answer about words is bound to: the words, and the bytes of every picture they stand beside."""
    return _words_hash(text, tuple(sorted(pictures)))


@lru_cache(4)
def _words_hash(text: str, pictures: tuple[str, ...]) -> str:
    """Asked for each finding in the same words: a long text is read once."""
    return _sha256([text, pictures])


def draft_hash(draft: Draft, sha_of: Mapping[str, str]) -> str:
    """All that would be published of a draft: its words, its pictures' names, bytes and alt texts, in any order."""
    alt = {a.part: a.text for a in draft.alt}
    pictures = sorted([p.part, sha_of.get(p.part, ""), alt.get(p.part, "")] for p in draft.pictures)
    return _sha256([draft.text or "", pictures])


def place_of_face(face: Face, sha_of: Mapping[str, str]) -> Place | None:
    """Where a face is, or None when its picture has no bytes to bind to. `sha_of`: picture's name to SHA-256."""
    picture, frame = split_part(face.part, sha_of)
    if picture is None:
        return None
    return Place(sha256=sha_of[picture], frame=frame, region=face.region)


def place_of_finding(finding: Finding, evidence: Evidence) -> Place | None:
    """Where a finding is, or None when nothing can be bound to it (its picture could not be read)."""
    sha_of = shas(evidence.photographs)
    if finding.region is not None:
        picture, frame = split_part(finding.part, sha_of)
        return None if picture is None else Place(sha256=sha_of[picture], frame=frame, region=finding.region)
    if finding.start is not None and finding.end is not None:
        text = words_at(finding.part, finding.field, evidence.passages)
        if text is None:
            return None
        return Place(sha256=words_hash(text, sha_of.values()), span=(finding.start, finding.end))
    picture, suffix = split_part(finding.part, sha_of)
    about = _sha256([suffix, finding.field, finding.message])
    if picture is not None:
        return Place(sha256=sha_of[picture], about=about)
    if split_part(finding.part, [p.part for p in evidence.draft.pictures])[0] is not None:
        return None  # its picture could not be read: there are no bytes to bind to
    return Place(sha256=words_hash(evidence.draft.text or "", sha_of.values()), about=about)


def shas(photographs: Iterable[Photograph]) -> dict[str, str]:
    """Picture's name to the SHA-256 of its bytes."""
    return {p.part: p.sha256 for p in photographs}


def words_at(part: str, field: str | None, passages: Iterable[Passage]) -> str | None:
    """All words of a part, or None where there are none. Several passages may be read in one picture; an answer is
    bound to all of them, for a finding does not say which of them it counts in."""
    texts = [p.text for p in passages if p.part == part and p.field == field]
    return "\0".join(texts) if texts else None


def words_of(finding: Finding, passages: Iterable[Passage]) -> str | None:
    """The text a finding's [start, end) counts in, or None when it cannot be told which it was."""
    texts = {p.text for p in passages if p.part == finding.part and p.field == finding.field}
    return texts.pop() if len(texts) == 1 else None


def _sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()
