"""Every face of a picture, once each: several detectors, several sizes, several turns, and a second look at doubts."""

from collections.abc import Iterable, Sequence

import numpy as np

from postguard.seeing import limits
from postguard.seeing.detectors import CenterFace, Detector, Glimpse, Hog, YuNet, cut_by_tile, moved, tiles
from postguard.seeing.geometry import Sighting, merged, overlap, resized, scaled, turned, turned_back, without_parts
from postguard.seeing.models import Models
from postguard.seeing.quality import is_weak
from postguard.seeing.types import Pixels


class Finder:
    """Finds the faces of one upright picture, left to right. `second_look` drops doubts that do not repeat."""

    def __init__(
        self, *, fine: Detector, broad: Detector, voters: Sequence[Detector] = (), second_look: bool = True
    ) -> None:
        self._fine = fine
        self._broad = broad
        self._voters = tuple(voters)
        self._second_look = second_look

    @classmethod
    def of(cls, models: Models) -> "Finder":
        """The finder of postguard: YuNet at full size, CenterFace on a reduced picture, HOG as a voter."""
        return cls(fine=YuNet(models), broad=CenterFace(models), voters=(Hog(),))

    @property
    def detectors(self) -> tuple[str, ...]:
        return tuple(detector.name for detector in (self._fine, self._broad, *self._voters))

    def find(self, pixels: Pixels) -> tuple[Sighting, ...]:
        found = without_parts(merged(self._glimpses(pixels)))
        if self._second_look:
            # A second look may show that a doubt was a part of a face that is known already: merge again.
            kept = [seen for seen in (self._looked_again(pixels, doubt) for doubt in found) if seen is not None]
            found = without_parts(merged(glimpse for seen in kept for glimpse in seen.glimpses))
        return tuple(sorted(found, key=lambda s: s.best.centre))

    def _glimpses(self, pixels: Pixels) -> list[Glimpse]:
        found: list[Glimpse] = []
        if max(pixels.shape[:2]) > limits.REDUCED_SIDE:
            found += self._in_tiles(pixels)
        reduced, factor = resized(pixels, limits.REDUCED_SIDE)
        for detector in (self._fine, self._broad, *self._voters):
            found += _in_picture(detector.find(reduced), factor)
        small, factor = resized(pixels, limits.TURNED_SIDE)
        for degrees in limits.TURNED_BY:
            canvas, back = turned(small, degrees)
            found += _in_picture((turned_back(g, back, degrees) for g in self._fine.find(canvas)), factor)
        tiny, factor = resized(pixels, limits.LARGE_FACES_SIDE)
        if factor > 1.0:
            for detector in (self._fine, self._broad):
                found += _in_picture(detector.find(tiny), factor)
        height, width = pixels.shape[:2]
        return [g for g in found if 0 <= g.centre[0] < width and 0 <= g.centre[1] < height]

    def _in_tiles(self, pixels: Pixels) -> list[Glimpse]:
        height, width = pixels.shape[:2]
        size = (limits.FULL_SIZE_TILE, limits.FULL_SIZE_TILE)
        return [
            moved(glimpse, x, y)
            for x, y, w, h in tiles(width, height, size, limits.TILE_OVERLAP)
            for glimpse in self._fine.find(pixels[y : y + h, x : x + w])
            if not cut_by_tile(glimpse, x, y, w, h, width, height)
        ]

    def _looked_again(self, pixels: Pixels, seen: Sighting) -> Sighting | None:
        """A doubtful face, cut out and shown to the networks at a good size. None if nobody sees it there.

        A face repeats at another scale; a pattern that happened to look like one seldom does.
        """
        if not is_weak(seen.scores):
            return seen
        crop, x, y, factor = _close_up(pixels, seen.best)
        again = [
            moved(scaled(glimpse, factor), x, y)
            for detector in (self._fine, self._broad)
            for glimpse in detector.find(crop)
        ]
        again = [glimpse for glimpse in again if overlap(glimpse, seen.best) >= limits.REPEATED_OVERLAP]
        if is_weak(Sighting(best=seen.best, glimpses=tuple(again)).scores):
            return None
        return Sighting(best=seen.best, glimpses=(*seen.glimpses, *again))


def _in_picture(glimpses: Iterable[Glimpse], factor: float) -> list[Glimpse]:
    return [scaled(glimpse, factor) if factor != 1.0 else glimpse for glimpse in glimpses]


def _close_up(pixels: Pixels, glimpse: Glimpse) -> tuple[Pixels, int, int, float]:
    """The face with its surroundings on a square, its size there, its corner, and the factor that leads back."""
    import cv2

    reach = 1.25 * max(glimpse.width, glimpse.height)
    height, width = pixels.shape[:2]
    centre = np.array(glimpse.centre)
    x0, y0 = np.maximum(np.floor(centre - reach), 0).astype(int).tolist()
    x1, y1 = np.minimum(np.ceil(centre + reach), [width, height]).astype(int).tolist()
    zoom = limits.CLOSE_UP_FACE / max(glimpse.width, glimpse.height)
    size = (max(32, round((x1 - x0) * zoom)), max(32, round((y1 - y0) * zoom)))
    way = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    crop = cv2.resize(pixels[y0:y1, x0:x1], size, interpolation=way)
    return np.asarray(crop, dtype=np.uint8), x0, y0, 1.0 / zoom
