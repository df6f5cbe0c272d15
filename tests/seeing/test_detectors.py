"""What a network says is taken with care."""

from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from postguard.seeing.detectors import Glimpse, Look, Nets, sound, tiled
from postguard.seeing.finder import Finder
from postguard.seeing.types import Pixels

MARKS = np.array([[110, 120], [130, 120], [120, 130], [112, 140], [128, 140]], np.float32)
FACE = Glimpse(detector="yunet", score=0.9, x=100, y=100, width=40, height=50, landmarks=MARKS)


def test_a_sound_glimpse_is_kept_as_it_is() -> None:
    (seen,) = sound([FACE], 640, 480)
    assert (seen.x, seen.score) == (FACE.x, FACE.score) and seen.landmarks is MARKS


@pytest.mark.parametrize("odd", [{"width": np.inf}, {"x": np.nan}, {"height": 0.0}, {"width": 5000.0}])
def test_boxes_without_end_or_size_are_dropped(odd: dict[str, float]) -> None:
    assert sound([replace(FACE, **odd)], 640, 480) == []


@pytest.mark.parametrize("spoil", [np.inf, np.nan, -900.0])
def test_a_face_with_impossible_landmarks_stays_a_face_without_them(spoil: float) -> None:
    marks = MARKS.copy()
    marks[3, 1] = spoil
    (seen,) = sound([replace(FACE, landmarks=marks)], 640, 480)
    assert seen.landmarks is None


def test_eyes_in_one_place_are_no_landmarks() -> None:
    (seen,) = sound([replace(FACE, landmarks=np.full((5, 2), 120, np.float32))], 640, 480)
    assert seen.landmarks is None


def counted(sizes: int = 2) -> Nets:
    number = count()
    return Nets(lambda size: (size, next(number)), sizes=sizes)


def test_a_network_at_work_is_given_to_nobody_else() -> None:
    nets = counted()
    with nets.of((8, 8)) as one, nets.of((8, 8)) as other:
        assert one != other
    with nets.of((8, 8)) as again, nets.of((8, 8)) as and_again:
        assert {again, and_again} == {one, other}


def test_a_network_is_used_for_one_size_of_picture_only() -> None:
    nets = counted()
    with nets.of((8, 8)) as one:
        pass
    with nets.of((9, 8)) as other:
        assert other != one and other[0] == (9, 8)


def test_only_networks_for_the_sizes_last_asked_for_are_kept() -> None:
    nets = counted(sizes=2)
    made = []
    for side in (1, 2, 1, 3, 1, 2):
        with nets.of((side, side)) as net:
            made.append(net)
    assert made[0] == made[2] == made[4], "1 was never two sizes ago"
    assert made[5] != made[1], "2 made way for 3"


def test_large_networks_are_not_kept() -> None:
    nets = counted()
    with nets.of((2000, 2000)) as one:
        pass
    with nets.of((2000, 2000)) as other:
        assert other != one


def test_a_network_that_failed_is_asked_nothing_more() -> None:
    nets = counted()
    with pytest.raises(ZeroDivisionError), nets.of((8, 8)) as one:
        _ = 1 // 0
    with nets.of((8, 8)) as other:
        assert other != one


def test_resting_networks_give_their_memory_back_even_where_one_is_still_at_work() -> None:
    nets = counted()
    with nets.of((8, 8)) as one:
        nets.rest()
    with nets.of((8, 8)) as other:
        assert other != one


def test_a_look_at_each_tile_together_covers_the_picture_and_gives_its_own_pixels() -> None:
    picture = np.zeros((300, 500, 3), np.uint8)

    def whole(pixels: Pixels) -> list[Glimpse]:
        return [
            replace(FACE, x=0.0, y=0.0, width=float(pixels.shape[1]), height=float(pixels.shape[0]), landmarks=None)
        ]

    seen = [glimpse for look in tiled(whole, picture, (256, 256)) for glimpse in look()]
    covered = np.zeros((300, 500), bool)
    for glimpse in seen:
        x, y = round(glimpse.x), round(glimpse.y)
        covered[y : y + round(glimpse.height), x : x + round(glimpse.width)] = True
    assert covered.all() and len(seen) == 6


class Sees:
    """Sees one face in the middle of whatever it is given."""

    name = "yunet"

    def find(self, pixels: Pixels) -> list[Glimpse]:
        height, width = pixels.shape[:2]
        return [replace(FACE, x=width / 2 - 10, y=height / 2 - 10, width=20.0, height=20.0, landmarks=None)]

    def looks(self, pixels: Pixels) -> list[Look]:
        return tiled(self.find, pixels, (640, 512))


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize(
    ("width", "height", "looks", "of_the_middle"),
    [(2000, 1500, 9 + 2 + 4 + 9 + 1 + 2, 1 + 2 + 4 + 1 + 1 + 2), (600, 400, 1 + 2 + 4 + 1, 1 + 2 + 4 + 1)],
)
def test_what_every_look_at_a_picture_finds_is_taken_and_lies_where_it_is(
    width: int, height: int, looks: int, of_the_middle: int, threads: int
) -> None:
    """CenterFace's tiles, YuNet and a voter on the reduced picture, four turns, tiles of the full size where it is
    larger, one narrowed, and both networks on a small one where it is larger."""
    finder = Finder(fine=Sees(), broad=Sees(), voters=(Sees(),), threads=threads)  # type: ignore[arg-type]
    glimpses = finder._glimpses(np.zeros((height, width, 3), np.uint8))
    assert len(glimpses) == looks
    middle = [g for g in glimpses if abs(g.centre[0] - width / 2) < 2 and abs(g.centre[1] - height / 2) < 2]
    assert len(middle) == of_the_middle
