"""Calibration: shares with their uncertainty, proposals that are never looser, pairs that look alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postguard.domain.policy import Thresholds
from postguard.matching.calibration import Share, calibrate, propose
from postguard.matching.gallery import Enrolled, Gallery
from postguard.matching.scores import SCALES

T = Thresholds()


def direction(*seed: int) -> np.ndarray:
    vector = np.random.default_rng(list(seed)).normal(size=128)
    return vector / np.linalg.norm(vector)


def gallery(people: int, photos: int = 3, *, alike: tuple[int, int] | None = None) -> Gallery:
    """People apart from each other; `alike`: the second is made after the first."""

    def photo(who: int, number: int) -> Enrolled:
        templates = {}
        for encoder, name in enumerate(sorted(SCALES)):
            own = direction(encoder, alike[0] if alike and who == alike[1] else who)
            own = own + 0.4 * direction(encoder, 1000 + 10 * who + number)
            share = 0.87 if name == "dlib" else 0.2
            vector = share**0.5 * direction(9_999, encoder) + (1 - share) ** 0.5 * own / np.linalg.norm(own)
            templates[name] = (vector / np.linalg.norm(vector)).astype(np.float32)
        return Enrolled(person=f"P{who:02}", templates=templates, photo=f"{who}-{number}")

    return Gallery(photo(who, number) for who in range(people) for number in range(photos))


def test_people_apart_are_told_apart() -> None:
    result = calibrate(gallery(20), T, 0.05)
    assert result.people == 20
    assert (len(result.same), len(result.different), len(result.strangers)) == (60, 60, 60)
    assert (result.refused_cleared.hits, result.strangers_cleared.hits, result.consented_stopped.hits) == (0, 0, 0)
    assert result.pairs == ()
    assert result.proposed == T
    assert min(result.same) > max(result.different)


def test_look_alikes_are_found_and_are_no_reason_to_stop_everybody() -> None:
    result = calibrate(gallery(20, alike=(3, 7)), T, 0.01)
    assert [(pair.one, pair.other) for pair in result.pairs] == [("P03", "P07")]
    assert result.strangers_cleared.hits == 6
    assert result.proposed == T


def test_strangers_who_clear_raise_the_thresholds() -> None:
    strangers = [0.2] * 95 + [0.61, 0.62, 0.63, 0.64, 0.65]
    assert propose(strangers, T, 0.6, 0.05) == T
    proposed = propose(strangers, T, 0.6, 0.02)
    assert proposed.clear == pytest.approx(T.clear + 0.04)
    assert proposed.stranger_clear == pytest.approx(T.stranger_clear + 0.04)


def test_one_photo_each_measures_strangers_only() -> None:
    result = calibrate(gallery(20, photos=1), T, 0.05)
    assert (result.same, result.consented_stopped.of, result.refused_cleared.of) == ((), 0, 0)
    assert len(result.strangers) == 20


@pytest.mark.parametrize(("photos", "proven"), [(299, False), (300, True)])
def test_few_photos_prove_little(photos: int, proven: bool) -> None:
    assert (Share(hits=0, of=photos).high <= 0.01) is proven


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 120, 0.0, 0.025), (0, 0, 0.0, 1.0), (1, 100, 0.0018, 0.0545), (50, 100, 0.4038, 0.5962), (3, 3, 0.4385, 1.0)],
)
def test_shares_carry_their_uncertainty(hits: int, of: int, low: float, high: float) -> None:
    """Wilson's interval: values from the formula as published (Wilson 1927), worked by hand; of none, 3/n."""
    share = Share(hits=hits, of=of)
    assert share.low == pytest.approx(low, abs=5e-4)
    assert share.high == pytest.approx(high, abs=5e-4)


@given(st.lists(st.floats(0, 1), max_size=60), st.floats(0.001, 0.3))
def test_a_proposal_is_never_looser_and_keeps_to_the_target(strangers: list[float], target: float) -> None:
    needed = T.clear
    proposed = propose(strangers, T, needed, target)
    assert proposed.clear >= T.clear
    assert proposed.stranger_clear >= T.stranger_clear
    if proposed.clear < 1.0:
        at_it = sum(score >= proposed.clear for score in strangers)
        assert at_it <= target * len(strangers)
