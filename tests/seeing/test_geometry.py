"""Turning, cutting and merging never move or lose a face."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postguard.seeing.detectors import Glimpse, cut_by_tile, tiles
from postguard.seeing.finder import close_up
from postguard.seeing.geometry import apply, merged, overlap, same_face, turned, turned_back, without_parts


def glimpse(
    x: float, y: float, size: float, *, detector: str = "yunet", score: float = 0.9, turn: float = 0
) -> Glimpse:
    return Glimpse(detector=detector, score=score, x=x, y=y, width=size, height=size * 1.25, turn=turn)


@settings(deadline=None)
@given(
    degrees=st.floats(-180, 180),
    x=st.integers(0, 299),
    y=st.integers(0, 199),
)
def test_a_point_on_the_turned_canvas_leads_back_to_where_it_was(degrees: float, x: int, y: int) -> None:
    picture = np.zeros((200, 300, 3), np.uint8)
    canvas, back = turned(picture, degrees)
    there = np.linalg.inv(np.vstack([back, [0, 0, 1]]))[:2]
    on_canvas = apply(there, np.array([[x, y]], float))[0]
    assert -1 <= on_canvas[0] <= canvas.shape[1] and -1 <= on_canvas[1] <= canvas.shape[0]
    assert np.allclose(apply(back, on_canvas[None])[0], [x, y], atol=1e-6)


@pytest.mark.parametrize("degrees", [-30.0, 30.0, 90.0])
def test_what_is_drawn_is_found_where_it_was_drawn(degrees: float) -> None:
    picture = np.zeros((200, 300, 3), np.uint8)
    picture[40:60, 220:236] = 255
    canvas, back = turned(picture, degrees)
    rows, columns = np.nonzero(canvas[..., 0] > 128)
    seen = Glimpse(detector="yunet", score=1.0, x=columns.mean() - 8, y=rows.mean() - 10, width=16, height=20)
    found = turned_back(seen, back, degrees)
    assert math.dist(found.centre, (227.5, 49.5)) < 1.5
    assert 14 <= found.width <= 22 and 14 <= found.height <= 22


@pytest.mark.parametrize("size", [20, 64, 200, 500])
@pytest.mark.parametrize("turn", [0.0, 30.0])
def test_a_close_up_has_the_face_in_its_middle_and_leads_back(size: int, turn: float) -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 255, (700, 900, 3), dtype=np.uint8)
    face = glimpse(300, 100, size / 1.25, turn=turn)
    crop, back = close_up(picture, face)
    assert crop.shape == (256, 256, 3)
    assert np.allclose(apply(back, np.array([[128.0, 128.0]]))[0], face.centre, atol=1.0)
    middle = Glimpse(detector="yunet", score=1.0, x=96, y=96, width=64 / 1.25, height=64)
    assert turned_back(middle, back, 0.0).height == pytest.approx(size, rel=0.02)


def test_two_children_cheek_to_cheek_stay_two() -> None:
    assert not same_face(glimpse(100, 100, 80), glimpse(150, 105, 80))
    assert len(merged([glimpse(100, 100, 80), glimpse(150, 105, 80)])) == 2


def test_a_small_face_before_a_large_one_stays() -> None:
    small = [glimpse(140, 150, 30), glimpse(141, 150, 30, detector="centerface", score=0.8)]
    large = [glimpse(100, 100, 120), glimpse(100, 101, 120, detector="centerface", score=0.8)]
    assert len(without_parts(merged(small + large))) == 2


def test_one_face_seen_by_three_detectors_is_one_and_remembers_each_ones_best() -> None:
    seen = [
        glimpse(100, 100, 80),
        glimpse(102, 98, 84, detector="centerface", score=0.7),
        glimpse(98, 110, 90, detector="hog", score=0.6),
        glimpse(101, 101, 80, score=0.5),
    ]
    (face,) = merged(seen)
    assert face.scores == {"yunet": 0.9, "centerface": 0.7, "hog": 0.6}


def test_what_one_detector_makes_of_two_neighbours_is_left_out() -> None:
    pair = [glimpse(x, 100, 40, detector=d, score=0.9) for x in (100, 150) for d in ("yunet", "centerface")]
    spanning = glimpse(95, 90, 90, score=0.6, turn=30)
    assert len(without_parts(merged([*pair, spanning]))) == 2


@settings(deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_glimpses_never_matters(order: list[int]) -> None:
    seen = [glimpse(100 + 7 * i, 100 + 3 * i, 60 + 5 * i, score=0.5 + 0.05 * (i % 3)) for i in range(6)]
    expected = {(s.best.x, len(s.glimpses)) for s in merged(seen)}
    assert {(s.best.x, len(s.glimpses)) for s in merged([seen[i] for i in order])} == expected


@settings(deadline=None)
@given(
    width=st.integers(1, 6000),
    height=st.integers(1, 6000),
    size=st.sampled_from([(896, 672), (2304, 2304), (256, 256)]),
    x=st.floats(0, 1),
    y=st.floats(0, 1),
)
def test_tiles_cover_the_picture_and_show_every_small_face_whole(
    width: int, height: int, size: tuple[int, int], x: float, y: float
) -> None:
    face = 90.0
    left, top = x * max(0.0, width - face), y * max(0.0, height - face)
    whole = False
    for tx, ty, tw, th in tiles(width, height, size, 128):
        assert tx >= 0 and ty >= 0 and tx + tw <= width and ty + th <= height
        assert tw <= size[0] and th <= size[1]
        in_tile = Glimpse(detector="x", score=1, x=left - tx, y=top - ty, width=face, height=face)
        inside = in_tile.x >= 0 and in_tile.y >= 0 and in_tile.x + face <= tw and in_tile.y + face <= th
        whole = whole or (inside and not cut_by_tile(in_tile, tx, ty, tw, th, width, height))
    assert whole or min(width, height) < face


def test_overlap_is_of_areas() -> None:
    a, b = glimpse(0, 0, 80), glimpse(40, 0, 80)
    assert overlap(a, b) == pytest.approx(1 / 3)
    assert overlap(a, glimpse(500, 0, 80)) == 0
