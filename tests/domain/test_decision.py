"""The identity decision, row by row, and what must hold for any faces at all."""

from dataclasses import replace
from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postguard.domain.decision import Standing, decide
from postguard.domain.evidence import Candidate, Face, Glance, Outcome, Region
from postguard.domain.policy import CROWD, SMALLEST_CROWD, Thresholds

T = Thresholds(block=0.45, clear=0.55, stranger_clear=0.60, margin=0.05, verify=0.5, crowd=0.0)
STANDING = Standing(
    consented=frozenset({"A", "B", "ABSENT"}),
    clearing=frozenset({"A", "B"}),
    look_alikes=(("B", frozenset({"TWIN"})), ("TWIN", frozenset({"B"}))),
    strangers_without_template=False,
)
BARRED = ("NO", "TWIN")


def face(*candidates: tuple[str, float], height: int = 80, number: int = 1, **more: object) -> Face:
    return Face(
        part="a.jpg",
        number=number,
        region=Region(x=0, y=0, width=height, height=height),
        candidates=tuple(Candidate(person=p, score=s) for p, s in candidates),
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(("people", "needed"), [(1, 0.45), (20, 0.45), (200, 0.55), (2_000, 0.65)])
def test_the_more_people_may_clear_the_nearer_they_must_be(people: int, needed: float) -> None:
    everybody = frozenset(f"P{n}" for n in range(people))
    crowded = replace(T, clear=0.45 + 0.1 * log10(CROWD / SMALLEST_CROWD), crowd=0.1)
    standing = Standing(consented=everybody, clearing=everybody, strangers_without_template=False)
    for score, expected in ((needed - 0.001, Outcome.UNKNOWN), (needed + 0.001, Outcome.CLEARED)):
        (decision,) = decide([face(("P0", score))], standing, crowded)
        assert decision.outcome is expected


def outcome(one: Face, standing: Standing = STANDING) -> tuple[str, str | None]:
    (decision,) = decide([one], standing, T)
    return decision.outcome.value, decision.person


@pytest.mark.parametrize(
    ("row", "seen", "expected"),
    [
        ("1 below 10 px nobody could tell", face(("NO", 0.9), height=9), ("unidentifiable", None)),
        ("1 at 10 px somebody could", face(("NO", 0.9), height=10), ("unconsented", "NO")),
        ("2 a flaw comes before any likeness", face(("A", 0.9), flaws=("blurred",)), ("unclear", None)),
        ("3 both near", face(("NO", 0.70), ("A", 0.66)), ("ambiguous", "NO")),
        ("3 both near, the consented one ahead", face(("A", 0.70), ("NO", 0.66)), ("ambiguous", "NO")),
        ("4 the nearest is barred", face(("NO", 0.70), ("A", 0.50)), ("unconsented", "NO")),
        ("4 alone and just within blocking", face(("NO", 0.45)), ("unconsented", "NO")),
        ("5 barred, but beyond blocking", face(("NO", 0.44)), ("unknown", None)),
        ("5 nobody", face(), ("unknown", None)),
        ("5 not near enough to clear", face(("A", 0.549)), ("unknown", None)),
        ("5 consented but not there", face(("ABSENT", 0.99)), ("unknown", None)),
        ("5 one who was not there ahead of one barred", face(("ABSENT", 0.9), ("NO", 0.6)), ("unknown", None)),
        ("6 a barred one within the margin", face(("A", 0.56), ("NO", 0.52)), ("ambiguous", "NO")),
        ("6 below the blocking threshold too", face(("A", 0.485), ("NO", 0.44)), ("unknown", None)),
        ("6 look-alike of the nearest", face(("B", 0.9)), ("ambiguous", "TWIN")),
        ("6 look-alike of one as near", face(("A", 0.9), ("B", 0.87)), ("ambiguous", "TWIN")),
        ("8 cleared", face(("A", 0.9), ("NO", 0.5)), ("cleared", "A")),
        ("8 a runner-up with a twin, well behind", face(("A", 0.9), ("B", 0.6)), ("cleared", "A")),
    ],
)
def test_rows(row: str, seen: Face, expected: tuple[str, str | None]) -> None:
    assert outcome(seen) == expected, row


def test_6_below_blocking_but_within_the_margin() -> None:
    loose = replace(T, block=0.55, clear=0.50)
    (decision,) = decide([face(("A", 0.52), ("NO", 0.49))], STANDING, loose)
    assert decision.outcome is Outcome.AMBIGUOUS


@pytest.mark.parametrize(("barred", "expected"), [(0.5, Outcome.AMBIGUOUS), (0.4999, Outcome.CLEARED)])
def test_6_the_margin_itself_is_within_it(barred: float, expected: Outcome) -> None:
    wide = Thresholds(block=0.7, clear=0.7, stranger_clear=0.7, margin=0.25, verify=0.5, crowd=0.0)
    (decision,) = decide([face(("A", 0.75), ("NO", barred))], STANDING, wide)
    assert decision.outcome is expected


def test_7_two_faces_claim_one_person() -> None:
    decisions = decide([face(("A", 0.9)), face(("A", 0.7), number=2)], STANDING, T)
    assert [d.outcome for d in decisions] == [Outcome.AMBIGUOUS, Outcome.AMBIGUOUS]


def test_7_the_same_person_in_two_pictures_is_no_claim() -> None:
    decisions = decide([face(("A", 0.9)), replace(face(("A", 0.7)), part="b.jpg")], STANDING, T)
    assert [d.outcome for d in decisions] == [Outcome.CLEARED, Outcome.CLEARED]


@pytest.mark.parametrize(("looks", "expected"), [((0.4, 0.6), Outcome.AMBIGUOUS), ((0.8, 1.0), Outcome.CLEARED)])
def test_7_two_faces_of_a_clip_that_are_in_view_together_claim_one_person(
    looks: tuple[float, ...], expected: Outcome
) -> None:
    def seen(number: int, *times: float) -> Face:
        box = Region(x=0, y=0, width=80, height=80)
        path = tuple(Glance(since=at, at=at, until=at, region=box) for at in times)
        return replace(face(("A", 0.9), number=number), part=f"a.mp4@{times[0]:g}", path=path)

    decisions = decide([seen(1, 0.0, 0.2, 0.4), seen(2, *looks)], STANDING, T)
    assert [d.outcome for d in decisions] == [expected, expected]


def test_without_templates_of_all_the_barred_strangers_need_more() -> None:
    strict = replace(STANDING, strangers_without_template=True)
    assert outcome(face(("A", 0.58))) == ("cleared", "A")
    assert outcome(face(("A", 0.58)), strict) == ("unknown", None)
    assert outcome(face(("A", 0.60)), strict) == ("cleared", "A")


def test_nobody_without_consent_can_be_told_to_clear() -> None:
    with pytest.raises(ValueError, match="only consented"):
        Standing(consented=frozenset({"A"}), clearing=frozenset({"A", "NO"}))


people = st.sampled_from(["A", "B", "ABSENT", *BARRED])
candidates = st.lists(st.tuples(people, st.floats(0, 1)), max_size=5, unique_by=lambda c: c[0])
faces = st.lists(
    st.builds(
        lambda found, height, part, flaws: replace(face(*found, height=height, flaws=flaws), part=part),
        candidates,
        st.integers(1, 200),
        st.sampled_from(["a.jpg", "b.jpg"]),
        st.sampled_from([(), (), ("blurred",)]),
    ),
    max_size=6,
)


def passes(seen: list[Face]) -> bool:
    return not any(d.outcome.stops for d in decide(seen, STANDING, T))


@given(faces, faces)
def test_seeing_more_faces_never_clears_a_draft(seen: list[Face], more: list[Face]) -> None:
    if passes(seen + more):
        assert passes(seen)


@given(faces, st.sampled_from(BARRED), st.floats(0, 1))
def test_one_more_barred_candidate_never_clears_a_face(seen: list[Face], who: str, score: float) -> None:
    for one in seen:
        if any(c.person == who for c in one.candidates):
            continue
        nearer = replace(one, candidates=(*one.candidates, Candidate(person=who, score=score)))
        if outcome(nearer)[0] == "cleared":
            assert outcome(one)[0] == "cleared"


@given(faces, st.randoms())
def test_order_never_matters(seen: list[Face], chance: object) -> None:
    shuffled = list(enumerate(seen))
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    plain = decide(seen, STANDING, T)
    for (index, _), decision in zip(shuffled, decide([f for _, f in shuffled], STANDING, T), strict=True):
        assert decision.outcome is plain[index].outcome


@given(faces)
def test_whoever_is_cleared_may_appear(seen: list[Face]) -> None:
    for decision in decide(seen, STANDING, T):
        if decision.outcome is Outcome.CLEARED:
            assert decision.person in STANDING.clearing
