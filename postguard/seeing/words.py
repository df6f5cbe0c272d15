"""The words in a picture: certificates, badges, jumpers, whiteboards; upright, turned, upside down.

rapidocr (PP-OCRv6) does the reading, offline: its models come inside the package and are checked like every other
model (docs/decisions/0008-words-in-pictures.md).
"""

import logging
import math
import threading
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from postguard.domain.drafts import Unchecked
from postguard.domain.errors import EngineError
from postguard.domain.evidence import Line, Passage, Region
from postguard.seeing.models import Models, Weights, locate
from postguard.seeing.types import Pixels

LOOKS = (1280 * 960, 640 * 480, 427 * 320)
"""The picture is searched for text at each of these numbers of pixels, and read at its own. The later looks find what
the first does not: they tell apart two tilted lines of a badge, and see small print on an empty page. They cost a
third more, and of 100 names on badges 20 are found that were missed (docs/measurements/ocr.md)."""
LEAST_SURE = 0.5
"""Lines that the reader itself is less sure of (0 to 1) are noise more often than words: docs/measurements/ocr.md."""
SURE = 0.85
"""A line read this surely at one look is not replaced by what a later look makes of the same place."""
LEAST_SIDE = 8
"""A picture lower or narrower than this holds no letter that anybody could read."""
_CURE = "Run the set-up command from the README again."
_DETECTOR, _TURNER, _RECOGNISER = (
    Weights(
        key=f"words-{key}",
        purpose=purpose,
        package="rapidocr",
        path=f"models/{file}",
        sha256=sha256,
        licence="Apache-2.0",
    )
    for key, purpose, file, sha256 in (
        (
            "detector",
            "finds words",
            "PP-OCRv6_det_small.onnx",
            "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
        ),
        (
            "turner",
            "tells words that stand upside down",
            "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
            "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
        ),
        (
            "recogniser",
            "reads words",
            "PP-OCRv6_rec_small.onnx",
            "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
        ),
    )
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadLine:
    """A line of text in a picture. `region` is upright around it, even where the line is not.

    `sure` is the reader's own score, from 0 to 1. `slope` is how the line rises or falls, in radians, clockwise
    positive, within a quarter turn of level; `height` is that of the line itself in px.
    """

    text: str
    region: Region
    sure: float = 1.0
    slope: float = 0.0
    height: float = 0.0


class Reader:
    """Reads the words in pictures. Every Reader of a process shares one engine, which takes seconds to load.

    Raises EngineError when the engine is missing or broken.
    """

    def __init__(self) -> None:
        self._engine = _engine()

    def read(self, pixels: Pixels, part: str) -> tuple[tuple[Passage, ...], tuple[Unchecked, ...]]:
        """The picture's words as one passage of the part `<part>:picture`: its lines, and a blank line between
        blocks that stand apart. Lines of one block follow each other, so a name that is broken over two is whole.
        """
        part = f"{part}:picture"
        try:
            lines = self.lines(pixels)
        except Unreadable as trouble:
            return (), (Unchecked(part=part, reason=str(trouble)),)
        passage = _passage(lines, part)
        return ((passage,) if passage is not None else ()), ()

    def lines(self, pixels: Pixels) -> tuple[ReadLine, ...]:
        """Every line of text that the reader is sure enough of, in the order of its search. Raises Unreadable."""
        if min(pixels.shape[:2]) < LEAST_SIDE:
            return ()
        lines: tuple[ReadLine, ...] = ()
        for searched in LOOKS:
            lines = _better_of(lines, self._engine.read(pixels, searched=searched))
        return tuple(line for line in lines if line.sure >= LEAST_SURE)


class Unreadable(Exception):
    """The words of a picture could not be read. Its text is the reason, in plain words."""


class _Engine:
    """rapidocr, kept from its logger, its downloads and all but one thread: it reads while faces are compared, and a
    second thread that waits for work by spinning slows those (docs/measurements/check.md)."""

    def __init__(self) -> None:
        weights = (_DETECTOR, _TURNER, _RECOGNISER)
        models = Models(files={w.key: path for w in weights if (path := locate(w)) is not None})
        detector, turner, recogniser = (str(models.open(w)) for w in weights)
        settings = {
            "Global.log_level": "critical",
            "Global.text_score": 0.0,
            "Global.max_side_len": 100_000,  # read at full size; only the search is reduced
            "Global.use_vertical_padding": False,
            "Det.limit_type": "max",
            "Det.max_candidates": 1_000_000,  # rapidocr would drop what comes after the 1000th in silence
            # With a path given, rapidocr has no reason to look for a model elsewhere.
            "Det.model_path": detector,
            "Cls.model_path": turner,
            "Rec.model_path": recogniser,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                import cv2
                from rapidocr import RapidOCR
                from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

                logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
                rapidocr: Any = RapidOCR
                self._ocr = rapidocr(params=settings)
                self._detector = self._ocr._load_det_model()  # loads now, so that a broken one is known now
                self._ocr._load_cls_model()
                self._ocr._load_rec_model()
            except (ImportError, AttributeError, OSError, ValueError, TypeError, RuntimeError) as error:
                raise EngineError(
                    f"The reader of words in pictures (rapidocr) cannot be used: {error}.", hint=_CURE
                ) from error
        self._troubles = (ONNXRuntimeError, cv2.error, ValueError, IndexError, ArithmeticError, MemoryError)
        self._one_at_a_time = threading.Lock()

    def read(self, pixels: Pixels, *, searched: int) -> tuple[ReadLine, ...]:
        """Lines found with the picture reduced to `searched` pixels for the search; they are read at full size."""
        height, width = pixels.shape[:2]
        scale = min(1.0, math.sqrt(searched / (height * width)))
        with self._one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._detector.limit_side_len = max(32, round(scale * max(height, width)))
            try:
                found = self._ocr(np.ascontiguousarray(pixels[..., ::-1]))
            except self._troubles as error:
                raise Unreadable(
                    f"the words in the picture could not be read ({type(error).__name__}); "
                    "save it again as JPEG, or cover the words"
                ) from error
        if found.txts is None or found.boxes is None:
            return ()
        return tuple(
            ReadLine(text=text.strip(), region=_around(box, pixels), sure=float(score), **_lie(box))
            for text, box, score in zip(found.txts, found.boxes, found.scores, strict=True)
            if text.strip()
        )


@cache
def _engine() -> _Engine:
    return _Engine()


def _better_of(first: tuple[ReadLine, ...], second: tuple[ReadLine, ...]) -> tuple[ReadLine, ...]:
    """What the first look is sure of, then the second look's other lines, then what only the first look saw."""
    sure = [line for line in first if line.sure >= SURE]
    other = [line for line in second if line.sure >= LEAST_SURE and not any(_same_place(line, kept) for kept in sure)]
    left = [line for line in first if line.sure < SURE and not any(_same_place(line, kept) for kept in other)]
    return (*sure, *other, *left)


def _same_place(a: ReadLine, b: ReadLine) -> bool:
    """Whether one of the two covers more than half of the other."""
    across = min(a.region.x + a.region.width, b.region.x + b.region.width) - max(a.region.x, b.region.x)
    down = min(a.region.y + a.region.height, b.region.y + b.region.height) - max(a.region.y, b.region.y)
    smaller = min(a.region.width * a.region.height, b.region.width * b.region.height)
    return across > 0 and down > 0 and across * down > 0.5 * smaller


def _around(box: Any, pixels: Pixels) -> Region:
    height, width = pixels.shape[:2]
    left, top = (max(0, math.floor(v)) for v in np.min(box, axis=0))
    right, bottom = (math.ceil(v) for v in np.max(box, axis=0))
    left, top = min(left, width - 1), min(top, height - 1)
    return Region(x=left, y=top, width=max(1, min(right, width) - left), height=max(1, min(bottom, height) - top))


def _passage(lines: Iterable[ReadLine], part: str) -> Passage | None:
    text = ""
    placed: list[Line] = []
    for block in blocks(lines):
        text += "\n\n" if text else ""
        for number, line in enumerate(block):
            text += "\n" if number else ""
            placed.append(Line(start=len(text), end=len(text) + len(line.text), region=line.region))
            text += line.text
    return Passage(part=part, text=text, lines=tuple(placed)) if text else None


def blocks(lines: Iterable[ReadLine]) -> tuple[tuple[ReadLine, ...], ...]:
    """Lines that stand together, each block in reading order: rows from top to bottom, within a row left to right."""
    waiting = sorted(lines, key=lambda line: (line.region.y, line.region.x))
    found: list[tuple[ReadLine, ...]] = []
    while waiting:
        block, rest = [waiting[0]], waiting[1:]
        for member in block:  # grows while it is walked
            near = [line for line in rest if _neighbours(member.region, line.region)]
            block += near
            rest = [line for line in rest if line not in near]
        waiting = rest
        found.append(tuple(sorted(block, key=_row_order(block))))
    return tuple(found)


def _neighbours(a: Region, b: Region) -> bool:
    """Whether two lines are next to each other: less than a letter's height apart, and of like size."""
    tall, low = max(a.height, b.height), min(a.height, b.height)
    across = max(a.x, b.x) - min(a.x + a.width, b.x + b.width)
    down = max(a.y, b.y) - min(a.y + a.height, b.y + b.height)
    return tall <= 2.5 * low and across < 1.5 * low and down < 1.0 * low


def _row_order(block: list[ReadLine]) -> Callable[[ReadLine], tuple[int, float]]:
    """Sorts by rows, seen along the lines' common slope: a line that begins above a row's foot belongs to it."""
    slope = sum(line.slope for line in block) / len(block)
    across, down = math.cos(slope), math.sin(slope)
    rows: dict[int, int] = {}
    row, foot = -1, -math.inf
    for middle, line in sorted(((_centre(x)[1] * across - _centre(x)[0] * down, x) for x in block), key=lambda p: p[0]):
        if middle > foot:
            row, foot = row + 1, middle + (line.height or line.region.height) / 2
        rows[id(line)] = row
    return lambda line: (rows[id(line)], _centre(line)[0] * across + _centre(line)[1] * down)


def _centre(line: ReadLine) -> tuple[float, float]:
    return line.region.x + line.region.width / 2, line.region.y + line.region.height / 2


def _lie(box: Any) -> dict[str, float]:
    """Slope and height of a line from its four corners, of which the first two are its top edge."""
    (x1, y1), (x2, y2), _, (x4, y4) = ((float(x), float(y)) for x, y in box)
    width, height = math.hypot(x2 - x1, y2 - y1), math.hypot(x4 - x1, y4 - y1)
    return {"slope": math.atan2(y2 - y1, x2 - x1) if width >= height else 0.0, "height": min(width, height)}
