"""Sights that seem to be one person are told of together; whoever may be somebody else is not."""

import numpy as np
import pytest

from postguard.domain.evidence import Glance, Region
from postguard.seeing import limits
from postguard.seeing.figures import figures
from postguard.seeing.tracks import Tracks
from postguard.seeing.types import SeenFace

BLURRED = ("blurred",)


def sight(
    *looks: float, x: int = 100, height: int = 60, likeness: float = 1.0, flaws: tuple[str, ...] = (), by: str = "sface"
) -> SeenFace:
    """A face followed at these seconds; its template has this cosine to that of `likeness=1.0`."""
    region = Region(x=x, y=10, width=50, height=height)
    path = tuple(Glance(at=at, since=at - 0.2, until=at + 0.2, region=region) for at in looks)
    template = np.array([likeness, np.sqrt(1 - likeness**2)], np.float32)
    return SeenFace(region=region, detections=(), path=path, flaws=flaws, templates={by: template})


def test_sights_alike_are_one_person_wherever_and_whenever() -> None:
    assert figures([sight(0.0, 0.2), sight(0.6, x=500, likeness=0.7), sight(9.0, height=200)]) == [1, 1, 1]


@pytest.mark.parametrize(("likeness", "numbers"), [(limits.FIGURE_LIKENESS + 0.01, [1, 1]), (0.59, [1, 2])])
def test_plain_faces_that_are_not_alike_are_two_people(likeness: float, numbers: list[int]) -> None:
    assert figures([sight(0.0), sight(0.4, likeness=likeness)]) == numbers


def test_two_in_view_together_are_two_however_alike() -> None:
    assert figures([sight(0.0, 0.2), sight(0.2, 0.4, x=300), sight(0.6, x=300)]) in ([1, 2, 1], [1, 2, 2])


def test_a_face_is_put_to_whom_it_is_most_like() -> None:
    assert figures([sight(0.0), sight(0.0, x=300, likeness=0.0), sight(0.4, likeness=0.65)]) == [1, 2, 2]


def test_dlib_s_templates_are_too_near_each_other_to_tell_by() -> None:
    assert figures([sight(0.0, by="dlib"), sight(0.4, by="dlib")]) == [1, 2]


def test_a_blurred_face_is_whom_it_follows() -> None:
    assert figures([sight(0.0, 0.2), sight(0.4, x=200, likeness=0.1, flaws=BLURRED)]) == [1, 1]
    assert figures([sight(0.4, likeness=0.1), sight(0.0, 0.2, flaws=BLURRED)]) == [1, 1]


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(sight(1.4, likeness=0.1, flaws=BLURRED), id="gone for more than a second"),
        pytest.param(sight(0.4, x=300, likeness=0.1, flaws=BLURRED), id="too far away"),
        pytest.param(sight(0.4, height=130, likeness=0.1, flaws=BLURRED), id="twice as large"),
    ],
)
def test_a_blurred_face_elsewhere_is_somebody_else(later: SeenFace) -> None:
    assert figures([sight(0.0, 0.2), later]) == [1, 2]


def test_two_blurred_children_who_run_past_each_other_stay_two() -> None:
    before = [sight(0.0, likeness=1.0), sight(0.0, x=220, likeness=-1.0)]
    after = [sight(0.4, x=200, likeness=0.1, flaws=BLURRED), sight(0.4, x=120, likeness=0.1, flaws=BLURRED)]
    assert figures(before + after) == [1, 2, 2, 1]


def test_a_clip_numbers_its_people_by_when_they_first_appear() -> None:
    tracks = Tracks()
    for at, x, likeness in ((0.0, 500, 0.0), (0.2, 10, 1.0), (0.4, 900, -1.0), (2.0, 900, -1.0)):
        tracks.add(at, [sight(x=x, likeness=likeness)], lambda face: face, until=at + 0.2)
    faces = [face for frame in tracks.frames("a.mp4") for face in frame.faces]
    assert [face.figure for face in faces] == [1, 2, 3, 3]
