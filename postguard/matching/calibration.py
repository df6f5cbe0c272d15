"""Calibration: what the built-in thresholds are worth on this school's own gallery, and what would suit it.

Every reference photo is taken out in turn and shown to the rest of the gallery: as a photo of its own person (would
a consented pupil be stopped?), as one of somebody without consent (would it clear as another?), and, with all
photos of that person taken out, as a stranger's. Reference photos are better than what is posted, so needless stops
will be more than this says; who is near to whom is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, sqrt

from postguard.domain.decision import Standing, clearing_threshold
from postguard.domain.policy import Thresholds
from postguard.matching.gallery import Gallery

Z_95 = 1.96
"""Standard deviations of the normal distribution that hold 95 % of it."""

STEP = 0.01
"""Proposed thresholds are rounded up to this."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """So many of so many, with the 95 % interval that so few leave open (Wilson 1927; of none, the rule of three)."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        return self.hits / self.of if self.of else 0.0

    @property
    def low(self) -> float:
        return max(0.0, self._middle - self._half) if self.hits else 0.0

    @property
    def high(self) -> float:
        if not self.of:
            return 1.0
        return min(1.0, self._middle + self._half) if self.hits else min(1.0, 3.0 / self.of)

    @property
    def _middle(self) -> float:
        return (self.value + Z_95**2 / (2 * self.of)) / (1 + Z_95**2 / self.of)

    @property
    def _half(self) -> float:
        spread = sqrt(self.value * (1 - self.value) / self.of + Z_95**2 / (4 * self.of**2))
        return Z_95 * spread / (1 + Z_95**2 / self.of)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Two people who look alike: the nearest that a photo of either comes to the other. Scores 0 to 1."""

    one: str
    other: str
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """What came of it. `same`: each photo's score with its own person. `different`: with the nearest other.

    `strangers`: each photo's best score once its person is unknown. The three shares are at `thresholds`.
    `pairs`: every two people of whom one would block the other's face, the nearest first. `needed` is what
    `thresholds.clear` comes to when everybody may clear.
    `proposed`: thresholds for `target`, never looser than those measured, and apart from `pairs`: no threshold
    tells twins apart, the roster's `look_alikes` does. `proven`: whether so few photos can
    show that the target is met at all.
    """

    people: int
    thresholds: Thresholds
    needed: float
    target: float
    same: tuple[float, ...]
    different: tuple[float, ...]
    strangers: tuple[float, ...]
    refused_cleared: Share
    strangers_cleared: Share
    consented_stopped: Share
    pairs: tuple[Pair, ...]
    proposed: Thresholds
    proven: bool


def calibrate(gallery: Gallery, thresholds: Thresholds, target: float) -> Calibration:
    """Measure a gallery at these thresholds. `target`: the share of strangers that may clear, 0 to 1.

    The worst is assumed of who may clear: everybody else. Takes time with the square of the number of photos.
    """
    clearing = frozenset(gallery.people)
    needed = clearing_threshold(
        Standing(consented=clearing, clearing=clearing, strangers_without_template=False), thresholds
    )
    same: list[float] = []
    different: list[float] = []
    mistaken = 0
    near: dict[tuple[str, str], float] = {}
    for reference, candidates in gallery.leave_out():
        scores = {candidate.person: candidate.score for candidate in candidates}
        own = scores.pop(reference.person, None)
        nearest = max(scores.values(), default=0.0)
        different.append(nearest)
        for person, score in scores.items():
            pair = (min(person, reference.person), max(person, reference.person))
            near[pair] = max(score, near.get(pair, 0.0))
        if own is not None:
            same.append(own)
            mistaken += nearest >= needed and own < nearest - thresholds.margin
    pairs = [Pair(one=a, other=b, score=score) for (a, b), score in near.items() if score >= thresholds.block]
    paired = {(pair.one, pair.other) for pair in pairs}
    strangers: list[float] = []
    unpaired: list[float] = []
    for reference, candidates in gallery.leave_out(person=True):
        best = max(candidates, key=lambda candidate: candidate.score, default=None)
        strangers.append(best.score if best else 0.0)
        if best and tuple(sorted((best.person, reference.person))) not in paired:
            unpaired.append(best.score)
    return Calibration(
        people=len(gallery),
        thresholds=thresholds,
        needed=needed,
        target=target,
        same=tuple(same),
        different=tuple(different),
        strangers=tuple(strangers),
        refused_cleared=Share(hits=mistaken, of=len(same)),
        strangers_cleared=share_above(strangers, needed),
        consented_stopped=Share(hits=sum(score < needed for score in same), of=len(same)),
        pairs=tuple(sorted(pairs, key=lambda pair: (-pair.score, pair.one, pair.other))),
        proposed=propose(unpaired, thresholds, needed, target),
        proven=bool(strangers) and Share(hits=0, of=len(strangers)).high <= target,
    )


def share_above(scores: Sequence[float], threshold: float) -> Share:
    return Share(hits=sum(score >= threshold for score in scores), of=len(scores))


def propose(strangers: Sequence[float], thresholds: Thresholds, needed: float, target: float) -> Thresholds:
    """The thresholds, stricter by as much as keeps the share of strangers that clear within the target.

    `needed` is what `thresholds.clear` comes to with everybody clearing. Never looser: a small gallery with no
    look-alikes in it says nothing about the next child who walks into the picture.
    """
    allowed = int(target * len(strangers))
    worst = sorted(strangers, reverse=True)
    if len(worst) <= allowed or worst[allowed] < needed:
        return thresholds
    raise_by = ceil((worst[allowed] - needed) / STEP + 1e-9) * STEP
    return replace(
        thresholds,
        clear=round(min(1.0, thresholds.clear + raise_by), 2),
        stranger_clear=round(min(1.0, thresholds.stranger_clear + raise_by), 2),
    )
