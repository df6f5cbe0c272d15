"""Enrolment: from reference photos to the gallery, and an account of what each photo is worth.

Only people whose family agreed to a face template (`biometric: granted`) are ever measured. Of a photo that is
refused nothing but its hash and the reason is kept. What is known of an unchanged photo is used again; what a
photo is worth *among the others* (swapped, doubled, unlike) is judged anew whenever anything changed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from PIL import Image

from postguard.domain.drafts import Unchecked
from postguard.domain.people import Person, Roster
from postguard.loading import References
from postguard.matching.gallery import Enrolled, Gallery
from postguard.matching.scores import nearly_the_same
from postguard.records.gallery_file import (
    StoredGallery,
    StoredReference,
    StoredRefusal,
    gallery_lock,
    keep_without,
    read_gallery,
    write_gallery,
)
from postguard.records.lock import refuse_locked
from postguard.seeing.decoding import Undecodable, open_picture
from postguard.seeing.exif import read_tree
from postguard.seeing.types import Pixels, SeenFace

REFERENCE_HEIGHT = 64
"""Smallest face, in px, that a reference photo may show. A probe of 32 px may be compared, but what everything
is compared with should be better than the worst of it (docs/decisions/0006-scores-and-thresholds.md)."""

COMPARABLE = 0.5
"""A second face at least this much of the first one's height makes it unclear whose photo it is."""

WARN_AFTER_MONTHS = 6
EXPIRE_AFTER_MONTHS = 12
"""Published true-accept rates of children's templates fall from 98.3 % after 6 months to 94.9 % after 36."""

UNLIKE_BELOW = 0.30
"""Score under which two photos are not taken for one person (0006)."""

SWAPPED_BY = 0.16
"""How much more like somebody else than like its own person a photo must be to be called swapped (0006)."""

ENOUGH = 3
"""References a person should have: three stop two fifths fewer faces needlessly than one (0006)."""

_EXIF, _DATE_TAKEN = "EXIF", 0x9003

Say = Callable[[str], None]
"""Told what is in hand, in words for the user."""


class SeesFaces(Protocol):
    """What finds and encodes the faces of an upright picture (seeing.Eyes).

    `encoders`: encoder name to the SHA-256 of all the weights it runs on, and how it looks.
    """

    @property
    def encoders(self) -> Mapping[str, str]: ...

    def references(self, pixels: Pixels) -> tuple[SeenFace, ...]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PhotoAccount:
    """One reference photo: in use, or refused for `reason`. `remark` is advice about a photo that is in use."""

    path: Path
    used: bool
    reason: str = ""
    remark: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonAccount:
    """What the photos of one person with biometric consent came to.

    `newest` is the latest day that a photo in use is known to be from; None when nobody knows.
    """

    person: Person
    photos: tuple[PhotoAccount, ...] = ()
    newest: date | None = None
    remarks: tuple[str, ...] = ()

    @property
    def used(self) -> int:
        return sum(photo.used for photo in self.photos)

    @property
    def alike(self) -> tuple[PhotoAccount, ...]:
        """Photos in use about which there is something to say."""
        return tuple(photo for photo in self.photos if photo.used and photo.remark)

    @property
    def refused(self) -> tuple[PhotoAccount, ...]:
        return tuple(photo for photo in self.photos if not photo.used)


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """The gallery as of one day, and how it came about.

    `stale`: whose newest known reference is older than twelve months: they block, but no longer clear.
    `without_template`: everybody on the roster whom the gallery cannot know. `problems`: files and folders
    in `faces/` that belong to nobody. `remarks` hold no names.
    """

    gallery: Gallery
    accounts: tuple[PersonAccount, ...]
    stale: frozenset[str]
    without_template: frozenset[str]
    means: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    problems: tuple[Unchecked, ...] = ()
    looked_at: int = 0
    """How many photos had to be looked at this time; the others were known."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Photo:
    """A reference photo on its way: known or measured (`reference`), or refused (`reason`)."""

    person: str
    path: Path
    sha256: str = ""
    reference: StoredReference | None = None
    reason: str = ""


def bring_up_to_date(
    roster: Roster,
    references: References,
    eyes: SeesFaces,
    gallery_path: Path,
    *,
    on: date,
    say: Say = lambda words: None,
) -> Enrolment:
    """Make the gallery fit the roster and the photos of today, and say what each photo is worth.

    Looks only at photos that are new or were doubtful among the others. Templates of people whose family
    no longer agrees leave the file before anything else happens. Raises GalleryError, RecordError and EngineError.
    """
    allowed = frozenset(person.id for person in roster.people if person.biometric)
    encoders = dict(eyes.encoders)
    with gallery_lock(gallery_path):
        refuse_locked(gallery_path.parent)
        on_disk = read_gallery(gallery_path, encoders)
        stored = on_disk.gallery or StoredGallery(encoders=encoders)
        kept = _only(stored, allowed)
        if len(kept.references) + len(kept.refusals) < len(stored.references) + len(stored.refusals):
            write_gallery(gallery_path, kept)
        files = [(person, path) for person, paths in references.photos if person in allowed for path in paths]
        photos, looked_at = _look_at_all(files, kept, eyes, say)
        photos += _discarded(kept, photos)
        photos = _judge_together(photos)
        current = _to_store(photos, encoders)
        if on_disk.gallery is None or looked_at or _contents(current) != _contents(kept):
            write_gallery(gallery_path, current)
    return _account(roster, references, photos, encoders, on, looked_at, on_disk.remark)


# --- Looking ---------------------------------------------------------------------------------------


def _look_at_all(
    files: Sequence[tuple[str, Path]], known: StoredGallery, eyes: SeesFaces, say: Say
) -> tuple[list[_Photo], int]:
    """Every photo, known or looked at now, and how many were looked at."""
    hashes = {(person, path): _sha256(path) for person, path in files}
    used = {(r.person, r.sha256): r for r in known.references}
    refused = {(r.person, r.sha256): r.reason for r in known.refusals}
    gone = {key for key, reference in used.items() if reference.discarded}
    unchanged = {(person, sha256) for (person, _), sha256 in hashes.items() if sha256} | gone == {*used, *refused}
    photos, looked_at = [], 0
    for number, (person, path) in enumerate(files, start=1):
        sha256 = hashes[person, path]
        key = (person, sha256)
        if not sha256:
            photos.append(_Photo(person=person, path=path, reason="it cannot be opened"))
        elif key in used:
            reference = replace(used[key], discarded=False)  # the photo is here
            photos.append(_Photo(person=person, path=path, sha256=sha256, reference=reference))
        elif key in refused and (unchanged or refused[key] not in _AMONG_OTHERS):
            photos.append(_Photo(person=person, path=path, sha256=sha256, reason=refused[key]))
        else:
            say(f"reference photo {number} of {len(files)}")
            photos.append(_measure(person, path, sha256, eyes))
            looked_at += 1
    return photos, looked_at


def _discarded(known: StoredGallery, photos: Sequence[_Photo]) -> list[_Photo]:
    """The references whose photos were discarded, but for photos that were put back."""
    here = {(photo.person, photo.sha256) for photo in photos}
    return [
        _Photo(person=r.person, path=Path("(a photo that was discarded)"), sha256=r.sha256, reference=r)
        for r in known.references
        if r.discarded and (r.person, r.sha256) not in here
    ]


def _measure(person: str, path: Path, sha256: str, eyes: SeesFaces) -> _Photo:
    try:
        opened = open_picture(path)
        if opened.frame_count > 1:
            raise Undecodable("it is a moving picture, or has several pages; use a still one")
        faces = [face for frame in opened.frames() for face in eyes.references(frame.views[0])]
        face = _the_face(faces)
        if any(name not in face.templates for name in eyes.encoders):
            raise _Poor("the face could not be measured")
    except (Undecodable, _Poor) as trouble:
        return _Photo(person=person, path=path, sha256=sha256, reason=str(trouble))
    reference = StoredReference(
        person=person,
        sha256=sha256,
        templates={name: face.templates[name] for name in eyes.encoders},
        height=face.region.height,
        sharpness=face.sharpness,
        taken=date_taken(opened.image),
    )
    return _Photo(person=person, path=path, sha256=sha256, reference=reference)


class _Poor(Exception):
    """A photo that no template should be made of. Its text is the reason."""


def _the_face(faces: Sequence[SeenFace]) -> SeenFace:
    """The one face a reference photo is of. Small ones in the background do not count. Raises _Poor."""
    ordered = sorted(faces, key=lambda face: -face.region.height)
    if not ordered:
        raise _Poor("there is no face in it")
    first = ordered[0]
    if len(ordered) > 1 and ordered[1].region.height >= COMPARABLE * first.region.height:
        raise _Poor("there are two faces in it, or more; cut out the right one")
    if first.region.height < REFERENCE_HEIGHT:
        raise _Poor(f"the face is too small ({first.region.height} pixels high, {REFERENCE_HEIGHT} are needed)")
    if first.flaws:
        raise _Poor(f"the face is {' and '.join(first.flaws)}")
    return first


def _sha256(path: Path) -> str:
    """Hex digest of the file's bytes; empty when it cannot be opened."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def date_taken(image: Image.Image) -> date | None:
    """The day a photo itself says it was taken (EXIF DateTimeOriginal). A file's own date is never believed."""
    block = image.info.get("exif", b"")
    if not isinstance(block, bytes):
        return None
    for entry in read_tree(block.removeprefix(b"Exif\0\0")).entries:
        if entry.directory == _EXIF and entry.tag == _DATE_TAKEN:
            try:
                return datetime.strptime(entry.data[:10].decode("ascii"), "%Y:%m:%d").date()
            except ValueError:
                return None
    return None


# --- Judging the photos among each other -----------------------------------------------------------

TWICE = "it is the same photo as another one of this person"
TWO_OWNERS = "the same photo is in another person's folder too; one of them is wrong"
SOMEBODY_ELSE = "it looks more like another person than like this one; were photos swapped?"
UNLIKE = "it does not look like the other photos of this person"
NEARLY_TWICE = "it is nearly the same as another photo in use: one of another day would help more"
_AMONG_OTHERS = frozenset({TWICE, TWO_OWNERS, SOMEBODY_ELSE, UNLIKE})


def _judge_together(photos: Sequence[_Photo]) -> list[_Photo]:
    """The photos again, those refused that do not fit together with the others.

    Those that were discarded were judged when they were there: a wrong photo that is added must not undo them.
    """
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for photo in photos:
        owners[photo.sha256].add(photo.person)
    once: list[_Photo] = []
    seen: set[tuple[str, str]] = set()
    for photo in photos:
        key = (photo.person, photo.sha256)
        if photo.reference is None or photo.reference.discarded:
            once.append(photo)
        elif len(owners[photo.sha256]) > 1:
            once.append(_refused(photo, TWO_OWNERS))
        else:
            once.append(_refused(photo, TWICE) if key in seen else photo)
        seen.add(key)
    doubtful = _doubtful([photo.reference for photo in once if photo.reference is not None])
    return [
        _refused(photo, doubtful[photo.sha256])
        if photo.reference and not photo.reference.discarded and photo.sha256 in doubtful
        else photo
        for photo in once
    ]


def _doubtful(references: Sequence[StoredReference]) -> dict[str, str]:
    """Photos (SHA-256) that show somebody else, by all the others, and why."""
    gallery = Gallery(Enrolled(person=r.person, templates=r.templates, photo=r.sha256) for r in references)
    reasons = {}
    for reference, candidates in gallery.leave_out():
        scores = {candidate.person: candidate.score for candidate in candidates}
        own = scores.pop(reference.person, None)
        if own is None:
            continue  # the only photo of this person: nothing to compare it with
        nearest = max(scores.values(), default=0.0)
        if nearest > own + SWAPPED_BY:
            reasons[reference.photo] = SOMEBODY_ELSE
        elif own < UNLIKE_BELOW:
            reasons[reference.photo] = UNLIKE
    return reasons


def _refused(photo: _Photo, reason: str) -> _Photo:
    return _Photo(person=photo.person, path=photo.path, sha256=photo.sha256, reason=reason)


# --- Keeping ---------------------------------------------------------------------------------------


def _only(stored: StoredGallery, allowed: frozenset[str]) -> StoredGallery:
    return StoredGallery(
        encoders=stored.encoders,
        references=tuple(r for r in stored.references if r.person in allowed),
        refusals=tuple(r for r in stored.refusals if r.person in allowed),
    )


def _to_store(photos: Iterable[_Photo], encoders: Mapping[str, str]) -> StoredGallery:
    photos = [photo for photo in photos if photo.sha256]
    return StoredGallery(
        encoders=encoders,
        references=tuple(p.reference for p in photos if p.reference is not None),
        refusals=tuple(
            StoredRefusal(person=p.person, sha256=p.sha256, reason=p.reason) for p in photos if p.reference is None
        ),
    )


def _contents(stored: StoredGallery) -> tuple[list[tuple[str, str, bool]], list[tuple[str, str, str]]]:
    return (
        [(r.person, r.sha256, r.discarded) for r in stored.references],
        [(r.person, r.sha256, r.reason) for r in stored.refusals],
    )


def discard_photos(references: References, gallery_path: Path) -> tuple[int, tuple[Path, ...]]:
    """Remove every photo whose template is in the gallery, which stays.

    Returns how many went, and which photos are still there: they are in no use, or cannot be removed. Raises
    RecordError.
    """
    photos = {path: (person, _sha256(path)) for person, paths in references.photos for path in paths}
    going = keep_without(gallery_path, set(photos.values()))
    for path, known_as in photos.items():
        with suppress(OSError):
            if known_as in going:
                path.unlink()
    for folder in {path.parent for path in photos}:
        with suppress(OSError):  # something else lies in it
            folder.rmdir()
    left = tuple(path for path in photos if path.exists())
    return len(photos) - len(left), left


# --- Accounting ------------------------------------------------------------------------------------


def _account(
    roster: Roster,
    references: References,
    photos: Sequence[_Photo],
    encoders: Mapping[str, str],
    on: date,
    looked_at: int,
    remark: str,
) -> Enrolment:
    in_use = [photo.reference for photo in photos if photo.reference is not None]
    gallery = Gallery(Enrolled(person=r.person, templates=r.templates) for r in in_use)
    accounts = tuple(
        _account_of(person, [photo for photo in photos if photo.person == person.id], on)
        for person in roster.people
        if person.biometric
    )
    known = frozenset(gallery.people)
    return Enrolment(
        gallery=gallery,
        accounts=accounts,
        stale=frozenset(a.person.id for a in accounts if a.used and _expired(a.newest, on)),
        without_template=frozenset(person.id for person in roster.people) - known,
        means=(f"{len(in_use)} reference photos of {len(known)} people",),
        remarks=((remark,) if remark else ()) + gallery.remarks,
        problems=references.problems,
        looked_at=looked_at,
    )


def _account_of(person: Person, photos: Sequence[_Photo], on: date) -> PersonAccount:
    used = [photo.reference for photo in photos if photo.reference is not None]
    days = [day for r in used if (day := r.taken or person.photographed) is not None and day <= on]
    newest = max(days, default=None)
    return PersonAccount(
        person=person,
        photos=tuple(_photo_account(photo, photos[:at]) for at, photo in enumerate(photos)),
        newest=newest,
        remarks=tuple(_remarks(len(photos), len(used), newest, on)),
    )


def _photo_account(photo: _Photo, before: Sequence[_Photo]) -> PhotoAccount:
    reference = photo.reference
    alike = reference is not None and any(
        other.reference is not None and nearly_the_same(reference.templates, other.reference.templates)
        for other in before
    )
    return PhotoAccount(
        path=photo.path, used=reference is not None, reason=photo.reason, remark=NEARLY_TWICE if alike else ""
    )


def _remarks(photos: int, used: int, newest: date | None, on: date) -> Iterable[str]:
    if not photos:
        yield "no reference photo: cannot be recognised"
    elif not used:
        yield "no photo can be used: cannot be recognised"
    elif used < ENOUGH:
        yield f"only {used} in use; {ENOUGH} photos of different days make needless stops fewer"
    if _expired(newest, on):
        yield f"newest photo of {newest}: over {EXPIRE_AFTER_MONTHS} months old, clears nobody any more"
    elif newest is not None and _months(newest, on) >= WARN_AFTER_MONTHS:
        yield f"newest photo of {newest}: over {WARN_AFTER_MONTHS} months old, take a new one soon"


def _expired(newest: date | None, on: date) -> bool:
    return newest is not None and _months(newest, on) >= EXPIRE_AFTER_MONTHS


def _months(since: date, on: date) -> int:
    """Whole months from one day to another."""
    return (on.year - since.year) * 12 + on.month - since.month - (on.day < since.day)
