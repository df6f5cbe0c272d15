"""`postguard vouch`: who may, for what, and what ends it, through the command and `check`."""

import io
import json
import re
from datetime import date, timedelta

import pytest
from staged_faces import CLEAR, UNSURE, stage

PICTURE = "IMG_1.jpg"
POST = "---\nauthor: S03\npeople: 1\n---\nA good day for all."


@pytest.fixture
def staffed(school):
    """A head (S01), a deputy (S02) and a teacher (S03); P09 is protected."""
    roster = school / "consent_roster.yaml"
    words = roster.read_text().replace("{id: P09,", "{id: P09, high_risk: true,")
    words += "  - {id: S02, name: Mr Bell, consent: granted, biometric: refused}\n"
    words += "  - {id: S03, name: Miss Orr, consent: granted, biometric: refused}\n"
    roster.write_text(words)
    (school / "postguard.yaml").write_text("roles: {head: [S01], deputy: [S02]}\n")
    return school


@pytest.fixture
def unknown(monkeypatch, staffed, draft):
    stage(monkeypatch, **{PICTURE: [{}]})
    return draft(POST, **{PICTURE: b"bytes"})


def rules(postguard, folder, **options) -> list[str]:
    out = folder.parent.parent / "out.json"
    more = [word for name, value in options.items() for word in (f"--{name}", value)]
    ran = postguard("check", folder, "--format", "json", "--private", "-o", out, *more)
    report = json.loads(out.read_text())["drafts"][0]
    assert (ran.code == 0) == (report["verdict"] == "pass")
    return [f["rule"] for f in report["findings"] if f["severity"] != "note"]


def waivers(school) -> dict:
    return json.loads((school / ".postguard" / "waivers.json").read_text())


@pytest.mark.parametrize("by", ["S01", "S02", "Mr Bell"])
def test_a_head_or_a_deputy_may_answer_for_an_unknown_face(postguard, unknown, by):
    assert rules(postguard, unknown) == ["PG102"]
    ran = postguard("vouch", unknown, "--by", by, "--finding", "1", "--because", "her mother agreed, letter of 3 May")
    assert ran.code == 0, ran.err
    assert rules(postguard, unknown) == []


@pytest.mark.parametrize("by", ["S03", "P01", "S77", "Miss Orr"])
def test_nobody_else_may(postguard, unknown, by):
    ran = postguard("vouch", unknown, "--by", by, "--finding", "1", "--because", "fine")
    assert ran.code == 2 and "roles" in ran.err
    assert rules(postguard, unknown) == ["PG102"]


@pytest.mark.parametrize("author", ["S02", "Mr Bell", "mr bell"])
def test_the_poster_never_may(postguard, unknown, author):
    (unknown / "post.md").write_text(POST.replace("S03", author))
    ran = postguard("vouch", unknown, "--by", "S02", "--finding", "1", "--because", "fine")
    assert ran.code == 2 and "whoever posts it" in ran.err
    assert rules(postguard, unknown) == ["PG102"]


def test_where_nobody_says_who_posts_the_voucher_must(postguard, unknown):
    (unknown / "post.md").write_text(POST.replace("author: S03\n", ""))
    arguments = ("vouch", unknown, "--by", "S02", "--finding", "1", "--because", "fine")
    assert "--poster" in postguard(*arguments).err
    assert postguard(*arguments, "--poster", "S02").code == 2
    assert postguard(*arguments, "--poster", "S03").code == 0
    assert rules(postguard, unknown) == []
    (unknown / "post.md").write_text(POST.replace("S03", "S02"))
    assert rules(postguard, unknown) == ["PG102"], "now the voucher posts it"


def test_a_vouch_needs_a_reason_and_ends_within_a_year(postguard, unknown):
    arguments = ("vouch", unknown, "--by", "S02", "--finding", "1")
    assert "Why?" in postguard(*arguments).err
    assert "Why?" in postguard(*arguments, "--because", "  ").err
    today = date.today()
    for day in (today + timedelta(days=367), today - timedelta(days=1)):
        assert postguard(*arguments, "--because", "x", "--until", day.isoformat()).code == 2
    assert postguard(*arguments, "--because", "x", "--until", today.isoformat()).code == 0
    assert rules(postguard, unknown) == []
    assert rules(postguard, unknown, date=(today + timedelta(days=1)).isoformat()) == ["PG102"]


def test_a_vouch_ends_when_the_picture_the_role_or_the_channel_changes(postguard, staffed, unknown):
    assert postguard("vouch", unknown, "--by", "S02", "--finding", "1", "--because", "x").code == 0
    assert rules(postguard, unknown) == []
    assert rules(postguard, unknown, channel="website") == ["PG102"]
    (unknown / PICTURE).write_bytes(b"others")
    assert rules(postguard, unknown) == ["PG102"]
    (unknown / PICTURE).write_bytes(b"bytes")
    assert rules(postguard, unknown) == []
    (staffed / "postguard.yaml").write_text("roles: {head: [S01]}\n")
    assert rules(postguard, unknown) == ["PG102"]


def test_a_refused_child_cannot_be_vouched_for_by_anybody(postguard, monkeypatch, staffed, draft):
    stage(monkeypatch, **{PICTURE: [{"P02": CLEAR}]})
    folder = draft(POST, **{PICTURE: b"bytes"})
    for by in ("S01", "S02"):
        ran = postguard("vouch", folder, "--by", by, "--finding", "1", "--because", "x")
        assert ran.code == 2 and "nobody may vouch" in ran.err
    assert rules(postguard, folder) == ["PG101"]
    assert not (staffed / ".postguard" / "waivers.json").exists()


def test_the_head_may_say_that_it_is_somebody_else(postguard, monkeypatch, staffed, draft):
    stage(monkeypatch, **{PICTURE: [{"P02": CLEAR}]})
    folder = draft(POST, **{PICTURE: b"bytes"})
    assert postguard("vouch", folder, "--by", "S02", "--somebody-else", "1=P12").code == 2
    assert postguard("vouch", folder, "--by", "S01", "--somebody-else", "1=P09").code == 2, "protected"
    assert postguard("vouch", folder, "--by", "S01", "--somebody-else", "1=P99").code == 2
    assert rules(postguard, folder) == ["PG101"]
    assert postguard("vouch", folder, "--by", "S01", "--somebody-else", "1=P12").code == 0
    assert rules(postguard, folder) == []
    stage(monkeypatch, **{PICTURE: [{"P09": CLEAR}]})
    assert rules(postguard, folder) == ["PG101"], "it was said of P02 only"


def test_a_file_written_by_hand_lifts_no_refused_child(postguard, monkeypatch, staffed, draft):
    stage(monkeypatch, **{PICTURE: [{}]})
    folder = draft(POST, **{PICTURE: b"bytes"})
    assert postguard("vouch", folder, "--by", "S01", "--finding", "1", "--because", "x").code == 0
    path = staffed / ".postguard" / "waivers.json"
    path.write_text(path.read_text().replace("PG102", "PG101"))
    stage(monkeypatch, **{PICTURE: [{"P02": CLEAR}]})
    assert rules(postguard, folder) == ["PG101"]


def test_a_protected_pupil_reads_like_any_other_to_all_but_the_head(postguard, monkeypatch, staffed, draft):
    stage(monkeypatch, **{PICTURE: [{"P09": CLEAR}]})
    folder = draft(POST, **{PICTURE: b"bytes"})
    shown = {by: postguard("vouch", folder, "--by", by).out for by in ("S01", "S02")}
    assert "PG105" in shown["S01"] and "only the head teacher" in shown["S01"].lower()
    assert "PG105" not in shown["S02"] and "Nobody may vouch for this." in shown["S02"]
    ran = postguard("vouch", folder, "--by", "S02", "--finding", "1", "--because", "x")
    assert ran.code == 2 and "nobody may vouch" in ran.err and "head" not in ran.err
    assert postguard("vouch", folder, "--by", "S01", "--finding", "1", "--because", "foster carer said yes").code == 0
    assert rules(postguard, folder) == []
    (kept,) = waivers(staffed)["waivers"]
    assert (kept["reason"], kept["person"]) == ("", None)
    assert "foster" not in "".join(p.read_text() for p in (staffed / ".postguard").glob("*.json*"))
    assert "PG105" not in (staffed / ".postguard" / "journal.jsonl").read_text()


def test_the_journal_tells_of_a_protected_pupils_name_as_of_any_name(postguard, staffed, draft):
    """PG101 in a post without a picture could be nothing else."""
    roster = staffed / "consent_roster.yaml"
    folder = draft("---\nauthor: S03\n---\nWell done Callum Fraser.")
    told = []
    for protected in (False, True):
        if protected:
            roster.write_text(roster.read_text().replace("{id: P04,", "{id: P04, high_risk: true,"))
        for _ in range(2):  # the second time it is lifted already
            assert postguard("vouch", folder, "--by", "S01", "--finding", "1", "--because", "x").code == 0
            told.append(json.loads((staffed / ".postguard" / "journal.jsonl").read_text().splitlines()[-1])["rule"])
    assert told == ["PG201"] * 4


def test_a_file_that_cannot_be_read_cannot_be_vouched_for(postguard, staffed, draft):
    folder = draft("---\nauthor: S03\n---\nA good day.", **{"clip.xyz": b"?"})
    ran = postguard("vouch", folder, "--by", "S01")
    assert "Nobody may vouch for this." in ran.out
    for number in range(1, 4):
        postguard("vouch", folder, "--by", "S01", "--finding", str(number), "--because", "x")
    assert rules(postguard, folder) == ["PG901"]


def test_a_name_in_words_may_be_vouched_for_until_the_words_change(postguard, staffed, draft):
    folder = draft("---\nauthor: S03\n---\nWell done Callum Fraser.")
    before = rules(postguard, folder)
    assert before
    numbers = [word for n in range(1, len(before) + 1) for word in ("--finding", str(n))]
    assert postguard("vouch", folder, "--by", "S02", *numbers, "--because", "mother asked for it").code == 0
    assert rules(postguard, folder) == []
    (folder / "post.md").write_text("---\nauthor: S03\n---\nSo well done Callum Fraser.")
    assert rules(postguard, folder) == before


def test_numbers_stay_while_findings_are_vouched_for(postguard, monkeypatch, staffed, draft):
    stage(monkeypatch, **{PICTURE: [{}, {"P07": UNSURE}, {}]})
    folder = draft(POST.replace("1", "3"), **{PICTURE: b"bytes"})
    assert postguard("vouch", folder, "--by", "S02", "--finding", "1", "--because", "x").code == 0
    ran = postguard("vouch", folder, "--by", "S02")
    assert ran.code == 1 and "\n3. " in ran.out and "1. " not in ran.out
    assert postguard("vouch", folder, "--by", "S02", "--finding", "3", "--finding", "2", "--because", "x").code == 0
    assert rules(postguard, folder) == []
    assert postguard("vouch", folder).out.strip() == "Nothing stops this draft."


@pytest.mark.parametrize("arguments", [("--finding", "9"), ("--somebody-else", "x"), ("--somebody-else", "9=P12")])
def test_a_vouch_about_nothing_is_said(postguard, unknown, arguments):
    assert postguard("vouch", unknown, "--by", "S01", "--because", "x", *arguments).code == 2


def test_the_report_says_who_answers_and_what_ran_out(postguard, unknown):
    today = date.today()
    arguments = ("--by", "S02", "--finding", "1", "--because", "visiting author", "--until", today.isoformat())
    assert postguard("vouch", unknown, *arguments).code == 0
    said = " ".join(postguard("check", unknown).out.split())
    assert "deputy" in said and today.isoformat() in said
    assert "visiting author" not in said, "a reason that is shown for some would tell of those that have none"
    later = postguard("check", unknown, "--date", (today + timedelta(days=1)).isoformat())
    assert later.code == 1 and "ran out" in " ".join(later.out.split())


def test_a_vouch_for_a_draft_that_changed_is_said_by_its_check_and_by_the_list(postguard, staffed, unknown):
    assert postguard("vouch", unknown, "--by", "S02", "--finding", "1", "--because", "x").code == 0
    said = postguard("check", unknown).out
    assert "lifted nothing" not in said
    (unknown / PICTURE).write_bytes(b"others")
    assert "1 vouch for a draft of this name lifted nothing" in " ".join(postguard("check", unknown).out.split())
    listed = postguard("vouch", "--list", "--roster", staffed / "consent_roster.yaml")
    assert listed.code == 0 and f"{unknown.name}  a face" in listed.out and "by S02 (deputy), until" in listed.out
    path = staffed / ".postguard" / "waivers.json"
    path.write_text(path.read_text().replace(waivers(staffed)["waivers"][0]["until"], "2020-01-01"))
    assert "ran out on 2020-01-01" in postguard("vouch", unknown, "--list").out
    assert postguard("vouch").code == 2


def test_the_list_does_not_tell_who_is_protected(postguard, monkeypatch, staffed, draft):
    stage(monkeypatch, **{PICTURE: [{"P09": CLEAR}]})
    folder = draft(POST, **{PICTURE: b"bytes"})
    assert postguard("vouch", folder, "--by", "S01", "--finding", "1").code == 0
    listed = postguard("vouch", folder, "--list").out
    assert "a face" in listed and "PG10" not in listed and "P09" not in listed


def test_a_vouch_for_a_draft_called_after_somebody_goes_with_them(postguard, staffed, unknown):
    named = unknown.rename(unknown.with_name("P04-at-the-fair"))
    assert postguard("vouch", named, "--by", "S02", "--finding", "1", "--because", "x").code == 0
    named.rename(unknown)
    assert postguard("roster", "forget", "P04", "--yes", "--roster", staffed / "consent_roster.yaml").code == 0
    assert waivers(staffed)["waivers"] == []


def test_every_vouch_is_in_the_journal_without_a_name(postguard, staffed, unknown):
    postguard("vouch", unknown, "--by", "mr bell", "--finding", "1", "--because", "Jamie Reid's cousin")
    lines = [json.loads(line) for line in (staffed / ".postguard" / "journal.jsonl").read_text().splitlines()]
    assert [(line["event"], line["rule"], line["by"], line["role"]) for line in lines] == [
        ("vouch", "PG102", "S02", "deputy")
    ]
    assert not any(word in str(lines) for word in ("Jamie", "cousin", "IMG_1"))


def test_a_person_at_a_terminal_is_asked_for_each(postguard, monkeypatch, staffed, draft):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stage(monkeypatch, **{PICTURE: [{}, {"P02": CLEAR}, {}]})
    folder = draft(POST.replace("1", "3"), **{PICTURE: b"bytes"})
    monkeypatch.setattr("sys.stdin", Terminal("n\ny\nvisiting author\n"))
    ran = postguard("vouch", folder, "--by", "S02")
    assert ran.code == 0, ran.said
    assert "answer for 2" not in ran.out, "nobody may vouch for the refused child"
    assert sorted(rules(postguard, folder)) == ["PG101", "PG102"]


def test_what_ran_out_long_ago_goes_when_somebody_vouches(postguard, staffed, unknown):
    arguments = ("vouch", unknown, "--by", "S02", "--finding", "1", "--because", "x")
    assert postguard(*arguments).code == 0
    path = staffed / ".postguard" / "waivers.json"
    until = waivers(staffed)["waivers"][0]["until"]
    path.write_text(path.read_text().replace(until, "2020-01-01"))
    assert postguard(*arguments).code == 0
    assert [w["until"] for w in waivers(staffed)["waivers"]] == [until]


def test_what_shows_only_side_by_side_can_be_vouched_for_beside_the_others(postguard, monkeypatch, staffed, draft):
    """P12 is named in one post and shown in another: PG302 on both, and on neither alone."""
    stage(monkeypatch, **{PICTURE: [{"P12": CLEAR}]})
    line = next(x for x in (staffed / "consent_roster.yaml").read_text().splitlines() if "id: P12," in x)
    name = re.search(r"name: ([^,}]+)", line)
    assert name is not None
    shown = draft(POST, name="shown", **{PICTURE: b"bytes"})
    named = draft(f"---\nauthor: S03\n---\nWell done {name[1]}.", name="named")
    week = shown.parent
    assert rules(postguard, shown) == []
    assert "PG302" in postguard("check", week).out
    assert "PG302" not in postguard("vouch", shown).out
    ran = postguard("vouch", shown, "--beside", week)
    assert "1. PG302" in ran.out
    for folder in (shown, named):
        listed = postguard("vouch", folder, "--beside", week).out
        numbers = [w for n in re.findall(r"^(\d+)\. ", listed, re.MULTILINE) for w in ("--finding", n)]
        done = postguard("vouch", folder, "--beside", week, "--by", "S02", *numbers, "--because", "agreed")
        assert done.code == 0, done.said
    assert postguard("check", week).code == 0
    assert "lifted nothing" not in postguard("check", shown).out


def test_a_block_about_words_is_lifted_by_the_head_alone(postguard, monkeypatch, staffed, draft):
    stage(monkeypatch, **{PICTURE: [{"P12": CLEAR}]})
    folder = draft(POST + " Telephone 0131 496 0000.", **{PICTURE: b"bytes"})
    assert rules(postguard, folder) == ["PG401"]
    deputy = postguard("vouch", folder, "--by", "S02", "--finding", "1", "--because", "the museum's own number")
    assert deputy.code == 2 and "only the head teacher" in deputy.err
    assert postguard("vouch", folder, "--by", "S01", "--finding", "1", "--because", "the museum's own number").code == 0
    assert rules(postguard, folder) == []
