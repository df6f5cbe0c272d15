"""A face through a clip: many sights of one person become one, the best, so that a clip asks about each once."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from postguard.domain.evidence import Glance, Region
from postguard.seeing import limits
from postguard.seeing.figures import figures
from postguard.seeing.quality import WEAK
from postguard.seeing.types import SeenFace, SeenFrame, Templates


@dataclass(slots=True)
class _Track:
    best: SeenFace
    best_at: float
    region: Region
    templates: Templates
    last_at: float
    sights: list[tuple[int, Region, float]]
    """The number of the look, and where the face was and how it was tilted."""
    stands: bool = False
    """Whether a look that showed it lasted."""


class Tracks:
    """Follows faces from sample to sample. `worth` tells which of two sights of a face is the better one."""

    def __init__(self) -> None:
        self._tracks: list[_Track] = []
        self._looks: list[float] = []

    def add(
        self, at: float, faces: Iterable[SeenFace], complete: Callable[[SeenFace], SeenFace], *, until: float
    ) -> None:
        """Take the faces of a look from one second to another. `complete` fills in the templates that following does
        not need."""
        stands = until - at >= limits.STANDS_SECONDS
        self._looks.append(at)
        look = len(self._looks) - 1
        free = [t for t in self._tracks if at - t.last_at <= limits.TRACK_SECONDS]
        left = sorted(faces, key=worth, reverse=True)
        for fits in (_stayed, _moved):  # whoever stayed goes first, so that nobody alike takes their place
            for face in tuple(left):
                fitting = [t for t in free if fits(t, face)]
                if not fitting:
                    continue
                track = max(fitting, key=lambda t: (_overlap(t.region, face.region), -t.region.way_to(face.region)))
                free.remove(track)
                left.remove(face)
                track.region, track.templates, track.last_at = face.region, face.templates, at
                track.sights.append((look, face.region, face.roll))
                track.stands |= stands
                if worth(face) > 1.1 * worth(track.best):
                    track.best, track.best_at = complete(face), at
        for face in left:
            sights = [(look, face.region, face.roll)]
            self._tracks.append(_Track(complete(face), at, face.region, face.templates, at, sights, stands))

    def frames(self, part: str) -> tuple[SeenFrame, ...]:
        """The best sight of everybody, by time. What was doubted and seen but once in passing is left out."""
        kept = [t for t in self._tracks if t.stands or len(t.sights) > 1 or WEAK not in t.best.flaws]
        faces = [replace(t.best, path=self._path(t)) for t in kept]
        followed = [
            (t.best_at, replace(face, figure=figure))
            for t, face, figure in zip(kept, faces, figures(faces), strict=True)
        ]
        return tuple(
            SeenFrame(
                part=f"{part}@{at:g}",
                faces=tuple(sorted((face for when, face in followed if when == at), key=lambda f: f.region)),
            )
            for at in sorted({at for at, _ in followed})
        )

    def _path(self, track: _Track) -> tuple[Glance, ...]:
        looks = [0.0, *self._looks, math.inf]
        return tuple(
            Glance(since=looks[n], at=looks[n + 1], until=looks[n + 2], region=region, roll=round(roll, 1))
            for n, region, roll in track.sights
        )


def worth(face: SeenFace) -> float:
    """Larger for a sight that says more of who it is: unflawed first, then the larger."""
    return face.region.height / (1.0 + 10.0 * len(face.flaws))


def _stayed(track: _Track, face: SeenFace) -> bool:
    """Overlapping, and alike where both could be encoded: two people who change places are two."""
    return (
        _overlap(track.region, face.region) >= limits.TRACK_OVERLAP
        and _alike(track.templates, face.templates, limits.TRACK_LIKENESS)
        and _alike(track.best.templates, face.templates, limits.TRACK_BEST_LIKENESS)
    )


def _moved(track: _Track, face: SeenFace) -> bool:
    """Near, and surely alike: somebody who runs is elsewhere at each look."""
    return (
        bool(track.templates.keys() & face.templates.keys())
        and track.region.way_to(face.region) <= limits.TRACK_NEAR * max(track.region.height, face.region.height)
        and _alike(track.templates, face.templates, limits.TRACK_LIKENESS)
        and _alike(track.best.templates, face.templates, limits.TRACK_LIKENESS)
    )


def _alike(a: Templates, b: Templates, least: Mapping[str, float]) -> bool:
    """An encoder of which nothing was measured follows nobody who changes."""
    return all(float(a[encoder] @ b[encoder]) >= least.get(encoder, 0.999) for encoder in a.keys() & b.keys())


def _overlap(a: Region, b: Region) -> float:
    wide = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    high = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(0, wide) * max(0, high)
    return shared / (a.width * a.height + b.width * b.height - shared)
