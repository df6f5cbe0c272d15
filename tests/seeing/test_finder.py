"""Which glimpses make a face, with detectors that say what they are told."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from postguard.seeing import limits
from postguard.seeing.detectors import Glimpse
from postguard.seeing.finder import Doubter, Finder, loud
from postguard.seeing.geometry import Sighting
from postguard.seeing.types import Pixels

SIDE = limits.CLOSE_UP_SIDE


def glimpse(detector: str, score: float, *, side: float = 60.0, at: float = 100.0) -> Glimpse:
    return Glimpse(detector=detector, score=score, x=at, y=at, width=side, height=side)


def sighting(*glimpses: Glimpse) -> Sighting:
    return Sighting(best=glimpses[0], glimpses=glimpses)


class Says:
    """A detector that sees a face in the middle with that score; with `only_mirrored`, only where left is brighter."""

    def __init__(self, name: str, score: float, *, only_mirrored: bool = False) -> None:
        self.name = name
        self.score = score
        self.only_mirrored = only_mirrored

    def find(self, pixels: Pixels) -> list[Glimpse]:
        half = pixels.shape[1] // 2
        if not self.score or (self.only_mirrored and pixels[:, :half].mean() <= pixels[:, half:].mean()):
            return []
        middle = SIDE / 2 - 32
        return [Glimpse(detector=self.name, score=self.score, x=middle, y=middle, width=64, height=64)]

    def looks(self, pixels: Pixels) -> list[Any]:
        return [lambda: self.find(pixels)]


DARK_LEFT = np.zeros((300, 300, 3), np.uint8)
DARK_LEFT[:, 130:] = 255
"""Its right half is the brighter one about a face at 100 to 160; in the mirror its left."""


def doubter(score: float, *, only_mirrored: bool = False) -> Doubter:
    fine: Any = Says("yunet", 0.0)
    broad: Any = Says("centerface", score, only_mirrored=only_mirrored)
    return Doubter(fine=fine, broad=broad)


def test_what_one_detector_hardly_says_is_nothing() -> None:
    assert loud(sighting(glimpse("yunet", limits.YUNET_FLOOR - 0.01))) is None
    assert loud(sighting(glimpse("centerface", limits.CENTERFACE_FLOOR - 0.01), glimpse("centerface", 0.16))) is None


def test_what_two_detectors_hardly_say_is_something() -> None:
    seen = sighting(glimpse("yunet", 0.31), glimpse("centerface", 0.16))
    assert loud(seen) is seen


def test_beside_a_plain_word_a_whisper_does_not_count() -> None:
    """Else a weak box of one detector would be one of two, which nobody may call no face."""
    plain = glimpse("yunet", 0.45)
    heard = loud(sighting(plain, glimpse("centerface", 0.2)))
    assert heard is not None
    assert heard.scores == {"yunet": 0.45}


@pytest.mark.parametrize(("score", "stays"), [(0.29, False), (0.31, True)])
def test_a_doubtful_face_needs_evidence(score: float, stays: bool) -> None:
    judged = doubter(score).judge(DARK_LEFT, sighting(glimpse("yunet", 0.5)))
    assert (judged is not None) is stays
    assert judged is None or judged.weak


def test_the_smaller_the_face_the_more_evidence_it_needs() -> None:
    assert doubter(0.38).judge(DARK_LEFT, sighting(glimpse("yunet", 0.5, side=40))) is not None
    assert doubter(0.38).judge(DARK_LEFT, sighting(glimpse("yunet", 0.5, side=30))) is None


def test_before_a_face_is_dropped_it_is_looked_at_in_the_mirror() -> None:
    assert doubter(0.5, only_mirrored=True).judge(DARK_LEFT, sighting(glimpse("yunet", 0.5))) is not None
    assert doubter(0.5, only_mirrored=True).judge(np.zeros_like(DARK_LEFT), sighting(glimpse("yunet", 0.5))) is None


def test_a_sure_face_is_not_looked_at_again() -> None:
    seen = sighting(glimpse("yunet", 0.9))
    assert doubter(0.0).judge(DARK_LEFT, seen) is seen


def test_a_face_that_two_detectors_hardly_see_is_found() -> None:
    fine: Any = Says("yunet", 0.32)
    broad: Any = Says("centerface", 0.2)
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    finder = Finder(fine=fine, broad=broad, doubter=doubter(0.4), threads=1)
    (found,) = finder.find(picture)
    assert found.scores == {"yunet": 0.32, "centerface": 0.2}
    alone: Any = Says("centerface", 0.0)
    assert Finder(fine=fine, broad=alone, doubter=doubter(0.4), threads=1).find(picture) == ()


@pytest.mark.parametrize(("score", "stays"), [(0.5, False), (0.56, True)])
def test_a_face_seen_only_lying_on_its_side_needs_more_evidence(score: float, stays: bool) -> None:
    lying = replace(glimpse("yunet", 0.7), turn=-90.0)
    dark = np.zeros_like(DARK_LEFT)
    assert (doubter(score).judge(dark, sighting(lying)) is not None) is stays
    assert doubter(score).judge(dark, sighting(lying, glimpse("yunet", 0.45))) is not None


class SeesLying:
    """Sees a face in the middle of a picture that is upright: of one that lies on its side."""

    name = "yunet"

    def __init__(self, score: float) -> None:
        self.score = score

    def find(self, pixels: Pixels) -> list[Glimpse]:
        height, width = pixels.shape[:2]
        face = Glimpse(detector="yunet", score=self.score, x=width / 2 - 30, y=height / 2 - 20, width=60, height=40)
        return [face] if height > 1.5 * width else []


@pytest.mark.parametrize(("score", "seen"), [(limits.LYING_FLOOR - 0.01, 0), (limits.LYING_FLOOR + 0.01, 1)])
def test_a_face_lying_on_its_side_is_seen_if_it_is_plain_enough(score: float, seen: int) -> None:
    fine: Any = SeesLying(score)
    broad: Any = Says("centerface", 0.0)
    found = Finder(fine=fine, broad=broad, threads=1).find(np.zeros((300, 600, 3), np.uint8))
    assert [round(s.best.height) for s in found] == [60] * seen
