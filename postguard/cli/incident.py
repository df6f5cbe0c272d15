"""`postguard incident`: write down what went wrong, as the school's policy asks."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from postguard.cli.options import as_date
from postguard.cli.school import open_school, roster_option
from postguard.domain.errors import EXIT_PASS, UsageError
from postguard.domain.vouching import id_of
from postguard.records.incidents import KINDS, record_incident


@click.command(name="incident")
@roster_option
@click.option("--kind", type=click.Choice(sorted(KINDS)), required=True, help="What kind of thing happened.")
@click.option("--by", required=True, metavar="ID", help="Who records it: an id from the roster, such as S01.")
@click.option("--on", "happened", callback=as_date, metavar="YYYY-MM-DD", help="Default: today.")
@click.option("--note", metavar="TEXT", help="What happened and what was done. Asked for when left out.")
def command(roster: Path | None, kind: str, by: str, happened: date | None, note: str | None) -> int:
    """Record an incident: what happened, when, and what was done about it.

    The note stays in the school's records for the head teacher's eyes; the journal holds only its kind, its day
    and a hash that shows it was not changed afterwards. Write pupils' ids rather than names.
    """
    school = open_school(Path.cwd(), roster)
    who = id_of(by, school.roster)
    if who is None:
        raise UsageError(f"Nobody on the roster is {by}.", hint="--by is an id such as S01.")
    said = note if note is not None else click.prompt("What happened, and what was done about it")
    if not said.strip():
        raise UsageError("An incident without a word about it helps nobody.", hint="Say what happened: --note TEXT")
    now = datetime.now(UTC)
    when = happened or date.today()
    if when > date.today():
        raise UsageError("That day has not come yet.", hint="--on is the day on which it happened.")
    path = record_incident(school.folder, kind=kind, happened=when, by=who, note=said, now=now)
    click.echo(f"Recorded in {path} and in the journal. Tell the head teacher.")
    return EXIT_PASS
