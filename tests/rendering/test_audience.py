"""What each reader may see. Two schools whose only difference is who refused must write the same report."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from render_scenes import (
    ON,
    ROSTER,
    RULES,
    SCENES,
    _draft,
    batch,
    face,
    faces,
    on_face,
    passed,
    photograph,
    report,
    words,
)

from postguard.checks import pg105_protected_pupil
from postguard.checks.pg101_unconsented_face import CURE, WHY
from postguard.domain.drafts import HeadCount
from postguard.domain.evidence import Candidate, Decision, Evidence, How, Mention, Outcome, Passage, Spotting, Topic
from postguard.domain.people import Consent, Person, Roster
from postguard.domain.policy import Policy
from postguard.domain.report import Batch, Waived
from postguard.domain.rules import Finding, Severity
from postguard.rendering import Audience, View, render_console, render_json, render_jsonl, view_for
from postguard.rendering.masking import NameMask, clean
from postguard.rendering.wording import heads, place

STOPPING = [outcome for outcome in Outcome if outcome.stops]
RULE_OF = {Outcome.UNCONSENTED: "PG101", Outcome.UNKNOWN: "PG102", Outcome.AMBIGUOUS: "PG103", Outcome.UNCLEAR: "PG104"}


def view(scene: Batch, audience: Audience) -> View:
    return view_for(scene, roster=ROSTER, rules=RULES, audience=audience)


def stopped(outcome: Outcome, *, rule: str | None = None, severity: Severity = Severity.BLOCK) -> Batch:
    decision = face(1, outcome, person="P03" if rule == "PG105" else "P02", because=outcome.value)
    if outcome in {Outcome.UNKNOWN, Outcome.UNCLEAR}:
        decision = replace(decision, person=None)
    finding = on_face(
        decision, rule or RULE_OF[outcome], f"About {outcome.value}.", reads_as="PG101" if rule == "PG105" else None
    )
    evidence = Evidence(
        draft=_draft("d", "a.jpg"),
        channel="twitter",
        date=ON,
        photographs=(photograph("a.jpg"),),
        decisions=(decision,),
    )
    return batch(report("d", evidence, replace(finding, severity=severity)))


@pytest.mark.parametrize("outcome", STOPPING)
@pytest.mark.parametrize("severity", [Severity.BLOCK, Severity.REVIEW])
def test_nobody_can_tell_from_what_travels_why_a_face_was_stopped(outcome: Outcome, severity: Severity) -> None:
    expected = view(stopped(Outcome.UNKNOWN), Audience.TRAVEL)
    assert view(stopped(outcome, severity=severity), Audience.TRAVEL) == expected


def test_a_protected_pupil_travels_like_anybody() -> None:
    protected = view(stopped(Outcome.UNCONSENTED, rule="PG105"), Audience.TRAVEL)
    assert protected == view(stopped(Outcome.UNKNOWN), Audience.TRAVEL)


@pytest.mark.parametrize("audience", list(Audience))
def test_a_protected_pupil_reads_like_a_refused_one_to_everybody(audience: Audience) -> None:
    pupils = {"P02": "P03"}
    protected = view(stopped(Outcome.UNCONSENTED, rule="PG105"), audience)
    refused = view(stopped(Outcome.UNCONSENTED), audience)
    assert {f.rule for f in protected.drafts[0].findings} == {f.rule for f in refused.drafts[0].findings}
    assert protected.rules == refused.rules
    assert "PG105" not in repr(protected)
    assert [f.message for f in protected.drafts[0].findings] == [f.message for f in refused.drafts[0].findings]
    assert repr(refused).replace("P02", pupils["P02"]).replace("Jamie Reid", "Grace Okafor") == repr(protected)


def test_the_check_for_protected_pupils_says_what_the_check_for_refused_ones_says() -> None:
    """Renderers keep its sentence, so it must be one of PG101's."""
    for granted in (True, False):
        pupil = Person(
            id="P03", name="Grace Okafor", high_risk=True, consent=(Consent(channel="twitter", granted=granted),)
        )
        decision = face(1, Outcome.UNCONSENTED, person="P03")
        evidence = Evidence(draft=_draft("d", "class.jpg"), channel="twitter", date=ON, decisions=(decision,))
        found = list(pg105_protected_pupil.check(evidence, Roster(school="x", people=(pupil,)), Policy()))
        assert [f.reads_as for f in found] == ["PG101"]
        assert found[0].message in {f"May not be shown: {why}." for why in WHY.values()}
        assert found[0].cure == CURE


def test_a_lifted_face_reads_alike_whichever_rule_it_was() -> None:
    def lifted(rule: str, person: str) -> Batch:
        decision = face(1, Outcome.WAIVED, person=person)
        finding = on_face(decision, rule, f"Only {rule} says this.", reads_as="PG101" if rule == "PG105" else None)
        evidence = Evidence(
            draft=_draft("d", "class.jpg"),
            channel="twitter",
            date=ON,
            photographs=(photograph("class.jpg"),),
            decisions=(decision,),
        )
        return batch(report("d", evidence, waived=(Waived(finding=finding, by="head", until="2026-12-01"),)))

    for audience in Audience:
        shown = {
            repr(view(lifted(rule, person), audience)).replace(person, "PXX").replace(name, "NAME")
            for rule, person, name in (("PG103", "P02", "Jamie Reid"), ("PG105", "P03", "Grace Okafor"))
        }
        assert len(shown) == 1


def test_order_and_doubles_tell_nothing() -> None:
    decision = face(1, Outcome.UNCONSENTED, person="P03")
    other = face(2, Outcome.UNKNOWN)
    evidence = Evidence(
        draft=_draft("d", "class.jpg"),
        channel="twitter",
        date=ON,
        photographs=(photograph("class.jpg"),),
        decisions=(decision, other),
    )
    first = on_face(decision, "PG105", "Protected.", reads_as="PG101")
    double = on_face(decision, "PG101", "Refused.")
    second = on_face(other, "PG102", "Unknown.")
    one = view(batch(report("d", evidence, second, first, double)), Audience.TRAVEL)
    two = view(batch(report("d", evidence, double, second)), Audience.TRAVEL)
    assert one == two
    assert [f.face for f in one.drafts[0].findings] == [1, 2]
    poster = view(batch(report("d", evidence, second, first, double)), Audience.POSTER).drafts[0].findings
    assert [(f.rule, f.message) for f in poster] == [("PG101", "Refused."), ("PG102", "Unknown.")]


@pytest.mark.parametrize("severity", [Severity.BLOCK, Severity.REVIEW])
def test_a_name_in_a_text_travels_alike_whether_its_bearer_consented_or_not(severity: Severity) -> None:
    def named(severity: Severity, message: str) -> Batch:
        evidence = Evidence(draft=_draft("d", text="Well done Jamie"), channel="twitter", date=ON)
        return batch(
            report(
                "d",
                evidence,
                Finding(rule="PG201", severity=severity, part="text", message=message, person="P02", start=10, end=15),
            )
        )

    assert view(named(severity, "Refused."), Audience.TRAVEL) == view(
        named(Severity.BLOCK, "Granted."), Audience.TRAVEL
    )
    assert view(named(severity, "Refused."), Audience.PRIVATE).drafts[0].findings[0].severity is severity


def test_a_protected_pupils_name_reads_as_the_rule_it_says() -> None:
    evidence = Evidence(draft=_draft("d", text="Well done Grace"), channel="twitter", date=ON)
    finding = Finding(
        rule="PG105",
        severity=Severity.REVIEW,
        part="text",
        message="m",
        person="P03",
        start=10,
        end=15,
        reads_as="PG202",
    )
    for audience in Audience:
        (shown,) = view(batch(report("d", evidence, finding)), audience).drafts[0].findings
        assert (shown.rule, shown.severity) == ("PG202", Severity.REVIEW)
    unsaid = replace(finding, reads_as=None)
    (shown,) = view(batch(report("d", evidence, unsaid)), Audience.TRAVEL).drafts[0].findings
    assert shown.rule == "PG201"


NAMES = ("Aoife", "aoife", "MacDonald", "Jamie", "Reid", "Grace", "Okafor", "Campbell", "aoife_m", "Effie")


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_what_travels_names_and_identifies_nobody(scene: str) -> None:
    shown = view(SCENES[scene], Audience.TRAVEL)
    for text in (render_json(shown), render_console(shown, verbose=True), render_jsonl(shown), repr(shown)):
        for name in (*NAMES, "P01", "P02", "P03", "S01", "/home/teacher", "/school/week"):
            assert name not in text
        assert '"person"' not in text
        assert '"candidates"' not in text
        for rule in ("PG101", "PG102", "PG103", "PG104", "PG105"):
            assert rule not in text


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_private_and_redacted_reports_name_nobody_but_know_ids(scene: str) -> None:
    private = (
        render_json(view(SCENES[scene], Audience.PRIVATE))
        .replace("aoife-star.jpg", "")
        .replace("aoifes-star", "")
        .replace("Jamie.docx", "")
    )
    redacted = render_console(view(SCENES[scene], Audience.REDACTED), verbose=True)
    for name in NAMES:
        assert name not in private
        assert name not in redacted
    if scene == "faces":
        assert '"person": "P02"' in private
        assert '{"person": "P02", "score": 0.83}' in " ".join(private.split()).replace("{ ", "{").replace(" }", "}")
        assert "P02" in redacted


def test_file_and_folder_names_that_name_somebody_are_numbered() -> None:
    scene = batch(passed(), words())
    travels = view(scene, Audience.TRAVEL)
    assert [draft.name for draft in travels.drafts] == ["monday-assembly", "draft-2"]
    assert [picture.part for picture in travels.drafts[1].pictures] == ["picture-1"]
    assert {f.part for f in travels.drafts[1].findings} == {"text", "picture-1:alt", "picture-1:name"}
    assert {m.part for m in travels.drafts[1].mentions} == {"text", "picture-1:alt", "picture-1:name"}
    private = view(scene, Audience.PRIVATE)
    assert private.drafts[1].name == "aoifes-star"
    assert private.drafts[1].pictures[0].part == "aoife-star.jpg"


def test_messages_and_reasons_lose_the_names_of_files_and_people() -> None:
    evidence = Evidence(draft=_draft("aoife", "aoife.jpg"), channel="twitter", date=ON)
    finding = Finding(
        rule="PG901", severity=Severity.BLOCK, part="aoife.jpg", message="aoife.jpg and aoife: Jamie Reid, P02."
    )
    shown = view(batch(report("aoife", evidence, finding)), Audience.TRAVEL).drafts[0]
    assert shown.findings[0].message == "picture-1 and draft-1: somebody, somebody."


def test_a_real_name_is_never_taken_for_a_given_one() -> None:
    taken, free = (
        report(name, Evidence(draft=_draft(name), channel="twitter", date=ON)) for name in ("draft-2", "draft-003")
    )
    shown = view(batch(taken, words(), free), Audience.TRAVEL).drafts
    assert [draft.name for draft in shown] == ["draft-1", "draft-2", "draft-003"]


@pytest.mark.parametrize(
    "name",
    [
        "aoife.jpg",
        "Aoife_MacDonald-1.png",
        "welldoneaoife.jpg",
        "AOIFE.JPG",
        "a-photo-of-Aoife’s-work.jpg",
        "Áoife.jpg",
        "P02_4.jpg",
        "reid.png",
        "effie1.heic",
    ],
)
def test_names_in_file_names_are_seen(name: str) -> None:
    assert NameMask(ROSTER).names_somebody(name)


@pytest.mark.parametrize(
    "name", ["IMG_1234.jpg", "sports-day.jpg", "G1_class.jpg", "monday-assembly", "P4-trip", "P021.jpg", ""]
)
def test_other_file_names_stay(name: str) -> None:
    assert not NameMask(ROSTER).names_somebody(name)


def test_what_travels_shows_the_text_without_the_found_words() -> None:
    shown = view(batch(words()), Audience.TRAVEL).drafts[0]
    text = {p.part: "".join(piece.text for piece in p.pieces) for p in shown.passages}
    assert text["text"] == (
        "What a week! So proud of our star of the week [name], who read to all of us. #WellDone[name] Call [phone]."
    )
    assert text["picture-1:alt"] == "A girl holds up a certificate. May [name] stands beside her."
    assert set(text) == {"text", "picture-1:alt"}


def test_a_name_that_no_rule_speaks_of_is_hidden_while_the_draft_is_stopped() -> None:
    scene = words()
    text = "May we thank Jamie and grace?"
    evidence = replace(scene.evidence, passages=(Passage(part="text", text=text),), mentions=(), spottings=())
    stopped = view(batch(replace(scene, evidence=evidence)), Audience.TRAVEL).drafts[0].passages[0]
    assert "".join(piece.text for piece in stopped.pieces) == "May we thank […] and grace?"
    assert not any(piece.mark for piece in stopped.pieces)
    passing = replace(scene, evidence=evidence, findings=())
    public = view(batch(passing), Audience.TRAVEL).drafts[0].passages[0]
    assert "".join(piece.text for piece in public.pieces) == text


def test_the_poster_sees_the_found_words_marked_where_they_stand() -> None:
    shown = view(batch(words()), Audience.PRIVATE).drafts[0]
    pieces = {p.part: [(piece.text, piece.mark) for piece in p.pieces if piece.mark] for p in shown.passages}
    assert pieces["text"] == [("Aoife", "name"), ("Aoife", "name"), ("01698 555 014", "phone")]
    assert pieces["aoife-star.jpg:name"] == [("aoife", "name")]


def test_faces_that_are_not_cleared_are_covered_in_what_travels_and_vouched_ones_too() -> None:
    picture = view(batch(faces()), Audience.TRAVEL).drafts[0].pictures[0]
    assert [region.x for region in picture.cover] == [200, 300, 400, 500, 600, 800]
    assert view(batch(faces()), Audience.PRIVATE).drafts[0].pictures[0].cover == ()


@pytest.mark.parametrize("scene", ["miscounted", "unread"])
def test_a_picture_that_cannot_be_covered_for_certain_does_not_travel(scene: str) -> None:
    assert view(SCENES[scene], Audience.TRAVEL).drafts[0].pictures[0].withheld
    assert not view(SCENES["miscounted"], Audience.PRIVATE).drafts[0].pictures[0].withheld


@given(st.text())
def test_clean_words_can_stand_in_any_file(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in cleaned)


@given(st.permutations(range(7)), st.sets(st.sampled_from(["P01", "P02", "P03"])))
def test_candidates_and_the_order_of_findings_never_travel(order: list[int], near: set[str]) -> None:
    scene = faces()
    findings = tuple(scene.findings[index] for index in order)
    decisions = tuple(
        replace(d, face=replace(d.face, candidates=tuple(Candidate(person=who, score=0.5) for who in sorted(near))))
        for d in scene.evidence.decisions
    )
    other = replace(scene, findings=findings, evidence=replace(scene.evidence, decisions=decisions))
    assert render_json(view(batch(other), Audience.TRAVEL)) == render_json(view(batch(scene), Audience.TRAVEL))


def test_of_two_pupils_who_share_a_name_the_protected_one_is_not_told() -> None:
    def shared(rule: str, person: str | None) -> Batch:
        mentions = tuple(Mention(part="text", start=10, end=15, person=who, how=How.EXACT) for who in ("P02", "P03"))
        evidence = Evidence(draft=_draft("d", text="Well done Grace"), channel="twitter", date=ON, mentions=mentions)
        as_ = "PG201" if rule == "PG105" else None
        finding = Finding(
            rule=rule, severity=Severity.BLOCK, part="text", message="m", person=person, start=10, end=15, reads_as=as_
        )
        return batch(report("d", evidence, finding))

    for audience in Audience:
        assert view(shared("PG105", "P03"), audience) == view(shared("PG201", None), audience)


def test_why_somebody_vouched_is_told_to_nobody() -> None:
    for audience in Audience:
        assert "Her cousin" not in repr(view(SCENES["faces"], audience))


def test_an_id_in_a_text_that_is_stopped_does_not_travel() -> None:
    scene = words()
    evidence = replace(scene.evidence, passages=(Passage(part="text", text="P02's, p02 and P4"),), mentions=())
    shown = view(batch(replace(scene, evidence=evidence)), Audience.TRAVEL).drafts[0].passages[0]
    assert "".join(piece.text for piece in shown.pieces) == "[…], […] and P4"


def test_half_of_a_name_that_was_not_found_does_not_travel() -> None:
    scene = words()
    evidence = replace(
        scene.evidence,
        passages=(Passage(part="text", text="Thank you Jamie-Reid!"),),
        mentions=(Mention(part="text", start=10, end=15, person="P02", how=How.EXACT),),
        spottings=(),
    )
    shown = view(batch(replace(scene, evidence=evidence)), Audience.TRAVEL).drafts[0].passages[0]
    assert "".join(piece.text for piece in shown.pieces) == "Thank you [name]-[…]!"


def test_channels_and_fields_that_a_draft_made_up_name_nobody() -> None:
    finding = Finding(rule="PG301", severity=Severity.BLOCK, part="a.jpg:metadata", message="m", field="Aoife")
    evidence = Evidence(draft=_draft("d", "a.jpg"), channel="jamie", date=ON)
    for audience, channel, field in (
        (Audience.TRAVEL, "…", "…"),
        (Audience.PRIVATE, "…", "…"),
        (Audience.POSTER, "jamie", "Aoife"),
    ):
        shown = view(batch(report("d", evidence, finding)), audience).drafts[0]
        assert (shown.channel, shown.findings[0].field) == (channel, field)


@pytest.mark.parametrize("found", ["mentions", "spottings"])
def test_a_picture_in_which_a_name_or_more_can_be_read_does_not_travel(found: str) -> None:
    part = "hall.jpg:picture"
    what = (
        Mention(part=part, start=0, end=5, person="P01", how=How.EXACT)
        if found == "mentions"
        else Spotting(part=part, start=0, end=5, topic=Topic.PHONE)
    )
    scene = passed()
    evidence = replace(scene.evidence, passages=(Passage(part=part, text="Aoife"),), **{found: (what,)})
    for audience, withheld in ((Audience.TRAVEL, True), (Audience.POSTER, False)):
        shown = view(batch(replace(scene, evidence=evidence)), audience).drafts[0].pictures[0]
        assert bool(shown.withheld) is withheld


@pytest.mark.parametrize(
    ("counted", "said"), [(2, ", as many as the poster counted."), (12, "; the poster counted 12.")]
)
def test_a_count_that_was_vouched_for_is_not_called_equal(counted: int, said: str) -> None:
    scene = passed()
    draft = replace(scene.evidence.draft, head_counts=(HeadCount(part=None, people=counted),))
    evidence = replace(scene.evidence, draft=draft)
    (shown,) = view(batch(replace(scene, evidence=evidence)), Audience.POSTER).drafts
    assert heads(shown) == f"2 faces found{said}"


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("clip.mp4@1.5", "clip.mp4, at 1.5 seconds"),
        ("scan.TIF@2", "scan.TIF, page 2"),
        ("a.gif@0.4", "a.gif, at 0.4 seconds"),
    ],
)
def test_where_in_a_file(part: str, said: str) -> None:
    assert place(part) == said


def test_remarks_on_vouches_are_for_the_poster() -> None:
    scene = replace(passed(), remarks=("The date is past.",), about_vouches=("1 vouch lifted nothing.",))
    assert view(batch(scene), Audience.POSTER).drafts[0].remarks == ("The date is past.", "1 vouch lifted nothing.")
    assert view(batch(scene), Audience.TRAVEL).drafts[0].remarks == ("The date is past.",)


@pytest.mark.parametrize("openly", [True, False])
def test_a_jigsaw_with_a_stopped_face_does_not_travel_for_it_would_tell_who_refused(openly: bool) -> None:
    def evidence(name: str, *decisions: Decision) -> Evidence:
        return Evidence(draft=_draft(name, "a.jpg"), channel="twitter", date=ON, decisions=decisions)

    refused = face(1, Outcome.UNCONSENTED, person="P02")
    shown = on_face(refused, "PG302", "Shown.")
    named = Finding(rule="PG302", severity=Severity.REVIEW, part="text", message="m", person="P02", start=0, end=5)
    other = Finding(rule="PG401", severity=Severity.BLOCK, part="text", message="m", start=9, end=11)
    elsewhere = [face(1, Outcome.CLEARED, person="P02")] if openly else []
    travels = view(
        batch(
            report("refused", evidence("refused", refused), on_face(refused, "PG101", "Refused."), shown),
            report("named", evidence("named"), named, other),
            report("alone", evidence("alone"), named),
            report("openly", evidence("openly", *elsewhere)),
        ),
        Audience.TRAVEL,
    )
    assert [[f.rule for f in draft.findings] for draft in travels.drafts] == [
        ["PG100"],
        ["PG302", "PG401"] if openly else ["PG401"],
        ["PG302"],  # without it nobody would know why it fails
        [],
    ]
