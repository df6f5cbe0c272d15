"""Vouching: by whom, for what, until when, and bound to what."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from postguard.domain.answers import Place, SomebodyElse, Voucher, Waiver, Waivers, place_of_finding, split_part
from postguard.domain.drafts import Draft, Picture
from postguard.domain.evidence import Decision, Evidence, Face, Outcome, Passage, Photograph, Region
from postguard.domain.people import Consent, Person, Role, Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, LiftedBy, Severity
from postguard.domain.vouching import honour_somebody_else, honour_waivers, may_vouch, who_lifts

TODAY = date(2026, 11, 23)
YES = (Consent(channel="twitter", granted=True),)
ROSTER = Roster(
    school="Test",
    people=(
        Person(id="P01", name="Aoife MacDonald", consent=YES),
        Person(id="P02", name="Jamie Reid"),
        Person(id="P09", name="Kit Low", consent=YES, high_risk=True),
        Person(id="P12", name="Lewis Robertson", consent=YES),
        Person(id="S01", name="Mrs Campbell", role=Role.STAFF, known_as=("Head",)),
        Person(id="S02", name="Mr Bell", role=Role.STAFF),
    ),
)
POLICY = Policy(roles=(("head", ("S01",)), ("deputy", ("S02",))))
LIFTED_BY = {f"PG{n}": LiftedBy.DEPUTY for n in (102, 103, 104, 106, 201, 202, 301, 405)}
SHA = "a" * 64
BOX = Region(x=100, y=100, width=60, height=80)
WORDS = "Well done Grace"
HEAD = Voucher(by="S01", role="head", given=TODAY, until=date(2026, 12, 24))
DEPUTY = Voucher(by="S02", role="deputy", given=TODAY, until=date(2026, 12, 24))


def evidence(*, author="S03", text=WORDS, sha=SHA, on=TODAY, channel="twitter", outcome=Outcome.UNKNOWN) -> Evidence:
    return Evidence(
        draft=Draft(
            name="d",
            path=Path("d"),
            author=author,
            text=text,
            pictures=(Picture(part="IMG_1.jpg", path=Path("d/IMG_1.jpg")),),
        ),
        channel=channel,
        date=on,
        photographs=(Photograph(part="IMG_1.jpg", sha256=sha, width=800, height=600, size=9, format="JPEG"),),
        decisions=(Decision(face=Face(part="IMG_1.jpg", number=1, region=BOX), outcome=outcome, person=None),),
        passages=(Passage(part="text", text=text), Passage(part="IMG_1.jpg:alt", text="Grace runs")),
    )


def face_finding(rule="PG102", severity=Severity.BLOCK, region=BOX) -> Finding:
    return Finding(rule=rule, severity=severity, part="IMG_1.jpg", message="m", region=region, face=1)


def name_finding(rule="PG202", severity=Severity.REVIEW, person="P01") -> Finding:
    return Finding(rule=rule, severity=severity, part="text", message="m", start=10, end=15, person=person)


def count_finding(message="You counted 10, postguard found 9.") -> Finding:
    return Finding(rule="PG106", severity=Severity.BLOCK, part="IMG_1.jpg", message=message)


def waiver(finding: Finding, voucher: Voucher = DEPUTY, **changes) -> Waiver:
    place = place_of_finding(finding, evidence())
    assert place is not None
    person = finding.person if finding.start is not None else None
    word = Waiver(
        rule=finding.rule,
        severity=finding.severity,
        place=place,
        channel="twitter",
        voucher=voucher,
        reason="seen her mother's letter",
        person=person,
    )
    return replace(word, **changes)


def honoured(findings, *words, of=None, policy=POLICY):
    return honour_waivers(
        findings,
        Waivers(waivers=words),
        evidence=of or evidence(),
        lifted_by=LIFTED_BY,
        policy=policy,
        roster=ROSTER,
    )


@pytest.mark.parametrize("finding", [face_finding(), name_finding(), count_finding()], ids=["face", "name", "count"])
def test_a_deputys_word_lifts_what_it_is_about(finding):
    result = honoured([finding], waiver(finding))
    assert result.findings == ()
    assert [(w.finding, w.by, w.until) for w in result.waived] == [(finding, "deputy", "2026-12-24")]
    assert result.remarks == ()


def test_a_face_that_is_vouched_for_is_waived():
    seen = evidence(outcome=Outcome.AMBIGUOUS)
    seen = replace(seen, decisions=(replace(seen.decisions[0], person="P02"),))
    decision = honoured([face_finding("PG103")], waiver(face_finding("PG103")), of=seen).decisions[0]
    assert (decision.outcome, decision.person) == (Outcome.WAIVED, None)
    assert honoured([face_finding()]).decisions[0].outcome is Outcome.UNKNOWN


def test_a_face_with_another_finding_left_is_not_waived():
    other = face_finding("PG405")
    assert honoured([face_finding(), other], waiver(face_finding())).decisions[0].outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("rule", ["PG101", "PG901", "PG999"])
def test_what_nobody_may_lift_stays(rule):
    finding = face_finding(rule)
    assert honoured([finding], waiver(finding, HEAD)).findings == (finding,)


def test_no_table_makes_pg101_or_pg901_liftable():
    table = dict.fromkeys(("PG101", "PG901", "PG105"), LiftedBy.POSTER)
    assert who_lifts("PG101", Severity.BLOCK, table) is LiftedBy.NOBODY
    assert who_lifts("PG901", Severity.BLOCK, table) is LiftedBy.NOBODY
    assert who_lifts("PG105", Severity.BLOCK, table) is LiftedBy.HEAD


def test_a_deputy_lifts_reviews_and_what_could_not_be_seen_but_no_other_block():
    table = dict.fromkeys(("PG102", "PG103", "PG104", "PG106", "PG201", "PG301", "PG401", "PG501"), LiftedBy.DEPUTY)
    deputys = {rule for rule in table if who_lifts(rule, Severity.BLOCK, table) is LiftedBy.DEPUTY}
    assert deputys == {"PG102", "PG103", "PG104", "PG106"}
    assert {who_lifts(rule, Severity.REVIEW, table) for rule in table} == {LiftedBy.DEPUTY}
    assert who_lifts("PG999", Severity.BLOCK, table) is LiftedBy.NOBODY


def test_only_the_head_lifts_what_protects_a_pupil_and_no_reason_is_shown():
    finding = face_finding("PG105")
    assert honoured([finding], waiver(finding, DEPUTY)).findings == (finding,)
    result = honoured([finding], waiver(finding, HEAD))
    assert result.findings == ()
    assert result.waived[0].reason == ""


@pytest.mark.parametrize(
    "changed",
    [
        evidence(sha="b" * 64),
        evidence(text=WORDS + "!"),
        evidence(on=date(2026, 12, 25)),
        evidence(channel="website"),
        evidence(author="S02"),
        evidence(author=None),
        evidence(author="mr  BELL"),
    ],
    ids=["picture", "text", "day", "channel", "voucher posts", "no poster", "voucher posts by name"],
)
def test_a_word_about_words_stops_counting_when_anything_changes(changed):
    finding = name_finding()
    assert honoured([finding], waiver(finding), of=changed).findings == (finding,)


def test_a_word_about_a_face_dies_with_the_picture_but_not_with_the_text():
    finding = face_finding()
    assert honoured([finding], waiver(finding), of=evidence(sha="b" * 64)).findings == (finding,)
    assert honoured([finding], waiver(finding), of=evidence(text="other words")).findings == ()


def test_a_word_about_one_face_is_not_about_its_neighbour():
    neighbour = face_finding(region=Region(x=145, y=100, width=60, height=80))
    assert honoured([neighbour], waiver(face_finding())).findings == (neighbour,)


def test_a_finding_that_got_harder_or_is_about_somebody_else_is_not_covered():
    assert honoured([name_finding(severity=Severity.BLOCK)], waiver(name_finding())).findings
    assert honoured([name_finding(person="P02")], waiver(name_finding())).findings
    assert honoured([name_finding(rule="PG201")], waiver(name_finding())).findings


def test_another_count_is_another_finding():
    assert honoured([count_finding("You counted 11, postguard found 9.")], waiver(count_finding())).findings


def test_the_last_day_counts():
    assert honoured([face_finding()], waiver(face_finding()), of=evidence(on=date(2026, 12, 24))).findings == ()


def test_who_lost_the_role_lost_the_word():
    assert honoured([face_finding()], waiver(face_finding()), policy=Policy(roles=(("head", ("S01",)),))).findings
    assert honoured([face_finding()], waiver(face_finding()), policy=Policy()).findings


def test_a_made_up_role_has_no_word():
    cook = replace(DEPUTY, role="cook")
    policy = Policy(roles=(("cook", ("S02",)),))
    assert honoured([face_finding()], waiver(face_finding(), cook), policy=policy).findings


def test_a_holder_may_be_written_by_name():
    policy = Policy(roles=(("deputy", ("Mr Bell",)),))
    assert may_vouch(DEPUTY, LiftedBy.DEPUTY, policy=policy, roster=ROSTER, author="S03", on=TODAY) is None


def test_somebody_of_the_same_name_holds_no_role():
    here = replace(ROSTER, people=(*ROSTER.people, Person(id="S09", name="Mrs Campbell", role=Role.STAFF)))
    for who, held in (("S01", True), ("S09", False), ("Mrs Campbell", False)):
        refused = may_vouch(replace(HEAD, by=who), LiftedBy.HEAD, policy=POLICY, roster=here, author="S03", on=TODAY)
        assert (refused is None) is held, who


def test_who_has_left_holds_no_role():
    here = replace(ROSTER, people=tuple(p for p in ROSTER.people if p.id != "S02"))
    for who in ("S02", "Mr Bell"):
        policy = Policy(roles=(("deputy", (who,)),))
        given = replace(DEPUTY, by=who)
        assert may_vouch(given, LiftedBy.DEPUTY, policy=policy, roster=here, author="S03", on=TODAY) is not None


def test_where_the_draft_names_no_poster_the_vouch_must():
    said = replace(DEPUTY, poster="Miss Orr")
    assert honoured([face_finding()], waiver(face_finding(), said), of=evidence(author=None)).findings == ()
    himself = replace(DEPUTY, poster="S02")
    assert honoured([face_finding()], waiver(face_finding(), himself), of=evidence(author="S03")).findings


def test_expired_and_idle_words_about_this_draft_are_said():
    late = evidence(on=date(2026, 12, 25))
    assert "ran out" in honoured([face_finding()], waiver(face_finding()), of=late).remarks[0]
    assert "lifted nothing" in honoured([], waiver(face_finding())).remarks[0]
    assert honoured([], waiver(face_finding()), of=evidence(sha="b" * 64)).remarks == ()


def test_words_about_a_draft_that_has_changed_since_are_said_by_its_name():
    other = evidence(sha="b" * 64)
    mine = replace(HEAD, draft=other.draft.name)
    assert "have changed since" in honoured([], waiver(face_finding(), mine), of=other).remarks[0]
    assert honoured([], waiver(face_finding(), replace(mine, draft="another")), of=other).remarks == ()
    assert honoured([], replace(waiver(face_finding(), mine), channel="website"), of=other).remarks == ()
    late = replace(other, date=date(2026, 12, 25))
    assert "ran out" in honoured([], waiver(face_finding(), mine), of=late).remarks[0]


def test_a_note_needs_no_word():
    note = face_finding(severity=Severity.NOTE)
    assert honoured([note], waiver(note)).findings == (note,)


def test_a_picture_that_could_not_be_read_has_nothing_to_bind_to():
    unread = replace(evidence(), photographs=())
    assert place_of_finding(count_finding(), unread) is None
    assert place_of_finding(face_finding(), unread) is None


def test_words_of_one_picture_that_cannot_be_told_apart_are_bound_to_together():
    def read(*texts: str) -> Evidence:
        return replace(evidence(), passages=tuple(Passage(part="IMG_1.jpg:picture", text=text) for text in texts))

    finding = replace(name_finding(), part="IMG_1.jpg:picture", start=0, end=5)
    place = place_of_finding(finding, read("Grace", "P4"))
    assert place is not None
    word = replace(waiver(name_finding()), place=place)
    assert honoured([finding], word, of=read("Grace", "P4")).findings == ()
    assert honoured([finding], word, of=read("Grace", "P5")).findings == (finding,)
    assert honoured([finding], word, of=read("Grace")).findings == (finding,)
    assert "lifted nothing" in honoured([], word, of=read("Grace", "P4")).remarks[0]
    assert place_of_finding(finding, read()) is None


def test_a_part_is_split_at_the_longest_picture_name():
    assert split_part("a.jpg:alt", ["a.jpg"]) == ("a.jpg", ":alt")
    assert split_part("a.jpg@2.5", ["a.jpg", "a"]) == ("a.jpg", "@2.5")
    assert split_part("text", ["a.jpg"]) == (None, "text")
    assert split_part("a.jpgx", ["a.jpg"]) == (None, "a.jpgx")


# "P12, not P02" ---------------------------------------------------------------------------------------


def somebody_else(person="P12", instead_of="P02", voucher=HEAD, channel="twitter", sha=SHA) -> SomebodyElse:
    return SomebodyElse(
        place=Place(sha256=sha, region=BOX),
        channel=channel,
        voucher=voucher,
        person=person,
        instead_of=instead_of,
    )


def taken_for(person="P02", outcome=Outcome.UNCONSENTED, region=BOX, number=1) -> Decision:
    return Decision(face=Face(part="IMG_1.jpg", number=number, region=region), outcome=outcome, person=person)


TAKEN_FOR_P02 = (taken_for(),)


def heard(*words, decisions=TAKEN_FOR_P02, on=TODAY, author="S03"):
    return honour_somebody_else(
        decisions,
        Waivers(somebody_else=words),
        sha_of={"IMG_1.jpg": SHA},
        policy=POLICY,
        roster=ROSTER,
        channel="twitter",
        author=author,
        on=on,
    )


def test_the_head_may_say_that_it_is_somebody_else():
    (decision,) = heard(somebody_else())
    assert (decision.outcome, decision.person) == (Outcome.WAIVED, "P12")


@pytest.mark.parametrize(
    "word",
    [
        somebody_else(voucher=replace(DEPUTY, role="deputy")),
        somebody_else(voucher=replace(DEPUTY, role="head")),
        somebody_else(person="P02", instead_of="P02"),
        somebody_else(person="P09"),
        somebody_else(person="P77"),
        somebody_else(instead_of="P01"),
        somebody_else(channel="website"),
        somebody_else(sha="b" * 64),
        somebody_else(voucher=replace(HEAD, until=date(2026, 11, 22))),
    ],
    ids=["deputy", "pretends", "refused", "protected", "stranger", "not who it was", "channel", "picture", "expired"],
)
def test_else_the_face_stays_stopped(word):
    assert heard(word) == (taken_for(),)


def test_the_head_who_posts_cannot_say_it():
    assert heard(somebody_else(), author="mrs campbell") == (taken_for(),)


def test_two_words_that_differ_are_no_word():
    assert heard(somebody_else(), somebody_else(person="P01")) == (taken_for(),)


def test_somebody_who_is_in_the_picture_already_cannot_be_said_twice():
    there = taken_for("P12", Outcome.CLEARED, Region(x=400, y=100, width=60, height=80), number=2)
    assert heard(somebody_else(), decisions=(taken_for(), there)) == (taken_for(), there)


def test_the_report_says_that_the_head_answers_for_it():
    decisions = heard(somebody_else())
    result = honour_waivers(
        [],
        Waivers(somebody_else=(somebody_else(),)),
        evidence=replace(evidence(), decisions=decisions),
        lifted_by=LIFTED_BY,
        policy=POLICY,
        roster=ROSTER,
    )
    assert [(w.finding.rule, w.by, w.until, w.reason) for w in result.waived] == [("PG101", "head", "2026-12-24", "")]
    assert result.decisions == decisions
    assert result.remarks == ()


def test_a_word_of_the_head_that_changed_nothing_is_said():
    idle = Waivers(somebody_else=(somebody_else(),))
    result = honour_waivers([], idle, evidence=evidence(), lifted_by=LIFTED_BY, policy=POLICY, roster=ROSTER)
    assert "lifted nothing" in result.remarks[0]
