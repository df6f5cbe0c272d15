"""Decoding a clip with PyAV (the `clips` extra): every picture that its file holds, whole and upright, or a refusal.

What cannot be decoded whole is refused, never painted over, and what an editor only marked as cut off is decoded like
the rest: docs/decisions/0003-detectors-and-limits.md.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postguard.seeing import limits
from postguard.seeing.decoding import Undecodable
from postguard.seeing.types import Pixels

NO_DECODER = (
    "clips cannot be looked at on this computer; install postguard's clips extra (uv sync --extra clips), "
    "or post a picture instead"
)
DAMAGED = "the clip is damaged or cut short; copy it from the camera again, or export it anew"
TWO_FILMS = "the clip holds more than one film; export it anew with one"
_UNPLAYABLE = "the clip cannot be played here; export it as MP4 (H.264)"
_DEMUXERS = {"MP4": "mov", "MOV": "mov", "WEBM": "matroska", "AVI": "avi"}
"""FFmpeg's name for each kind. It is told, never left to guess: some of its kinds open other files, or addresses."""
_SMALL = (160, 90)
_MOST_HELD_BACK = 16
"""Frames that H.264 and H.265 may hold back to show them in another order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Film:
    """The moving picture of a clip. Times are in seconds from the first frame that the file holds.

    Sizes are of the upright picture. `shown`: of the first and the last frame that players show. `leaning`: how many
    frames at most need others that are not in the file, so that nothing can show them. `stretch`: by how much pixels
    are shown wider than high.
    """

    path: Path
    demuxer: str
    width: int
    height: int
    frame_count: int
    begins: float
    seconds: float
    shown: tuple[float, float]
    leaning: int
    stretch: float

    def frames(self) -> Iterator[tuple[float, "Frame"]]:
        """Every frame with its time. Raises Undecodable where one cannot be decoded whole."""
        at, decoded = 0.0, 0
        painter = _Painter(self.stretch)
        for picture in _decoded(self.path, self.demuxer):
            decoded += 1
            if picture.time is None:
                raise Undecodable(DAMAGED)
            at = max(at, picture.time - self.begins)  # an AVI tells the times of some out of order
            yield at, Frame(picture=picture, painter=painter, size=(self.width, self.height))
        if decoded < self.frame_count - self.leaning:
            raise Undecodable(DAMAGED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """A decoded frame, of which pixels are made when they are asked for."""

    picture: Any
    painter: "_Painter"
    size: tuple[int, int]

    def upright(self) -> Pixels:
        """The picture as it is shown. Raises Undecodable where it is of another size than the film."""
        pixels = self.painter.upright(self.picture)
        if pixels.shape[1::-1] != self.size:
            raise Undecodable("the clip's picture changes its size; export it anew")
        return pixels

    def small(self) -> NDArray[np.float32]:
        """The picture at 160 × 90, in colour: a red jumper on green grass may be no brighter than the grass."""
        return self.painter.small(self.picture)


def open_film(path: Path, kind: str) -> Film:
    """The film in a file of this kind (MP4, MOV, WEBM, AVI). Raises Undecodable with a plain reason."""
    demuxer = _DEMUXERS[kind]
    places, times, end, stretch = _survey(path, demuxer)
    if not 1 / limits.CLIP_STRETCH <= stretch <= limits.CLIP_STRETCH:
        raise Undecodable("the clip's picture is pulled out of shape; export it anew")
    begins = min(times)
    seconds = end - begins
    if seconds > limits.CLIP_SECONDS:
        raise Undecodable(
            f"the clip lasts {seconds:.0f} seconds, more than the {limits.CLIP_SECONDS} postguard looks at; shorten it"
        )
    visible = _visible(path) if demuxer == "mov" else set(places)
    shown = [at for place, at in zip(places, times, strict=True) if place in visible] or times
    first = next(_decoded(path, demuxer), None)
    if first is None:
        raise Undecodable(DAMAGED)
    height, width, _ = _Painter(stretch).upright(first).shape
    return Film(
        path=path,
        demuxer=demuxer,
        width=width,
        height=height,
        frame_count=len(times),
        begins=begins,
        seconds=seconds,
        shown=(min(shown) - begins, max(shown) - begins),
        leaning=min(sum(at < times[0] for at in times), _MOST_HELD_BACK),
        stretch=stretch,
    )


def _survey(path: Path, demuxer: str) -> tuple[list[int], list[float], float, float]:
    """Where in the file each frame lies and when it comes, in the file's order; the film's end; and its stretch."""
    places: list[int] = []
    times: list[float] = []
    ends: dict[int, float] = {}
    with _opened(path, demuxer) as (container, film):
        for packet in container.demux():
            when = packet.pts if packet.pts is not None else packet.dts
            index = packet.stream.index
            if packet.is_corrupt or (when is None and packet.size and index == film.index):
                raise Undecodable(DAMAGED)
            if when is None or not packet.size:
                continue
            begin, base = float(when * packet.time_base), packet.time_base
            ends[index] = max(ends.get(index, begin), begin + float((packet.duration or 0) * base))
            if index == film.index:
                places.append(packet.pos if packet.pos is not None else -1)
                times.append(begin)
        if not times:
            raise Undecodable(DAMAGED)
        begins, slack = min(times), limits.CLIP_END_SECONDS + float(1 / (film.average_rate or 1))
        stated = float((film.duration or 0) * film.time_base)
        stated_in_all = (container.duration or 0) / 1e6
        if stated > ends[film.index] - begins + slack or stated_in_all > max(ends.values()) - begins + slack:
            raise Undecodable(DAMAGED)
        return places, times, ends[film.index], float(film.sample_aspect_ratio or 1)


def _visible(path: Path) -> set[int]:
    """Where in an MP4 or MOV the frames lie that players show: an edit list hides what was cut off, and keeps it."""
    with _opened(path, "mov", whole=False) as (container, film):
        return {packet.pos for packet in container.demux(film) if packet.size and not packet.is_discard}


def _decoded(path: Path, demuxer: str) -> Iterator[Any]:
    """Every frame of the film, as PyAV gives it. What a decoder leaves out in silence is missed by whoever counts."""
    with _opened(path, demuxer) as (container, film):
        context = film.codec_context
        context.options = {"err_detect": "explode"}
        # Decoding a frame's slices side by side, as PyAV does if left alone, keeps H.264's errors back (0003).
        context.thread_type, context.thread_count = "NONE", 1
        for frame in container.decode(film):
            if frame.is_corrupt:
                raise Undecodable(DAMAGED)
            if frame.width * frame.height > limits.CLIP_MEGAPIXELS * 1e6:
                raise Undecodable("the clip's picture is larger than 4K; export it smaller")
            if any(component.is_alpha for component in frame.format.components):
                raise Undecodable("the clip is partly see-through; export it as MP4 (H.264)")
            if frame.side_data.get("A53_CC") is not None:
                raise Undecodable("the clip carries subtitles, which are not read; export it anew without them")
            yield frame


@contextmanager
def _opened(path: Path, demuxer: str, *, whole: bool = True) -> Iterator[tuple[Any, Any]]:
    """The file and its film. `whole`: with what its edit list hides."""
    try:
        import av
    except ImportError:
        raise Undecodable(NO_DECODER) from None
    options = {"ignore_editlist": "1"} if demuxer == "mov" and whole else {}
    try:
        # An open file, not its name: FFmpeg takes names such as "http:a.mp4" for addresses.
        with (
            path.open("rb") as file,
            av.open(file, format=demuxer, options=options, metadata_errors="ignore") as container,
        ):
            films = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
            if len(films) > 1:
                raise Undecodable(TWO_FILMS)
            if not films or films[0].codec_context is None:
                raise Undecodable(_UNPLAYABLE)
            yield container, films[0]
    except av.error.FFmpegError as trouble:
        raise Undecodable(DAMAGED) from trouble
    except OSError:
        raise Undecodable("the file cannot be opened; check that it is still there and may be read") from None


class _Painter:
    """Makes pixels of decoded frames. Keeps what the conversion has set up."""

    def __init__(self, stretch: float) -> None:
        from av.video.reformatter import VideoReformatter

        self._stretch = stretch
        self._full, self._small = VideoReformatter(), VideoReformatter()

    def upright(self, frame: Any) -> Pixels:
        width = max(1, round(frame.width * self._stretch))
        pixels = np.asarray(self._full.reformat(frame, width, frame.height, "rgb24").to_ndarray(), dtype=np.uint8)
        matrix = frame.side_data.get("DISPLAYMATRIX")
        return np.ascontiguousarray(pixels if matrix is None else _turned(pixels, bytes(matrix)))

    def small(self, frame: Any) -> NDArray[np.float32]:
        shrunk = self._small.reformat(frame, *_SMALL, "rgb24", interpolation="AREA")
        return np.asarray(shrunk.to_ndarray(), dtype=np.float32)


def _turned(pixels: Pixels, matrix: bytes) -> Pixels:
    """The picture by its display matrix (ISO/IEC 14496-12, 8.3.2): x' = ax + cy, y' = bx + dy."""
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix)
    straight, across = max(abs(a), abs(d)), max(abs(b), abs(c))
    if min(straight, across) > 0.05 * max(straight, across):
        raise Undecodable("the clip is turned by an odd angle; export it anew")
    if across > straight:
        pixels, a, d = pixels.transpose(1, 0, 2), c, b
    return pixels[:: -1 if d < 0 else 1, :: -1 if a < 0 else 1]
