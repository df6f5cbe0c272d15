"""Video clips: sampled so that a face on screen for half a second is seen; refused where that cannot be promised."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postguard.seeing import limits
from postguard.seeing.clip_notes import films, without_film
from postguard.seeing.decoding import Undecodable
from postguard.seeing.types import Pixels

CLIP_SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".webm", ".avi"})

_DAMAGED = "the clip is damaged or cut short; copy it from the camera again, or export it anew"
_PLACES = {
    b"\xa9xyz": "QuickTime location",
    b"com.apple.quicktime.location": "QuickTime location",
    b"loci": "3GPP location",
    b"LOCATION": "Matroska location",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A frame to look at, and the seconds from which and until which the clip shows it or nothing worth a new look."""

    at: float
    until: float
    pixels: Pixels


@dataclass(frozen=True, kw_only=True, slots=True)
class Clip:
    """A clip that could be opened. Sizes are of the upright picture; `place`: fields that give a location away."""

    path: Path
    sha256: str
    size: int
    format: str
    width: int
    height: int
    frame_count: int
    seconds: float
    place: tuple[str, ...]

    def frames(self) -> Iterator[tuple[float, Pixels]]:
        """Every frame with its time in seconds, blue before red. Raises Undecodable when the clip ends early."""
        import cv2

        capture = _capture(self.path)
        at, grabbed = 0.0, 0
        try:
            while capture.grab():
                grabbed += 1
                at = max(at, capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
                read, frame = capture.retrieve()
                if not read or frame is None:
                    raise Undecodable(_DAMAGED)
                yield at, frame
        finally:
            capture.release()
        if grabbed == 0 or at < self.seconds - limits.CLIP_END_SECONDS:
            raise Undecodable(_DAMAGED)

    def samples(self) -> Iterator[Sample]:
        """The frames to look at. Raises Undecodable when the clip ends early."""
        looked_at: NDArray[np.float32] | None = None
        last = -np.inf
        waiting: tuple[float, Pixels] | None = None
        for at, frame in self.frames():
            small = _small(frame)
            due = at - last >= limits.SAMPLE_SECONDS - 1e-6
            if looked_at is not None:
                difference = np.abs(small - looked_at)
                still = float(difference.max()) <= limits.STILL
                if still or (not due and float(difference.mean()) < limits.SCENE_CHANGE):
                    continue
            if waiting is not None:
                yield Sample(at=waiting[0], until=at, pixels=waiting[1])
            looked_at, last = small, at
            waiting = round(at, 2), np.ascontiguousarray(frame[..., ::-1])
        if waiting is not None:
            yield Sample(at=waiting[0], until=max(at, self.seconds), pixels=waiting[1])


def open_clip(path: Path) -> Clip:
    """Open a clip and refuse what cannot be looked at whole. Raises Undecodable with a plain reason."""
    import cv2

    size, sha256, kind, place = _facts(path)
    capture = _capture(path)
    try:
        if not capture.isOpened():
            raise Undecodable("the clip cannot be played here; export it as MP4 (H.264)")
        width, height = (int(capture.get(p)) for p in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        rate, count = capture.get(cv2.CAP_PROP_FPS), int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    finally:
        capture.release()
    if width <= 0 or height <= 0 or count <= 0 or not 0 < rate < 1000:
        raise Undecodable(_DAMAGED)
    if width * height > limits.CLIP_MEGAPIXELS * 1e6:
        raise Undecodable("the clip's picture is larger than 4K; export it smaller")
    seconds = count / rate
    if seconds > limits.CLIP_SECONDS:
        raise Undecodable(
            f"the clip lasts {seconds:.0f} seconds, more than the {limits.CLIP_SECONDS} postguard looks at; shorten it"
        )
    return Clip(
        path=path,
        sha256=sha256,
        size=size,
        format=kind,
        width=width,
        height=height,
        frame_count=count,
        seconds=seconds,
        place=place,
    )


def _capture(path: Path) -> Any:
    # Broken frames must end the reading, not be painted over; and FFmpeg must not talk to the user.
    os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "err_detect;explode")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    import cv2

    return cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)


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
        raise Undecodable("the clip holds more than one film; export it anew with one")
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


def _small(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    import cv2

    # In colour: a red jumper on green grass may be no brighter than the grass.
    return np.asarray(cv2.resize(frame, (160, 90), interpolation=cv2.INTER_AREA), dtype=np.float32)
