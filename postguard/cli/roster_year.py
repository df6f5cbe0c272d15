"""`postguard roster rollover`: the new school year."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postguard.cli.roster_common import (
    check_recorder,
    confirm,
    count,
    day_option,
    recorded_by_option,
    roster_option,
    roster_path,
    yes_option,
)
from postguard.domain.errors import EXIT_PASS, UsageError
from postguard.domain.people import Person, Roster

if TYPE_CHECKING:
    from postguard.domain.keeping import Rollover

HALF_A_YEAR = timedelta(days=183)


@click.command(name="rollover", short_help="The new school year.")
@day_option("--on", "on", "The first day of the new school year. Default: today.")
@click.option("--top", type=click.IntRange(1, 14), metavar="YEAR", help="The school's last year, for example 6.")
@click.option("--move", "moves", multiple=True, metavar="OLD=NEW", help='Where a group goes: "Reception=Year 1".')
@click.option("--renew", is_flag=True, help="End all consent with the old year, so that every family is asked again.")
@click.option("--again", is_flag=True, help="Do it although it was done lately.")
@click.option("--redact", is_flag=True, help="Show ids instead of names.")
@yes_option
@recorded_by_option
@roster_option
def rollover(
    on: date | None,
    top: int | None,
    moves: tuple[str, ...],
    renew: bool,
    again: bool,
    redact: bool,
    yes: bool,
    recorded_by: str | None,
    roster: Path | None,
) -> int:
    """Move every group up a year, end what ends, and list who must be asked again.

    P4 becomes P5; who was in the last year is in the group "left", and has no consent any more. Shows what it
    will do before it does it. Once a year is enough: a second time within half a year is refused without --again.
    """
    from postguard import keeping

    path = roster_path(roster).resolve()
    before = keeping.open_roster(path)
    check_recorder(before, recorded_by)
    if not again:
        _refuse_twice(path)
    day = on or date.today()
    plan = _plan(before, day, top, moves, renew)
    for line in _account(plan, before, redact=redact):
        click.echo(line)
    if plan.after == before.people:
        click.echo("Nothing to change.")
        return EXIT_PASS
    confirm("Write this into the roster?", yes=yes)
    kept = keeping.change(path, lambda _: plan.after, what="rollover", by=recorded_by, seen=before)
    click.echo("Done. Now go through the roster, and write the next review day after review_by.")
    for note in kept.notes:
        click.echo(note)
    return EXIT_PASS


def _refuse_twice(roster: Path) -> None:
    """Raises UsageError where the groups were moved up lately: nobody sees it in a roster that P4 was P3 before."""
    from postguard.records.files import records_folder
    from postguard.records.journal import entries

    since = (date.today() - HALF_A_YEAR).isoformat()
    done = [str(line.get("at", ""))[:10] for line in entries(records_folder(roster)) if line.get("what") == "rollover"]
    if done and max(done) >= since:
        raise UsageError(
            f"The groups were moved up on {max(done)} already. Nothing was changed.",
            hint="Mend single groups in the roster by hand. If all must move once more, add --again.",
        )


def _plan(roster: Roster, on: date, top: int | None, moves: Sequence[str], renew: bool) -> "Rollover":
    from postguard.domain.keeping import roll_over

    pairs = {}
    for move in moves:
        old, sign, new = (part.strip() for part in move.partition("="))
        if not sign or not old or not new:
            raise UsageError(f"--move {move} does not say where a group goes.", hint='Say: --move "Reception=Year 1"')
        pairs[old] = new
    try:
        return roll_over(roster, on=on, top=top, moves=pairs, renew=renew)
    except ValueError as group:
        raise UsageError(
            f"Nobody can know which year is the school's last, for the group {group}.", hint="Say it: --top 6"
        ) from None


def _account(plan: "Rollover", roster: Roster, *, redact: bool) -> list[str]:
    people = {person.id: person for person in roster.people}
    after = {person.id: person for person in plan.after}

    def names(ids: Sequence[str], words: str) -> list[str]:
        return [f"  {_who(people[who], redact)}{words.format(old=people[who], new=after[who])}" for who in ids]

    steps = Counter((people[who].group, after[who].group) for who in plan.moved)
    lines = [f"{count(len(plan.moved), 'person', 'people')} to move up a year."]
    lines += [f"  {old} → {new}: {count(number, 'person', 'people')}" for (old, new), number in steps.items()]
    for title, ids, words in (
        ("left: no consent counts any more; forget them when you need not recognise them", plan.leavers, ""),
        ("in a group that says no year, left as it is; --move says where it goes", plan.unmoved, ": {old.group}"),
        ("must be asked again", plan.ask_again, ""),
    ):
        if ids:
            lines += [f"{count(len(ids), 'person', 'people')}: {title}.", *names(ids, words)]
    return lines


def _who(person: Person, redact: bool) -> str:
    return person.id if redact else f"{person.id}  {person.name}"


COMMANDS = (rollover,)
