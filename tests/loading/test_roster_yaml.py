"""Rosters: what loads, and what each mistake is told."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from postguard.domain.errors import EXIT_NO_VERDICT, RosterError
from postguard.domain.people import Consent, ConsentState, Role
from postguard.loading import find_roster, load_roster, refuse_stale

HERE = Path(__file__).parent
BAD = yaml.safe_load((HERE / "bad_rosters.yaml").read_text(encoding="utf-8"))
DESIGN = """\
school: Example Primary School
dpia: "DPIA 2026-14, council records"  # the assessment that allows templates at all; `enrol` warns without it
review_by: 2027-06-30            # after this day there is no verdict until somebody has reviewed the roster
channels: [twitter, website]     # the first is the default of `check`
pupils:
  - id: P01
    name: Aoife MacDonald
    known_as: [Effie]
    group: P4
    handles: ["@aoife_m"]
    biometric: granted           # without it no template is ever made of this person
    consent: {twitter: granted, website: refused}      # or `consent: granted` for every channel
  - id: P02
    name: Jamie Reid
    consent:
      twitter: {granted: 2026-08-20, until: 2027-06-30, by: parent, withdrawn: 2026-11-02}
    high_risk: true
    look_alikes: [P01]           # twins, siblings: not cleared by face alone where the other is not consented
staff:
  - {id: S01, name: Mrs Campbell, consent: granted}
"""


def write(folder: Path, text: str | bytes, name: str = "consent_roster.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def told(path: Path) -> RosterError:
    with pytest.raises(RosterError) as caught:
        load_roster(path)
    return caught.value


@pytest.mark.parametrize("case", BAD)
def test_every_mistake_is_named_with_its_line_and_cure(case: str, tmp_path: Path) -> None:
    error = told(write(tmp_path, BAD[case]["roster"]))
    assert [line.strip() for line in error.message.split("\n")[1:]] == BAD[case]["says"]
    assert error.message.startswith("consent_roster.yaml cannot be used: ")
    assert error.exit_code == EXIT_NO_VERDICT
    assert error.hint


def test_the_example_of_the_documentation_loads_as_it_is_written(tmp_path: Path) -> None:
    roster = load_roster(write(tmp_path, DESIGN))
    assert (roster.school, roster.dpia) == ("Example Primary School", "DPIA 2026-14, council records")
    assert (roster.review_by, roster.channels, roster.demo) == (date(2027, 6, 30), ("twitter", "website"), False)
    aoife, jamie, campbell = roster.people
    assert (aoife.id, aoife.name, aoife.known_as, aoife.group) == ("P01", "Aoife MacDonald", ("Effie",), "P4")
    assert (aoife.handles, aoife.biometric, aoife.role) == (("@aoife_m",), True, Role.PUPIL)
    assert aoife.consent == (Consent(channel="twitter", granted=True), Consent(channel="website", granted=False))
    assert (jamie.biometric, jamie.high_risk, jamie.look_alikes) == (False, True, ("P01",))
    assert jamie.consent == (
        Consent(
            channel="twitter",
            granted=True,
            since=date(2026, 8, 20),
            until=date(2027, 6, 30),
            by="parent",
            withdrawn=date(2026, 11, 2),
        ),
    )
    assert jamie.consent_state("website", date(2026, 11, 23)) is ConsentState.MISSING
    assert campbell.role is Role.STAFF
    assert campbell.may_appear("website", date(2026, 11, 23))


def test_the_fingerprint_is_of_the_files_bytes(tmp_path: Path) -> None:
    first = load_roster(write(tmp_path, DESIGN)).fingerprint
    assert first.startswith("sha256:")
    assert load_roster(write(tmp_path, DESIGN + "\n")).fingerprint != first


def test_a_roster_wide_biometric_is_a_default_that_a_family_can_refuse(tmp_path: Path) -> None:
    text = "school: S\nbiometric: granted\npupils:\n- {id: A, name: A B}\n- {id: B, name: C D, biometric: refused}\n"
    assert [p.biometric for p in load_roster(write(tmp_path, text)).people] == [True, False]
    without = load_roster(write(tmp_path, text.replace("biometric: granted\n", "")))
    assert [p.biometric for p in without.people] == [False, False]


def test_a_misspelt_biometric_never_grants_one(tmp_path: Path) -> None:
    text = "school: S\nbiometric: granted\npupils:\n- {id: A, name: A B, biometric: [refused]}\n"
    assert "biometric must be one value" in told(write(tmp_path, text)).message


def test_one_word_with_days_may_stand_for_every_channel(tmp_path: Path) -> None:
    text = "school: S\nchannels: [a, b]\npupils:\n- {id: A, name: A B, consent: {granted: 2026-08-20, by: mother}}\n"
    (person,) = load_roster(write(tmp_path, text)).people
    assert [(c.channel, c.since, c.by) for c in person.consent] == [
        ("a", date(2026, 8, 20), "mother"),
        ("b", date(2026, 8, 20), "mother"),
    ]


def test_capital_letters_are_no_mistake(tmp_path: Path) -> None:
    text = "school: S\ndemo: TRUE\npupils:\n- {id: A, name: A B, consent: Granted, biometric: GRANTED}\n"
    (person,) = load_roster(write(tmp_path, text)).people
    assert person.consent == (Consent(channel="twitter", granted=True),)
    assert person.biometric


def test_a_dated_refusal_is_a_refusal(tmp_path: Path) -> None:
    text = "school: S\npupils:\n- {id: A, name: A B, consent: {twitter: {refused: 2026-08-20, by: father}}}\n"
    (person,) = load_roster(write(tmp_path, text)).people
    assert person.consent_state("twitter", date(2020, 1, 1)) is ConsentState.REFUSED


def test_optional_keys_of_a_person(tmp_path: Path) -> None:
    text = (
        "school: S\npupils:\n- {id: A, name: A B, school: Other, parent_handles: '@mum', photographed: 2026-09-01, "
        "group: 2E1}\n"
    )
    (person,) = load_roster(write(tmp_path, text)).people
    assert (person.school, person.parent_handles, person.photographed) == ("Other", ("@mum",), date(2026, 9, 1))
    assert person.group == "2E1"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_can_be_read(encoding: str, tmp_path: Path) -> None:
    text = "school: S\r\npupils:\r\n- {id: A, name: Zoë Müller}\r\n".encode(encoding)
    assert load_roster(write(tmp_path, text)).people[0].name == "Zoë Müller"


@pytest.mark.parametrize(
    "data", ["name: Zoë".encode("cp1252"), b"school: \xff\xfe", b"a\0b", "school: S".encode("utf-16-le")]
)
def test_what_cannot_be_decoded_is_never_guessed(data: bytes, tmp_path: Path) -> None:
    error = told(write(tmp_path, data))
    assert "cannot be read" in error.message
    assert "UTF-8" in error.message


def test_missing_empty_or_a_folder(tmp_path: Path) -> None:
    assert "There is no roster at" in told(tmp_path / "gone.yaml").message
    assert "is a folder" in told(tmp_path).message
    assert "is empty" in told(write(tmp_path, " \n\n")).message
    assert "is empty" in told(write(tmp_path, b"\xef\xbb\xbf")).message


def test_deep_nesting_is_an_error_and_no_crash(tmp_path: Path) -> None:
    """libyaml's own composer ends the process at this depth."""
    error = told(write(tmp_path, "school: " + "[" * 200_000 + "]" * 200_000))
    assert "deeper than anything here needs" in error.message


def test_a_control_character_is_named_with_its_line(tmp_path: Path) -> None:
    assert "line 2: an invisible control character" in told(write(tmp_path, "school: S\npupils: \x07\n")).message


def test_many_mistakes_are_counted_after_the_first_hundred(tmp_path: Path) -> None:
    text = "school: S\npupils:\n" + "".join(f"- {{id: P{n}}}\n" for n in range(150))
    assert told(write(tmp_path, text)).message.endswith("… and 50 more.")


def test_names_never_stand_in_the_message(tmp_path: Path) -> None:
    text = "school: S\npupils:\n- {id: A, name: Aoife MacDonald, Aoife: x, consent: Aoife, look_alikes: [Aoife]}\n"
    assert "Aoife" not in told(write(tmp_path, text)).message


def test_the_review_day_itself_still_counts(tmp_path: Path) -> None:
    roster = load_roster(write(tmp_path, DESIGN))
    refuse_stale(roster, on=date(2027, 6, 30))
    with pytest.raises(RosterError, match="should have been reviewed by 2027-06-30") as caught:
        refuse_stale(roster, on=date(2027, 7, 1))
    assert caught.value.exit_code == EXIT_NO_VERDICT
    assert "review_by" in caught.value.hint


def test_a_roster_without_a_review_day_never_goes_stale(tmp_path: Path) -> None:
    refuse_stale(load_roster(write(tmp_path, DESIGN.replace("review_by", "# "))), on=date(2099, 1, 1))


def test_the_roster_is_found_upwards_and_the_nearest_counts(tmp_path: Path) -> None:
    week = tmp_path / "school" / "drafts" / "week"
    week.mkdir(parents=True)
    assert find_roster(week) is None or not find_roster(week).is_relative_to(tmp_path)  # type: ignore[union-attr]
    outer = write(tmp_path, DESIGN)
    inner = write(tmp_path / "school", DESIGN)
    assert find_roster(week) == inner
    inner.unlink()
    assert find_roster(week) == outer


def test_two_rosters_in_one_folder_are_one_too_many(tmp_path: Path) -> None:
    write(tmp_path, DESIGN)
    write(tmp_path, "id,name\nA,B C\n", "consent_roster.csv")
    with pytest.raises(RosterError, match="two rosters"):
        find_roster(tmp_path)
