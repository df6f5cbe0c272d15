"""`postguard enrol` and `postguard calibrate` as a user runs them. The photos are colours, the eyes pretended."""

import shutil
from pathlib import Path

import pytest
from PIL import Image
from pretend_eyes import PretendEyes

from postguard.assembly import open_guard
from postguard.loading import load_roster, load_settings

PEOPLE = 5
ROSTER = """school: Pretended Primary
demo: true
dpia: "none needed"
biometric: granted
pupils:
  - {id: P01, name: Aoife MacDonald, consent: granted}
  - {id: P02, name: Jamie Reid, consent: refused}
  - {id: P03, name: Grace Okafor, consent: granted}
  - {id: P04, name: Callum Fraser, consent: granted}
  - {id: P05, name: Isla Thomson, consent: granted}
"""


@pytest.fixture
def enrolled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A school with three photos each of five pupils."""
    school = tmp_path / "school"
    school.mkdir()
    (school / "consent_roster.yaml").write_text(ROSTER, encoding="utf-8")
    monkeypatch.setattr("postguard.seeing.eyes.Eyes", lambda models: PretendEyes())
    monkeypatch.chdir(school)
    for who in range(1, PEOPLE + 1):
        for number in range(1, 4):
            photo(school, f"P{who:02}", number, who)
    return school


def photo(school: Path, person: str, number: int, who: int, wrong: int = 0) -> None:
    path = school / "faces" / person / f"{number}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4), (who, number, wrong)).save(path)


def test_everybody_has_good_photos(enrolled, postguard):
    ran = postguard("enrol")
    assert ran.code == 0, ran.said
    assert ran.out.count("✓ P0") == PEOPLE
    assert "15 photos of 5 people in use, 0 refused." in ran.out
    assert (enrolled / ".postguard" / "gallery.npz").exists()


def test_a_refused_photo_is_something_to_do(enrolled, postguard):
    photo(enrolled, "P01", 4, 1, PretendEyes.TWO)
    ran = postguard("enrol")
    assert ran.code == 1
    assert "P01  Aoife MacDonald: 3 photos in use, 1 refused" in ran.out
    assert "4.png: there are two faces in it" in ran.out


def test_somebody_without_a_photo_is_something_to_do(enrolled, postguard):
    shutil.rmtree(enrolled / "faces" / "P03")
    ran = postguard("enrol")
    assert ran.code == 1
    assert ran.out.count("no reference photo") == 1
    assert ran.out.count("P03") == 1


def test_ids_instead_of_names(enrolled, postguard):
    named = postguard("enrol").out
    redacted = postguard("enrol", "--redact").out
    assert "Grace Okafor" in named
    assert "Grace Okafor" not in redacted
    assert "P03" in redacted


def test_photos_are_discarded_only_when_asked_twice(enrolled, postguard, monkeypatch):
    assert postguard("enrol", "--discard-photos").code == 2
    assert len(list(enrolled.rglob("faces/*/*.png"))) == 3 * PEOPLE
    ran = postguard("enrol", "--discard-photos", "--yes")
    assert (ran.code, "15 photos discarded" in ran.out) == (0, True)
    assert not list((enrolled / "faces").iterdir())
    assert postguard("roster", "check").code == 0
    passphrase = enrolled / "passphrase"
    passphrase.write_text("correct horse battery staple")
    monkeypatch.setenv("POSTGUARD_PASSPHRASE_FILE", str(passphrase))
    assert postguard("lock").code == 0
    assert postguard("roster", "check").code == 0, "nobody can tell while they are locked"
    assert postguard("unlock").code == 0
    again = postguard("enrol")
    assert (again.code, "15 photos of 5 people in use, 0 refused." in again.out) == (0, True)


def test_quiet_shows_only_what_is_to_do(enrolled, postguard):
    assert "✓" in postguard("enrol").out
    assert "✓" not in postguard("enrol", "-q").out


def test_quiet_still_shows_a_photo_that_is_there_twice(enrolled, postguard):
    Image.new("RGB", (4, 4), (1, 2, 7)).save(enrolled / "faces" / "P01" / "3.png")  # other bytes, the same sight
    out = postguard("enrol", "-q").out
    assert "3.png: it is nearly the same as another photo in use" in out
    assert out.count("3 photos in use") == 1


def test_a_folder_that_cannot_hold_the_gallery_is_said(enrolled, postguard):
    (enrolled / ".postguard").write_text("in the way")
    for command in ("enrol", "calibrate"):
        ran = postguard(command)
        assert ran.code == 2
        assert "gallery" in ran.err
        assert "Traceback" not in ran.said


def test_no_roster_is_said(tmp_path, postguard, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in ("enrol", "calibrate"):
        ran = postguard(command)
        assert ran.code == 2
        assert "consent_roster.yaml" in ran.err


def test_calibrate_measures_and_changes_nothing(enrolled, postguard):
    ran = postguard("calibrate")
    assert ran.code == 0, ran.said
    assert "Strangers cleared: 0 of 15" in ran.out
    assert "With consent, stopped: 0 of 15" in ran.out
    assert "So few photos cannot prove it: 15 were compared, 301 would be needed." in ran.out
    assert not (enrolled / "postguard.yaml").exists()


def test_calibrate_draws_a_page_without_names_or_ids(enrolled, postguard):
    page = enrolled / "calibration.html"
    assert postguard("calibrate", "-o", page).code == 0
    drawn = page.read_text(encoding="utf-8")
    assert "<svg" in drawn
    assert "http" not in drawn
    for word in ("P01", "Grace", "Okafor"):
        assert word not in drawn


def test_a_folder_full_of_somebody_elses_photos_is_told(enrolled, postguard):
    """They agree with one another, so no single photo is refused."""
    assert "wrong folder" not in postguard("enrol").out
    for number in range(1, 4):
        photo(enrolled, "P01", number, 2, 7)  # other photos of the same face
    ran = postguard("enrol")
    assert "so alike that neither is cleared while the other may not be shown" in ran.out
    assert "Aoife MacDonald and Jamie Reid" in ran.out
    assert "Aoife" not in postguard("enrol", "--redact", "-q").out.split("wrong folder")[1]


def test_people_whom_the_roster_lists_as_look_alikes_are_not_told_again(enrolled, postguard):
    roster = enrolled / "consent_roster.yaml"
    for number in range(1, 4):
        photo(enrolled, "P01", number, 2, 7)
    roster.write_text(roster.read_text().replace("{id: P02,", "{id: P02, look_alikes: [P01],"), encoding="utf-8")
    assert "so alike" not in postguard("enrol").out


def test_calibrate_proposes_look_alikes(enrolled, postguard, monkeypatch):
    for number in range(1, 4):
        photo(enrolled, "P02", number, 1, 0)
        photo(enrolled, "P01", number, 1, 7)  # another photo of the same face: twins
    ran = postguard("calibrate", "--redact")
    assert "P01: look_alikes: [P02]" in ran.out
    assert "let at most 1.0% of these strangers clear, apart from the pairs that look alike. Keep them." in ran.out
    monkeypatch.setattr("postguard.matching.calibration.propose", raised)
    assert "strangers cleared, apart from the pairs that look alike, these" in postguard("calibrate").out


def test_proposed_thresholds_are_written_and_comments_kept(enrolled, postguard, monkeypatch):
    settings = enrolled / "postguard.yaml"
    settings.write_text("# Ours.\nrequire_head_count: true  # always\nthresholds: {margin: 0.2}\n", encoding="utf-8")
    monkeypatch.setattr("postguard.matching.calibration.propose", raised)
    ran = postguard("calibrate", "--write")
    assert ran.code == 0, ran.said
    assert f"Written to {settings}" in ran.out.replace("\n", "")
    assert "strangers cleared, these are proposed" in ran.out
    text = settings.read_text(encoding="utf-8")
    assert "# Ours." in text
    assert "# always" in text
    thresholds = load_settings(settings).thresholds
    assert (thresholds.clear, thresholds.stranger_clear, thresholds.margin) == (0.7, 0.75, 0.2)


def test_settings_are_made_where_there_are_none(enrolled, postguard, monkeypatch):
    monkeypatch.setattr("postguard.matching.calibration.propose", raised)
    assert postguard("calibrate", "--write").code == 0
    assert load_settings(enrolled / "postguard.yaml").thresholds.clear == 0.7


def test_nobody_to_compare_is_said(enrolled, postguard):
    for who in range(2, PEOPLE + 1):
        shutil.rmtree(enrolled / "faces" / f"P{who:02}")
    ran = postguard("calibrate")
    assert ran.code == 2
    assert "nobody to compare" in ran.err


def raised(strangers, thresholds, needed, target):
    from dataclasses import replace

    return replace(thresholds, clear=0.7, stranger_clear=0.75)


def test_a_check_says_that_no_assessment_is_named(enrolled, monkeypatch):
    monkeypatch.setattr("postguard.seeing.eyes.Eyes", lambda models, reader, threads: PretendEyes())
    monkeypatch.setattr(PretendEyes, "means", (), raising=False)
    roster = enrolled / "consent_roster.yaml"

    def said() -> bool:
        return any("assessment" in remark for remark in open_guard(load_roster(roster)).faces().remarks)

    assert not said()
    roster.write_text(roster.read_text().replace("dpia:", "#"))
    assert said()
    (enrolled / "postguard.yaml").write_text("dpia: DPIA 2026-14\n")
    assert not said()
