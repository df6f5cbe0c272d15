"""Whom a face is near to, on templates made for the purpose: nobody's."""

import numpy as np
import pytest

from postguard.matching.gallery import Enrolled, Gallery
from postguard.matching.scores import SCALES
from postguard.seeing.types import Templates

SIZE = 128


def direction(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).normal(size=SIZE)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def templates(person: int, noise: int | None = None, *, common: float = 0.9) -> Templates:
    """Templates as the encoders' are: much in common with everybody's (dlib's), the rest the person's own."""
    made = {}
    for offset, name in enumerate(sorted(SCALES)):
        share = common if name == "dlib" else 0.2
        own = direction(1000 * offset + person)
        if noise is not None:
            own = own + 0.5 * direction(100_000 * (offset + 1) + noise)
        vector = share**0.5 * direction(7 + offset) + (1 - share) ** 0.5 * own / np.linalg.norm(own)
        made[name] = (vector / np.linalg.norm(vector)).astype(np.float32)
    return made


def enrolled(people: int, photos: int = 3) -> list[Enrolled]:
    return [
        Enrolled(person=f"P{who:03}", templates=templates(who, 10 * who + photo), photo=f"{who}-{photo}")
        for who in range(people)
        for photo in range(photos)
    ]


def test_the_nearest_is_first_and_only_those_above_the_floor() -> None:
    gallery = Gallery(enrolled(40))
    everybody = gallery.search(templates(7, 999_999), 0.0)
    assert everybody[0].person == "P007"
    assert len(everybody) == 40
    assert [c.score for c in everybody] == sorted((c.score for c in everybody), reverse=True)
    floor = everybody[2].score
    assert gallery.search(templates(7, 999_999), floor) == everybody[:3]


def test_a_stranger_is_near_to_nobody() -> None:
    gallery = Gallery(enrolled(40))
    assert gallery.search(templates(7, 999_999), 0.4)
    assert not gallery.search(templates(500), 0.4)


def test_photos_of_one_person_in_two_folders_make_the_two_alike() -> None:
    misfiled = [Enrolled(person="P900", templates=templates(7, 500 + n), photo=f"wrong-{n}") for n in range(3)]
    gallery = Gallery([*enrolled(40), *misfiled])
    assert gallery.alike("P900") == {"P007"}
    assert gallery.alike("P007") == {"P900"}
    assert gallery.alike("P008") == frozenset()
    assert gallery.alike("somebody without photos") == frozenset()


def test_one_odd_photo_makes_nobody_alike() -> None:
    """Most of the photos must say so: one that lies wrong is refused at enrolment."""
    odd = [Enrolled(person="P900", templates=templates(7 if n == 0 else 800, 500 + n), photo=f"{n}") for n in range(3)]
    assert Gallery([*enrolled(40), *odd]).alike("P900") == frozenset()


def test_who_is_enrolled_alone_is_like_nobody() -> None:
    assert Gallery(enrolled(1)).alike("P000") == frozenset()


def test_nobody_is_enrolled() -> None:
    assert Gallery(()).search(templates(1), 0.0) == ()
    assert Gallery(()).people == ()


def test_the_order_of_references_does_not_matter() -> None:
    references = enrolled(10)
    assert Gallery(references).search(templates(3), 0.0) == Gallery(references[::-1]).search(templates(3), 0.0)


def test_one_good_reference_among_others_counts() -> None:
    mixed = [*enrolled(10), *(Enrolled(person="P003", templates=templates(77, number)) for number in range(3))]
    for who in (3, 77):
        assert Gallery(mixed).search(templates(who, 5), 0.0)[0].person == "P003"


def test_more_references_do_not_bring_strangers_nearer() -> None:
    stranger = templates(500)
    few, many = (
        Gallery([*enrolled(40), *(Enrolled(person="X", templates=templates(600, n)) for n in range(count))])
        for count in (1, 12)
    )
    scores = [next(c.score for c in g.search(stranger, 0.0) if c.person == "X") for g in (few, many)]
    assert scores[1] < scores[0] + 0.1


def test_a_missing_encoder_is_said_and_asks_for_more() -> None:
    only = [Enrolled(person=r.person, templates={"dlib": r.templates["dlib"]}, photo=r.photo) for r in enrolled(40)]
    both, alone = Gallery(enrolled(40)), Gallery(only)
    probe = templates(7, 999_999)
    assert both.remarks == ()
    assert "one encoder" in alone.remarks[0]
    assert alone.search(probe, 0.0)[0].score < both.search(probe, 0.0)[0].score
    # A face that only one of the gallery's encoders has seen is held to the same.
    assert both.search({"dlib": probe["dlib"]}, 0.0)[0].score == pytest.approx(alone.search(probe, 0.0)[0].score)


@pytest.mark.parametrize("wrong", [{}, {"other": direction(1)}])
def test_a_face_that_cannot_be_compared_is_not_nobody(wrong: Templates) -> None:
    with pytest.raises(ValueError, match="no encoder"):
        Gallery(enrolled(3)).search(wrong, 0.0)


@pytest.mark.parametrize("scale", [0.5, 2.0, np.nan])
def test_what_is_no_template_is_refused(scale: float) -> None:
    bad = {name: template * np.float32(scale) for name, template in templates(1).items()}
    with pytest.raises(ValueError, match="length 1"):
        Gallery(enrolled(3)).search(bad, 0.0)
    with pytest.raises(ValueError, match="length 1"):
        Gallery([Enrolled(person="P001", templates=bad)])


def test_leaving_one_photo_out_forgets_that_photo_only() -> None:
    references = enrolled(4, photos=2)
    for left_out, candidates in Gallery(references).leave_out():
        rest = Gallery([r for r in references if r.photo != left_out.photo])
        expected = rest.search(left_out.templates, 0.0)
        assert [c.person for c in candidates] == [c.person for c in expected]
        assert [c.score for c in candidates] == pytest.approx([c.score for c in expected], abs=1e-6)


def test_leaving_a_person_out_makes_strangers_of_their_photos() -> None:
    references = enrolled(4, photos=2)
    for left_out, candidates in Gallery(references).leave_out(person=True):
        rest = Gallery([r for r in references if r.person != left_out.person])
        assert [c.person for c in candidates] == [c.person for c in rest.search(left_out.templates, 0.0)]
        assert left_out.person not in {c.person for c in candidates}


def test_leaving_out_the_only_photo_leaves_the_others() -> None:
    references = [Enrolled(person=p, templates=templates(i), photo=p) for i, p in enumerate(["A", "B"])]
    found = {
        left_out.person: [c.person for c in candidates] for left_out, candidates in Gallery(references).leave_out()
    }
    assert found == {"A": ["B"], "B": ["A"]}
    assert [candidates for _, candidates in Gallery(references[:1]).leave_out()] == [()]
