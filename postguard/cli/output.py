"""Where reports go: the terminal for the poster, files for everybody else."""

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from postguard.checks import ALL_CHECKS
from postguard.cli.options import wants_color
from postguard.domain.errors import OutputError, UsageError
from postguard.domain.people import Roster
from postguard.domain.report import Batch
from postguard.rendering import FORMATS, Audience, render_console, view_for, with_pictures

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
    if len(outputs) == len(formats):
        pairs = list(zip(formats, outputs, strict=True))
        return tuple(Wanted(format=name, file=file) for name, file in pairs)
    if len(outputs) == len(spoken):
        files = iter(outputs)
        return tuple(Wanted(format=name, file=None if name == CONSOLE else next(files)) for name in formats)
    if len(formats) == 1:
        return (Wanted(format=formats[0]),)
    raise UsageError(
        "Several formats would go to standard output at once.",
        hint="Give each its own file: --format json -o week.json --format html -o week.html",
    )


def refuse_unwritable(wanted: Sequence[Wanted]) -> None:
    """Raises OutputError before anything is checked, for a check takes minutes."""
    for one in wanted:
        if one.file is None:
            continue
        if one.file.is_dir():
            raise OutputError(f"{one.file} is a folder.", hint="Name a file for the report.")
        folder = one.file.absolute().parent
        if not folder.is_dir():
            raise OutputError(f"There is no folder {folder}.", hint="Make it first, or name another file.")
        if not os.access(folder, os.W_OK):
            raise OutputError(f"Nothing can be written in {folder}.", hint="Choose a folder you may write to.")


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
    """Write every report that was asked for. Once reports go to files, the console still says what came of it."""
    rules = [check.RULE for check in ALL_CHECKS]
    travelling = Audience.PRIVATE if private else Audience.TRAVEL
    for one in wanted:
        if one.format == CONSOLE:
            continue
        view = view_for(batch, roster=roster, rules=rules, audience=travelling)
        if FORMATS[one.format].pictures:
            from postguard.seeing.thumbnails import reduced

            view = with_pictures(view, batch, reduced)
        write(FORMATS[one.format].render(view), one.file)
    if all(one.file is None and one.format != CONSOLE for one in wanted):
        return
    console_file = next((one.file for one in wanted if one.format == CONSOLE), None)
    spoken = Audience.REDACTED if redact else Audience.POSTER
    audience = spoken if console_file is None else travelling
    text = render_console(
        view_for(batch, roster=roster, rules=rules, audience=audience),
        width=100 if console_file else shutil.get_terminal_size().columns,
        color=console_file is None and wants_color(color),
        unicode=console_file is not None or _speaks_unicode(),
        verbose=verbose,
        quiet=quiet,
        links=console_file is None and sys.stdout.isatty() and wants_color(color),
    )
    write(text, console_file)


def write(content: str, file: Path | None) -> None:
    """Write to a file, whole or not at all, or to standard output."""
    if file is None:
        click.echo(content, nl=not content.endswith("\n"))
        return
    try:
        handle, temporary = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(content)
        Path(temporary).replace(file)
    except OSError as error:
        raise OutputError(
            f"The report could not be written to {file} ({error.strerror}).", hint="Choose another place with -o."
        ) from None


def _by_suffix(file: Path) -> str:
    for name, form in FORMATS.items():
        if file.suffix == form.suffix:
            return name
    raise UsageError(f"It is not clear in which format to write {file.name}.", hint="Say it with --format.")


def _speaks_unicode() -> bool:
    encoding = (sys.stdout.encoding or "ascii").lower()
    return encoding.startswith("utf")
