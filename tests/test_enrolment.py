"""Enrolment: what each reference photo comes to. The eyes are pretended: a photo's colour says what they see."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from pretend_eyes import PretendEyes

from postguard import enrolment
from postguard.domain.errors import GalleryError
from postguard.domain.people import Person, Roster
from postguard.enrolment import Enrolment, bring_up_to_date, discard_photos
from postguard.loading import list_references
from postguard.records.gallery_file import read_gallery
from postguard.seeing.types import Pixels, SeenFace

TODAY = date(2026, 11, 23)


class School:
    """A school's folder that a test can change and enrol again."""

    def __init__(self, folder: Path, people: int = 4) -> None:
        self.folder = folder
        self.eyes = PretendEyes()
        self.roster = Roster(
            school="Pretended Primary",
            people=tuple(Person(id=f"P{n}", name=f"Pupil {n}", biometric=True) for n in range(1, people + 1)),
            path=folder / "consent_roster.yaml",
        )
        for person in range(1, people + 1):
            for photo in range(1, 4):
                self.photo(f"P{person}", f"{photo}.png", person, photo)

    @property
    def gallery_file(self) -> Path:
        return self.folder / ".postguard" / "gallery.npz"

    def photo(
        self, person: str, name: str, who: int, photo: int, wrong: int = 0, exif: Image.Exif | None = None
    ) -> Path:
        path = self.folder / "faces" / person / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", (4, 4), (who, photo, wrong))
        image.save(path, **({} if exif is None else {"exif": exif.tobytes()}))
        return path

    def change(self, person: str, **changes: object) -> None:
        people = tuple(replace(p, **changes) if p.id == person else p for p in self.roster.people)  # type: ignore[arg-type]
        self.roster = replace(self.roster, people=people)

    def enrol(self, on: date = TODAY) -> Enrolment:
        self.eyes.looked = 0
        references = list_references(self.folder / "faces", self.roster)
        return bring_up_to_date(self.roster, references, self.eyes, self.gallery_file, on=on)

    def kept(self) -> dict[str, int]:
        """Person to the number of templates in the file."""
        gallery = read_gallery(self.gallery_file, self.eyes.encoders).gallery
        assert gallery is not None
        people = [reference.person for reference in gallery.references]
        return {person: people.count(person) for person in people}


@pytest.fixture
def school(tmp_path: Path) -> School:
    return School(tmp_path)


def reasons(result: Enrolment) -> dict[str, str]:
    return {f"{a.person.id}/{p.path.name}": p.reason for a in result.accounts for p in a.refused}


def test_good_photos_are_used(school: School) -> None:
    result = school.enrol()
    assert [(a.person.id, a.used) for a in result.accounts] == [("P1", 3), ("P2", 3), ("P3", 3), ("P4", 3)]
    assert reasons(result) == {}
    assert result.gallery.people == ("P1", "P2", "P3", "P4")
    assert result.without_template == frozenset()
    assert result.means == ("12 reference photos of 4 people",)
    assert school.kept() == {"P1": 3, "P2": 3, "P3": 3, "P4": 3}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (PretendEyes.NOBODY, "no face"),
        (PretendEyes.TWO, "two faces"),
        (PretendEyes.SMALL, "too small (30 pixels high, 64 are needed)"),
        (PretendEyes.BLURRED, "the face is blurred and turned away"),
    ],
)
def test_a_poor_photo_is_refused_and_nothing_of_it_is_kept(school: School, wrong: int, reason: str) -> None:
    school.photo("P1", "4.png", 1, 4, wrong)
    result = school.enrol()
    assert list(reasons(result)) == ["P1/4.png"]
    assert reason in reasons(result)["P1/4.png"]
    assert school.kept()["P1"] == 3


def test_a_speck_in_the_background_does_not_count(school: School) -> None:
    school.photo("P1", "4.png", 1, 4, PretendEyes.SPECK)
    assert reasons(school.enrol()) == {}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("4.jpg", b"", "empty"),
        ("4.jpg", b"this is no picture", "not a picture"),
        ("4.jpg", None, "really a PNG"),
    ],
)
def test_an_unreadable_photo_is_refused(school: School, name: str, content: bytes | None, reason: str) -> None:
    whole = (school.folder / "faces" / "P1" / "1.png").read_bytes()
    (school.folder / "faces" / "P1" / name).write_bytes(whole if content is None else content)
    school.photo("P1", "1.png", 1, 99)
    assert reason in reasons(school.enrol())["P1/4.jpg"]


def test_a_moving_picture_is_refused(school: School) -> None:
    frames = [Image.new("RGB", (4, 4), (1, n, 0)) for n in (50, 60)]
    frames[0].save(school.folder / "faces" / "P1" / "4.gif", save_all=True, append_images=frames[1:])
    assert "moving" in reasons(school.enrol())["P1/4.gif"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a file its owner may not read")
def test_a_photo_that_may_not_be_opened_is_refused(school: School) -> None:
    school.photo("P1", "4.png", 1, 4).chmod(0)
    assert "cannot be opened" in reasons(school.enrol())["P1/4.png"]


def test_swapped_photos_are_refused(school: School) -> None:
    school.photo("P1", "4.png", 2, 9)
    result = school.enrol()
    assert reasons(result) == {"P1/4.png": enrolment.SOMEBODY_ELSE}
    assert school.kept()["P1"] == 3


def test_a_photo_unlike_the_others_is_refused(school: School) -> None:
    school.photo("P1", "4.png", 77, 1)
    assert reasons(school.enrol()) == {"P1/4.png": enrolment.UNLIKE}


def test_the_same_photo_twice_counts_once(school: School) -> None:
    school.photo("P1", "4.png", 1, 1)
    assert reasons(school.enrol()) == {"P1/4.png": enrolment.TWICE}
    assert school.kept()["P1"] == 3
    assert reasons(school.enrol()) == {"P1/4.png": enrolment.TWICE}
    assert school.eyes.looked == 0


def test_one_photo_in_two_folders_is_nobodys(school: School) -> None:
    school.photo("P2", "4.png", 1, 1)
    assert reasons(school.enrol()) == {"P1/1.png": enrolment.TWO_OWNERS, "P2/4.png": enrolment.TWO_OWNERS}


def test_nothing_is_looked_at_twice(school: School) -> None:
    school.photo("P1", "4.png", 1, 4, PretendEyes.BLURRED)
    school.photo("P1", "5.png", 2, 9)
    first = school.enrol()
    assert (first.looked_at, school.eyes.looked) == (14, 14)
    written = school.gallery_file.stat().st_mtime_ns
    again = school.enrol()
    assert (again.looked_at, school.eyes.looked) == (0, 0)
    assert reasons(again) == reasons(first)
    assert school.gallery_file.stat().st_mtime_ns == written


def test_only_what_changed_is_looked_at(school: School) -> None:
    school.photo("P1", "4.png", 1, 4, PretendEyes.BLURRED)
    school.enrol()
    school.photo("P2", "4.png", 2, 4)
    school.photo("P3", "1.png", 3, 7)
    assert school.enrol().looked_at == 2
    assert school.kept() == {"P1": 3, "P2": 4, "P3": 3, "P4": 3}


def test_a_photo_refused_for_the_others_sake_is_looked_at_again_when_they_change(school: School) -> None:
    school.photo("P1", "4.png", 2, 9)
    school.enrol()
    for name in ("1.png", "2.png", "3.png"):
        (school.folder / "faces" / "P2" / name).unlink()
    (school.folder / "faces" / "P1" / "4.png").rename(school.folder / "faces" / "P2" / "4.png")
    assert reasons(school.enrol()) == {}
    assert school.kept() == {"P1": 3, "P2": 1, "P3": 3, "P4": 3}


def test_a_photo_taken_away_takes_its_template_along(school: School) -> None:
    school.enrol()
    (school.folder / "faces" / "P1" / "1.png").unlink()
    school.enrol()
    assert school.kept()["P1"] == 2


def test_without_biometric_consent_nobody_is_measured(school: School) -> None:
    school.change("P1", biometric=False)
    result = school.enrol()
    assert school.eyes.looked == 9
    assert "P1" not in school.kept()
    assert [a.person.id for a in result.accounts] == ["P2", "P3", "P4"]
    assert result.without_template == {"P1"}


def test_even_listed_photos_of_such_a_person_are_not_measured(school: School) -> None:
    references = list_references(school.folder / "faces", school.roster)
    school.change("P1", biometric=False)
    bring_up_to_date(school.roster, references, school.eyes, school.gallery_file, on=TODAY)
    assert "P1" not in school.kept()
    assert school.eyes.looked == 9


def test_withdrawn_consent_removes_templates_before_anything_else(school: School) -> None:
    school.enrol()
    school.change("P1", biometric=False)
    school.photo("P2", "4.png", 2, 4)

    def broken(pixels: Pixels) -> tuple[SeenFace, ...]:
        raise KeyboardInterrupt

    school.eyes.references = broken  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        school.enrol()
    assert "P1" not in school.kept()
    assert b"P\x00\x00\x001" not in school.gallery_file.read_bytes()


def test_a_gallery_of_other_encoders_is_made_again(school: School) -> None:
    school.enrol()
    school.eyes = PretendEyes({"dlib": "e" * 64, "sface": "s" * 64})
    result = school.enrol()
    assert result.looked_at == 12
    assert "other face models" in result.remarks[0]


def test_a_damaged_gallery_is_made_again(school: School) -> None:
    school.enrol()
    school.gallery_file.write_bytes(school.gallery_file.read_bytes()[:-100])
    result = school.enrol()
    assert result.looked_at == 12
    assert "damaged" in result.remarks[0]
    assert school.enrol().remarks == ()


def test_one_encoder_is_said(school: School) -> None:
    school.eyes = PretendEyes({"dlib": "d" * 64})
    assert any("one encoder" in remark for remark in school.enrol().remarks)


@pytest.mark.parametrize(
    ("photographed", "stale", "remark"),
    [
        (date(2026, 10, 1), False, ""),
        (date(2026, 5, 24), False, ""),
        (date(2026, 5, 23), False, "over 6 months"),
        (date(2025, 11, 24), False, "over 6 months"),
        (date(2025, 11, 23), True, "over 12 months"),
        (date(2027, 1, 1), False, ""),
        (None, False, ""),
    ],
)
def test_old_references_lose_the_power_to_clear(
    school: School, photographed: date | None, stale: bool, remark: str
) -> None:
    school.change("P1", photographed=photographed)
    result = school.enrol()
    assert result.stale == (frozenset({"P1"}) if stale else frozenset())
    believed = None if photographed is None or photographed > TODAY else photographed
    assert result.accounts[0].newest == believed
    remarks = result.accounts[0].remarks
    assert (remark in remarks[0]) if remark else remarks == ()
    assert result.gallery.people[0] == "P1"  # it still blocks


def test_the_photo_itself_says_when_it_was_taken(school: School) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2024:06:01 10:00:00"
    for number in range(1, 4):
        school.photo("P1", f"{number}.png", 1, number, exif=exif)
    result = school.enrol()
    assert result.accounts[0].newest == date(2024, 6, 1)
    assert result.stale == {"P1"}
    school.photo("P1", "4.png", 1, 4)
    school.change("P1", photographed=date(2026, 11, 1))
    assert school.enrol().stale == frozenset()


def test_a_files_own_date_is_not_believed(school: School) -> None:
    for path in (school.folder / "faces" / "P1").iterdir():
        os.utime(path, (0, 0))
    result = school.enrol()
    assert result.accounts[0].newest is None
    assert result.stale == frozenset()


def test_who_has_no_photo_is_said(school: School) -> None:
    school.roster = replace(
        school.roster, people=(*school.roster.people, Person(id="P9", name="New Pupil", biometric=True))
    )
    result = school.enrol()
    assert result.without_template == {"P9"}
    assert "no reference photo" in result.accounts[-1].remarks[0]


def test_files_that_belong_to_nobody_are_said(school: School) -> None:
    school.photo("P99", "1.png", 9, 1)
    result = school.enrol()
    assert [problem.part for problem in result.problems] == ["P99"]
    assert school.eyes.looked == 12


# --- Discarded photos --------------------------------------------------------------------------------


def discard(school: School) -> tuple[int, tuple[Path, ...]]:
    return discard_photos(list_references(school.folder / "faces", school.roster), school.gallery_file)


def test_templates_outlive_their_photos(school: School) -> None:
    school.enrol()
    assert discard(school) == (12, ())
    assert not list((school.folder / "faces").iterdir())
    after = school.enrol()
    assert (after.looked_at, [account.used for account in after.accounts]) == (0, [3, 3, 3, 3])
    assert school.enrol().gallery.people == after.gallery.people


def test_only_photos_in_use_are_discarded(school: School) -> None:
    poor = school.photo("P1", "4.png", 1, 4, PretendEyes.TWO)
    school.enrol()
    new = school.photo("P2", "new.png", 2, 4)
    assert discard(school) == (12, (poor, new))
    assert poor.exists() and new.exists()


def test_a_wrong_photo_that_comes_later_undoes_no_discarded_one(school: School) -> None:
    school.enrol()
    discard(school)
    for number in (5, 6, 7, 8):
        school.photo("P1", f"{number}.png", 2, number)
    again = school.enrol()
    assert school.kept() == {"P1": 3, "P2": 3, "P3": 3, "P4": 3}
    assert len(again.accounts[0].refused) == 4


def test_a_discarded_photo_that_is_put_back_counts_once_and_goes_with_its_file(school: School) -> None:
    school.enrol()
    discard(school)
    path = school.photo("P1", "again.png", 1, 1)
    assert [account.used for account in school.enrol().accounts] == [3, 3, 3, 3]
    path.unlink()
    assert [account.used for account in school.enrol().accounts] == [2, 3, 3, 3]


def test_withdrawn_consent_removes_templates_without_photos_too(school: School) -> None:
    school.enrol()
    discard(school)
    school.change("P1", biometric=False)
    school.enrol()
    assert school.kept() == {"P2": 3, "P3": 3, "P4": 3}


@pytest.mark.parametrize("harm", ["damaged", "another version", "other face models", "gone"])
def test_a_gallery_that_cannot_be_made_again_is_never_replaced(
    school: School, harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.enrol()
    discard(school)
    before = school.gallery_file.read_bytes()
    if harm == "damaged":
        before = before[:-100]
    elif harm == "another version":
        monkeypatch.setattr("postguard.records.gallery_file.FORMAT", 99)
    elif harm == "other face models":
        school.eyes = PretendEyes({"dlib": "e" * 64, "sface": "s" * 64})
    school.gallery_file.write_bytes(before)
    if harm == "gone":
        school.gallery_file.unlink()
    with pytest.raises(GalleryError, match=harm) as refused:
        school.enrol()
    assert "backup" in refused.value.hint
    assert harm == "gone" or school.gallery_file.read_bytes() == before
