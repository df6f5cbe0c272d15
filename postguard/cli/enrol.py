"""`postguard enrol`: make the gallery in the open, and say what each reference photo is worth."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postguard.cli.options import (
    allow_git_option,
    color_option,
    date_option,
    faces_option,
    models_option,
    open_setup,
    roster_option,
    wants_color,
)
from postguard.cli.progress import watching
from postguard.cli.roster_common import confirm
from postguard.domain.errors import EXIT_FAIL, EXIT_PASS

if TYPE_CHECKING:
    from postguard.assembly import Setup
    from postguard.domain.people import Roster
    from postguard.enrolment import Enrolment, PersonAccount
    from postguard.loading import References
    from postguard.matching.calibration import Pair


@click.command(name="enrol")
@roster_option
@faces_option
@date_option
@models_option
@allow_git_option
@click.option("--discard-photos", is_flag=True, help="Then remove the photos in use, so that only templates remain.")
@click.option("--yes", is_flag=True, help="Do not ask; do it.")
@click.option("--redact", is_flag=True, help="Show ids instead of names.")
@click.option("-q", "--quiet", is_flag=True, help="Show only people with something to do.")
@click.option("-v", "--verbose", is_flag=True, help="Show every photo, used ones too.")
@color_option
def command(
    roster: Path | None,
    faces: Path | None,
    on: date | None,
    models: Path | None,
    allow_git: bool,
    discard_photos: bool,
    yes: bool,
    redact: bool,
    quiet: bool,
    verbose: bool,
    color: str,
) -> int:
    """Make the gallery from the reference photos in faces/, and say what each photo is worth.

    Only people with `biometric: granted` on the roster are measured; of a refused photo nothing is kept. `check`
    does the same by itself when photos or roster changed; this command shows it.

    Ends with 0 when everybody who may be enrolled has at least one photo in use and no photo was refused,
    1 when there is something to do, 2 when the gallery could not be made.
    """
    setup = open_setup(Path.cwd(), roster=roster, faces=faces, on=on, models=models, allow_git=allow_git)
    with watching(1, quiet=quiet) as watcher:
        enrolment = enrol(setup, watcher.say)
    assessed = bool(setup.roster.dpia or setup.policy.dpia)
    for line in _lines(enrolment, assessed=assessed, redact=redact, quiet=quiet, verbose=verbose):
        click.echo(line, color=wants_color(color))
    for line in _mixed_up(enrolment, setup, redact=redact):
        click.echo(line, color=wants_color(color))
    if discard_photos:
        _discard(setup, ask=not yes)
    return EXIT_FAIL if to_do(enrolment) else EXIT_PASS


def enrol(setup: "Setup", say: Callable[[str], None]) -> "Enrolment":
    """Bring the gallery up to date and account for it. Raises EngineError and GalleryError."""
    from postguard.enrolment import bring_up_to_date
    from postguard.seeing.eyes import Eyes
    from postguard.seeing.models import Models

    eyes = Eyes(Models.find(setup.models))
    references = references_of(setup)
    return bring_up_to_date(setup.roster, references, eyes, setup.gallery_file, on=setup.on, say=say)


def references_of(setup: "Setup") -> "References":
    from postguard.loading import list_references
    from postguard.records.gallery_file import people_without_photos

    return list_references(setup.faces, setup.roster, discarded=people_without_photos(setup.gallery_file))


def _discard(setup: "Setup", *, ask: bool) -> None:
    """Remove the photos that are in use. Raises RecordError."""
    from postguard.enrolment import discard_photos

    confirm("This removes every photo in use from faces/ for good; only the face templates stay. Go on?", yes=not ask)
    gone, left = discard_photos(references_of(setup), setup.gallery_file)
    click.echo(f"{_count(gone, 'photo')} discarded. Keep a backup of {setup.gallery_file}: it cannot be made again.")
    if left:
        click.echo(f"{_count(len(left), 'photo')} not in use, or not removable, still there. Remove them yourself:")
    for path in left:
        click.echo(f"  {path}")


def _mixed_up(enrolment: "Enrolment", setup: "Setup", *, redact: bool) -> Iterable[str]:
    """People whose photos are so alike that some may lie in the wrong folder: where all photos of a folder are somebody
    else's, they agree with one another, so none is refused."""
    gallery = enrolment.gallery
    known = setup.roster.look_alikes()
    alike = {(min(one, other), max(one, other)) for one in gallery.people for other in gallery.alike(one)}
    pairs = sorted(pair for pair in alike if pair[1] not in known.get(pair[0], frozenset()))
    if not pairs:
        return
    yield _yellow("The photos of these people are so alike that neither is cleared while the other may not be shown.")
    yield "Look whether any lies in the wrong folder. If they are brothers or sisters, write it on the roster:"
    for one, other in pairs:
        names = " and ".join(who(setup.roster, person, redact=redact) for person in (one, other))
        yield f"  {names}:  {one}: look_alikes: [{other}]"


def look_alikes(pairs: Iterable["Pair"], roster: "Roster", *, redact: bool) -> Iterable[str]:
    """The pairs that the roster does not list yet, and how to write them there."""
    known = roster.look_alikes()
    unlisted = [pair for pair in pairs if pair.other not in known.get(pair.one, frozenset())]
    if not unlisted:
        return
    yield "Look alike. If they are brothers, sisters or often mistaken, write it on the roster:"
    for pair in unlisted:
        one, other = (who(roster, person, redact=redact) for person in (pair.one, pair.other))
        yield f"  {pair.score:.2f}  {one} and {other}:  {pair.one}: look_alikes: [{pair.other}]"
    yield ""


def who(roster: "Roster", person_id: str, *, redact: bool) -> str:
    """Somebody's name, or their id where names are not to be shown."""
    person = roster.person(person_id)
    return person_id if redact or person is None else person.name


def to_do(enrolment: "Enrolment") -> bool:
    """Whether anybody has work to do before this gallery is as it should be."""
    return bool(enrolment.problems) or any(not a.used or a.refused for a in enrolment.accounts)


def _lines(enrolment: "Enrolment", *, assessed: bool, redact: bool, quiet: bool, verbose: bool) -> Iterable[str]:
    if not assessed:
        yield _yellow(
            "Neither the roster nor the settings name an assessment (dpia:). Face templates of children need one "
            "before they are made: docs/dpia-template.md is a start."
        )
    if not enrolment.accounts:
        yield _yellow("Nobody on the roster has `biometric: granted`, so nobody is measured.")
    for account in enrolment.accounts:
        if quiet and account.used and not _doubtful(account):
            continue
        yield from _about(account, redact=redact, verbose=verbose)
    said = {account.person.id for account in enrolment.accounts if not account.photos}
    for problem in enrolment.problems:
        if problem.part in said:
            continue
        yield _red("  ✗ ") + f"faces/{problem.part}: {problem.reason}"
    for remark in enrolment.remarks:
        yield _yellow(remark)
    undated = sum(1 for account in enrolment.accounts if account.used and account.newest is None)
    if undated:
        yield _yellow(
            f"Of {_count(undated, 'person', 'people')} nobody knows when the photos were taken: write "
            "`photographed: YYYY-MM-DD` on the roster, so that you are told when they are too old."
        )
    without = len(enrolment.without_template)
    used = sum(account.used for account in enrolment.accounts)
    refused = sum(len(account.refused) for account in enrolment.accounts)
    yield f"{_count(used, 'photo')} of {_count(len(enrolment.gallery), 'person', 'people')} in use, {refused} refused."
    if without:
        yield (
            f"{_count(without, 'person', 'people')} on the roster cannot be recognised (no consent to a template, "
            "or no photo in use): to postguard they are strangers, and strangers stop a draft."
        )


def _doubtful(account: "PersonAccount") -> bool:
    return bool(account.refused or account.remarks or account.alike)


def _about(account: "PersonAccount", *, redact: bool, verbose: bool) -> Iterable[str]:
    person = account.person
    who = person.id if redact else f"{person.id}  {person.name}"
    mark = _red("✗") if not account.used else _yellow("!") if _doubtful(account) else _green("✓")
    yield f"{mark} {who}: {_count(account.used, 'photo')} in use" + (
        f", {len(account.refused)} refused" if account.refused else ""
    )
    for photo in account.photos:
        if not photo.used:
            yield _red("    ✗ ") + f"{photo.path.name}: {photo.reason}"
        elif photo.remark:
            yield _yellow("    ! ") + f"{photo.path.name}: {photo.remark}"
        elif verbose:
            yield f"    ✓ {photo.path.name}"
    for remark in account.remarks:
        yield _yellow("    ! ") + remark


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _red(words: str) -> str:
    return click.style(words, fg="red")


def _yellow(words: str) -> str:
    return click.style(words, fg="yellow")


def _green(words: str) -> str:
    return click.style(words, fg="green")
