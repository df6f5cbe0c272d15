"""The gallery file: every template this school has, in one file beside the roster.

It holds biometric data, so it is written for its owner alone (mode 0600) into a folder that git ignores, in one
step (a run that is cut off leaves the old file whole), and it is read without pickle. A file that is damaged, of
another format or from other encoders is said and left unused, never half used. It can be made again from the
reference photos; once some of these were discarded it cannot, and is then never replaced unread.
"""

import io
import math
import zipfile
import zlib
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from postguard.domain.errors import GalleryError
from postguard.records.files import held, make_folder, read_whole, write_whole

FORMAT = 2
"""Raised whenever what is stored, or how it was made, changes meaning: an older file is then made again."""

DISCARDED = "photos-discarded"
"""A file beside the gallery, there from the moment that a photo was discarded: the gallery is now the only one."""

UNIT_LENGTH_TOLERANCE = 1e-3
"""Templates have length 1 (seeing.types); rounding to float32 stays far below this."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StoredReference:
    """One reference photo that is in use.

    `sha256` is of the photo's bytes (hex). `templates`: encoder name to a float32 array of shape (d,), unit
    length. `height` is the face's in pixels, `sharpness` as seeing measures it. `taken` is the day the photo
    itself says it was taken, or None. `discarded`: the photo was removed on purpose, and the template stays.
    """

    person: str
    sha256: str
    templates: Mapping[str, NDArray[np.float32]]
    height: int
    sharpness: float
    taken: date | None = None
    discarded: bool = False


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

    No file at all is an empty outcome without a remark. Raises RecordError when the file is there and this
    user may not read it, and GalleryError when it cannot be used and photos it was made from were discarded.
    """
    found = _read(path)
    if isinstance(found, StoredGallery):
        if dict(found.encoders) == dict(encoders):
            return GalleryOnDisk(gallery=found)
        found = "The gallery file was made with other face models"
    if (path.parent / DISCARDED).exists():
        raise GalleryError(
            f"{found or 'The gallery file is gone'}, and photos that it was made from were discarded: {path}.",
            hint="Put it back from a backup. Or put photos into faces/ again for everybody, and remove the file "
            f"{DISCARDED} beside it.",
        )
    return GalleryOnDisk(remark=f"{found}, and was made again." if found else "")


def write_gallery(path: Path, gallery: StoredGallery) -> None:
    """Replace the gallery file in one step, readable by its owner alone. Raises RecordError."""
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **_pack(gallery))
    make_folder(path.parent)
    write_whole(path, out.getvalue())


def forget_person(path: Path, person: str) -> bool:
    """Remove every template of this person at once; says whether there were any. Raises RecordError.

    A file that cannot be read is removed whole: nobody could say that the person is not in it.
    """
    if not path.exists():
        return False
    with gallery_lock(path):
        stored = _read(path)
        if not isinstance(stored, StoredGallery):
            path.unlink(missing_ok=True)
            return True
        kept = replace(
            stored,
            references=tuple(one for one in stored.references if one.person != person),
            refusals=tuple(one for one in stored.refusals if one.person != person),
        )
        had = len(kept.references) < len(stored.references)
        if had or len(kept.refusals) < len(stored.refusals):
            write_gallery(path, kept)
        return had


def keep_without(path: Path, photos: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Let templates stay when their photos go. `photos`: person and SHA-256.

    Returns those whose template is in the file now, for good: only they may be removed. Raises RecordError.
    """
    with gallery_lock(path):
        stored = _read(path)
        if not isinstance(stored, StoredGallery):
            return frozenset()
        going = frozenset((one.person, one.sha256) for one in stored.references) & frozenset(photos)
        if going:
            write_whole(path.parent / DISCARDED, b"")
            marked = (replace(r, discarded=r.discarded or (r.person, r.sha256) in going) for r in stored.references)
            write_gallery(path, replace(stored, references=tuple(marked)))
        return going


def people_without_photos(path: Path) -> frozenset[str]:
    """Who is in the gallery by photos that were discarded. Raises RecordError."""
    stored = _read(path)
    found = stored.references if isinstance(stored, StoredGallery) else ()
    return frozenset(one.person for one in found if one.discarded)


def gallery_lock(path: Path) -> AbstractContextManager[None]:
    """Hold the gallery for one run: another run waits here until this one is done, however long. Raises RecordError."""
    return held(path, patience=math.inf)


def _read(path: Path) -> StoredGallery | str | None:
    """What the file holds, made with whatever encoders; or why it cannot be used; None where there is no file."""
    data = read_whole(path)
    if data is None:
        return None
    try:
        return _unpack(data) or "The gallery file is of another version of postguard"
    except _DAMAGE:
        return "The gallery file is damaged"


def _pack(gallery: StoredGallery) -> dict[str, NDArray[Any]]:
    references, refusals = gallery.references, gallery.refusals
    arrays: dict[str, NDArray[Any]] = {
        "format": np.array(FORMAT, dtype=np.int64),
        "encoders": _strings(gallery.encoders.keys()),
        "weights": _strings(gallery.encoders.values()),
        "person": _strings(r.person for r in references),
        "sha256": _strings(r.sha256 for r in references),
        "taken": _strings(r.taken.isoformat() if r.taken else "" for r in references),
        "discarded": np.array([r.discarded for r in references], dtype=np.bool_),
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


_DAMAGE = (_Unusable, zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError, OSError)
"""What numpy raises for bytes that are no gallery."""


def _unpack(data: bytes) -> StoredGallery | None:
    """The stored gallery, or None where it is of another format. Raises one of _DAMAGE."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        if int(arrays["format"]) != FORMAT:
            return None
        names, weights = _texts(arrays["encoders"]), _texts(arrays["weights"])
        encoders = dict(zip(names, weights, strict=True))
        people, hashes, taken = (_texts(arrays[key]) for key in ("person", "sha256", "taken"))
        heights, sharpness, discarded = arrays["height"], arrays["sharpness"], arrays["discarded"]
        matrices = {name: _templates(arrays[f"templates_{name}"], len(people)) for name in encoders}
        references = tuple(
            StoredReference(
                person=person,
                sha256=sha256,
                templates={name: matrix[row] for name, matrix in matrices.items()},
                height=int(heights[row]),
                sharpness=float(sharpness[row]),
                taken=date.fromisoformat(day) if day else None,
                discarded=bool(discarded[row]),
            )
            for row, (person, sha256, day) in enumerate(zip(people, hashes, taken, strict=True))
        )
        refusals = tuple(
            StoredRefusal(person=person, sha256=sha256, reason=reason)
            for person, sha256, reason in zip(
                *(_texts(arrays[key]) for key in ("refused_person", "refused_sha256", "refused_reason")), strict=True
            )
        )
        if not len(heights) == len(sharpness) == len(discarded) == len(people):
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
