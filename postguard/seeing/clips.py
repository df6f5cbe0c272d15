"""Video clips: sampled so that a face on screen for half a second is seen; refused where that cannot be promised."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from postguard.seeing import limits
from postguard.seeing.clip_notes import films, without_film
from postguard.seeing.decoding import Undecodable
from postguard.seeing.film import TWO_FILMS, Film, Frame, open_film
from postguard.seeing.types import Pixels

CLIP_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".webm", ".avi"})

_PLACES = {
    b"\xa9xyz": "QuickTime location",
    b"com.apple.quicktime.location": "QuickTime location",
    b"loci": "3GPP location",
    b"LOCATION": "Matroska location",
    b"gpmd": "GoPro's track of places",
    b"djmd": "DJI's track of places",
    b"camm": "Google's track of places",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A frame to look at, and the seconds from which and until which the clip shows it or nothing worth a new look."""

    at: float
    until: float
    pixels: Pixels


@dataclass(frozen=True, kw_only=True, slots=True)
class Clip:
    """A clip that could be opened. Sizes are of the upright picture; `place`: fields that give a location away.

    Times are in seconds from the first frame that the file holds, which is not the first that players show where an
    editor marked the beginning as cut off.
    """

    path: Path
    sha256: str
    size: int
    format: str
    place: tuple[str, ...]
    film: Film

    @property
    def width(self) -> int:
        return self.film.width

    @property
    def height(self) -> int:
        return self.film.height

    @property
    def frame_count(self) -> int:
        return self.film.frame_count

    @property
    def seconds(self) -> float:
        return self.film.seconds

    def frames(self) -> Iterator[tuple[float, Pixels]]:
        """Every frame that players show, with its time. Raises Undecodable where one cannot be decoded whole."""
        first, last = self.film.shown
        for at, frame in self.film.frames():
            if first <= at <= last:
                yield at, frame.upright()

    def samples(self) -> Iterator[Sample]:
        """The frames to look at, hidden ones too. Raises Undecodable where any frame cannot be decoded whole."""
        looked_at: NDArray[np.float32] | None = None
        last = -np.inf
        waiting: tuple[float, Frame] | None = None
        for at, frame in self.film.frames():
            small = frame.small()
            due = at - last >= limits.SAMPLE_SECONDS - 1e-6
            if looked_at is not None:
                difference = np.abs(small - looked_at)
                still = float(difference.max()) <= limits.STILL
                if still or (not due and float(difference.mean()) < limits.SCENE_CHANGE):
                    continue
            if waiting is not None:
                yield Sample(at=waiting[0], until=at, pixels=waiting[1].upright())
            looked_at, last = small, at
            waiting = round(at, 2), frame  # its pixels take twice the memory, and are made when they are due
        if waiting is not None:
            yield Sample(at=waiting[0], until=max(at, self.seconds), pixels=waiting[1].upright())


def open_clip(path: Path) -> Clip:
    """Open a clip and refuse what cannot be looked at whole. Raises Undecodable with a plain reason."""
    size, sha256, kind, place = _facts(path)
    return Clip(path=path, sha256=sha256, size=size, format=kind, place=place, film=open_film(path, kind))


def _facts(path: Path) -> tuple[int, str, str, tuple[str, ...]]:
    try:
        size = path.stat().st_size
        if size == 0:
            raise Undecodable("the file is empty; copy it from the camera again")
        if size > limits.CLIP_BYTES:
            raise Undecodable(f"the clip is larger than {limits.CLIP_BYTES // 1_000_000} MB; export it smaller")
        data = path.read_bytes()
    except OSError:
        raise Undecodable("the file cannot be opened; check that it is still there and may be read") from None
    kind, suffixes = _kind(data)
    if path.suffix.lower() not in suffixes:
        raise Undecodable(
            f"its name says one kind of file, but it is really {kind}: rename it so that it ends in {suffixes[0]}"
        )
    if films(data) > 1:
        raise Undecodable(TWO_FILMS)
    notes = without_film(data)
    place = tuple(dict.fromkeys(name for mark, name in _PLACES.items() if mark in notes))
    return size, hashlib.sha256(data).hexdigest(), kind, place


def _kind(data: bytes) -> tuple[str, tuple[str, ...]]:
    if data[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
        quicktime = data[4:8] != b"ftyp" or data[8:12] == b"qt  "
        return ("MOV", (".mov",)) if quicktime else ("MP4", (".mp4", ".m4v", ".mov"))
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return "WEBM", (".webm",)
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "AVI", (".avi",)
    raise Undecodable("this is not a clip, or one of a kind that cannot be played here; export it as MP4 (H.264)")
