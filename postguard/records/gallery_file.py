"""The gallery file: every template this school has, in one file beside the roster.

It holds biometric data, so it is written for its owner alone (mode 0600) into a folder that git ignores, in one
step (a run that is cut off leaves the old file whole), and it is read without pickle. It is only ever a copy of
what can be made again from the reference photos: a file that is damaged, of another format or from other
encoders is said and left unused, never half used.
"""

import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from postguard.domain.errors import GalleryError

FORMAT = 1
"""Raised whenever what is stored, or how it was made, changes meaning: an older file is then made again."""

UNIT_LENGTH_TOLERANCE = 1e-3
"""Templates have length 1 (seeing.types); rounding to float32 stays far below this."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StoredReference:
    """One reference photo that is in use.

    `sha256` is of the photo's bytes (hex). `templates`: encoder name to a float32 array of shape (d,), unit
    length. `height` is the face's in pixels, `sharpness` as seeing measures it. `taken` is the day the photo
    itself says it was taken, or None.
    """

    person: str
    sha256: str
    templates: Mapping[str, NDArray[np.float32]]
    height: int
    sharpness: float
    taken: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredRefusal:
    """A reference photo that is not in use, and why. Nothing of the face is kept."""

    person: str
    sha256: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StoredGallery:
    """What one gallery file holds. `encoders`: encoder name to the SHA-256 (hex) of the weights it ran on."""

    encoders: Mapping[str, str]
    references: tuple[StoredReference, ...] = ()
    refusals: tuple[StoredRefusal, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GalleryOnDisk:
    """The outcome of reading: a gallery, or `remark`, the plain reason why there is none to use. Never both."""

    gallery: StoredGallery | None = None
    remark: str = field(default="")


class _Unusable(Exception):
    """The file's content contradicts itself."""


def read_gallery(path: Path, encoders: Mapping[str, str]) -> GalleryOnDisk:
    """Read the gallery that was made with exactly these encoders; everything else is a remark.

    No file at all is an empty outcome without a remark. Raises GalleryError when the file is there and this
    user may not read it.
    """
    try:
        with path.open("rb") as file:
            stored = _unpack(file)
    except FileNotFoundError:
        return GalleryOnDisk()
    except OSError as error:
        raise GalleryError(
            "The gallery file cannot be read.",
            hint=f"Check that you may read {path}, or delete it: it is made again from the reference photos.",
        ) from error
    except (_Unusable, zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError):
        return GalleryOnDisk(remark="The gallery file is damaged. It was not used, and was made again.")
    if stored is None:
        return GalleryOnDisk(remark="The gallery file is of another version of postguard, and was made again.")
    if dict(stored.encoders) != dict(encoders):
        return GalleryOnDisk(remark="The gallery file was made with other face models, and was made again.")
    return GalleryOnDisk(gallery=stored)


def write_gallery(path: Path, gallery: StoredGallery) -> None:
    """Replace the gallery file in one step, readable by its owner alone. Raises GalleryError."""
    try:
        _make_folder(path.parent)
        handle, name = tempfile.mkstemp(prefix=".gallery-", suffix=".part", dir=path.parent)  # mkstemp makes it 0600
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, allow_pickle=False, **_pack(gallery))
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise GalleryError(
            "The gallery file cannot be written.",
            hint=f"Check that you may write to {path.parent} and that the disk is not full.",
        ) from error


def forget_person(path: Path, person: str) -> bool:
    """Remove every template of this person at once; says whether there were any. Raises GalleryError.

    A file that cannot be read is removed whole: nobody could say that the person is not in it.
    """
    if not path.exists():
        return False
    with gallery_lock(path):
        try:
            with path.open("rb") as file:
                stored = _unpack(file)
        except (_Unusable, zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError):
            stored = None
        except OSError as error:
            raise GalleryError("The gallery file cannot be read.", hint=f"Check that you may read {path}.") from error
        if stored is None:
            path.unlink(missing_ok=True)
            return True
        kept = replace(
            stored,
            references=tuple(one for one in stored.references if one.person != person),
            refusals=tuple(one for one in stored.refusals if one.person != person),
        )
        held = len(kept.references) < len(stored.references)
        if held or len(kept.refusals) < len(stored.refusals):
            write_gallery(path, kept)
        return held


@contextmanager
def gallery_lock(path: Path) -> Iterator[None]:
    """Hold the gallery for one run: another run waits here until this one is done. Raises GalleryError."""
    try:
        _make_folder(path.parent)
        lock = (path.parent / (path.name + ".lock")).open("a+b")
    except OSError as error:
        raise GalleryError(
            "The folder for the gallery file cannot be made or written to.",
            hint=f"Check that you may write to {path.parent}.",
        ) from error
    with lock:
        _lock(lock)
        try:
            yield
        finally:
            _unlock(lock)


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        with suppress(OSError):  # a kindness, not a need: git is also refused by name (loading)
            ignore.write_text("# Templates and records of families: never in git.\n*\n", encoding="utf-8")


def _pack(gallery: StoredGallery) -> dict[str, NDArray[Any]]:
    references, refusals = gallery.references, gallery.refusals
    arrays: dict[str, NDArray[Any]] = {
        "format": np.array(FORMAT, dtype=np.int64),
        "encoders": _strings(gallery.encoders.keys()),
        "weights": _strings(gallery.encoders.values()),
        "person": _strings(r.person for r in references),
        "sha256": _strings(r.sha256 for r in references),
        "taken": _strings(r.taken.isoformat() if r.taken else "" for r in references),
        "height": np.array([r.height for r in references], dtype=np.int64),
        "sharpness": np.array([r.sharpness for r in references], dtype=np.float64),
        "refused_person": _strings(r.person for r in refusals),
        "refused_sha256": _strings(r.sha256 for r in refusals),
        "refused_reason": _strings(r.reason for r in refusals),
    }
    for name in gallery.encoders:
        rows = [np.asarray(r.templates[name], dtype=np.float32) for r in references]
        arrays[f"templates_{name}"] = np.stack(rows) if rows else np.zeros((0, 0), dtype=np.float32)
    return arrays


def _unpack(file: IO[bytes]) -> StoredGallery | None:
    """The stored gallery, or None where it is of another format. Raises what a damaged file raises."""
    with np.load(file, allow_pickle=False) as arrays:
        if int(arrays["format"]) != FORMAT:
            return None
        names, weights = _texts(arrays["encoders"]), _texts(arrays["weights"])
        encoders = dict(zip(names, weights, strict=True))
        people, hashes, taken = (_texts(arrays[key]) for key in ("person", "sha256", "taken"))
        heights, sharpness = arrays["height"], arrays["sharpness"]
        matrices = {name: _templates(arrays[f"templates_{name}"], len(people)) for name in encoders}
        references = tuple(
            StoredReference(
                person=person,
                sha256=sha256,
                templates={name: matrix[row] for name, matrix in matrices.items()},
                height=int(heights[row]),
                sharpness=float(sharpness[row]),
                taken=date.fromisoformat(day) if day else None,
            )
            for row, (person, sha256, day) in enumerate(zip(people, hashes, taken, strict=True))
        )
        refusals = tuple(
            StoredRefusal(person=person, sha256=sha256, reason=reason)
            for person, sha256, reason in zip(
                *(_texts(arrays[key]) for key in ("refused_person", "refused_sha256", "refused_reason")), strict=True
            )
        )
        if not len(heights) == len(sharpness) == len(people):
            raise _Unusable
    return StoredGallery(encoders=encoders, references=references, refusals=refusals)


def _templates(matrix: NDArray[Any], count: int) -> NDArray[np.float32]:
    if matrix.dtype != np.float32 or matrix.ndim != 2 or len(matrix) != count:
        raise _Unusable
    if count and not np.all(np.abs(np.linalg.norm(matrix, axis=1) - 1.0) < UNIT_LENGTH_TOLERANCE):  # also not NaN
        raise _Unusable
    return matrix


def _strings(values: Any) -> NDArray[np.str_]:
    texts = list(values)
    return np.array(texts, dtype=np.str_) if texts else np.zeros(0, dtype="<U1")


def _texts(array: NDArray[Any]) -> list[str]:
    if array.dtype.kind != "U" or array.ndim != 1:
        raise _Unusable
    return [str(value) for value in array]


if os.name == "nt":  # pragma: no cover
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        while True:
            file.seek(0)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined, unused-ignore]
                return
            except OSError:  # LK_LOCK gives up after ten seconds: the other run is still at it
                continue

    def _unlock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined, unused-ignore]
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
