"""From draft to report with stand-ins for the engines: what a pass must have been earned by."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postguard.checks import pg301_named_with_picture
from postguard.domain.answers import Place, Voucher, Waiver, Waivers
from postguard.domain.drafts import Draft, Picture, Unchecked
from postguard.domain.evidence import Candidate, Detection, Mention, Photograph, Region, Spotting
from postguard.domain.people import Consent, Person, Roster
from postguard.domain.policy import Policy, Thresholds
from postguard.domain.report import Report, Verdict
from postguard.domain.rules import Severity
from postguard.pipeline import Faces, Guard
from postguard.seeing.types import SeenFace, SeenFrame, Sight

ROSTER = Roster(
    school="S",
    people=(
        Person(id="YES", name="Yes", consent=(Consent(channel="twitter", granted=True),)),
        Person(id="NO", name="No", consent=(Consent(channel="twitter", granted=False),)),
    ),
)
THRESHOLDS = Thresholds(block=0.45, clear=0.55, stranger_clear=0.6, margin=0.05, verify=0.5)
PICTURE = Picture(part="a.jpg", path=Path("a.jpg"))
PHOTOGRAPH = Photograph(part="a.jpg", sha256="0" * 64, width=100, height=100, size=1, format="JPEG")
DRAFT = Draft(name="d", path=Path(), text="A good day.", pictures=(PICTURE,))


class Sees:
    """Eyes that see what they are told, or fail as they are told."""

    def __init__(self, sight: Sight | BaseException) -> None:
        self.sight = sight

    def look(self, picture: Picture) -> Sight:
        if isinstance(self.sight, BaseException):
            raise self.sight
        return self.sight


class Knows:
    """A gallery in which a face's template is who it is: the index of a person in the roster, or nobody."""

    def search(self, templates: object, floor: float) -> tuple[Candidate, ...]:
        who = templates["who"]  # type: ignore[index]
        return (Candidate(person=who, score=0.9),) if who else ()

    def alike(self, person: str) -> frozenset[str]:
        return frozenset()


class Nothing:
    def find(self, passages: object, visitors: object = ()) -> tuple[Mention, ...]:
        return ()


class NoTopics:
    def find(self, passages: object) -> tuple[Spotting, ...]:
        return ()


def guard(sight: Sight | BaseException) -> Guard:
    faces = Faces(eyes=Sees(sight), gallery=Knows(), stale=frozenset(), without_template=frozenset())
    return Guard(
        roster=ROSTER,
        policy=Policy(thresholds=THRESHOLDS),
        on=date(2026, 11, 23),
        faces=lambda: faces,
        names=Nothing(),
        topics=NoTopics(),
    )


def seen(*people: str | None, **more: object) -> Sight:
    faces = tuple(
        SeenFace(
            region=Region(x=100 * n, y=0, width=80, height=80),
            detections=(Detection(detector="yunet", score=0.9),),
            templates={"who": who},  # type: ignore[dict-item]
        )
        for n, who in enumerate(people)
    )
    return Sight(photograph=PHOTOGRAPH, frames=(SeenFrame(part="a.jpg", faces=faces),), **more)  # type: ignore[arg-type]


def rules(report: Report) -> list[str]:
    """What stands against the draft; notes do not."""
    return [f.rule for f in report.findings if f.severity.fails]


def test_a_consented_face_passes() -> None:
    assert guard(seen("YES")).check(DRAFT).verdict is Verdict.PASS


def test_a_picture_with_nobody_in_it_passes() -> None:
    assert guard(seen()).check(DRAFT).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("sight", "rule"),
    [
        (seen("NO"), "PG101"),
        (seen(None), "PG102"),
        (seen("YES", "YES"), "PG103"),
        (seen("YES", unchecked=(Unchecked(part="a.jpg", reason="half of it is missing"),)), "PG901"),
        (Sight(photograph=None), "PG901"),
        (Sight(photograph=replace(PHOTOGRAPH, frames=0)), "PG901"),
        (ZeroDivisionError(), "PG901"),
        (MemoryError(), "PG901"),
        (SystemExit(0), "PG901"),
    ],
)
def test_what_fails(sight: Sight | BaseException, rule: str) -> None:
    report = guard(sight).check(DRAFT)
    assert report.verdict is Verdict.FAIL
    assert rule in rules(report)


class Misfiled(Knows):
    def alike(self, person: str) -> frozenset[str]:
        return frozenset({"NO"})


def test_a_pupil_with_a_refused_ones_photos_clears_nobody() -> None:
    built = guard(seen("YES"))
    engines = replace(built.faces(), gallery=Misfiled())
    report = replace(built, faces=lambda: engines).check(DRAFT)
    assert rules(report) == ["PG103"]
    (decision,) = report.evidence.decisions
    assert decision.person == "NO"


def test_being_like_somebody_who_may_be_shown_stops_nobody() -> None:
    built = guard(seen("YES"))
    engines = replace(built.faces(), gallery=Misfiled())
    roster = Roster(school="S", people=tuple(replace(p, consent=ROSTER.people[0].consent) for p in ROSTER.people))
    assert rules(replace(built, faces=lambda: engines, roster=roster).check(DRAFT)) == []


def test_old_reference_photos_clear_nobody() -> None:
    built = guard(seen("YES"))
    engines = replace(built.faces(), stale=frozenset({"YES"}))
    assert rules(replace(built, faces=lambda: engines).check(DRAFT)) == ["PG102"]


@pytest.mark.parametrize(("without", "stops"), [({"NO"}, ["PG102"]), ({"YES"}, []), (set(), [])])
def test_while_a_refused_pupil_has_no_template_strangers_must_be_liker(without: set[str], stops: list[str]) -> None:
    built = guard(seen("YES"))
    engines = replace(built.faces(), without_template=frozenset(without))
    strict = replace(built.policy, thresholds=replace(THRESHOLDS, stranger_clear=1.0, crowd=0.0))
    assert rules(replace(built, faces=lambda: engines, policy=strict).check(DRAFT)) == stops


def test_it_clears_nobody_however_much_a_claim_must_look_like_them() -> None:
    built = guard(seen("YES"))
    engines = replace(built.faces(), gallery=Misfiled())
    strict = replace(built.policy, thresholds=replace(THRESHOLDS, verify=0.95))
    assert rules(replace(built, faces=lambda: engines, policy=strict).check(DRAFT)) == ["PG103"]


def test_look_alikes_of_the_roster_count_though_their_photos_differ() -> None:
    yes, no = ROSTER.people
    listed = Roster(school="S", people=(replace(yes, look_alikes=("NO",)), no))
    assert rules(replace(guard(seen("YES")), roster=listed).check(DRAFT)) == ["PG103"]


def test_a_large_face_without_a_template_is_unclear() -> None:
    face = replace(seen("YES").frames[0].faces[0], templates={})
    sight = replace(seen(), frames=(SeenFrame(part="a.jpg", faces=(face,)),))
    assert rules(guard(sight).check(DRAFT)) == ["PG104"]


@pytest.mark.parametrize(
    ("chosen", "fails"), [((), False), ((("PG704", Severity.REVIEW),), True), ((("PG104", Severity.BLOCK),), False)]
)
def test_a_rule_that_only_notes_can_be_made_to_fail(chosen: tuple[tuple[str, Severity], ...], fails: bool) -> None:
    """And no note of a harder rule is: PG104's tells of a face that is too small for anybody."""
    tiny = SeenFace(region=Region(x=0, y=0, width=6, height=8), detections=(Detection(detector="yunet", score=0.9),))
    sight = replace(seen(), frames=(SeenFrame(part="a.jpg", faces=(tiny,)),))
    built = guard(sight)
    report = replace(built, policy=replace(built.policy, severities=chosen)).check(DRAFT)
    assert {f.rule for f in report.findings} == {"PG104", "PG704"}
    assert (report.verdict is Verdict.FAIL) is fails


def test_a_rule_that_stumbles_fails_the_draft_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*evidence: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pg301_named_with_picture, "check", stumble)
    assert rules(guard(seen("YES")).check(DRAFT)) == ["PG901"]


def test_what_is_said_of_vouches_is_kept_apart_for_it_may_not_travel() -> None:
    voucher = Voucher(by="S01", role="head", given=date(2026, 11, 1), until=date(2026, 12, 1))
    place = Place(sha256=PHOTOGRAPH.sha256, region=Region(x=0, y=0, width=80, height=80))
    idle = Waiver(rule="PG102", severity=Severity.BLOCK, place=place, channel="twitter", voucher=voucher)
    report = replace(guard(seen("YES")), waivers=Waivers(waivers=(idle,))).check(DRAFT)
    assert report.remarks == () and "lifted nothing" in report.about_vouches[0]


def test_problems_of_the_draft_fail_it() -> None:
    draft = replace(DRAFT, problems=(Unchecked(part="x.docx", reason="nobody understands it"),))
    assert rules(guard(seen("YES")).check(draft)) == ["PG901"]


@pytest.mark.parametrize(
    ("said", "asked", "remarks"),
    [("website", "twitter", 1), ("twitter", "twitter", 0), (None, "twitter", 0), ("website", None, 0)],
)
def test_another_channel_than_the_posts_is_said(said: str | None, asked: str | None, remarks: int) -> None:
    report = replace(guard(seen("YES")), channel=asked).check(replace(DRAFT, channel=said))
    assert len(report.remarks) == remarks


people = st.lists(st.sampled_from(["YES", "NO", None]), max_size=5)


@given(people, people)
def test_seeing_more_never_clears_a_draft(some: list[str | None], more: list[str | None]) -> None:
    if guard(seen(*some, *more)).check(DRAFT).verdict is Verdict.PASS:
        assert guard(seen(*some)).check(DRAFT).verdict is Verdict.PASS


@given(people, st.lists(st.text(min_size=1), max_size=3))
def test_an_unchecked_part_always_fails(some: list[str | None], reasons: list[str]) -> None:
    unchecked = tuple(Unchecked(part="a.jpg", reason=reason) for reason in reasons)
    verdict = guard(seen(*some, unchecked=unchecked)).check(DRAFT).verdict
    assert not (unchecked and verdict is Verdict.PASS)
