"""Changes to a roster's text: one line each, comments and order kept, and never another meaning than was asked for."""

import difflib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postguard.domain.errors import RosterError
from postguard.domain.people import Consent, Person, Role, Roster
from postguard.loading.roster import parse_roster
from postguard.loading.roster_edit import edit, table

YAML = Path("consent_roster.yaml")
CSV = Path("consent_roster.csv")
BY_HAND = """\
# Kept by the office.
school: Example Primary School   # the name on the letters
channels: [twitter, website]
review_by: 2027-06-30

pupils:
  # --- P4 ---
  - {id: P01, name: Aoife MacDonald, group: P4, consent: granted}   # letter of August
  - id: P02            # moved here in May
    name: Jamie Reid
    consent:
      twitter: {granted: 2026-08-20, by: parent}   # by telephone
      website: refused
    look_alikes: [P01]
  - id: "003"
    name: 'No'
    known_as:
      - Naoise

  # --- P5 ---
  - {id: P04, name: Zoë Müller}
staff:
- id: S01
  name: Mrs Campbell
# the end
"""
TABLE = """\
# school: Example Primary School
# review_by: 2027-06-30
id;name;group;consent:twitter;consent:website
P01;"MacDonald; Aoife";P4;granted;granted
P02;Jamie Reid;P4;granted 2026-08-20 by parent;refused

P04;Zoë Müller;P5;;
"""
DAY = date(2026, 11, 2)


def read(text: str, path: Path = YAML) -> Roster:
    return parse_roster(text.encode(), path, empty_too=True)


def change(roster: Roster, person_id: str, **fields: object) -> tuple[Person, ...]:
    return tuple(replace(p, **fields) if p.id == person_id else p for p in roster.people)  # type: ignore[arg-type]


def diff(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def edited(text: str, people: tuple[Person, ...], path: Path = YAML) -> list[str]:
    return diff(text, edit(text.encode(), read(text, path), people)[0].decode())


def granted(*channels: str, by: str = "mother") -> tuple[Consent, ...]:
    return tuple(Consent(channel=channel, granted=True, since=DAY, by=by) for channel in channels)


def test_consent_of_a_person_on_one_line() -> None:
    roster = read(BY_HAND)
    website = (
        Consent(channel="twitter", granted=True),
        Consent(channel="website", granted=False, since=DAY, by="mother"),
    )
    assert edited(BY_HAND, change(roster, "P01", consent=website)) == [
        "-  - {id: P01, name: Aoife MacDonald, group: P4, consent: granted}   # letter of August",
        "+  - {id: P01, name: Aoife MacDonald, group: P4, "
        "consent: {twitter: granted, website: {refused: 2026-11-02, by: mother}}}   # letter of August",
    ]


def test_one_channel_of_many_lines_keeps_its_comment() -> None:
    roster = read(BY_HAND)
    twitter, website = roster.people[1].consent
    withdrawn = replace(twitter, withdrawn=DAY, by="mother: by letter")
    assert edited(BY_HAND, change(roster, "P02", consent=(withdrawn, website))) == [
        "-      twitter: {granted: 2026-08-20, by: parent}   # by telephone",
        '+      twitter: {granted: 2026-08-20, withdrawn: 2026-11-02, by: "mother: by letter"}   # by telephone',
    ]


def test_keys_that_were_not_there_are_added() -> None:
    roster = read(BY_HAND)
    assert edited(BY_HAND, change(roster, "P04", biometric=True)) == [
        "-  - {id: P04, name: Zoë Müller}",
        "+  - {id: P04, name: Zoë Müller, biometric: granted}",
    ]
    assert edited(BY_HAND, change(roster, "S01", consent=granted("twitter", "website"))) == [
        "+  consent: {granted: 2026-11-02, by: mother}",
    ]
    assert edited(BY_HAND, change(roster, "003", group="2E1")) == ['+    group: "2E1"']


def test_a_list_on_lines_of_its_own_becomes_one_line() -> None:
    roster = read(BY_HAND)
    assert edited(BY_HAND, change(roster, "003", known_as=("Naoise", "Null"))) == [
        "-    known_as:",
        "-      - Naoise",
        '+    known_as: [Naoise, "Null"]',
    ]


def test_people_go_and_come() -> None:
    roster = read(BY_HAND)
    without = tuple(replace(p, look_alikes=()) for p in roster.people if p.id != "P01")
    assert edited(BY_HAND, without) == [
        "-  - {id: P01, name: Aoife MacDonald, group: P4, consent: granted}   # letter of August",
        "-    look_alikes: [P01]",
        "+    look_alikes: []",
    ]
    assert edited(BY_HAND, tuple(p for p in roster.people if p.id != "P02")) == [
        "-  - id: P02            # moved here in May",
        "-    name: Jamie Reid",
        "-    consent:",
        "-      twitter: {granted: 2026-08-20, by: parent}   # by telephone",
        "-      website: refused",
        "-    look_alikes: [P01]",
    ]
    pupil = Person(id="2E1", name="Null", group="P5", consent=granted("twitter"), high_risk=True)
    teacher = Person(id="S02", name="Mr O'Neil", role=Role.STAFF, biometric=True)
    assert edited(BY_HAND, (*roster.people[:4], pupil, *roster.people[4:], teacher)) == [
        '+  - {id: "2E1", name: "Null", group: P5, high_risk: true, '
        "consent: {twitter: {granted: 2026-11-02, by: mother}}}",
        "+- {id: S02, name: Mr O'Neil, biometric: granted}",
    ]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("school: S\n", "school: S\npupils:\n  - {id: A, name: B C}\n"),
        ("school: S\npupils:\n# nobody yet\n", "school: S\npupils:\n  - {id: A, name: B C}\n# nobody yet\n"),
        ("school: S\npupils: []   # nobody yet\n", "school: S\npupils:    # nobody yet\n  - {id: A, name: B C}\n"),
        ("school: S\nstaff: []\n", "school: S\nstaff: []\npupils:\n  - {id: A, name: B C}\n"),
        (
            "school: S\npupils: [{id: X, name: Y}]\n",
            "school: S\npupils: [{id: X, name: Y}, {id: A, name: B C}]\n",
        ),
        ("school: S\npupils:\n- id: X\n  name: Y", "school: S\npupils:\n- id: X\n  name: Y\n- {id: A, name: B C}"),
    ],
)
def test_the_first_and_the_last_of_a_list(start: str, expected: str) -> None:
    roster = read(start)
    people = (*roster.people, Person(id="A", name="B C"))
    assert edit(start.encode(), roster, people)[0].decode() == expected


def test_a_roster_wide_biometric_is_said_where_a_new_person_differs() -> None:
    text = "school: S\nbiometric: granted\npupils:\n  - {id: A, name: B}\n"
    new = (Person(id="C", name="D", biometric=True), Person(id="E", name="F", biometric=False))
    assert edited(text, (*read(text).people, *new)) == [
        "+  - {id: C, name: D}",
        "+  - {id: E, name: F, biometric: refused}",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encoding_and_line_ends_stay(encoding: str, line_end: str) -> None:
    data = BY_HAND.replace("\n", line_end).encode(encoding)
    roster = parse_roster(data, YAML)
    after, _ = edit(data, roster, change(roster, "P04", name="Zoe Muller"))
    assert after == data.decode(encoding).replace("Zoë Müller", "Zoe Muller").encode(encoding)


def test_what_nobody_foresaw_is_refused_and_never_guessed() -> None:
    flow = "{school: S, pupils: [{id: A, name: B}]}"
    with pytest.raises(RosterError, match="Nothing was changed"):
        edit(flow.encode(), read(flow), change(read(flow), "A", name="C"))
    comment = "school: S\npupils:\n  - id: A\n    name: B\n    consent:\n      # by letter\n      granted: 2026-01-01\n"
    with pytest.raises(RosterError, match="A comment stands where"):
        edit(comment.encode(), read(comment), change(read(comment), "A", consent=granted("twitter")))


def test_rows_of_a_table_change_alone() -> None:
    roster = read(TABLE, CSV)
    assert edited(TABLE, change(roster, "P02", consent=granted("twitter", "website")), CSV) == [
        "-P02;Jamie Reid;P4;granted 2026-08-20 by parent;refused",
        "+P02;Jamie Reid;P4;granted 2026-11-02 by mother;granted 2026-11-02 by mother",
    ]
    assert edited(TABLE, tuple(p for p in roster.people if p.id != "P01"), CSV) == [
        '-P01;"MacDonald; Aoife";P4;granted;granted'
    ]
    assert edited(TABLE, (*roster.people, Person(id="P05", name="A; B", group="P5")), CSV) == ['+P05;"A; B";P5;;']


def test_a_table_grows_a_column_when_it_must() -> None:
    roster = read(TABLE, CSV)
    after = edit(TABLE.encode(), roster, change(roster, "P04", biometric=True))[0].decode()
    assert "P04;Zoë Müller;P5;;;granted" in after
    assert "id;name;group;consent:twitter;consent:website;biometric" in after


def test_a_whole_roster_as_a_table_says_the_same() -> None:
    roster = read(BY_HAND)
    again = parse_roster(table(roster).encode(), CSV)
    assert again.people == roster.people
    assert (again.school, again.channels, again.review_by) == (roster.school, roster.channels, roster.review_by)


names = (
    st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
consents = st.builds(
    lambda granted, since, by: Consent(channel="twitter", granted=granted, since=since, by=by if since else None),
    st.booleans(),
    st.none() | days,
    st.none() | names.filter(lambda name: " withdrawn" not in name),
)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["P01", "P02", "003", "P04", "S01"]),
    names,
    st.lists(names.filter(lambda name: "|" not in name), max_size=2).map(tuple),
    consents,
    st.booleans(),
)
def test_whatever_is_written_reads_as_it_was_meant(
    who: str, name: str, known_as: tuple[str, ...], consent: Consent, biometric: bool
) -> None:
    roster = read(BY_HAND)
    old = roster.person(who)
    assert old is not None
    rest = tuple(one for one in old.consent if one.channel != "twitter")
    people = change(roster, who, name=name, known_as=known_as, consent=(consent, *rest), biometric=biometric)
    after, again = edit(BY_HAND.encode(), roster, people)
    assert parse_roster(after, YAML).people == again.people == people
    assert [line for line in diff(BY_HAND, after.decode()) if "#" in line and line.startswith("-")] in (
        [],
        [line for line in diff(BY_HAND, after.decode()) if line.startswith("-  - {id: P01")]
        + [line for line in diff(BY_HAND, after.decode()) if line.startswith("-      twitter")],
    )
