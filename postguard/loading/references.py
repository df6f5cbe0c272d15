"""The reference photos in `faces/<person-id>/`: which files there are, and which of them may be used."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from postguard.domain.drafts import Unchecked
from postguard.domain.errors import RosterError
from postguard.domain.people import Roster
from postguard.loading.files import STILLS, leaves, media_suffix, passed_over
from postguard.loading.marked_yaml import nearest


@dataclass(frozen=True, kw_only=True, slots=True)
class References:
    """`photos`: person id to that person's photos, in the roster's order; only people with biometric consent.

    `problems`: `part` is the path inside `faces/`. They do not stop a check: who has no reference cannot clear.
    `orphans`: how many folders belong to nobody on the roster (`refuse_orphans`).
    """

    folder: Path
    photos: tuple[tuple[str, tuple[Path, ...]], ...] = ()
    problems: tuple[Unchecked, ...] = ()
    orphans: int = 0

    def of(self, person_id: str) -> tuple[Path, ...]:
        return dict(self.photos).get(person_id, ())


def list_references(faces: Path, roster: Roster, *, discarded: Collection[str] = ()) -> References:
    """Who has which photos. Photos of people without `biometric: granted` are reported and never listed.

    `discarded`: people whose photos were discarded, who need none.
    """
    may = {person.id: person.biometric for person in roster.people}
    photos: dict[str, tuple[Path, ...]] = {}
    problems: list[Unchecked] = []
    orphans = 0
    try:
        entries = sorted(faces.iterdir()) if faces.is_dir() else []
    except OSError:
        entries = []
        problems.append(
            Unchecked(part=faces.name, reason="This folder cannot be opened. Look whether you may read it.")
        )
    for entry in entries:
        if passed_over(entry):
            continue
        if not entry.is_dir():
            problems.append(
                Unchecked(part=entry.name, reason="A file lies beside the folders. Put it into the person's.")
            )
        elif entry.name not in may:
            problems.append(Unchecked(part=entry.name, reason=_stranger(entry.name, may)))
            orphans += 1
        else:
            found = tuple(_usable(entry, problems))
            if may[entry.name]:
                photos[entry.name] = found
            elif found:
                problems.append(
                    Unchecked(
                        part=entry.name,
                        reason="The family has not agreed to a face template (the roster does not say "
                        "biometric: granted), so these photos are not used. Remove them.",
                    )
                )
    problems += [
        Unchecked(part=person_id, reason="There are no photos of this person, so nobody can be cleared as them.")
        for person_id, allowed in may.items()
        if allowed and not photos.get(person_id) and person_id not in discarded
    ]
    ordered = tuple((person_id, photos[person_id]) for person_id in may if photos.get(person_id))
    return References(folder=faces, photos=ordered, problems=tuple(problems), orphans=orphans)


def refuse_orphans(references: References) -> None:
    """Raises RosterError where photos belong to nobody: a mistyped id would make a refused child a stranger.

    The folder is not named, for it may be called after a pupil, and errors are written to files too.
    """
    if references.orphans:
        many = f"{references.orphans} folders belong" if references.orphans > 1 else "A folder belongs"
        raise RosterError(
            f"{many} to nobody on the roster in {references.folder}. Nothing was checked.",
            hint="`postguard enrol` names it. Rename it to the person's id, or remove it.",
        )


def _stranger(name: str, known: dict[str, bool]) -> str:
    like = nearest(name, known)
    cure = f"Did you mean {like}?" if like else "Rename the folder to the person's id, or remove it."
    return f"Nobody on the roster has this id. {cure}"


def _usable(folder: Path, problems: list[Unchecked]) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        problems.append(
            Unchecked(part=folder.name, reason="This folder cannot be opened. Look whether you may read it.")
        )
        return
    for entry in entries:
        if passed_over(entry):
            continue
        if not entry.is_file() or leaves(entry, folder):
            reason = "This is not an ordinary file inside the person's folder, so it is not used."
        elif media_suffix(entry.name) not in STILLS or entry.name.startswith("."):
            reason = "This is not a photo that can be used (jpg, png, webp, tiff, bmp, heic or avif)."
        else:
            yield entry
            continue
        problems.append(Unchecked(part=f"{folder.name}/{entry.name}", reason=reason))
