"""The poster's word: what it may do to a decision, and above all what it may not."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postguard.domain.answers import (
    NOT_A_FACE,
    Confirmation,
    Confirmations,
    Copied,
    Mark,
    NotOurPupil,
    Place,
    carried_over,
    place_of_finding,
)
from postguard.domain.confirming import BY_HAND, honour_confirmations, honour_names, verify_claim, verify_not_a_face
from postguard.domain.decision import Standing, decide
from postguard.domain.drafts import Draft
from postguard.domain.evidence import Candidate, Detection, Evidence, Face, Outcome, Passage, Region
from postguard.domain.people import Person, Roster
from postguard.domain.policy import Thresholds
from postguard.domain.rules import Finding, Severity

SHA = "a" * 64
SHAS = {"IMG_1.jpg": SHA}
BOX = Region(x=100, y=100, width=60, height=80)
ROSTER = Roster(school="Test", people=tuple(Person(id=f"P0{i}", name=f"Pupil {i}") for i in range(1, 7)))
STANDING = Standing(consented=frozenset({"P01", "P03", "P05"}), clearing=frozenset({"P01", "P03"}))
THRESHOLDS = Thresholds(block=0.45, clear=0.55, stranger_clear=0.60, margin=0.05, verify=0.50, crowd=0.0)


def face(*, part="IMG_1.jpg", number=1, region=BOX, flaws=(), detections=(), **scores: float) -> Face:
    candidates = tuple(Candidate(person=who, score=s) for who, s in sorted(scores.items(), key=lambda i: -i[1]))
    return Face(part=part, number=number, region=region, flaws=flaws, detections=detections, candidates=candidates)


def weak(score: float = 0.45) -> tuple[Detection, ...]:
    return (Detection(detector="yunet", score=score),)


def says(claim: str, region: Region = BOX, sha: str = SHA, frame: str = "") -> Confirmation:
    return Confirmation(place=Place(sha256=sha, frame=frame, region=region), claim=claim)


def honoured(faces, *words, marks=(), standing=STANDING, thresholds=THRESHOLDS):
    return honour_confirmations(
        decide(faces, standing, thresholds),
        Confirmations(faces=words, marks=marks),
        sha_of=SHAS,
        standing=standing,
        thresholds=thresholds,
        roster=ROSTER,
    )


def test_a_claim_that_the_machine_can_verify_confirms_an_unknown_face():
    (decision,) = honoured([face(P01=0.52)], says("P01"))
    assert (decision.outcome, decision.person) == (Outcome.CONFIRMED, "P01")


def test_without_a_word_nothing_changes():
    (decision,) = honoured([face(P01=0.52)])
    assert decision.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("score", [0.0, 0.3, 0.499])
def test_a_claim_below_the_verification_threshold_does_not_hold(score):
    (decision,) = honoured([face(P01=score)], says("P01"))
    assert decision.outcome is Outcome.UNKNOWN


def test_a_claim_holds_at_the_verification_threshold_itself():
    assert verify_claim(face(P01=THRESHOLDS.verify), "P01", STANDING, THRESHOLDS) is None


def test_while_somebody_has_no_template_a_claim_takes_more():
    loose = replace(THRESHOLDS, verify=0.35)
    for score, without, held in ((0.40, False, True), (0.40, True, False), (0.46, True, True)):
        standing = replace(STANDING, strangers_without_template=without)
        (decision,) = honoured([face(P01=score)], says("P01"), standing=standing, thresholds=loose)
        assert (decision.outcome is Outcome.CONFIRMED) is held, (score, without)


def test_a_face_too_small_for_anybody_is_stopped_by_whoever_knows_it():
    tiny = face(region=Region(x=100, y=100, width=7, height=8))
    assert honoured([tiny])[0].outcome is Outcome.UNIDENTIFIABLE
    assert honoured([tiny], says("P01", tiny.region))[0].outcome is Outcome.UNIDENTIFIABLE
    assert honoured([tiny], says("P02", tiny.region))[0].outcome is Outcome.UNCONSENTED


@pytest.mark.parametrize("barred", [0.40, 0.44, 0.48, 0.52, 0.56])
def test_a_barred_person_within_the_margin_refuses_the_claim(barred):
    assert verify_claim(face(P01=barred + 0.04, P02=barred), "P01", STANDING, replace(THRESHOLDS, verify=0.4))


def test_a_barred_person_beyond_the_margin_does_not():
    assert verify_claim(face(P01=0.60, P02=0.54), "P01", STANDING, THRESHOLDS) is None


@pytest.mark.parametrize("who", ["P02", "P99", ""])
def test_a_claim_for_somebody_without_permission_never_holds(who):
    assert verify_claim(face(**{who or "P01": 0.99}), who, STANDING, THRESHOLDS)


def test_somebody_consented_who_was_not_there_cannot_be_claimed():
    assert verify_claim(face(P05=0.99), "P05", STANDING, THRESHOLDS)


def test_a_declared_look_alike_without_permission_refuses_the_claim():
    twins = Standing(
        consented=STANDING.consented, clearing=STANDING.clearing, look_alikes=(("P01", frozenset({"P02"})),)
    )
    assert verify_claim(face(P01=0.9), "P01", twins, THRESHOLDS)
    assert verify_claim(face(P03=0.9, P01=0.86), "P03", twins, THRESHOLDS), "it could as well be P01, or the twin"
    assert verify_claim(face(P03=0.9, P01=0.84), "P03", twins, THRESHOLDS) is None


def test_a_face_that_could_not_be_compared_cannot_be_confirmed_and_says_so():
    reason = verify_claim(face(flaws=("blurred",)), "P01", STANDING, THRESHOLDS)
    assert reason is not None and "could not be compared" in reason


def test_an_unclear_face_may_be_confirmed_when_it_compares():
    (decision,) = honoured([face(P01=0.55, flaws=("turned away",))], says("P01"))
    assert decision.outcome is Outcome.CONFIRMED


def test_an_unconsented_face_stays_so_whatever_the_poster_says():
    for claim in ("P01", NOT_A_FACE):
        (decision,) = honoured([face(P02=0.9, detections=weak())], says(claim))
        assert (decision.outcome, decision.person) == (Outcome.UNCONSENTED, "P02")


@pytest.mark.parametrize("found", [face(P01=0.9), face(), face(P01=0.58, P02=0.56), face(flaws=("blurred",))])
def test_saying_that_it_is_somebody_without_permission_stops_any_face(found):
    (decision,) = honoured([found], says("P02"))
    assert (decision.outcome, decision.person) == (Outcome.UNCONSENTED, "P02")


def test_an_id_that_left_the_roster_stops_the_face_and_names_nobody():
    (decision,) = honoured([face(P01=0.9)], says("P77"))
    assert (decision.outcome, decision.person) == (Outcome.UNCONSENTED, None)


def test_two_different_claims_about_one_face_are_no_claim():
    (decision,) = honoured([face(P01=0.52, P03=0.52)], says("P01"), says("P03"))
    assert decision.outcome is Outcome.UNKNOWN


def test_a_claim_dies_with_the_picture_and_with_the_place():
    for word in (
        says("P01", sha="b" * 64),
        says("P01", region=Region(x=400, y=100, width=60, height=80)),
        says("P01", frame="@1.5"),
    ):
        (decision,) = honoured([face(P01=0.52)], word)
        assert decision.outcome is Outcome.UNKNOWN


def test_a_claim_survives_a_box_drawn_a_few_pixels_apart():
    (decision,) = honoured([face(P01=0.52)], says("P01", region=Region(x=104, y=97, width=60, height=84)))
    assert decision.outcome is Outcome.CONFIRMED


def test_two_faces_of_one_picture_cannot_both_be_the_same_person():
    other = Region(x=300, y=100, width=60, height=80)
    decisions = honoured(
        [face(P01=0.52), face(number=2, region=other, P01=0.53)], says("P01"), says("P01", region=other)
    )
    assert [d.outcome for d in decisions] == [Outcome.AMBIGUOUS, Outcome.AMBIGUOUS]


def test_a_claim_for_somebody_already_cleared_makes_both_ambiguous():
    other = Region(x=300, y=100, width=60, height=80)
    decisions = honoured([face(P01=0.9), face(number=2, region=other, P01=0.53)], says("P01", region=other))
    assert [d.outcome for d in decisions] == [Outcome.AMBIGUOUS, Outcome.AMBIGUOUS]


def test_two_faces_taken_for_one_person_can_be_told_apart_by_the_poster():
    other = Region(x=300, y=100, width=60, height=80)
    faces = [face(P01=0.8, P03=0.7), face(number=2, region=other, P01=0.8)]
    assert [d.outcome for d in honoured(faces)] == [Outcome.AMBIGUOUS, Outcome.AMBIGUOUS]
    decisions = honoured(faces, says("P03"), says("P01", region=other))
    assert [(d.outcome, d.person) for d in decisions] == [(Outcome.CONFIRMED, "P03"), (Outcome.CONFIRMED, "P01")]


def test_a_cleared_face_is_not_called_no_face_for_it_would_count_one_less():
    strict = replace(THRESHOLDS, verify=0.95)  # else its likeness alone refuses it
    (decision,) = honoured([face(P01=0.9, detections=weak())], says(NOT_A_FACE), thresholds=strict)
    assert (decision.outcome, decision.person) == (Outcome.CLEARED, "P01")
    assert decision.is_somebody


def test_a_weak_box_of_one_detector_may_be_no_face_and_is_not_counted():
    decisions = honoured([face(detections=weak())], says(NOT_A_FACE))
    assert decisions[0].outcome is Outcome.CONFIRMED
    evidence = Evidence(draft=draft(), channel="twitter", date=date(2026, 11, 23), decisions=decisions)
    assert evidence.people_found("IMG_1.jpg") == 0


@pytest.mark.parametrize(
    "found",
    [
        face(detections=weak(0.5)),
        face(detections=(*weak(), Detection(detector="centerface", score=0.3))),
        face(detections=()),
        face(detections=weak(), P02=0.41),
        face(detections=weak(), P01=0.50),
    ],
    ids=["strong", "two detectors", "no detector", "like somebody barred", "like somebody"],
)
def test_anything_else_is_not_called_no_face(found):
    assert verify_not_a_face(found, STANDING, THRESHOLDS)
    (decision,) = honoured([found], says(NOT_A_FACE))
    assert decision.outcome.stops


def test_a_marked_person_is_counted_and_must_be_vouched_for():
    mark = Mark(place=Place(sha256=SHA, region=Region(x=400, y=20, width=30, height=40)))
    decisions = honoured([face(P01=0.9)], marks=(mark,))
    assert [d.outcome for d in decisions] == [Outcome.CLEARED, Outcome.UNCLEAR]
    assert decisions[1].face.number == 2
    assert decisions[1].face.detections[0].detector == BY_HAND


def test_a_mark_where_a_face_was_found_adds_nobody():
    decisions = honoured([face(P01=0.9)], marks=(Mark(place=Place(sha256=SHA, region=BOX)),))
    assert len(decisions) == 1


def test_a_mark_on_a_picture_without_faces_counts():
    assert len(honoured([], marks=(Mark(place=Place(sha256=SHA, region=BOX)),))) == 1
    assert honoured([], marks=(Mark(place=Place(sha256="b" * 64, region=BOX)),)) == ()


people = st.sampled_from(["P01", "P02", "P03", "P04", "P05"])
scores = st.dictionaries(people, st.floats(0.3, 1.0), max_size=5)


@given(scores, st.sampled_from(["P01", "P02", "P03", "P04", "P05", "P99", NOT_A_FACE]), st.booleans())
def test_no_word_clears_what_the_machine_would_not(near, claim, flawed):
    """A face passes on a word only when the named person may clear and nobody barred is near."""
    found = face(flaws=("blurred",) if flawed else (), detections=weak(0.9), **near)
    (before,) = decide([found], STANDING, THRESHOLDS)
    (after,) = honoured([found], says(claim))
    if before.outcome is Outcome.UNCONSENTED:
        assert after == before
    if before.outcome.stops and not after.outcome.stops:
        assert after.person in STANDING.clearing
        assert near[after.person] >= THRESHOLDS.verify
        assert all(s < near[after.person] - THRESHOLDS.margin for who, s in near.items() if who in ("P02", "P04"))


def draft(text: str | None = None) -> Draft:
    return Draft(name="d", path=Path("d"), text=text)


def name_finding(start: int, end: int, rule="PG202", severity=Severity.REVIEW, person="P02") -> Finding:
    return Finding(rule=rule, severity=severity, part="text", message="m", start=start, end=end, person=person)


TEXT_EVIDENCE = Evidence(
    draft=draft("Well done Grace and Jamie Reid"),
    channel="twitter",
    date=date(2026, 11, 23),
    passages=(Passage(part="text", text="Well done Grace and Jamie Reid"),),
)


def not_ours(finding: Finding) -> NotOurPupil:
    place = place_of_finding(finding, TEXT_EVIDENCE)
    assert place is not None
    return NotOurPupil(place=place)


def test_a_lone_forename_may_be_somebody_elses():
    finding = name_finding(10, 15)
    assert honour_names([finding], [not_ours(finding)], TEXT_EVIDENCE)[0] == ()


@pytest.mark.parametrize(
    "finding",
    [
        name_finding(20, 30),
        name_finding(10, 15, severity=Severity.BLOCK),
        name_finding(10, 15, rule="PG301"),
        name_finding(10, 15, rule="PG105"),
    ],
    ids=["full name", "blocks", "with a picture", "protected"],
)
def test_not_our_pupil_lifts_nothing_else(finding):
    standing, lifted = honour_names([finding], [not_ours(finding)], TEXT_EVIDENCE)
    assert standing == (finding,) and lifted == ()


def test_not_our_pupil_dies_with_the_words():
    finding = name_finding(10, 15)
    changed = Evidence(
        draft=draft("Well done Grace again"),
        channel="twitter",
        date=date(2026, 11, 23),
        passages=(Passage(part="text", text="Well done Grace again"),),
    )
    assert honour_names([finding], [not_ours(finding)], changed)[0] == (finding,)


def test_what_was_said_is_where_the_copy_shows_it() -> None:
    place = Place(sha256="a" * 64, region=Region(x=120, y=60, width=40, height=50))
    said = Confirmations(
        faces=(
            Confirmation(place=place, claim="P01"),
            Confirmation(place=replace(place, frame="@1"), claim="P02"),
            Confirmation(place=replace(place, frame="@2.5"), claim="P03"),
            Confirmation(place=replace(place, sha256="b" * 64), claim="P04"),
            Confirmation(place=place, claim="P05"),
            Confirmation(place=place, claim=NOT_A_FACE),
        ),
        marks=(Mark(place=place),),
        names=(NotOurPupil(place=Place(sha256="c" * 64, span=(0, 5))),),
    )
    copies = {"a" * 64: Copied(sha256="d" * 64, origin=(100, 40), scale=0.5)}
    moved = carried_over(said, copies, frozenset({"P01", "P02", "P03", "P04"}))
    there = Place(sha256="d" * 64, region=Region(x=10, y=10, width=20, height=25))
    claims = ("P01", "P02", NOT_A_FACE)
    assert moved.faces == tuple(Confirmation(place=there, claim=claim) for claim in claims), "P05 may not be shown"
    assert moved.marks == () and moved.names == said.names
