"""One score from two encoders: what must hold whatever the numbers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postguard.domain.policy import Thresholds
from postguard.matching.scores import SCALES, fuse

cosines = st.floats(-1.0, 1.0, allow_nan=False)
galleries = st.integers(1, 30).flatmap(
    lambda people: st.fixed_dictionaries({name: st.lists(cosines, min_size=people, max_size=people) for name in SCALES})
)


def scores(**similarities: list[float]) -> np.ndarray:
    return fuse({name: np.array(values) for name, values in similarities.items()})


def of_strangers(encoder: str, people: int, seed: int = 0) -> np.ndarray:
    scale = SCALES[encoder]
    return np.random.default_rng(seed).normal(scale.mean, scale.deviation, people)


@given(galleries)
def test_a_score_is_from_0_to_1(similarities: dict[str, list[float]]) -> None:
    found = scores(**similarities)
    assert found.shape == (len(similarities["dlib"]),)
    assert np.all((found >= 0.0) & (found <= 1.0))


@given(galleries, st.data())
def test_nearer_is_never_scored_lower(similarities: dict[str, list[float]], data: st.DataObject) -> None:
    before = scores(**similarities)
    who = data.draw(st.integers(0, len(before) - 1))
    nearer = {
        name: [v if i != who else data.draw(st.floats(v, 1.0)) for i, v in enumerate(values)]
        for name, values in similarities.items()
    }
    assert scores(**nearer)[who] >= before[who] - 1e-9


@given(galleries, st.randoms())
def test_the_order_of_people_does_not_matter(similarities: dict[str, list[float]], random: object) -> None:
    order = list(range(len(similarities["dlib"])))
    random.shuffle(order)  # type: ignore[attr-defined]
    turned = scores(**{name: [values[i] for i in order] for name, values in similarities.items()})
    np.testing.assert_allclose(turned, scores(**similarities)[order], atol=1e-9)


@pytest.mark.parametrize("sure", sorted(SCALES))
@pytest.mark.parametrize("people", [1, 5, 60, 1000])
def test_one_encoder_alone_can_never_clear(sure: str, people: int) -> None:
    similarities = {name: of_strangers(name, people) for name in SCALES}
    similarities[sure][0] = 1.0  # this encoder is as sure as can be; the other sees any two children
    for name in SCALES:
        if name != sure:
            similarities[name][0] = SCALES[name].mean
    assert fuse(similarities)[0] < Thresholds().clear


@pytest.mark.parametrize("people", [1, 5, 60, 1000])
def test_both_encoders_together_can(people: int) -> None:
    similarities = {name: of_strangers(name, people) for name in SCALES}
    for name, scale in SCALES.items():
        similarities[name][0] = scale.mean + 3.5 * scale.deviation
    assert fuse(similarities)[0] > Thresholds().stranger_clear


@pytest.mark.parametrize("people", [1, 60])
@pytest.mark.parametrize("name", sorted(SCALES))
def test_with_one_encoder_missing_more_is_asked(people: int, name: str) -> None:
    similarities = of_strangers(name, people)
    similarities[0] = SCALES[name].mean + 3.0 * SCALES[name].deviation
    alone = fuse({name: similarities})[0]
    agreeing = fuse(
        {
            other: scale.mean + (similarities - SCALES[name].mean) / SCALES[name].deviation * scale.deviation
            for other, scale in SCALES.items()
        }
    )[0]
    assert alone < agreeing


def test_a_school_whose_children_are_alike_needs_more_likeness() -> None:
    apart = {name: of_strangers(name, 200) for name in SCALES}
    alike = {name: values + SCALES[name].deviation for name, values in apart.items()}
    for name, scale in SCALES.items():
        apart[name][0] = alike[name][0] = scale.mean + 3.5 * scale.deviation
    assert fuse(alike)[0] < fuse(apart)[0] - 0.1


def test_a_gallery_that_happens_to_be_narrow_makes_no_likeness_of_little() -> None:
    equally_unlike = {name: np.full(100, scale.mean) for name, scale in SCALES.items()}
    for name, scale in SCALES.items():
        equally_unlike[name][0] += 1.5 * scale.deviation
    assert fuse(equally_unlike)[0] <= 1.5 / 5 + 0.02


def test_a_face_that_no_encoder_compared_is_not_nobody() -> None:
    with pytest.raises(ValueError, match="no encoder"):
        fuse({})
