"""Where reports go: the terminal for the poster, files for everybody else."""

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

from postguard.checks import ALL_CHECKS
from postguard.cli.options import wants_color
from postguard.domain.errors import OutputError, RecordError, UsageError
from postguard.domain.people import Roster
from postguard.domain.report import Batch
from postguard.records.files import write_whole
from postguard.rendering import FORMATS, Audience, View, render_console, view_for, with_pictures

CONSOLE = "console"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """One report to make: its format, and the file it goes to (None: standard output)."""

    format: str
    file: Path | None = None


def pair(formats: Sequence[str], outputs: Sequence[Path]) -> tuple[Wanted, ...]:
    """Formats with the files they go to, in the order given. Raises UsageError where they do not fit.

    A format without -o goes to standard output, and there can be only one such.
    """
    for name in formats:
        if name not in (CONSOLE, *FORMATS):
            raise UsageError(f"There is no format {name}.", hint=f"Formats: {', '.join((CONSOLE, *FORMATS))}.")
    if not formats:
        formats = [_by_suffix(output) for output in outputs] or [CONSOLE]
    spoken = [name for name in formats if name != CONSOLE]
    if len(outputs) > len(formats):
        raise UsageError("There are more -o files than formats.", hint="Give each -o its --format.")
    if len(set(map(os.path.abspath, outputs))) < len(outputs):
        raise UsageError("Two reports would be written to the same file.", hint="Give each its own -o.")
    if len(outputs) == len(formats):
        return tuple(Wanted(format=name, file=file) for name, file in zip(formats, outputs, strict=True))
    if len(outputs) == len(spoken):
        files = iter(outputs)
        return tuple(Wanted(format=name, file=None if name == CONSOLE else next(files)) for name in formats)
    if len(formats) == 1:
        return (Wanted(format=formats[0]),)
    raise UsageError(
        "It is not clear which report goes to which file.",
        hint="Give each its own file: --format json -o week.json --format html -o week.html",
    )


_NO_REPORTS = frozenset(
    (".yaml", ".yml", ".csv", ".md", ".toml", ".npz", ".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff")
) | {".heic", ".heif", ".avif", ".mp4", ".mov"}
"""What a school keeps and no report is called: rosters, settings, posts, pictures."""


def refuse_unwritable(wanted: Sequence[Wanted]) -> None:
    """Raises OutputError before anything is checked, for a check takes minutes."""
    for one in wanted:
        if one.file is None:
            continue
        if one.file.is_dir():
            raise OutputError(f"{one.file} is a folder.", hint="Name a file for the report.")
        if one.file.exists() and one.file.suffix.lower() in _NO_REPORTS:
            raise OutputError(
                f"{one.file} is there already, and is no report.", hint="Name another file: it would be overwritten."
            )
        folder = one.file.absolute().parent
        if not folder.is_dir():
            raise OutputError(f"There is no folder {folder}.", hint="Make it first, or name another file.")
        if not os.access(folder, os.W_OK):
            raise OutputError(f"Nothing can be written in {folder}.", hint="Choose a folder you may write to.")


def refuse_inside(wanted: Sequence[Wanted], checked: Iterable[Path]) -> None:
    """Raises OutputError where a report would lie in a folder that is checked, and stop its drafts the next time."""
    folders = {folder.resolve() for folder in checked}
    for one in wanted:
        if one.file is not None and one.file.resolve().parent in folders:
            raise OutputError(
                f"{one.file} would lie among the drafts.",
                hint="Name a file somewhere else: a draft's folder holds only what is posted.",
            )


def deliver(
    batch: Batch,
    roster: Roster,
    wanted: Sequence[Wanted],
    *,
    private: bool,
    redact: bool,
    quiet: bool,
    verbose: bool,
    color: str,
) -> None:
    """Write every report that was asked for. Once reports go to files, the console still says what came of it,
    also where one of the files could not be written; only then OutputError is raised.
    """

    @cache
    def view(audience: Audience) -> View:
        return view_for(batch, roster=roster, rules=[check.RULE for check in ALL_CHECKS], audience=audience)

    travelling = Audience.PRIVATE if private else Audience.TRAVEL
    trouble: OutputError | None = None
    for one in wanted:
        if one.format == CONSOLE:
            continue
        shown = view(travelling)
        if FORMATS[one.format].pictures:
            from postguard.seeing.thumbnails import reduced

            shown = with_pictures(shown, batch, reduced)
        try:
            write(FORMATS[one.format].render(shown), one.file)
        except OutputError as error:
            trouble = trouble or error
    consoles = [one.file for one in wanted if one.format == CONSOLE]
    if not consoles and all(one.file for one in wanted):
        consoles = [None]
    for file in consoles:
        if file is not None:
            write(render_console(view(travelling), width=100, verbose=verbose, quiet=quiet), file)
            continue
        coloured = wants_color(color)
        text = render_console(
            view(Audience.REDACTED if redact else Audience.POSTER),
            width=shutil.get_terminal_size().columns,
            color=coloured,
            unicode=_speaks_unicode(),
            links=coloured and sys.stdout.isatty(),
            verbose=verbose,
            quiet=quiet,
        )
        click.echo(text, nl=False, color=coloured)
    if trouble is not None:
        raise trouble


def write(content: str, file: Path | None) -> None:
    """Write to a file, whole or not at all, or to standard output; as UTF-8, whatever the terminal speaks."""
    data = content.encode()
    if file is None:
        click.echo(data, nl=False)
        return
    try:
        if file.exists() and not file.is_file():  # a pipe, or a device such as /dev/stdout: nothing to put in its place
            file.write_bytes(data)
            return
        write_whole(file.resolve(), data)  # through a link, not over it
    except RecordError as error:
        raise OutputError(error.message, hint=_ELSEWHERE) from None
    except OSError as error:
        raise OutputError(f"{file} cannot be written ({error.strerror}).", hint=_ELSEWHERE) from None


_ELSEWHERE = "Choose another place with -o."


def _by_suffix(file: Path) -> str:
    for name, form in FORMATS.items():
        if file.suffix == form.suffix:
            return name
    raise UsageError(f"It is not clear in which format to write {file.name}.", hint="Say it with --format.")


def _speaks_unicode() -> bool:
    encoding = (sys.stdout.encoding or "ascii").lower()
    return encoding.startswith("utf")
