"""What a network says is taken with care."""

from dataclasses import replace

import numpy as np
import pytest

from postguard.seeing.detectors import Glimpse, sound

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
