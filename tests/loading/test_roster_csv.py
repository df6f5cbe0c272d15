"""The roster as a table, for very many people."""

from datetime import date
from pathlib import Path

import pytest

from postguard.domain.errors import RosterError
from postguard.domain.people import Consent, Role, Roster
from postguard.loading import load_roster

HEAD = """\
# school: Example Schools, together
# review_by: 2027-06-30
# biometric: granted
"""


def load(folder: Path, text: str | bytes) -> Roster:
    path = folder / "consent_roster.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_roster(path)


def sentences(folder: Path, text: str) -> list[str]:
    with pytest.raises(RosterError) as caught:
        load(folder, text)
    return [line.strip() for line in caught.value.message.split("\n")[1:]]


def test_a_table_says_what_the_yaml_says(tmp_path: Path) -> None:
    roster = load(
        tmp_path,
        HEAD + "id,name,role,known_as,group,school,handles,biometric,high_risk,look_alikes,"
        "consent,consent:twitter,consent:website\n"
        "P01,Aoife MacDonald,,Effie|Ef,P4,North,@aoife_m,,,,granted,,refused\n"
        '002,"Reid, Jamie",pupil,,P4,South,,refused,yes,P01,,'
        "granted 2026-08-20 until 2027-06-30 by both parents withdrawn 2026-11-02,\n"
        "S01,No,staff,,,,,,,,refused,,\n",
    )
    assert (roster.school, roster.review_by) == ("Example Schools, together", date(2027, 6, 30))
    assert roster.channels == ("twitter", "website")
    aoife, jamie, no = roster.people
    assert (aoife.known_as, aoife.handles, aoife.school, aoife.biometric) == (
        ("Effie", "Ef"),
        ("@aoife_m",),
        "North",
        True,
    )
    assert aoife.consent == (Consent(channel="twitter", granted=True), Consent(channel="website", granted=False))
    assert (jamie.id, jamie.name, jamie.biometric, jamie.high_risk) == ("002", "Reid, Jamie", False, True)
    assert jamie.consent == (
        Consent(
            channel="twitter",
            granted=True,
            since=date(2026, 8, 20),
            until=date(2027, 6, 30),
            by="both parents",
            withdrawn=date(2026, 11, 2),
        ),
    )
    assert (no.name, no.role, [c.granted for c in no.consent]) == ("No", Role.STAFF, [False, False])
    assert roster.several_schools


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_write(delimiter: str, encoding: str, tmp_path: Path) -> None:
    text = "\r\n".join(["# school: S" + delimiter, delimiter.join(["id", "name"]), delimiter.join(["P1", "Zoë"]), ""])
    assert load(tmp_path, text.encode(encoding)).people[0].name == "Zoë"


def test_every_mistake_at_once(tmp_path: Path) -> None:
    said = sentences(
        tmp_path,
        "# review_by: soon\n# chanels: twitter\n"
        "id,name,consnt,consent,high_risk,role,photographed,look_alikes,biometric\n"
        "P01,A B,,yes,,,,,\n"
        "P01,C D,,granted 3/11/26,,,,,\n"
        "P02,,,granted 2026-02-30,,,,,\n"
        ",E F,,,perhaps,teacher,3 May,P9,true\n"
        "P03,G H,,granted 2026-08-20 until 2026-01-01,,,,,,,too,many\n",
    )
    assert said == [
        "line 1: the school's name is missing. Add a first line: # school: Example Primary School",
        "line 1: review_by is not a day that can be read. Write year-month-day: # review_by: 2027-06-30",
        "line 2: this key is not known here. Did you mean channels?",
        "line 3: column 3 has a name that is not known here. Did you mean consent?",
        "line 4: consent must be granted or refused, or more fully: "
        "granted 2026-08-20 until 2027-06-30 by parent withdrawn 2026-11-02.",
        "line 5: consent must be granted or refused, or more fully: "
        "granted 2026-08-20 until 2027-06-30 by parent withdrawn 2026-11-02.",
        "line 5: the id P01 already belongs to the person on line 4. Give one a new id.",
        "line 6: this person has no name.",
        "line 6: consent holds a day that cannot be read. Write year-month-day: 2026-11-03.",
        "line 7: role must be pupil or staff.",
        "line 7: this person has no id.",
        "line 7: biometric must be granted or refused.",
        "line 7: photographed is not a day that can be read. Write year-month-day: 2026-11-03.",
        "line 7: high_risk must be true or false.",
        "line 7: look_alikes names an id that nobody has. Write the other person's id, or remove it.",
        "line 8: this row has more cells than there are columns. Put text with commas in quotes.",
        "line 8: until is before the day it was granted. Mend one of the two days.",
    ]


def test_capital_letters_are_no_mistake(tmp_path: Path) -> None:
    roster = load(
        tmp_path, "# school: S\n# demo: TRUE\nid,name,consent,biometric,high_risk\nP01,A B,Granted,GRANTED,Yes\n"
    )
    (person,) = roster.people
    assert roster.demo
    assert person.consent == (Consent(channel="twitter", granted=True),)
    assert (person.biometric, person.high_risk) == (True, True)


def test_columns_that_are_missing_or_double(tmp_path: Path) -> None:
    assert sentences(tmp_path, "# school: S\nid,group,group\nP01,P4,P5\n") == [
        "line 2: the column group is there twice. Remove one.",
        "line 2: there is no column name.",
    ]


def test_quotes_that_do_not_fit(tmp_path: Path) -> None:
    assert (
        "line 3: the quotation marks of this row do not fit"
        in sentences(tmp_path, '# school: S\nid,name\nP01,"A" B\n')[0]
    )


def test_nobody_on_it(tmp_path: Path) -> None:
    assert "nobody is on this roster yet" in sentences(tmp_path, "# school: S\nid,name\n")[0]


def test_a_hundred_thousand_people_load(tmp_path: Path) -> None:
    rows = "".join(
        f"P{n},Name{n} Surname{n},P{n % 7},granted 2026-08-20 until 2027-06-30,granted\n" for n in range(100_000)
    )
    roster = load(tmp_path, "# school: S\nid,name,group,consent:twitter,biometric\n" + rows)
    assert len(roster.people) == 100_000
