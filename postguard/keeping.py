"""Keeping the roster: one change at a time, never torn, never over somebody else's, and told to the journal."""

import io
import re
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from postguard.domain.answers import CONFIRMATIONS_FILE
from postguard.domain.errors import OutputError, RosterError
from postguard.domain.keeping import forget as forgotten
from postguard.domain.people import Person, Roster
from postguard.loading.files import MEDIA, media_suffix
from postguard.loading.roster import fingerprint, parse_roster, read_roster
from postguard.loading.roster_edit import edit
from postguard.records import journal
from postguard.records.confirmations import load_confirmations, save_confirmations
from postguard.records.files import held, records_folder, write_whole
from postguard.records.lock import refuse_locked

_LOCK = "roster"
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""In which an id may stand in a file."""
_LETTER = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """The roster after a change. `changed` is False where there was nothing to do. `notes` are for the user."""

    before: Roster
    after: Roster
    changed: bool
    notes: tuple[str, ...] = ()


def open_roster(path: Path) -> Roster:
    """The roster, even with nobody on it yet. Raises RosterError."""
    path = path.resolve()
    return parse_roster(read_roster(path), path, empty_too=True)


def change(
    path: Path,
    wanted: Callable[[Roster], Iterable[Person]],
    *,
    what: str,
    event: str = "consent",
    by: str | None = None,
    seen: Roster | None = None,
) -> Kept:
    """Change the roster to the people that `wanted` makes of it, in one step, and write a line into the journal.

    `what`: the kind of change, for the journal. `by`: the id of the member of staff who answers for it. `seen`:
    what was shown to the user; another roster by now means that somebody else was quicker.
    Raises RosterError or RecordError; the roster is then as it was, unless the error says otherwise.
    """
    path = path.resolve()
    folder = records_folder(path)
    refuse_locked(folder)
    with held(folder / _LOCK):
        _refuse_opened(path)
        data = read_roster(path)
        if seen is not None and fingerprint(data) != seen.fingerprint:
            raise _overtaken(path)
        before = seen or parse_roster(data, path, empty_too=True)
        after = tuple(wanted(before))
        if after == before.people:
            return Kept(before=before, after=before, changed=False)
        new, roster = edit(data, before, after)
        if read_roster(path) != data:  # an editor knows nothing of our lock
            raise _overtaken(path)
        write_whole(path, new, mode=path.stat().st_mode & 0o777)
    if event == "forget":
        notes = journal.append(folder, event, how_many=1, register=roster.fingerprint)
    else:
        touched = len(set(after) - set(before.people))
        notes = journal.append(folder, event, what=what, how_many=touched, by=by, register=roster.fingerprint)
    return Kept(before=before, after=roster, changed=True, notes=notes)


def _refuse_opened(roster: Path) -> None:
    """Raises RosterError while an editor has the roster open, and would later save what it read before."""
    for mark in (f".~lock.{roster.name}#", f"~${roster.name}", f".{roster.name}.swp"):  # LibreOffice, Excel, vim
        if (roster.parent / mark).exists():
            raise RosterError(
                f"{roster.name} is open in another program, which would undo this change when it saves. "
                "Nothing was changed.",
                hint=f"Close it there, and run the command again. If no program has it open, remove {mark}.",
            )


def _overtaken(path: Path) -> RosterError:
    return RosterError(
        f"Somebody else changed {path.name} at the same time. Nothing was written.", hint="Look, and do it again."
    )


# Forgetting ------------------------------------------------------------------------------------------


def still_held(folder: Path, word: str) -> tuple[Path, ...]:
    """Files in the school's folder that still hold an id (or a name): in their path, or in what they say.

    Pictures are told by their names only: their bytes hold any three letters by chance.
    """
    inside = (path.relative_to(folder) for path in sorted(folder.rglob("*")))
    found = (path for path in inside if ".git" not in path.parts)
    return tuple(folder / path for path in found if _says(str(path).encode(), word) or _holds(folder / path, word))


def _holds(path: Path, word: str) -> bool:
    if not path.is_file() or path.is_symlink() or media_suffix(path.name) in MEDIA:
        return False
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                return any(_member_says(name, archive.read(name), word) for name in archive.namelist())
        return _says(path.read_bytes(), word)
    except (OSError, ValueError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return True  # what cannot be looked into may hold it


def _member_says(name: str, data: bytes, word: str) -> bool:
    """An array of texts has no gaps between them: P01P03 is two ids. Arrays of numbers hold no ids."""
    if not name.endswith(".npy"):
        return _says(name.encode(), word) or _says(data, word)
    import numpy as np

    array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    return array.dtype.kind in "SU" and any(_says(str(text).encode(), word) for text in array.astype(str).ravel())


def _says(data: bytes, word: str) -> bool:
    """Whether the word stands there, not as a part of a longer one, in any encoding and at any byte."""
    return any(_says_in(code, data, word) for code in _ENCODINGS)


def _says_in(code: str, data: bytes, word: str) -> bool:
    wanted, width = word.encode(code), len("P".encode(code))
    at = data.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        beside = (data[max(0, at - width) : at], data[end : end + width])
        if not any(_LETTER.fullmatch(one.decode(code, "replace")) for one in beside):
            return True
        at = data.find(wanted, at + 1)
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """What was removed. `answers` are the poster's, in drafts."""

    roster: bool
    photos: int
    templates: bool
    waivers: int
    answers: int
    notes: tuple[str, ...] = ()


def forget_template(roster: Path, person: str) -> bool:
    """Remove a person's templates at once; says whether there were any. Raises GalleryError, RecordError."""
    from postguard.records.gallery_file import forget_person

    folder = records_folder(roster.resolve())
    refuse_locked(folder)
    return forget_person(folder / "gallery.npz", person)


def forget(roster: Path, person: str, *, faces: Path, by: str | None) -> Forgotten:
    """Remove a person everywhere. Can be run again after it was cut short: the roster's line goes last.

    Raises RosterError, RecordError, GalleryError or OutputError; what was removed until then stays removed.
    """
    from postguard.records.waivers import forget_person, load_waivers

    roster = roster.resolve()
    folder = records_folder(roster)
    refuse_locked(folder)
    load_waivers(folder)  # what is damaged stops this before anything was removed
    open_roster(roster)
    templates = forget_template(roster, person)
    photos = _remove_photos(faces / person)
    waivers = forget_person(folder, person)
    answers = _remove_answers(roster.parent, person)
    kept = change(roster, lambda before: forgotten(before.people, person), what="forgotten", event="forget", by=by)
    return Forgotten(
        roster=kept.changed, photos=photos, templates=templates, waivers=waivers, answers=answers, notes=kept.notes
    )


def _remove_photos(folder: Path) -> int:
    try:
        if folder.is_symlink():
            folder.unlink()
            return 0
        photos = sum(path.is_file() for path in folder.rglob("*")) if folder.is_dir() else 0
        if folder.is_dir():
            shutil.rmtree(folder)
    except OSError as error:
        raise OutputError(
            f"{error.filename or folder} cannot be removed ({error.strerror}).",
            hint="Close whatever has it open, and run the command again.",
        ) from None
    return photos


def _remove_answers(folder: Path, person: str) -> int:
    """From the posters' answers in drafts. What cannot be read is left, and the proof will name it."""
    removed = 0
    for path in sorted(folder.rglob(CONFIRMATIONS_FILE)):
        answers, unread = load_confirmations(path.parent)
        faces = tuple(one for one in answers.faces if one.claim != person)
        if not unread and len(faces) < len(answers.faces):
            removed += len(answers.faces) - len(faces)
            save_confirmations(path.parent, replace(answers, faces=faces), now=datetime.now(UTC))
    return removed
