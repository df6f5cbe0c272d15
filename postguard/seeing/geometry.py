"""Boxes, turns and which glimpses are of one face."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from postguard.seeing.detectors import Glimpse, Points
from postguard.seeing.types import Pixels

Affine = NDArray[np.float64]
"""Shape (2, 3): maps (x, y, 1) of a picture onto another's pixels."""


def scaled(glimpse: Glimpse, factor: float) -> Glimpse:
    """A glimpse of a reduced picture, in the picture as it is."""
    return _stretched(glimpse, factor, factor)


def widened(glimpse: Glimpse, factor: float) -> Glimpse:
    """A glimpse of a picture that was made narrower, in the picture as it is."""
    return _stretched(glimpse, factor, 1.0)


def _stretched(glimpse: Glimpse, across: float, down: float) -> Glimpse:
    points = glimpse.landmarks
    return replace(
        glimpse,
        x=glimpse.x * across,
        y=glimpse.y * down,
        width=glimpse.width * across,
        height=glimpse.height * down,
        landmarks=None if points is None else points * np.array([across, down], np.float32),
    )


def resized(pixels: Pixels, longer_side: int) -> tuple[Pixels, float]:
    """The picture with its longer side no more than that, and the factor that leads back to its own pixels."""
    import cv2

    height, width = pixels.shape[:2]
    if max(height, width) <= longer_side:
        return pixels, 1.0
    factor = max(height, width) / longer_side
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), factor


def turned(pixels: Pixels, degrees: float) -> tuple[Pixels, Affine]:
    """The whole picture turned clockwise on a larger grey canvas, and the way back from the canvas to it."""
    import cv2

    height, width = pixels.shape[:2]
    radians = math.radians(degrees)
    cos, sin = math.cos(radians), math.sin(radians)
    new_width = math.ceil(abs(width * cos) + abs(height * sin))
    new_height = math.ceil(abs(width * sin) + abs(height * cos))
    there = np.array([[cos, -sin, 0.0], [sin, cos, 0.0]])
    there[:, 2] = np.array([new_width, new_height]) / 2 - there[:, :2] @ (np.array([width, height]) / 2)
    canvas = cv2.warpAffine(pixels, there, (new_width, new_height), borderValue=(128, 128, 128))
    return np.asarray(canvas, dtype=np.uint8), np.asarray(cv2.invertAffineTransform(there), dtype=np.float64)


def turned_back(glimpse: Glimpse, back: Affine, degrees: float) -> Glimpse:
    """A glimpse on the turned canvas, in pixels of the picture it was made from.

    A head fills its box as an ellipse; the upright box of the turned ellipse has half-widths
    sqrt((a cos)^2 + (b sin)^2) and sqrt((a sin)^2 + (b cos)^2).
    """
    x, y = apply(back, np.array([glimpse.centre]))[0]
    zoom = math.sqrt(abs(float(np.linalg.det(back[:, :2]))))
    a, b = zoom * glimpse.width / 2, zoom * glimpse.height / 2
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    half_width, half_height = math.hypot(a * cos, b * sin), math.hypot(a * sin, b * cos)
    points = glimpse.landmarks
    return replace(
        glimpse,
        x=float(x - half_width),
        y=float(y - half_height),
        width=2 * half_width,
        height=2 * half_height,
        landmarks=None if points is None else apply(back, points).astype(np.float32),
        turn=degrees,
    )


def apply(affine: Affine, points: NDArray[np.floating]) -> NDArray[np.float64]:
    return np.asarray(points @ affine[:, :2].T + affine[:, 2], dtype=np.float64)


def roll_of(points: Points) -> float:
    """The head's tilt in degrees, clockwise positive, from the line through the eyes."""
    dx, dy = points[1] - points[0]
    return math.degrees(math.atan2(float(dy), float(dx)))


def overlap(a: Glimpse, b: Glimpse) -> float:
    """Intersection over union, 0 to 1."""
    shared = _shared(a, b)
    return shared / (a.width * a.height + b.width * b.height - shared) if shared > 0 else 0.0


def covered(a: Glimpse, b: Glimpse) -> float:
    """How much of `a` lies within `b`, 0 to 1."""
    return _shared(a, b) / (a.width * a.height)


def _shared(a: Glimpse, b: Glimpse) -> float:
    wide = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    high = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return max(0.0, wide) * max(0.0, high)


def same_face(a: Glimpse, b: Glimpse) -> bool:
    """Whether two boxes are of one face: they overlap well, or share a centre at nearly one size.

    Two children cheek to cheek overlap by less than a third: taking them for one would hide a face.
    """
    if overlap(a, b) >= SAME_OVERLAP:
        return True
    size_a, size_b = math.sqrt(a.width * a.height), math.sqrt(b.width * b.height)
    apart = math.dist(a.centre, b.centre)
    return apart <= SAME_CENTRE * min(size_a, size_b) and max(size_a, size_b) <= SAME_SIZE * min(size_a, size_b)


SAME_OVERLAP = 0.45
SAME_CENTRE = 0.35
SAME_SIZE = 2.2
"""Chosen on the demo groups and on WIDER's schoolchildren so that one face stays one (0003)."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Sighting:
    """All glimpses of one face; `best` tells its box and landmarks. `weak`: it may well be no face at all."""

    best: Glimpse
    glimpses: tuple[Glimpse, ...]
    weak: bool = False

    @property
    def scores(self) -> dict[str, float]:
        """Detector to its best score."""
        found: dict[str, float] = {}
        for glimpse in self.glimpses:
            found[glimpse.detector] = max(glimpse.score, found.get(glimpse.detector, 0.0))
        return found


def merged(glimpses: Iterable[Glimpse]) -> list[Sighting]:
    """One sighting a face. The best glimpse of each leads; others join the first leader they share a face with."""
    leaders: list[list[Glimpse]] = []
    for glimpse in sorted(glimpses, key=_trust, reverse=True):
        for group in leaders:
            if same_face(group[0], glimpse):
                group.append(glimpse)
                break
        else:
            leaders.append([glimpse])
    return [Sighting(best=group[0], glimpses=tuple(group)) for group in leaders]


def without_parts(found: list[Sighting]) -> list[Sighting]:
    """Leave out what is seen, less surely, of a face that two detectors see better: half of it, or two at once.

    Only where the boxes overlap well, or one holds the other's middle and a single detector saw it: a child
    half hidden behind another, and a small child before a large face, stay.
    """
    return [seen for seen in found if not any(_is_part(seen, other) for other in found if other is not seen)]


def _is_part(seen: Sighting, other: Sighting) -> bool:
    score, better = max(seen.scores.values()), max(other.scores.values())
    if len(other.scores) == 1 or score >= better:
        return False
    shared = overlap(seen.best, other.best)
    if len(seen.scores) > 1:
        return shared >= PART_OVERLAP and score < better - PART_LESS_SURE
    held = _holds(seen.best, other.best.centre) or _holds(other.best, seen.best.centre)
    return held or shared >= PART_OVERLAP


def _holds(glimpse: Glimpse, point: tuple[float, float]) -> bool:
    return glimpse.x <= point[0] <= glimpse.x + glimpse.width and glimpse.y <= point[1] <= glimpse.y + glimpse.height


PART_OVERLAP = 0.28
PART_LESS_SURE = 0.1


def _trust(glimpse: Glimpse) -> tuple[float, float, float, float]:
    """Upright networks lead with their boxes; a turned look must be clearly better to take over.

    Position breaks ties, so that the order in which glimpses arrive never matters.
    """
    kind = {"yunet": 0.0, "centerface": -0.1}.get(glimpse.detector, -1.0)
    if glimpse.landmarks is None:
        kind -= 1.0
    return glimpse.score + kind - (0.1 if glimpse.turn else 0.0), glimpse.score, -glimpse.x, -glimpse.y
