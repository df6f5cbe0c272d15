"""Every face of a picture, once each: several detectors, several sizes, several turns, and a second look at doubts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from postguard.seeing import limits
from postguard.seeing.detectors import CenterFace, Detector, Glimpse, Hog, Look, YuNet, tiled
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
from postguard.seeing.lanes import cores, side_by_side
from postguard.seeing.models import Models
from postguard.seeing.types import Pixels


class Finder:
    """Finds the faces of one upright picture, left to right. A doubtful one stays only if `doubter` bears it out."""

    def __init__(
        self,
        *,
        fine: YuNet,
        broad: CenterFace,
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
        return cls(
            fine=YuNet(models, floor=limits.WHISPER["yunet"]),
            broad=CenterFace(models, floor=limits.WHISPER["centerface"]),
            voters=(Hog(),),
            doubter=doubter,
            threads=threads,
        )

    @property
    def detectors(self) -> tuple[str, ...]:
        return self._fine.name, self._broad.name, *(voter.name for voter in self._voters)

    def find(self, pixels: Pixels) -> tuple[Sighting, ...]:
        heard = [heard for seen in merged(self._glimpses(pixels)) if (heard := loud(seen)) is not None]
        found = without_parts(heard)
        if self._doubter is not None:
            second_looks = [partial(self._doubter.judge, pixels, seen) for seen in found]
            judged = side_by_side(second_looks, threads=min(limits.BROAD_AT_ONCE, self._threads or cores()))
            found = [seen for seen in judged if seen is not None]
        return tuple(sorted(found, key=lambda s: s.best.centre))

    def rest(self) -> None:
        """Give the detectors' memory back, some 500 MB; they take it again when they are next asked to find."""
        for detector in (self._fine, self._broad):
            detector.rest()
        if self._doubter is not None:
            self._doubter.rest()

    def _glimpses(self, pixels: Pixels) -> list[Glimpse]:
        height, width = pixels.shape[:2]
        return [
            glimpse
            for found in side_by_side(self._looks(pixels), threads=self._threads)
            for glimpse in found
            if 0 <= glimpse.centre[0] < width and 0 <= glimpse.centre[1] < height
        ]

    def _looks(self, pixels: Pixels) -> list[Look]:
        """Every way in which one picture is looked at, the longest first: none is then left alone at the end."""
        fine, broad = self._fine, self._broad
        reduced, factor = resized(pixels, limits.REDUCED_SIDE)
        small, to_small = resized(reduced, limits.TURNED_SIDE)
        tiny, to_tiny = resized(reduced, limits.LARGE_FACES_SIDE)
        tiles = broad.looks(reduced)
        looks: list[tuple[Look, float]] = [
            *((partial(_in_turn, tiles[n :: limits.BROAD_AT_ONCE]), factor) for n in range(limits.BROAD_AT_ONCE)),
            (partial(fine.find, reduced), factor),
            *((partial(voter.find, reduced), factor) for voter in self._voters),
            (partial(_turned, fine, small, limits.TURNED_BY), factor * to_small),
            (partial(_lying, fine, small), factor * to_small),
        ]
        if max(pixels.shape[:2]) > limits.REDUCED_SIDE:
            full = (limits.FULL_SIZE_TILE, limits.FULL_SIZE_TILE)
            looks += [(look, 1.0) for look in tiled(fine.find, pixels, full)]
        looks.append((partial(_narrowed, fine, small), factor * to_small))
        if to_tiny > 1.0:
            looks += [(partial(network.find, tiny), factor * to_tiny) for network in (broad, fine)]
        return [partial(_in_picture, look, back) for look, back in looks]


def _in_turn(looks: Sequence[Look]) -> list[Glimpse]:
    return [glimpse for look in looks for glimpse in look()]


def _turned(detector: Detector, pixels: Pixels, by: Iterable[float]) -> list[Glimpse]:
    found: list[Glimpse] = []
    for degrees in by:
        canvas, back = turned(pixels, degrees)
        found += [turned_back(glimpse, back, degrees) for glimpse in detector.find(canvas)]
    return found


def _lying(detector: Detector, pixels: Pixels) -> list[Glimpse]:
    """Faces of those who lie on their side. Hands and folds look like faces more often from there."""
    return [glimpse for glimpse in _turned(detector, pixels, limits.LYING_BY) if glimpse.score >= limits.LYING_FLOOR]


def _narrowed(detector: Detector, pixels: Pixels) -> list[Glimpse]:
    """Faces that somebody stretched; one seen only so must be plain to see. Tall ones are seen as they are."""
    import cv2

    size = (max(1, round(pixels.shape[1] / limits.NARROWED_BY)), pixels.shape[0])
    narrow = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    plain = [g for g in detector.find(narrow) if g.score > limits.SURE_ALONE[g.detector]]
    return [widened(glimpse, limits.NARROWED_BY) for glimpse in plain]


def _in_picture(look: Look, factor: float) -> list[Glimpse]:
    """What a look at a reduced picture finds, in the picture as it is."""
    return [scaled(glimpse, factor) if factor != 1.0 else glimpse for glimpse in look()]


class Doubter:
    """A second look at doubtful faces: cut out, upright, at one size. A hand seldom looks like a face again.

    The weights and limits were fitted on 181 pictures of WIDER FACE's groups, families, schoolchildren and
    ceremonies, and measured on others (0003). CenterFace's word counts most there, since hands take YuNet in.
    """

    def __init__(self, *, fine: YuNet, broad: CenterFace) -> None:
        """Both detectors must tell of scores far below what would do on a whole picture."""
        self._fine = fine
        self._broad = broad

    @classmethod
    def of(cls, models: Models) -> "Doubter":
        return cls(fine=YuNet(models, floor=0.05), broad=CenterFace(models, floor=0.03))

    def rest(self) -> None:
        self._fine.rest()
        self._broad.rest()

    def judge(self, pixels: Pixels, seen: Sighting) -> Sighting | None:
        """The sighting as it is when there is no doubt; marked as weak when there is some; None when it fails."""
        if is_sure(seen):
            return seen
        crop, back = close_up(pixels, seen.best)
        needed = next(needed for height, needed in limits.EVIDENCE if seen.best.height < height)
        if all(abs(glimpse.turn) in limits.LYING_BY for glimpse in seen.glimpses):
            needed = limits.LYING_EVIDENCE
        fine, broad = self._look(crop)
        evidence = _evidence(seen, fine, broad)
        if evidence < needed:
            mirrored = self._look(np.ascontiguousarray(crop[:, ::-1]))
            evidence = _evidence(seen, _surer(fine, mirrored[0]), _surer(broad, mirrored[1]))
        if evidence < needed:
            return None
        best = seen.best
        again = broad or fine
        if best.landmarks is None and again is not None:
            best = turned_back(again, back, best.turn)
        return Sighting(best=best, glimpses=seen.glimpses, weak=evidence < limits.EVIDENCE_SURE)

    def _look(self, crop: Pixels) -> tuple[Glimpse | None, Glimpse | None]:
        fine, broad = (_in_the_middle(detector.find(crop)) for detector in (self._fine, self._broad))
        return fine, broad


def _evidence(seen: Sighting, fine: Glimpse | None, broad: Glimpse | None) -> float:
    return (
        limits.EVIDENCE_FINE * (fine.score if fine else 0.0)
        + (broad.score if broad else 0.0)
        + limits.EVIDENCE_BROAD_BEFORE * seen.scores.get("centerface", 0.0)
    )


def _surer(*glimpses: Glimpse | None) -> Glimpse | None:
    return max((glimpse for glimpse in glimpses if glimpse), key=lambda g: g.score, default=None)


def loud(seen: Sighting) -> Sighting | None:
    """The sighting without what was hardly said; that counts where two detectors say it, and nobody says more."""
    said = tuple(g for g in seen.glimpses if g.score >= _FLOORS.get(g.detector, 0.0))
    if said:
        return replace(seen, glimpses=said)
    return seen if len(seen.scores) > 1 else None


_FLOORS = {"yunet": limits.YUNET_FLOOR, "centerface": limits.CENTERFACE_FLOOR}


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
