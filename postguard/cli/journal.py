"""`postguard journal`: what was checked, vouched for and changed, and whether anybody tampered with it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from postguard.cli.school import records_of, roster_option
from postguard.domain.errors import EXIT_FAIL, EXIT_PASS


@click.group(name="journal")
def command() -> None:
    """Who checked what, with which register, and what came of it. It names no pupil."""


@command.command(name="verify")
@roster_option
def verify_command(roster: Path | None) -> int:
    """Find a line that was changed, is missing or stands elsewhere.

    Ends with 0 when the journal is whole, 1 when it is not, 2 when nobody can tell.
    """
    from postguard.records.journal import verify

    found = verify(records_of(Path.cwd(), roster))
    for sentence in (*found.problems, *found.notes):
        click.echo(sentence)
    if not found.lines and not found.problems:
        return EXIT_PASS
    lines = "1 line" if found.lines == 1 else f"{found.lines} lines"
    if found.problems:
        click.echo(f"The journal ({lines}) is not as postguard wrote it. Tell the head teacher, and keep it as it is.")
        return EXIT_FAIL
    click.echo(f"The journal is whole: {lines}, none changed, missing or moved.")
    return EXIT_PASS


@command.command(name="show")
@roster_option
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N lines.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON each.")
def show_command(roster: Path | None, last: int | None, as_json: bool) -> int:
    """Show the journal, oldest first."""
    from postguard.records.journal import entries

    found = entries(records_of(Path.cwd(), roster))
    for line in found[-last:] if last else found:
        click.echo(json.dumps(line) if as_json else _words(line))
    if not found:
        click.echo("There is nothing in the journal yet.", err=True)
    return EXIT_PASS


def _words(line: Mapping[str, Any]) -> str:
    said = [f"{name}={_short(value)}" for name, value in line.items() if name not in ("at", "event")]
    return "  ".join([str(line.get("at", "")), str(line.get("event", "")).ljust(8), *said])


def _short(value: object) -> str:
    """Hashes are cut to what a person can compare."""
    words = ",".join(str(v) for v in value) if isinstance(value, list) else str(value)
    words = words.removeprefix("sha256:")
    return words[:12] if len(words) == 64 else words
