"""`postguard calibrate`: what the thresholds are worth on this school's own photos."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click

from postguard.cli.enrol import enrol, look_alikes
from postguard.cli.options import (
    allow_git_option,
    date_option,
    faces_option,
    models_option,
    open_setup,
    roster_option,
)
from postguard.cli.output import pair, refuse_unwritable, write
from postguard.cli.progress import watching
from postguard.domain.errors import EXIT_PASS, GalleryError, RecordError, SettingsError
from postguard.records.files import write_whole

if TYPE_CHECKING:
    from postguard.domain.people import Roster
    from postguard.domain.policy import Thresholds
    from postguard.enrolment import Enrolment
    from postguard.matching.calibration import Calibration, Share

ENOUGH_PEOPLE = 2


@click.command(name="calibrate")
@roster_option
@faces_option
@date_option
@models_option
@allow_git_option
@click.option(
    "--target",
    type=click.FloatRange(0.01, 50),
    default=1.0,
    show_default=True,
    metavar="PERCENT",
    help="How many strangers in a hundred may clear, at most.",
)
@click.option("--write", is_flag=True, help="Write the proposed thresholds to postguard.yaml.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Draw a page (HTML) to look at.")
@click.option("--redact", is_flag=True, help="Show ids instead of names.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def command(
    roster: Path | None,
    faces: Path | None,
    on: date | None,
    models: Path | None,
    allow_git: bool,
    target: float,
    write: bool,
    output: Path | None,
    redact: bool,
    quiet: bool,
) -> int:
    """Measure how well postguard tells this school's own people apart, and propose thresholds.

    Every reference photo is compared with all others: as its own person, as somebody without consent, as a
    stranger. Proposes look_alikes for the roster, and stricter thresholds where they are needed; it never
    proposes looser ones than the built-in, for a school's few photos cannot prove them safe. Changes nothing without
    --write. The page drawn with -o holds numbers only, neither names nor ids.
    """
    from postguard.matching.calibration import calibrate

    refuse_unwritable(pair(["html"], [output]) if output is not None else ())
    setup = open_setup(Path.cwd(), roster=roster, faces=faces, on=on, models=models, allow_git=allow_git)
    with watching(1, quiet=quiet) as watcher:
        enrolment = enrol(setup, watcher.say)
        if len(enrolment.gallery) < ENOUGH_PEOPLE:
            raise GalleryError(
                "There is nobody to compare: fewer than two people have a reference photo in use.",
                hint="`postguard enrol` says what each photo is worth.",
            )
        watcher.say("comparing everybody with everybody")
        result = calibrate(enrolment.gallery, setup.policy.thresholds, target / 100)
    for line in _lines(result, enrolment, setup.roster, redact=redact):
        click.echo(line)
    if output is not None:
        _draw(result, output)
        click.echo(f"Drawn: {output}")
    if write:
        click.echo(_write(result, setup.roster.path.parent))
    return EXIT_PASS


def _lines(result: "Calibration", enrolment: "Enrolment", roster: "Roster", *, redact: bool) -> Iterable[str]:
    photos = len(result.different)
    yield f"{result.people} people, {photos} photos. A face clears at {result.needed:.2f} when all of them may clear."
    yield ""
    for what, value in _numbers(result):
        yield f"{what}: {value}"
    yield "What is posted is worse than a reference photo: expect more needless stops than that."
    yield ""
    yield from look_alikes(result.pairs, roster, redact=redact)
    yield from _references(enrolment, redact=redact)
    yield from _proposal(result)


def _numbers(result: "Calibration") -> list[tuple[str, str]]:
    return [
        ("Without consent, cleared as somebody else", _share(result.refused_cleared)),
        ("Strangers cleared", _share(result.strangers_cleared)),
        ("With consent, stopped", _share(result.consented_stopped)),
        ("Scores of the same person", _spread(result.same)),
        ("Scores of the nearest other person", _spread(result.different)),
    ]


def _share(share: "Share") -> str:
    if not share.of:
        return "not measured (it takes two photos of a person)"
    return f"{share.hits} of {share.of}, {share.value:.1%} (between {share.low:.1%} and {share.high:.1%})"


def _spread(scores: Sequence[float]) -> str:
    if not scores:
        return "none"
    return f"{min(scores):.2f} to {max(scores):.2f}, half of them under {median(scores):.2f}"


def _references(enrolment: "Enrolment", *, redact: bool) -> Iterable[str]:
    said = False
    for account in enrolment.accounts:
        remarks = [*account.remarks, *(f"{p.path.name}: {p.remark}" for p in account.photos if p.remark)]
        remarks += [f"{photo.path.name}: {photo.reason}" for photo in account.refused]
        for remark in remarks:
            yield f"  {account.person.id if redact else account.person.name}: {remark}"
            said = True
    if said:
        yield ""


def _proposal(result: "Calibration") -> Iterable[str]:
    apart = ", apart from the pairs that look alike" if result.pairs else ""
    if result.proposed == result.thresholds:
        yield f"The thresholds in force let at most {result.target:.1%} of these strangers clear{apart}. Keep them."
    else:
        yield f"For at most {result.target:.1%} of strangers cleared{apart}, these are proposed (--write sets them):"
        yield f"  thresholds: {_as_yaml(result.proposed)}"
    if not result.proven:
        needed = int(3 / result.target) + 1
        yield f"So few photos cannot prove it: {len(result.strangers)} were compared, {needed} would be needed."


def _as_yaml(thresholds: "Thresholds") -> str:
    return f"{{clear: {thresholds.clear:g}, stranger_clear: {thresholds.stranger_clear:g}}}"


def _draw(result: "Calibration", output: Path) -> None:
    from postguard.rendering.calibration_page import render_calibration

    page = render_calibration(
        same=result.same,
        strangers=result.strangers,
        needed=result.needed,
        numbers=_numbers(result),
        remarks=tuple(_proposal(result)),
    )
    write(page, output)


def _write(result: "Calibration", folder: Path) -> str:
    """Set the proposed thresholds in the school's settings, keeping everything else as it stands there."""
    from postguard.loading import find_settings

    if result.proposed == result.thresholds:
        return "Nothing was written: the thresholds stay as they are."
    path = find_settings(folder / "consent_roster.yaml") or folder / "postguard.yaml"
    set_thresholds(path, result.proposed)
    return f"Written to {path}."


def set_thresholds(path: Path, thresholds: "Thresholds") -> None:
    """Write `clear` and `stranger_clear` to a settings file, in one step, comments kept. Raises SettingsError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        content = yaml.load(path.read_text(encoding="utf-8")) if path.exists() else None
        content = {} if content is None else content
        content.setdefault("thresholds", {}).update(clear=thresholds.clear, stranger_clear=thresholds.stranger_clear)
        written = io.StringIO()
        yaml.dump(content, written)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        write_whole(path, written.getvalue().encode(), mode=mode)
    except (OSError, RecordError, UnicodeDecodeError, YAMLError) as error:
        raise SettingsError(
            f"The settings {path} cannot be changed.",
            hint="Check that you may write there, or write the proposed thresholds by hand.",
        ) from error
