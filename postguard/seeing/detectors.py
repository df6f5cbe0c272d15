"""The face detectors. Each turns pixels into glimpses: a box, a score, five landmarks where it knows them."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from postguard.seeing import limits
from postguard.seeing.models import CENTERFACE, YUNET, Models
from postguard.seeing.types import Pixels

Points = NDArray[np.float32]
"""Shape (5, 2): the two eyes, nose tip, two mouth corners as (x, y), in the picture's left to right order."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Glimpse:
    """One detector's sight of one face, in pixels of the picture it was given.

    (x, y) is the box's top left corner; `score` is the detector's own, from 0 to 1. `turn` is by how many
    degrees the picture had been turned, clockwise, when it was seen.
    """

    detector: str
    score: float
    x: float
    y: float
    width: float
    height: float
    landmarks: Points | None = None
    turn: float = 0.0

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


Size = tuple[int, int]
"""Width and height in pixels."""

Look = Callable[[], list[Glimpse]]
"""One look at a picture or a part of it, still to be taken, in any thread."""


class Detector(Protocol):
    """Finds upright faces, in several pictures at a time where several threads ask. `name` stands in reports."""

    name: str

    def find(self, pixels: Pixels) -> list[Glimpse]: ...


class Nets:
    """Networks of one kind, each made for one size of picture and at work on one at a time.

    Whoever wants one takes it, or a new one where all are at work. Small ones for the `sizes` last asked for are kept:
    a network that is given another size than before costs half as much again as one that is not (0003).
    """

    def __init__(self, make: Callable[[Size], Any], *, sizes: int) -> None:
        self._make = make
        self._sizes = sizes
        self._idle: dict[Size, list[Any]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def of(self, size: Size) -> Iterator[Any]:
        with self._lock:
            idle = self._idle[size] = self._idle.pop(size, [])
            net = idle.pop() if idle else None
            while len(self._idle) > self._sizes:
                del self._idle[next(iter(self._idle))]
        net = net or self._make(size)
        yield net
        if size[0] * size[1] <= limits.KEPT_PIXELS:
            idle.append(net)  # not after an error, which may leave it in any state

    def rest(self) -> None:
        """Give their memory back. Those that are wanted again are made anew."""
        with self._lock:
            self._idle.clear()


class YuNet:
    """OpenCV's YuNet. Linear in the number of pixels; reliable from 10 to about 900 px of face."""

    name = "yunet"

    def __init__(self, models: Models, *, floor: float = limits.YUNET_FLOOR) -> None:
        self._weights = str(models.open(YUNET))
        self._floor = floor
        self._nets = Nets(self._net, sizes=6)  # as many as one picture is looked at in

    def _net(self, size: Size) -> Any:
        import cv2

        return cv2.FaceDetectorYN.create(
            self._weights, "", size, score_threshold=self._floor, nms_threshold=0.3, top_k=5000
        )

    def rest(self) -> None:
        self._nets.rest()

    def find(self, pixels: Pixels) -> list[Glimpse]:
        import cv2

        height, width = pixels.shape[:2]
        with self._nets.of((width, height)) as net:
            rows = net.detect(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1]
        return [] if rows is None else sound((self._glimpse(row) for row in rows), width, height)

    def _glimpse(self, row: NDArray[np.float32]) -> Glimpse:
        # Columns (OpenCV's documentation): x, y, width, height, five points (x, y), score.
        return Glimpse(
            detector=self.name,
            score=float(min(1.0, max(0.0, row[14]))),
            x=float(row[0]),
            y=float(row[1]),
            width=float(row[2]),
            height=float(row[3]),
            landmarks=row[4:14].reshape(5, 2).copy(),
        )


class CenterFace:
    """CenterFace through OpenCV's dnn. Sees small and covered faces that YuNet misses, at four times its cost.

    The network's outputs are a heat map of face centres at a quarter of the picture's size, with the log of
    the box's size, its offset and five landmarks in units of the box (Xu et al., arXiv:1911.03599).

    A net that has seen one size answers wrongly, in silence, for every other (OpenCV 4.14, measured: 0003).
    So each net is made for one of a few sizes, and every picture is cut into tiles of one of them, which
    also bounds the memory: 3 GB for 12 megapixels in one piece.
    """

    name = "centerface"
    _SIZES = ((256, 256), (640, 512), (512, 640))
    _OUTPUTS = ("537", "538", "539", "540")
    _STRIDE = 4

    def __init__(self, models: Models, *, floor: float = limits.CENTERFACE_FLOOR) -> None:
        self._weights = np.frombuffer(models.open(CENTERFACE).read_bytes(), np.uint8)
        self._nets = Nets(self._net, sizes=2)
        self._floor = floor

    def _net(self, _: Size) -> Any:
        import cv2

        return cv2.dnn.readNetFromONNX(self._weights)

    def rest(self) -> None:
        self._nets.rest()

    def find(self, pixels: Pixels) -> list[Glimpse]:
        return _strongest([glimpse for look in self.looks(pixels) for glimpse in look()], self._floor)

    def looks(self, pixels: Pixels) -> list[Look]:
        """A look at each tile of the picture; together they find what is in it, some of it twice."""
        height, width = pixels.shape[:2]
        size = min(self._SIZES, key=lambda size: _area_of_tiles(width, height, size))
        return tiled(partial(self._in_tile, size), pixels, size)

    def _in_tile(self, size: Size, pixels: Pixels) -> list[Glimpse]:
        import cv2

        with self._nets.of(size) as net:
            net.setInput(cv2.dnn.blobFromImage(_padded(pixels, size)))
            heat, scale, offset, points = net.forward(self._OUTPUTS)
        rows, columns = np.nonzero(heat[0, 0] > self._floor)
        scores = heat[0, 0, rows, columns]
        heights, widths = np.exp(np.clip(scale[0][:, rows, columns], -5, 8)) * self._STRIDE
        down, right = offset[0][:, rows, columns]
        x = (columns + right + 0.5) * self._STRIDE - widths / 2
        y = (rows + down + 0.5) * self._STRIDE - heights / 2
        marks = points[0][:, rows, columns]
        seen = (
            Glimpse(
                detector=self.name,
                score=float(min(1.0, scores[i])),
                x=float(x[i]),
                y=float(y[i]),
                width=float(widths[i]),
                height=float(heights[i]),
                landmarks=np.stack([marks[1::2, i] * widths[i] + x[i], marks[0::2, i] * heights[i] + y[i]], axis=1),
            )
            for i in range(len(scores))
        )
        return _strongest(sound(seen, *size), self._floor)


class Hog:
    """dlib's HOG detector, face_recognition's default: a voter that errs differently from the networks.

    It finds faces from 80 px up without enlarging. Its score is unbounded; it is squeezed to 0..1 so that
    dlib's own threshold (0) reads 0.5.
    """

    name = "hog"

    def __init__(self) -> None:
        import dlib

        self.detector = dlib.get_frontal_face_detector()

    def find(self, pixels: Pixels) -> list[Glimpse]:
        rectangles, scores, _ = self.detector.run(pixels, 0, limits.HOG_FLOOR)
        return [
            Glimpse(
                detector=self.name,
                score=float(1.0 / (1.0 + np.exp(-2.0 * score))),
                x=float(box.left()),
                y=float(box.top()),
                width=float(box.width()),
                height=float(box.height()),
            )
            for box, score in zip(rectangles, scores, strict=True)
        ]


def sound(glimpses: Iterable[Glimpse], width: int, height: int) -> list[Glimpse]:
    """Glimpses that can be of something in a picture of that size; landmarks only where they lie about the face.

    Networks give boxes without end and eyes outside the picture for odd input; encoders would stumble over them.
    """
    found = []
    for glimpse in glimpses:
        box = np.array([glimpse.x, glimpse.y, glimpse.width, glimpse.height])
        if not np.isfinite(box).all() or not 1 <= min(box[2:]) <= max(box[2:]) <= 2 * max(width, height):
            continue
        points = glimpse.landmarks
        if points is not None:
            low, high = box[:2] - box[2:], box[:2] + 2 * box[2:]
            apart = float(np.linalg.norm(points[1] - points[0])) if np.isfinite(points).all() else 0.0
            if apart < 0.02 * box[2] or not ((points >= low) & (points <= high)).all():
                points = None
        found.append(replace(glimpse, landmarks=points))
    return found


def tiled(find: Callable[[Pixels], list[Glimpse]], pixels: Pixels, size: Size) -> list[Look]:
    """A look at each tile of a picture. Each gives what it finds whole, in pixels of the picture."""
    height, width = pixels.shape[:2]
    return [partial(_in_tile, find, pixels, tile) for tile in tiles(width, height, size, limits.TILE_OVERLAP)]


def _in_tile(find: Callable[[Pixels], list[Glimpse]], pixels: Pixels, tile: tuple[int, int, int, int]) -> list[Glimpse]:
    x, y, w, h = tile
    height, width = pixels.shape[:2]
    return [
        moved(glimpse, x, y)
        for glimpse in find(pixels[y : y + h, x : x + w])
        if not cut_by_tile(glimpse, x, y, w, h, width, height)
    ]


def moved(glimpse: Glimpse, dx: float, dy: float) -> Glimpse:
    points = glimpse.landmarks
    return replace(
        glimpse,
        x=glimpse.x + dx,
        y=glimpse.y + dy,
        landmarks=None if points is None else points + np.array([dx, dy], np.float32),
    )


def tiles(width: int, height: int, size: Size, overlap: int) -> Iterator[tuple[int, int, int, int]]:
    """Cover a picture with tiles (x, y, width, height) no larger than `size`, each overlapping the next."""
    for y, h in _cuts(height, size[1], overlap):
        for x, w in _cuts(width, size[0], overlap):
            yield x, y, w, h


def cut_by_tile(glimpse: Glimpse, x: int, y: int, w: int, h: int, width: int, height: int) -> bool:
    """Whether a face was seen cut off by a tile's edge within the picture. The next tile then sees it whole."""
    if max(glimpse.width, glimpse.height) > 0.8 * limits.TILE_OVERLAP:
        return False
    near = 2 + 0.1 * max(glimpse.width, glimpse.height)
    return (
        (x > 0 and glimpse.x <= near)
        or (y > 0 and glimpse.y <= near)
        or (x + w < width and glimpse.x + glimpse.width >= w - near)
        or (y + h < height and glimpse.y + glimpse.height >= h - near)
    )


def _cuts(length: int, side: int, overlap: int) -> list[tuple[int, int]]:
    """Start and length of equal, evenly spread pieces."""
    if length <= side:
        return [(0, length)]
    count = -(-(length - overlap) // (side - overlap))
    size = min(length, -(-(length + (count - 1) * overlap) // count))
    return [(round(i * (length - size) / (count - 1)), size) for i in range(count)]


def _area_of_tiles(width: int, height: int, size: Size) -> int:
    return sum(1 for _ in tiles(width, height, size, limits.TILE_OVERLAP)) * size[0] * size[1]


def _strongest(found: list[Glimpse], floor: float) -> list[Glimpse]:
    """One glimpse of each face, of the several that lie over it."""
    import cv2

    if len(found) < 2:
        return found
    boxes = [(g.x, g.y, g.width, g.height) for g in found]
    best = cv2.dnn.NMSBoxes(boxes, [g.score for g in found], floor, 0.3)
    return [found[i] for i in np.asarray(best).reshape(-1)]


def _padded(pixels: Pixels, size: Size) -> Pixels:
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    return np.pad(pixels, ((0, size[1] - height), (0, size[0] - width), (0, 0)))
