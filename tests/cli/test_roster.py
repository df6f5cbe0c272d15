"""Keeping the roster by commands, as an office would, in a school of its own."""

import difflib
import errno
import io
import os
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from postguard.domain.people import ConsentState, Roster
from postguard.loading import load_roster
from postguard.records import journal
from postguard.records.gallery_file import StoredGallery, StoredReference, read_gallery, write_gallery

Run = Callable[..., Any]

TODAY = date.today()


@pytest.fixture
def roster(school: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(school)
    shutil.copy(Path(__file__).parent / "office_roster.yaml", school / "consent_roster.yaml")
    return school / "consent_roster.yaml"


def diff(before: str, path: Path) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), path.read_text().splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def state(path: Path, who: str, channel: str = "twitter", on: date = TODAY) -> ConsentState:
    person = load_roster(path).person(who)
    assert person is not None
    return person.consent_state(channel, on)


def test_grant_and_withdraw_change_one_line_and_say_what_holds_now(roster: Path, postguard: Run) -> None:
    before = roster.read_text()
    ran = postguard("roster", "grant", "P02", "--by", "mother", "--until", "2099-06-30", "--channel", "twitter")
    assert ran.code == 0
    assert "P02  Jamie Reid" in ran.out
    assert f"twitter    granted until 2099-06-30 (mother, since {TODAY})" in ran.out
    assert "website    refused" in ran.out
    assert diff(before, roster) == [
        "-  - {id: P02, name: Jamie Reid, group: P4, consent: refused}",
        f"+  - {{id: P02, name: Jamie Reid, group: P4, consent: "
        f"{{twitter: {{granted: {TODAY}, until: 2099-06-30, by: mother}}, website: refused}}}}",
    ]
    ran = postguard("roster", "withdraw", "P02", "--by", "father", "--recorded-by", "S01")
    assert f"twitter    withdrawn from {TODAY} (father)" in ran.out
    assert state(roster, "P02") is ConsentState.WITHDRAWN
    assert state(roster, "P02", "website") is ConsentState.REFUSED


def test_withdrawing_an_undated_yes_keeps_that_it_was_one(roster: Path, postguard: Run) -> None:
    before = roster.read_text()
    postguard("roster", "withdraw", "P03", "--by", "mother", "--on", "2026-11-02")
    assert diff(before, roster) == [
        "-  - {id: P03, name: Grace Okafor, group: P4, consent: granted}",
        "+  - {id: P03, name: Grace Okafor, group: P4, consent: {withdrawn: 2026-11-02, by: mother}}",
    ]
    assert state(roster, "P03", on=date(2026, 11, 1)) is ConsentState.GRANTED
    assert state(roster, "P03", on=date(2026, 11, 2)) is ConsentState.WITHDRAWN


def test_refuse_on_a_day_and_a_channel(roster: Path, postguard: Run) -> None:
    assert (
        postguard("roster", "refuse", "P03", "--by", "mother", "--channel", "website", "--on", "2026-09-01").code == 0
    )
    assert (state(roster, "P03"), state(roster, "P03", "website")) == (ConsentState.GRANTED, ConsentState.REFUSED)


def test_photographs_and_templates_are_two_consents(roster: Path, postguard: Run) -> None:
    ran = postguard("roster", "withdraw", "P03", "--by", "mother")
    assert "The face template stays" in ran.out
    assert load_roster(roster).person("P03").biometric  # type: ignore[union-attr]
    ran = postguard("roster", "withdraw", "P04", "--biometric", "--by", "mother")
    assert "biometric  not granted" in ran.out
    assert "no face template" in ran.out
    assert state(roster, "P04") is ConsentState.GRANTED


def gallery(school: Path, *people: str) -> Path:
    import numpy as np

    path = school / ".postguard" / "gallery.npz"
    unit = np.zeros(128, np.float32)
    unit[0] = 1
    references = tuple(
        StoredReference(person=who, sha256=f"{n:064}", templates={"dlib": unit}, height=90, sharpness=50.0)
        for n, who in enumerate(people)
    )
    write_gallery(path, StoredGallery(encoders={"dlib": "0" * 64}, references=references))
    return path


def people_in(path: Path) -> list[str]:
    stored = read_gallery(path, {"dlib": "0" * 64}).gallery
    assert stored is not None
    return [one.person for one in stored.references]


def test_withdrawing_the_template_removes_it_at_once(roster: Path, school: Path, postguard: Run) -> None:
    path = gallery(school, "P03", "P04", "P04")
    ran = postguard("roster", "withdraw", "P04", "--biometric", "--by", "mother")
    assert "The face template was removed." in ran.out
    assert people_in(path) == ["P03"]
    # a template that outlived an earlier word goes even though the roster needs no change
    gallery(school, "P03", "P04")
    assert "The face template was removed." in postguard("roster", "refuse", "P04", "--biometric", "--by", "mother").out
    assert people_in(path) == ["P03"]


def test_every_change_is_a_line_in_the_journal_without_names(roster: Path, school: Path, postguard: Run) -> None:
    postguard("roster", "add", "P20", "Zoë Müller", "--group", "P5")
    postguard("roster", "grant", "P20", "--by", "mother", "--recorded-by", "S01")
    postguard("roster", "forget", "P20", "--yes")
    lines = journal.entries(school / ".postguard")
    assert [(line["event"], line.get("what"), line.get("by")) for line in lines] == [
        ("consent", "added", None),
        ("consent", "granted", "S01"),
        ("forget", None, None),
    ]
    assert lines[1]["register"] != lines[0]["register"]
    written = (school / ".postguard" / "journal.jsonl").read_text()
    assert not any(word in written for word in ("Zoë", "M\\u00fcller", "P20", "mother"))
    assert not journal.verify(school / ".postguard").problems


def test_nothing_to_change_writes_nothing(roster: Path, school: Path, postguard: Run) -> None:
    before = roster.read_bytes()
    ran = postguard("roster", "rename", "P01", "Aoife MacDonald")
    assert (ran.code, "Nothing to change" in ran.out) == (0, True)
    assert roster.read_bytes() == before
    assert not journal.entries(school / ".postguard")


def test_add_rename_and_the_old_name(roster: Path, postguard: Run) -> None:
    assert postguard("roster", "add", "2E1", "No", "--group", "P5", "--known-as", "Nö").code == 0
    assert '  - {id: "2E1", name: "No", known_as: [Nö], group: P5, biometric: refused}' in roster.read_text()
    assert postguard("roster", "rename", "P02", "Jamie Null", "--keep-old").code == 0
    jamie = load_roster(roster).person("P02")
    assert jamie is not None
    assert (jamie.name, jamie.known_as) == ("Jamie Null", ("Jamie Reid",))
    assert postguard("roster", "add", "S02", "Mr Brown", "--staff").code == 0
    assert [p.id for p in load_roster(roster).people][-2:] == ["S01", "S02"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("grant", "P99", "--by", "x"), "Nobody on the roster has the id P99."),
        (("grant", "jamie reid", "--by", "x"), "Give the id: P02."),
        (("grant", "P02", "--by", "x", "--channel", "facebook"), "The roster knows no channel facebook."),
        (("grant", "P02", "--by", "x", "--until", "2020-01-01"), "--until is before the day"),
        (("grant", "P02"), "Missing option '--by'"),
        (
            ("grant", "P02", "--by", "x", "--recorded-by", "Aoife"),
            "--recorded-by must be the id of somebody on the staff",
        ),
        (("grant", "P02", "--by", "x", "--biometric", "--on", "2099-01-01"), "from today on"),
        (("add", "P01", "Somebody"), "Somebody on the roster has the id P01 already."),
        (("add", "p01", "Somebody"), "Somebody on the roster has the id p01 already."),
        (("add", "../P01", "Somebody"), "An id may hold only the letters"),
        (("add", "P20", " "), "The name is empty"),
        (("rename", "P02", " "), "The name is empty"),
        (("rename", "P02", "A\x07"), "cannot be seen"),
        (("grant", "P02", "--by", "\n"), "--by is empty"),
        (("forget", "P99", "--yes"), "Nobody on the roster has the id P99."),
        (("list", "--expiring", "soon"), "--expiring soon is no number of days."),
        (("list", "--group", "P9"), "Nobody is in the group P9."),
        (("rollover", "--move", "P4"), "does not say where a group goes"),
        (("import", "gone.csv"), "cannot be opened"),
        (("convert", "table.txt"), "does not end in .csv"),
        (("check", "--roster", "gone.yaml"), "There is no roster at gone.yaml."),
    ],
)
def test_mistakes_are_told_and_change_nothing(words: tuple[str, ...], said: str, roster: Path, postguard: Run) -> None:
    before = roster.read_bytes()
    ran = postguard("roster", *words)
    assert ran.code == 2
    assert said in ran.said
    assert roster.read_bytes() == before


def test_without_a_roster_the_commands_say_how_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postguard: Run
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = postguard("roster", "list")
    assert (ran.code, "postguard init" in ran.err) == (2, True)


def test_a_roster_with_mistakes_is_not_touched(roster: Path, postguard: Run) -> None:
    roster.write_text(roster.read_text().replace("name: Isla Thomson", "nam: Isla Thomson"))
    ran = postguard("roster", "grant", "P02", "--by", "mother")
    assert ran.code == 2
    assert "Did you mean name?" in ran.err
    assert "Isla" not in ran.err


def test_locked_records_must_be_opened_first(roster: Path, school: Path, postguard: Run) -> None:
    (school / ".postguard").mkdir()
    (school / ".postguard" / "records.locked").write_bytes(b"x")
    for words in (("grant", "P02", "--by", "x"), ("forget", "P02", "--yes")):
        ran = postguard("roster", *words)
        assert (ran.code, "postguard unlock" in ran.err) == (2, True)


def test_a_full_disk_leaves_the_roster_as_it_was(roster: Path, monkeypatch: pytest.MonkeyPatch, postguard: Run) -> None:
    before = roster.read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = postguard("roster", "grant", "P02", "--by", "mother")
    assert ran.code == 2
    assert "No space left on device" in ran.err
    assert roster.read_bytes() == before
    assert [path.name for path in roster.parent.iterdir() if ".part" in path.name] == []


def test_the_files_mode_and_a_link_to_it_stay(roster: Path, school: Path, postguard: Run) -> None:
    roster.chmod(0o640)
    link = school / "here.yaml"
    link.symlink_to(roster)
    assert postguard("roster", "grant", "P02", "--by", "mother", "--roster", link).code == 0
    assert roster.stat().st_mode & 0o777 == 0o640
    assert link.is_symlink()
    assert state(roster, "P02") is ConsentState.GRANTED


# check and list ----------------------------------------------------------------------------------------


def photos(school: Path, loaded: Roster) -> None:
    for person in loaded.people:
        if person.biometric:
            (school / "faces" / person.id).mkdir(parents=True)
            Image.new("RGB", (8, 8)).save(school / "faces" / person.id / "1.jpg")


def test_check_says_that_all_is_well_or_what_is_not(roster: Path, school: Path, postguard: Run) -> None:
    photos(school, load_roster(roster))
    ran = postguard("roster", "check", "--date", "2026-11-23")
    assert (ran.code, ran.out) == (0, "consent_roster.yaml is in order: 12 pupils, 1 member of staff.\n")
    shutil.rmtree(school / "faces" / "P07")
    (school / "faces" / "P77").mkdir()
    ran = postguard("roster", "check", "--date", "2026-11-23")
    assert ran.code == 1
    assert "faces/P77: Nobody on the roster has this id." in ran.out
    assert "faces/P07: There are no photos of this person" in ran.out
    ran = postguard("roster", "check", "--date", "2099-01-01")
    assert (ran.code, "should have been reviewed" in ran.err) == (2, True)
    (school / "postguard.yaml").write_text("severities: {PG101: note}")
    ran = postguard("roster", "check", "--date", "2026-11-23")
    assert (ran.code, "PG101 cannot be turned down" in ran.err) == (2, True)
    roster.write_text(roster.read_text().replace("name: Isla Thomson", "nam: Isla Thomson"))
    ran = postguard("roster", "check", "--date", "2026-11-23")
    assert "Did you mean name?" in ran.err
    assert "PG101 cannot be turned down" in ran.err


def test_list_shows_who_may_appear_where(roster: Path, postguard: Run) -> None:
    ran = postguard("roster", "list", "--group", "P4", "--channel", "twitter", "--date", "2026-11-23")
    assert ran.code == 0
    assert "P01  Aoife MacDonald  P4     yes, granted" in ran.out
    assert "P02  Jamie Reid       P4     no, refused" in ran.out
    assert ran.out.endswith("12 people on 2026-11-23. May appear: twitter 11\n")
    assert "Aoife" not in postguard("roster", "list", "--redact").out


def test_list_does_not_tell_who_is_protected(roster: Path, postguard: Run) -> None:
    roster.write_text(roster.read_text().replace("consent: refused}", "consent: granted, high_risk: true}"))
    (line,) = [line for line in postguard("roster", "list").out.splitlines() if "P02" in line]
    assert line.split("P4")[1].split() == ["no,", "refused", "no,", "refused"]


def test_a_protected_pupil_reads_in_the_list_like_one_whose_family_refused_that_day(
    roster: Path, postguard: Run
) -> None:
    written = roster.read_text()
    lines = []
    for consent in (
        "consent: {refused: 2026-08-20, by: mother}}",
        "high_risk: true, consent: {granted: 2026-08-20, until: 2099-01-01, by: mother}}",
    ):
        roster.write_text(written.replace("consent: refused}", consent))
        lines.append(postguard("roster", "list").out)
    assert lines[0] == lines[1]
    assert "no, refused (mother, since 2026-08-20)" in lines[0]


def test_list_expiring(roster: Path, postguard: Run) -> None:
    soon = TODAY + timedelta(days=20)
    postguard("roster", "grant", "P05", "--by", "mother", "--until", soon)
    assert postguard("roster", "list", "--expiring", "30d").out.count("\n") == 3
    assert "Isla Thomson" in postguard("roster", "list", "--expiring", "30d").out
    assert "0 people" in postguard("roster", "list", "--expiring", "19").out


# forget --------------------------------------------------------------------------------------------------


@pytest.fixture
def everywhere(roster: Path, school: Path, draft: Callable[..., Path], postguard: Run) -> Path:
    """P03 stands in every place that postguard keeps."""
    photos(school, load_roster(roster))
    gallery(school, "P03", "P04")
    roster.write_text(roster.read_text().replace("name: May Sinclair,", "name: May Sinclair, look_alikes: [P03],"))
    folder = draft()
    (folder / "postguard-confirmed.yaml").write_text(
        "schema: postguard-confirmed/1\nsaved: '2026-11-23T10:00:00'\n"
        f"faces:\n- {{place: {{sha256: {'a' * 64}, region: [1, 2, 3, 4]}}, is: P03}}\nmarked: []\nnot_our_pupils: []\n"
    )
    return folder


def test_forget_removes_everything_and_proves_it(everywhere: Path, roster: Path, school: Path, postguard: Run) -> None:
    ran = postguard("roster", "forget", "P03", "--yes")
    assert "1 photo removed." in ran.out
    assert "The face templates were removed." in ran.out
    assert "1 answer of posters" in ran.out
    assert f"Nothing in {school} holds the id P03 any more." in ran.out
    assert ran.code == 0
    assert not (school / "faces" / "P03").exists()
    assert people_in(school / ".postguard" / "gallery.npz") == ["P04"]
    assert "P03" not in roster.read_text()
    assert "P03" not in (everywhere / "postguard-confirmed.yaml").read_text()
    again = postguard("roster", "forget", "P03", "--yes")
    assert (again.code, "Nobody on the roster has the id" in again.err) == (2, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_forget_names_what_only_the_school_can_change(
    everywhere: Path, school: Path, encoding: str, postguard: Run
) -> None:
    (everywhere / "post.md").write_bytes("---\npresent: {people: [P03]}\n---\nHello Grace Okafor".encode(encoding))
    (school / "old P03.txt").write_text("x")
    (school / "P035.txt").write_text("P035 is somebody else")
    ran = postguard("roster", "forget", "P03", "--yes")
    assert ran.code == 1
    told = ran.out[ran.out.index("These still hold P03") :].splitlines()
    assert told[1:3] == ["  drafts/draft/post.md", "  old P03.txt"]
    assert told[3:] == ["The name itself still stands in:", "  drafts/draft/post.md"]


def test_forget_speaks_of_what_git_keeps(everywhere: Path, school: Path, postguard: Run) -> None:
    (school / ".git").mkdir()
    (school / ".git" / "old").write_text("P03")
    ran = postguard("roster", "forget", "P03", "--yes")
    assert ran.code == 0
    assert "git repository" in ran.out


def test_forget_can_finish_what_was_cut_short(everywhere: Path, roster: Path, school: Path, postguard: Run) -> None:
    shutil.rmtree(school / "faces" / "P03")
    roster.write_text("\n".join(line for line in roster.read_text().splitlines() if "P03" not in line))
    ran = postguard("roster", "forget", "P03", "--yes")
    assert (ran.code, "There was no line on the roster." in ran.out) == (0, True)
    assert people_in(school / ".postguard" / "gallery.npz") == ["P04"]


def test_forget_asks_first(everywhere: Path, roster: Path, monkeypatch: pytest.MonkeyPatch, postguard: Run) -> None:
    monkeypatch.setattr("click.confirm", lambda *a, **k: (_ for _ in ()).throw(__import__("click").Abort()))
    before = roster.read_bytes()
    ran = postguard("roster", "forget", "P03")
    assert ran.code == 2
    assert roster.read_bytes() == before


def test_a_damaged_gallery_goes_whole(everywhere: Path, school: Path, postguard: Run) -> None:
    path = school / ".postguard" / "gallery.npz"
    path.write_bytes(path.read_bytes()[:100] + b"P03")
    assert postguard("roster", "forget", "P03", "--yes").code == 0
    assert not path.exists()


# The same on a table -------------------------------------------------------------------------------------


def test_a_table_is_kept_by_the_same_commands(roster: Path, school: Path, postguard: Run) -> None:
    postguard("roster", "convert", "consent_roster.csv")
    roster.unlink()
    table = school / "consent_roster.csv"
    before = table.read_text()
    assert postguard("roster", "withdraw", "P03", "--by", "mother", "--on", "2026-11-02").code == 0
    assert diff(before, table) == [
        "-P03,Grace Okafor,pupil,,P4,,,,granted,,,,granted,granted",
        "+P03,Grace Okafor,pupil,,P4,,,,granted,,,,granted by mother withdrawn 2026-11-02,"
        "granted by mother withdrawn 2026-11-02",
    ]
    assert postguard("roster", "add", "P20", "Müller, Zoë", "--group", "P4").code == 0
    assert postguard("roster", "grant", "P20", "--by", "father, by letter", "--channel", "website").code == 0
    assert postguard("roster", "rename", "P04", "No", "--keep-old").code == 0
    assert postguard("roster", "forget", "P02", "--yes").code == 0
    assert postguard("roster", "rollover", "--yes").code == 0
    people = {person.id: person for person in load_roster(table).people}
    assert "P02" not in people
    assert (people["P20"].name, people["P20"].group) == ("Müller, Zoë", "P5")
    assert [(c.channel, c.by) for c in people["P20"].consent] == [("website", "father, by letter")]
    assert (people["P04"].name, people["P04"].known_as) == ("No", ("Callum Fraser",))
    assert state(table, "P03") is ConsentState.WITHDRAWN


# rollover ------------------------------------------------------------------------------------------------


def test_rollover_moves_everybody_up_and_lists_whom_to_ask(roster: Path, postguard: Run) -> None:
    text = roster.read_text().replace("name: Isla Thomson, group: P4", "name: Isla Thomson, group: P7")
    text = text.replace("name: Rory Campbell, group: P4", "name: Rory Campbell, group: Hub")
    roster.write_text(text.replace("name: May Sinclair, group: P4, consent: granted", "name: May Sinclair, group: P4B"))
    ran = postguard("roster", "rollover", "--yes", "--on", "2027-08-16")
    assert ran.code == 0
    loaded = {person.id: person for person in load_roster(roster).people}
    assert (loaded["P01"].group, loaded["P05"].group, loaded["P06"].group, loaded["P07"].group) == (
        "P5",
        "left",
        "Hub",
        "P5B",
    )
    assert loaded["P05"].consent_state("twitter", date(2027, 8, 16)) is ConsentState.REFUSED
    assert loaded["P01"].consent_state("twitter", date(2027, 8, 16)) is ConsentState.GRANTED
    assert "10 people to move up a year.\n  P4 → P5: 9 people\n  P4B → P5B: 1 person\n" in ran.out
    assert "P05  Isla Thomson" in ran.out
    assert "P06  Rory Campbell: Hub" in ran.out
    assert "1 person: must be asked again.\n  P07  May Sinclair" in ran.out
    assert "# The demo school." in roster.read_text()


def test_rollover_twice_is_refused(roster: Path, postguard: Run) -> None:
    assert postguard("roster", "rollover", "--yes").code == 0
    once = roster.read_bytes()
    ran = postguard("roster", "rollover", "--yes")
    assert (ran.code, "already. Nothing was changed." in ran.err, roster.read_bytes() == once) == (2, True, True)
    assert postguard("roster", "rollover", "--yes", "--again").code == 0
    assert roster.read_bytes() != once


def test_rollover_with_renew_ends_all_consent(roster: Path, postguard: Run) -> None:
    postguard("roster", "grant", "P02", "--by", "mother", "--on", "2026-08-20")
    ran = postguard("roster", "rollover", "--yes", "--renew", "--on", "2027-08-16", "--redact")
    assert "13 people: must be asked again." in ran.out
    assert "Jamie" not in ran.out
    loaded = load_roster(roster)
    assert loaded.may_appear("twitter", date(2027, 8, 16)) == frozenset()
    assert len(loaded.may_appear("twitter", date(2027, 8, 15))) == 13


def test_rollover_asks_where_nobody_can_know(roster: Path, postguard: Run) -> None:
    roster.write_text(roster.read_text().replace("group: P4", "group: Year 6"))
    ran = postguard("roster", "rollover", "--yes")
    assert (ran.code, "--top 6" in ran.err) == (2, True)
    assert postguard("roster", "rollover", "--yes", "--top", "6", "--move", "Hub=Base").code == 0
    assert load_roster(roster).groups == {"left"}


def test_rollover_moves_by_hand(roster: Path, postguard: Run) -> None:
    roster.write_text(roster.read_text().replace("group: P4", "group: Reception"))
    assert postguard("roster", "rollover", "--yes", "--move", "Reception=Year 1").code == 0
    assert load_roster(roster).groups == {"Year 1"}


def test_words_on_several_lines_are_kept_on_one(roster: Path, postguard: Run) -> None:
    assert postguard("roster", "refuse", "P03", "--by", "mother\nand father").code == 0
    assert "by: mother and father}" in roster.read_text()


def test_without_an_answer_nothing_changes(roster: Path, postguard: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = roster.read_bytes()
    monkeypatch.setattr("sys.stdin", io.StringIO())
    for words in (("forget", "P03"), ("rollover",)):
        ran = postguard("roster", *words)
        assert (ran.code, "Nothing was changed." in ran.err) == (2, True)
    assert roster.read_bytes() == before


def test_a_role_for_nobody_is_something_to_do(roster: Path, school: Path, postguard: Run) -> None:
    settings = school / "postguard.yaml"
    settings.write_text("roles: {head: [S01]}\n")
    assert "roles" not in postguard("roster", "check").out
    settings.write_text("roles: {head: [S01], deputy: [S09]}\n")
    ran = postguard("roster", "check")
    assert (ran.code, "roles names S09, who is not on the roster" in ran.out) == (1, True)


def test_the_assessment_may_stand_in_either_file(roster: Path, school: Path, postguard: Run) -> None:
    roster.write_text("\n".join(line for line in roster.read_text().splitlines() if not line.startswith("dpia")))
    postguard("roster", "grant", "P03", "--by", "mother", "--biometric")
    assert "dpia" in postguard("roster", "check").out
    (school / "postguard.yaml").write_text("dpia: DPIA 2026-14\n")
    assert "dpia" not in postguard("roster", "check").out


def test_what_is_damaged_stops_forget_before_anything_is_removed(
    everywhere: Path, roster: Path, school: Path, postguard: Run
) -> None:
    (school / ".postguard" / "waivers.json").write_text("{")
    before = {path: path.read_bytes() for path in school.rglob("*") if path.is_file() and path.suffix != ".lock"}
    ran = postguard("roster", "forget", "P03", "--yes")
    assert (ran.code, "is damaged" in ran.err) == (2, True)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("mark", [".~lock.consent_roster.yaml#", "~$consent_roster.yaml", ".consent_roster.yaml.swp"])
def test_a_roster_that_is_open_in_an_editor_is_left_alone(roster: Path, postguard: Run, mark: str) -> None:
    before = roster.read_bytes()
    (roster.parent / mark).touch()
    ran = postguard("roster", "withdraw", "P03", "--by", "mother")
    assert (ran.code, "is open in another program" in ran.err, roster.read_bytes() == before) == (2, True, True)
    (roster.parent / mark).unlink()
    assert postguard("roster", "withdraw", "P03", "--by", "mother").code == 0
