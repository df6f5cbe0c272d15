"""Every face of a picture, once each: several detectors, several sizes, several turns, and a second look at doubts."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from postguard.seeing import limits
from postguard.seeing.detectors import CenterFace, Detector, Glimpse, Hog, YuNet, cut_by_tile, moved, tiles
from postguard.seeing.geometry import (
    Affine,
    Sighting,
    merged,
    resized,
    scaled,
    turned,
    turned_back,
    widened,
    without_parts,
)
from postguard.seeing.lanes import side_by_side
from postguard.seeing.models import Models
from postguard.seeing.types import Pixels


class Finder:
    """Finds the faces of one upright picture, left to right. A doubtful one stays only if `doubter` bears it out."""

    def __init__(
        self,
        *,
        fine: Detector,
        broad: Detector,
        voters: Sequence[Detector] = (),
        doubter: "Doubter | None" = None,
        threads: int | None = None,
    ) -> None:
        self._fine = fine
        self._broad = broad
        self._voters = tuple(voters)
        self._doubter = doubter
        self._threads = threads

    @classmethod
    def of(cls, models: Models, *, threads: int | None = None) -> "Finder":
        """The finder of postguard: YuNet at full size, CenterFace on a reduced picture, HOG as a voter."""
        doubter = Doubter.of(models)
        return cls(fine=YuNet(models), broad=CenterFace(models), voters=(Hog(),), doubter=doubter, threads=threads)

    @property
    def detectors(self) -> tuple[str, ...]:
        return tuple(detector.name for detector in (self._fine, self._broad, *self._voters))

    def find(self, pixels: Pixels) -> tuple[Sighting, ...]:
        found = without_parts(merged(self._glimpses(pixels)))
        if self._doubter is not None:
            found = [seen for seen in (self._doubter.judge(pixels, face) for face in found) if seen is not None]
        return tuple(sorted(found, key=lambda s: s.best.centre))

    def _glimpses(self, pixels: Pixels) -> list[Glimpse]:
        reduced, factor = resized(pixels, limits.REDUCED_SIDE)
        tiny, tiny_factor = resized(pixels, limits.LARGE_FACES_SIDE)

        def of(detector: Detector) -> list[Glimpse]:
            return _in_picture(detector.find(reduced), factor)

        def of_network(detector: Detector) -> list[Glimpse]:
            return of(detector) + (_in_picture(detector.find(tiny), tiny_factor) if tiny_factor > 1.0 else [])

        lanes: tuple[Callable[[], list[Glimpse]], ...] = (
            lambda: (
                of_network(self._fine) + self._in_tiles(pixels) + self._in_turned(pixels) + self._in_narrowed(pixels)
            ),
            lambda: of_network(self._broad),
            *(partial(of, voter) for voter in self._voters),
        )
        height, width = pixels.shape[:2]
        return [
            glimpse
            for found in side_by_side(lanes, threads=self._threads)
            for glimpse in found
            if 0 <= glimpse.centre[0] < width and 0 <= glimpse.centre[1] < height
        ]

    def _in_turned(self, pixels: Pixels) -> list[Glimpse]:
        found: list[Glimpse] = []
        small, factor = resized(pixels, limits.TURNED_SIDE)
        for degrees in limits.TURNED_BY:
            canvas, back = turned(small, degrees)
            found += _in_picture((turned_back(g, back, degrees) for g in self._fine.find(canvas)), factor)
        return found

    def _in_narrowed(self, pixels: Pixels) -> list[Glimpse]:
        """Faces that somebody stretched; one seen only so must be plain to see. Tall ones are seen as they are."""
        import cv2

        small, factor = resized(pixels, limits.TURNED_SIDE)
        size = (max(1, round(small.shape[1] / limits.NARROWED_BY)), small.shape[0])
        narrow = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        plain = [g for g in self._fine.find(narrow) if g.score > limits.SURE_ALONE["yunet"]]
        return _in_picture((widened(g, limits.NARROWED_BY) for g in plain), factor)

    def _in_tiles(self, pixels: Pixels) -> list[Glimpse]:
        height, width = pixels.shape[:2]
        if max(height, width) <= limits.REDUCED_SIDE:
            return []
        size = (limits.FULL_SIZE_TILE, limits.FULL_SIZE_TILE)
        return [
            moved(glimpse, x, y)
            for x, y, w, h in tiles(width, height, size, limits.TILE_OVERLAP)
            for glimpse in self._fine.find(pixels[y : y + h, x : x + w])
            if not cut_by_tile(glimpse, x, y, w, h, width, height)
        ]


class Doubter:
    """A second look at doubtful faces: cut out, upright, at one size. A hand seldom looks like a face again.

    The weights and limits were fitted on 181 pictures of WIDER FACE's groups, families, schoolchildren and
    ceremonies, and measured on others (0003). CenterFace's word counts most there, since hands take YuNet in.
    """

    def __init__(self, *, fine: Detector, broad: Detector) -> None:
        """Both detectors must tell of scores far below what would do on a whole picture."""
        self._fine = fine
        self._broad = broad

    @classmethod
    def of(cls, models: Models) -> "Doubter":
        return cls(fine=YuNet(models, floor=0.05), broad=CenterFace(models, floor=0.03))

    def judge(self, pixels: Pixels, seen: Sighting) -> Sighting | None:
        """The sighting as it is when there is no doubt; marked as weak when there is some; None when it fails."""
        if is_sure(seen):
            return seen
        crop, back = close_up(pixels, seen.best)
        fine, broad = (_in_the_middle(detector.find(crop)) for detector in (self._fine, self._broad))
        evidence = (
            limits.EVIDENCE_FINE * (fine.score if fine else 0.0)
            + (broad.score if broad else 0.0)
            + limits.EVIDENCE_BROAD_BEFORE * seen.scores.get("centerface", 0.0)
        )
        if evidence < next(needed for height, needed in limits.EVIDENCE if seen.best.height < height):
            return None
        best = seen.best
        again = broad or fine
        if best.landmarks is None and again is not None:
            best = turned_back(again, back, best.turn)
        return Sighting(best=best, glimpses=seen.glimpses, weak=evidence < limits.EVIDENCE_SURE)


def is_sure(seen: Sighting) -> bool:
    """Two detectors of which one is sure, or one that is very sure of an upright face."""
    upright = {g.detector: 0.0 for g in seen.glimpses}
    for glimpse in seen.glimpses:
        if not glimpse.turn:
            upright[glimpse.detector] = max(glimpse.score, upright[glimpse.detector])
    if len(upright) > 1 and max(seen.scores.values()) > limits.SURE_TOGETHER:
        return True
    return any(score > limits.SURE_ALONE.get(detector, 1.0) for detector, score in upright.items())


def _in_the_middle(glimpses: Iterable[Glimpse]) -> Glimpse | None:
    """The best glimpse that is where the doubtful face should be in its close-up, at about its size."""
    face, middle = limits.CLOSE_UP_FACE, limits.CLOSE_UP_SIDE / 2
    there = [
        g
        for g in glimpses
        if max(abs(g.centre[0] - middle), abs(g.centre[1] - middle)) < 0.35 * face
        and 0.5 * face < max(g.width, g.height) < 1.9 * face
    ]
    return max(there, key=lambda g: g.score, default=None)


def _in_picture(glimpses: Iterable[Glimpse], factor: float) -> list[Glimpse]:
    return [scaled(glimpse, factor) if factor != 1.0 else glimpse for glimpse in glimpses]


def close_up(pixels: Pixels, glimpse: Glimpse) -> tuple[Pixels, Affine]:
    """The face with its surroundings on a square, at one size and as upright as it was seen, and the way back."""
    import cv2

    side = limits.CLOSE_UP_SIDE
    zoom = limits.CLOSE_UP_FACE / max(glimpse.width, glimpse.height)
    centre = np.array(glimpse.centre)
    # Shrinking by more than half would leave patterns that are not there: take a smaller picture first.
    reach = side / zoom
    if zoom < 0.5:
        low = np.maximum(np.floor(centre - reach), 0).astype(int)
        cut = pixels[low[1] : int(centre[1] + reach) + 1, low[0] : int(centre[0] + reach) + 1]
        size = (max(1, round(cut.shape[1] * zoom)), max(1, round(cut.shape[0] * zoom)))
        pixels = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        shrunk, offset = zoom, low.astype(np.float64)
    else:
        shrunk, offset = 1.0, np.zeros(2)
    there = _turn_about((centre - offset) * shrunk, glimpse.turn, zoom / shrunk, side)
    crop = cv2.warpAffine(pixels, there, (side, side), flags=cv2.INTER_LINEAR, borderValue=(128, 128, 128))
    back = np.asarray(cv2.invertAffineTransform(there), dtype=np.float64) / shrunk
    back[:, 2] += offset
    return np.asarray(crop, dtype=np.uint8), back


def _turn_about(centre: NDArray[np.float64], degrees: float, zoom: float, side: int) -> Affine:
    radians = np.radians(degrees)
    cos, sin = zoom * np.cos(radians), zoom * np.sin(radians)
    there = np.array([[cos, -sin, 0.0], [sin, cos, 0.0]])
    there[:, 2] = side / 2 - there[:, :2] @ centre
    return there
