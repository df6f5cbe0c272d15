"""Reference photos: whose they are, and which may be used at all."""

from pathlib import Path

import pytest

from postguard.domain.errors import RosterError
from postguard.domain.people import Person, Roster
from postguard.loading import list_references, refuse_orphans

ROSTER = Roster(
    school="S",
    people=(
        Person(id="P02", name="B", biometric=True),
        Person(id="P01", name="A", biometric=True),
        Person(id="P03", name="C", biometric=False),
        Person(id="P04", name="D", biometric=False),
        Person(id="P05", name="E", biometric=True),
    ),
)


def put(faces: Path, *names: str) -> None:
    for name in names:
        (faces / name).parent.mkdir(parents=True, exist_ok=True)
        (faces / name).write_bytes(b"x")


def test_photos_by_person_in_the_rosters_order(tmp_path: Path) -> None:
    put(tmp_path, "P01/b.jpg", "P01/a.PNG", "P02/a.heic", "P05/a.jpg", ".DS_Store", "P01/Thumbs.db")
    found = list_references(tmp_path, ROSTER)
    assert [(who, [p.name for p in photos]) for who, photos in found.photos] == [
        ("P02", ["a.heic"]),
        ("P01", ["a.PNG", "b.jpg"]),
        ("P05", ["a.jpg"]),
    ]
    assert found.problems == ()
    assert found.of("P01") == (tmp_path / "P01" / "a.PNG", tmp_path / "P01" / "b.jpg")
    assert found.of("P99") == ()


def test_without_biometric_consent_no_photo_is_listed_and_it_is_said(tmp_path: Path) -> None:
    put(tmp_path, "P01/a.jpg", "P02/a.jpg", "P05/a.jpg", "P03/a.jpg")
    (tmp_path / "P04").mkdir()
    found = list_references(tmp_path, ROSTER)
    assert found.of("P03") == ()
    assert [(p.part, p.reason) for p in found.problems] == [
        (
            "P03",
            "The family has not agreed to a face template (the roster does not say biometric: granted), "
            "so these photos are not used. Remove them.",
        )
    ]


def test_what_is_wrong_with_the_folders(tmp_path: Path) -> None:
    put(
        tmp_path,
        "P01/a.jpg",
        "P01/clip.mov",
        "P01/.b.jpg",
        "P01/more/c.jpg",
        "P055/a.jpg",
        "loose.jpg",
        "Zebedee/a.jpg",
    )
    (tmp_path / "P05").mkdir()
    put(tmp_path.parent, "outside.jpg")
    (tmp_path / "P01" / "z.jpg").symlink_to(tmp_path.parent / "outside.jpg")
    found = list_references(tmp_path, ROSTER)
    assert found.photos == (("P01", (tmp_path / "P01" / "a.jpg",)),)
    not_usable = "This is not a photo that can be used (jpg, png, webp, tiff, bmp, heic or avif)."
    not_ordinary = "This is not an ordinary file inside the person's folder, so it is not used."
    no_photos = "There are no photos of this person, so nobody can be cleared as them."
    assert [(p.part, p.reason) for p in found.problems] == [
        ("P01/.b.jpg", not_usable),
        ("P01/clip.mov", not_usable),
        ("P01/more", not_ordinary),
        ("P01/z.jpg", not_ordinary),
        ("P055", "Nobody on the roster has this id. Did you mean P05?"),
        ("Zebedee", "Nobody on the roster has this id. Rename the folder to the person's id, or remove it."),
        ("loose.jpg", "A file lies beside the folders. Put it into the person's."),
        ("P02", no_photos),
        ("P05", no_photos),
    ]


def test_no_folder_at_all(tmp_path: Path) -> None:
    found = list_references(tmp_path / "faces", ROSTER)
    assert (found.photos, len(found.problems)) == ((), 3)


@pytest.mark.parametrize(("orphans", "words"), [(("P99",), "A folder belongs"), (("P98", "P99"), "2 folders belong")])
def test_photos_of_nobody_on_the_roster_allow_no_verdict(tmp_path: Path, orphans: tuple[str, ...], words: str) -> None:
    put(tmp_path, "P01/a.jpg", *(f"{who}/a.jpg" for who in orphans))
    with pytest.raises(RosterError, match=words) as raised:
        refuse_orphans(list_references(tmp_path, ROSTER))
    assert not any(who in raised.value.message + raised.value.hint for who in orphans)


def test_people_without_photos_do_not_stop_a_check(tmp_path: Path) -> None:
    put(tmp_path, "P01/a.jpg", "loose.jpg")
    refuse_orphans(list_references(tmp_path, ROSTER))
