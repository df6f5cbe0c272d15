import multiprocessing
import os
import stat
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from postguard.domain.errors import RecordError
from postguard.records.gallery_file import (
    StoredGallery,
    StoredReference,
    StoredRefusal,
    gallery_lock,
    read_gallery,
    write_gallery,
)

ENCODERS = {"dlib": "a" * 64, "sface": "b" * 64}


def template(*values: float) -> np.ndarray:
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def stored() -> StoredGallery:
    return StoredGallery(
        encoders=ENCODERS,
        references=(
            StoredReference(
                person="P01",
                sha256="1" * 64,
                templates={"dlib": template(1, 2, 3), "sface": template(3, 4)},
                height=120,
                sharpness=55.5,
                taken=date(2026, 8, 20),
            ),
            StoredReference(
                person="P02",
                sha256="2" * 64,
                templates={"dlib": template(0, 1, 0), "sface": template(1, 0)},
                height=80,
                sharpness=30.0,
            ),
        ),
        refusals=(StoredRefusal(person="P01", sha256="3" * 64, reason="there is no face in it"),),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".postguard" / "gallery.npz"


def test_what_was_kept_comes_back(path: Path) -> None:
    write_gallery(path, stored())
    outcome = read_gallery(path, ENCODERS)
    assert outcome.remark == ""
    assert outcome.gallery is not None
    assert [(r.person, r.sha256, r.height, r.sharpness, r.taken) for r in outcome.gallery.references] == [
        ("P01", "1" * 64, 120, 55.5, date(2026, 8, 20)),
        ("P02", "2" * 64, 80, 30.0, None),
    ]
    for kept, given in zip(outcome.gallery.references, stored().references, strict=True):
        for name in ENCODERS:
            np.testing.assert_array_equal(kept.templates[name], given.templates[name])
    assert outcome.gallery.refusals == stored().refusals


def test_an_empty_gallery_comes_back(path: Path) -> None:
    write_gallery(path, StoredGallery(encoders=ENCODERS))
    outcome = read_gallery(path, ENCODERS)
    assert outcome.gallery is not None
    assert outcome.gallery.references == ()


def test_no_file_is_no_trouble(path: Path) -> None:
    outcome = read_gallery(path, ENCODERS)
    assert (outcome.gallery, outcome.remark) == (None, "")


@pytest.mark.parametrize("keep", [0.0, 0.02, 0.3, 0.7, 0.99])
def test_a_file_cut_short_is_said_and_left_unused(path: Path, keep: float) -> None:
    write_gallery(path, stored())
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    outcome = read_gallery(path, ENCODERS)
    assert outcome.gallery is None
    assert "damaged" in outcome.remark


def test_no_changed_byte_of_a_template_goes_unnoticed(path: Path) -> None:
    write_gallery(path, stored())
    whole = bytearray(path.read_bytes())
    where = whole.index(stored().references[0].templates["dlib"].tobytes())
    whole[where + 3] ^= 0x40
    path.write_bytes(bytes(whole))
    outcome = read_gallery(path, ENCODERS)
    assert outcome.gallery is None
    assert "damaged" in outcome.remark


@pytest.mark.parametrize("where", ["sface", "dlib"])
def test_a_template_that_is_no_template_is_damage(path: Path, where: str) -> None:
    good = stored().references[0]
    bad = StoredReference(
        person="P03",
        sha256="4" * 64,
        templates={**good.templates, where: good.templates[where] * np.float32(np.nan)},
        height=99,
        sharpness=1.0,
    )
    write_gallery(path, StoredGallery(encoders=ENCODERS, references=(good, bad)))
    assert "damaged" in read_gallery(path, ENCODERS).remark


def test_a_file_with_pickled_objects_is_never_opened(path: Path) -> None:
    path.parent.mkdir()
    np.savez(path, format=np.array([{"a": 1}], dtype=object))
    assert "damaged" in read_gallery(path, ENCODERS).remark


@pytest.mark.parametrize(
    "encoders", [{"dlib": "a" * 64}, {"dlib": "a" * 64, "sface": "c" * 64}, {**ENCODERS, "third": "d" * 64}]
)
def test_templates_of_other_encoders_are_not_used(path: Path, encoders: dict[str, str]) -> None:
    write_gallery(path, stored())
    outcome = read_gallery(path, encoders)
    assert outcome.gallery is None
    assert "other face models" in outcome.remark


def test_another_format_is_not_used(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_gallery(path, stored())
    monkeypatch.setattr("postguard.records.gallery_file.FORMAT", 1)
    outcome = read_gallery(path, ENCODERS)
    assert outcome.gallery is None
    assert "another version" in outcome.remark


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in another way")
def test_only_the_owner_may_read_it(path: Path) -> None:
    write_gallery(path, stored())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    write_gallery(path, stored())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_git_is_told_to_look_away(path: Path) -> None:
    write_gallery(path, stored())
    assert "*" in (path.parent / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_a_write_that_fails_leaves_the_old_file_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_gallery(path, stored())
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("postguard.records.files.os.fsync", full)
    with pytest.raises(RecordError, match="cannot be written"):
        write_gallery(path, StoredGallery(encoders=ENCODERS))
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.part"))


def test_a_folder_that_cannot_be_made_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / ".postguard").write_text("a file where the folder should be")
    with pytest.raises(RecordError, match="cannot be written"):
        write_gallery(tmp_path / ".postguard" / "gallery.npz", stored())
    with pytest.raises(RecordError), gallery_lock(tmp_path / ".postguard" / "gallery.npz"):
        pass


def _add_one(path: Path, number: int) -> None:
    with gallery_lock(path):
        known = read_gallery(path, ENCODERS).gallery or StoredGallery(encoders=ENCODERS)
        refusal = StoredRefusal(person=f"P{number}", sha256=f"{number:064}", reason="blurred")
        write_gallery(path, StoredGallery(encoders=ENCODERS, refusals=(*known.refusals, refusal)))


def test_runs_at_once_lose_nothing(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    runs = [context.Process(target=_add_one, args=(path, number)) for number in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0] * 4
    outcome = read_gallery(path, ENCODERS)
    assert outcome.gallery is not None
    assert sorted(r.person for r in outcome.gallery.refusals) == ["P0", "P1", "P2", "P3"]
