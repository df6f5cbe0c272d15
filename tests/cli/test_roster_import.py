"""Pupils from the school's own system: shown before written, and never with more consent than was given."""

import difflib
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from postguard.domain.people import ConsentState
from postguard.loading import load_roster
from postguard.records.gallery_file import StoredGallery, StoredReference, read_gallery, write_gallery

Run = Callable[..., Any]

TODAY = date.today()


def diff(before: str, path: Path) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), path.read_text().splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def state(path: Path, who: str, channel: str = "twitter", on: date = TODAY) -> ConsentState:
    person = load_roster(path).person(who)
    assert person is not None
    return person.consent_state(channel, on)


@pytest.fixture
def roster(school: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(school)
    shutil.copy(Path(__file__).parent / "office_roster.yaml", school / "consent_roster.yaml")
    return school / "consent_roster.yaml"


@pytest.fixture
def take(roster: Path, school: Path, postguard: Run) -> Run:
    def call(text: str | bytes, *words: str) -> Any:
        path = school.parent / "export.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return postguard("roster", "import", path, *words)

    return call


def test_it_shows_what_would_change_and_asks(roster: Path, take: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("click.confirm", lambda words: asked.append(words) or True)
    before = roster.read_text()
    ran = take("id,name,group,known as\nP01,Aoife MacDonald,P5,Eve\nP20,Zoë Müller,P4,\n")
    assert asked == ["Write this into the roster?"]
    assert "1 pupil would be added.\n  P20  Zoë Müller" in ran.out
    assert "P01  Aoife MacDonald\n      known as: Effie, Eve\n      group: P4 → P5" in ran.out
    assert "On the roster, not in the file, and left as they are: 11 pupils." in ran.out
    assert diff(before, roster) == [
        '-  - {id: P01, name: Aoife MacDonald, known_as: [Effie], group: P4, handles: ["@aoife_m"], consent: granted}',
        "+  - {id: P01, name: Aoife MacDonald, known_as: [Effie, Eve], group: P5, "
        'handles: ["@aoife_m"], consent: granted}',
        "+  - {id: P20, name: Zoë Müller, group: P4, biometric: refused}",
    ]


def test_a_no_at_the_prompt_writes_nothing(roster: Path, take: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.confirm", lambda words: False)
    before = roster.read_bytes()
    ran = take("id,name\nP20,Zoë Müller\n")
    assert (ran.code, "Nothing was changed." in ran.err) == (2, True)
    assert roster.read_bytes() == before


CONSENTS = "id,name,consent,biometric\nP01,Aoife MacDonald,no,no\nP02,Jamie Reid,yes,yes\nP20,Zoë Müller,Yes,Y\n"


def test_a_no_always_counts_and_a_yes_never_widens_by_itself(roster: Path, take: Run) -> None:
    ran = take(CONSENTS, "--yes")
    assert ran.code == 0
    assert "4 yeses in the file would widen somebody's consent and is left out." not in ran.out
    assert "would widen somebody's consent" in ran.out
    assert state(roster, "P01") is ConsentState.REFUSED
    assert state(roster, "P02") is ConsentState.REFUSED
    assert state(roster, "P20") is ConsentState.MISSING
    people = {person.id: person for person in load_roster(roster).people}
    assert (people["P01"].biometric, people["P20"].biometric) == (False, False)


def test_with_grant_a_yes_counts_from_today(roster: Path, take: Run) -> None:
    assert take(CONSENTS, "--yes", "--grant").code == 0
    people = {person.id: person for person in load_roster(roster).people}
    for who in ("P02", "P20"):
        assert state(roster, who) is ConsentState.GRANTED
        assert people[who].consent[0].since == TODAY
        assert people[who].biometric
    assert state(roster, "P01", "website") is ConsentState.REFUSED


def test_one_channel_of_its_own(roster: Path, take: Run) -> None:
    take("id,name,consent,consent:website\nP01,Aoife MacDonald,yes,no\n", "--yes")
    assert (state(roster, "P01"), state(roster, "P01", "website")) == (ConsentState.GRANTED, ConsentState.REFUSED)


SYSTEMS = {
    "seemis": "Pupil ID,Forename,Surname,Known As,Class,SCN\n77,Catriona,Bell,Cat,P4B,111\n",
    "sims": "Adno,UPN,Legal Surname,Legal Forename,Preferred Forename,Reg Group\n77,A1,Bell,Catriona,Cat,4B\n",
    "arbor": "Arbor Student ID,Legal First Name,Legal Last Name,Preferred First Name,Registration Form\n"
    "77,Catriona,Bell,Cat,4B\n",
    "bromcom": "MIS ID,Legal First Name,Legal Last Name,Preferred First Name,Tutor Group\n77,Catriona,Bell,Cat,4B\n",
    "plain": 'ID;Full Name;known_as;Class\n77;"Bell, Catriona";Cat;4B\n',
}


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("named", [True, False])
def test_the_systems_schools_use(system: str, named: bool, roster: Path, take: Run) -> None:
    ran = take(SYSTEMS[system], "--yes", *(["--system", system.upper()] if named else []))
    assert ran.code == 0, ran.said
    pupil = load_roster(roster).person("77")
    assert pupil is not None
    assert (pupil.name, pupil.known_as, (pupil.group or "")[-2:]) == ("Catriona Bell", ("Cat",), "4B")


def test_ones_own_columns(roster: Path, take: Run) -> None:
    text = "Report of 23 November\n\nPupil No,Pupil,Photos?\nP20,Zoë Müller,Yes\n"
    ran = take(
        text, "--yes", "--grant", "--map", "id=Pupil No", "--map", "name=pupil", "--map", "consent:website=Photos?"
    )
    assert ran.code == 0, ran.said
    assert (state(roster, "P20"), state(roster, "P20", "website")) == (ConsentState.MISSING, ConsentState.GRANTED)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_what_spreadsheets_write(delimiter: str, encoding: str, roster: Path, take: Run) -> None:
    text = f"id{delimiter}name\r\nP20{delimiter}Zoë Müller\r\n"
    ran = take(text.encode(encoding), "--yes")
    assert load_roster(roster).person("P20").name == "Zoë Müller"  # type: ignore[union-attr]
    assert ("Windows-1252" in ran.out) == (encoding == "cp1252")


def test_every_bad_row_is_named_and_nothing_is_written(roster: Path, take: Run) -> None:
    before = roster.read_bytes()
    ran = take(
        "id,forename,surname,consent\nP20,Zoë,Müller,perhaps\n,A,B,\nP21,,B,\nP/22,A,B,\nP20,Zoe,Muller,yes\nP23,A,B,\nP23,A,B,\n",
        "--yes",
    )
    assert ran.code == 2
    said = [line.strip() for line in ran.err.splitlines()]
    assert said[1:6] == [
        "line 2: consent is neither yes nor no here. Write one of the two, or leave it empty.",
        "line 3: this row has no id.",
        "line 4: this row has no name, or half of one.",
        "line 5: an id may hold only the letters A to Z, digits, - _ and dots between them: P01, for example.",
        "line 6: this row has the id of line 2 and says something else.",
    ]
    assert "Zoë" not in ran.err
    assert roster.read_bytes() == before


def test_equal_rows_count_once(roster: Path, take: Run) -> None:
    assert "taken once: 1." in take("id,name\nP20,A B\nP20,A B\n", "--yes").out
    assert len(load_roster(roster).people) == 14


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("a,b\n1,2\n", (), "has no line of column names"),
        ("", (), "has no line of column names"),
        ("id,name\nP1,A\n", ("--system", "wonde"), "No system wonde is known."),
        ("id,name\nP1,A\n", ("--map", "nme=name"), "--map knows no field nme."),
        ("id,name\nP1,A\n", ("--map", "name"), "--map name names no column."),
        ("id,name\nP1,A\n", ("--map", "consent:facebook=x"), "--map knows no field consent:facebook."),
        ("id,name\nP1,A\n", ("--map", "consent=Photos"), "has no column Photos."),
        ('id,name\nP1,"A" B\n', (), "the quotation marks do not fit"),
        ("PK\0\0\x81", (), "is no CSV file"),
    ],
)
def test_files_that_cannot_be_imported(text: str, words: tuple[str, ...], said: str, roster: Path, take: Run) -> None:
    ran = take(text.encode("latin-1"), "--yes", *words)
    assert ran.code == 2
    assert said in ran.err


def test_somebody_else_was_quicker(roster: Path, take: Run, postguard: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def meanwhile(words: str) -> bool:
        roster.write_text(roster.read_text() + "# edited\n")
        return True

    monkeypatch.setattr("click.confirm", meanwhile)
    ran = take("id,name\nP20,Zoë Müller\n")
    assert ran.code == 2
    assert "Somebody else changed consent_roster.yaml at the same time." in ran.err
    assert load_roster(roster).person("P20") is None


def test_a_hundred_thousand_rows_into_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postguard: Run) -> None:
    monkeypatch.chdir(tmp_path)
    assert postguard("init", ".", "--table").code == 0
    rows = "".join(f"A{n},Forename{n},Surname{n},P{n % 7 + 1},yes\n" for n in range(100_000))
    (tmp_path / "export.csv").write_text("Pupil ID,Forename,Surname,Class,Consent\n" + rows)
    ran = postguard("roster", "import", "export.csv", "--yes", "--grant")
    assert ran.code == 0, ran.said
    assert "Done: 100,000 people on the roster." in ran.out


def test_a_roster_becomes_a_table_that_says_the_same(roster: Path, school: Path, postguard: Run) -> None:
    people = load_roster(roster).people
    ran = postguard("roster", "convert", "consent_roster.csv")
    assert (ran.code, "one folder has one roster" in ran.out) == (0, True)
    assert load_roster(school / "consent_roster.csv").people == people
    assert (school / "consent_roster.csv").stat().st_mode & 0o777 == 0o600
    assert "is there already" in postguard("roster", "convert", "consent_roster.csv", "--roster", roster).err


def test_columns_that_are_not_used_are_said(take: Run) -> None:
    """A column of noes that nobody read must not look like one that was."""
    ran = take("id,name,Photos?,Diet\nP20,Zoë Müller,No,\n", "--yes")
    assert "Columns that are not used: Photos?, Diet." in ran.out
    assert "not used" not in take("id,name\nP21,Zoë Miller\n", "--yes").out


@pytest.mark.parametrize(("row", "whose"), [("S01,Zoë Lee", "a member of staff"), ("p01,Aoife MacDonald", "P01")])
def test_an_id_that_is_somebody_elses_stops_it(roster: Path, take: Run, row: str, whose: str) -> None:
    before = roster.read_bytes()
    ran = take(f"id,name\n{row}\n", "--yes")
    assert (ran.code, whose in ran.err, roster.read_bytes() == before) == (2, True, True)


@pytest.mark.parametrize("word", ["refuse", "withdraw"])
def test_a_no_that_a_family_gave_here_outranks_a_yes_in_the_file(
    roster: Path, take: Run, postguard: Run, word: str
) -> None:
    """The export may be older than the word."""
    assert postguard("roster", word, "P01", "--by", "mother", "--channel", "twitter").code == 0
    ran = take("id,name,consent\nP01,Aoife MacDonald,yes\nP20,Zoë Müller,yes\n", "--yes", "--grant")
    assert "where the family said no here: 1 person. The no stands." in ran.out
    assert not state(roster, "P01").publishes
    assert state(roster, "P20").publishes
    assert postguard("roster", "grant", "P01", "--by", "mother", "--channel", "twitter").code == 0
    assert state(roster, "P01").publishes


def test_a_no_that_only_an_import_gave_can_be_a_yes_in_the_next(roster: Path, take: Run) -> None:
    take("id,name,consent\nP01,Aoife MacDonald,no\n", "--yes")
    assert not state(roster, "P01").publishes
    take("id,name,consent\nP01,Aoife MacDonald,yes\n", "--yes", "--grant")
    assert state(roster, "P01").publishes


def test_a_no_to_the_template_in_the_file_removes_it_at_once(roster: Path, take: Run, postguard: Run) -> None:
    postguard("roster", "grant", "P01", "--by", "mother", "--biometric")
    path = roster.parent / ".postguard" / "gallery.npz"
    unit = np.array([1.0], dtype=np.float32)
    references = tuple(
        StoredReference(person=who, sha256=f"{n:064}", templates={"dlib": unit}, height=90, sharpness=50.0)
        for n, who in enumerate(("P01", "P03"))
    )
    write_gallery(path, StoredGallery(encoders={"dlib": "0" * 64}, references=references))
    take("id,name,biometric\nP01,Aoife MacDonald,no\n", "--yes")
    left = read_gallery(path, {"dlib": "0" * 64}).gallery
    assert left is not None
    assert [one.person for one in left.references] == ["P03"]
