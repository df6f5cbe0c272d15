"""`postguard roster import` and `convert`: from the school's own system, and between the two forms of a roster."""

import gc
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postguard.cli.roster_common import (
    check_recorder,
    confirm,
    consent_lines,
    count,
    recorded_by_option,
    roster_option,
    roster_path,
    yes_option,
)
from postguard.domain.errors import EXIT_PASS, OutputError, UsageError
from postguard.domain.people import Person, Role, Roster

if TYPE_CHECKING:
    from postguard.domain.keeping import Merge, Told

_SHOWN = 20
"""People shown of each kind without -v: who imports an authority does not read 100,000 lines."""


@click.command(name="import", short_help="Take pupils from a school system's export.")
@click.argument("export", type=click.Path(path_type=Path), metavar="FILE.csv")
@click.option("--system", metavar="NAME", help="seemis, sims, arbor, bromcom or plain. Default: whichever fits.")
@click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN", help='For example: --map "id=Pupil No"')
@click.option("--grant", is_flag=True, help="Let a yes in the file widen consent. Without it only a no counts.")
@click.option("--redact", is_flag=True, help="Show ids instead of names.")
@click.option("-v", "--verbose", is_flag=True, help="Show everybody who changes.")
@yes_option
@recorded_by_option
@roster_option
def import_(
    export: Path,
    system: str | None,
    maps: tuple[str, ...],
    grant: bool,
    redact: bool,
    verbose: bool,
    yes: bool,
    recorded_by: str | None,
    roster: Path | None,
) -> int:
    """Take pupils from a school system's export (CSV). Shows what would change, and asks before it writes.

    Pupils who are not in the file stay. Consent is never widened without --grant, whatever the file says.
    """
    from postguard import keeping
    from postguard.domain.keeping import merge
    from postguard.loading.school_export import read_export

    gc.disable()  # 100,000 rows are a million values that all stay; to walk over them again and again costs a third
    click.get_current_context().call_on_close(gc.enable)
    path = roster_path(roster).resolve()
    before = keeping.open_roster(path)
    check_recorder(before, recorded_by)
    told = read_export(export, system=_system(system), mapping=_mapping(maps), channels=before.channels)
    _refuse_others(before, told.pupils)
    plan = merge(before, told.pupils, widen=grant, on=date.today(), by="import")
    for line in (*told.remarks, *_account(plan, before, redact=redact, most=None if verbose else _SHOWN)):
        click.echo(line)
    if plan.after == before.people:
        click.echo("Nothing to change.")
        return EXIT_PASS
    confirm("Write this into the roster?", yes=yes)
    kept = keeping.change(path, lambda _: plan.after, what="import", by=recorded_by, seen=before)
    refused = {person.id for person in kept.after.people if not person.biometric}
    for person in before.people:
        if person.biometric and person.id in refused:
            keeping.forget_template(path, person.id)
    click.echo(f"Done: {count(len(kept.after.people), 'person', 'people')} on the roster.")
    for note in kept.notes:
        click.echo(note)
    return EXIT_PASS


def _refuse_others(roster: Roster, pupils: "Sequence[Told]") -> None:
    """Raises UsageError where a pupil of the file has an id that is somebody else's here."""
    theirs = {one.id.casefold(): one for one in roster.people}
    for pupil in pupils:
        person = theirs.get(pupil.id.casefold())
        if person is not None and (person.id != pupil.id or person.role is Role.STAFF):
            whose = "a member of staff" if person.role is Role.STAFF else f"{person.id}, which differs by its case only"
            raise UsageError(
                f"The file's id {pupil.id} belongs to {whose}. Nothing was written.",
                hint="Give one of the two another id, or say which column is the id: --map id=COLUMN",
            )


def _system(name: str | None) -> str | None:
    from postguard.loading.school_export import systems

    if name is not None and name.casefold() not in systems():
        raise UsageError(f"No system {name} is known.", hint=f"Known: {', '.join(systems())}. Or say --map.")
    return name.casefold() if name else None


def _mapping(maps: Sequence[str]) -> dict[str, str]:
    mapping = {}
    for one in maps:
        field, sign, column = (part.strip() for part in one.partition("="))
        if not sign or not column:
            raise UsageError(f"--map {one} names no column.", hint='Say, for example: --map "id=Pupil No"')
        mapping[field] = column
    return mapping


def _account(plan: "Merge", roster: Roster, *, redact: bool, most: int | None) -> Iterable[str]:
    old = {person.id: person for person in roster.people}
    new = {person.id: person for person in plan.after}
    yield f"{count(len(plan.added), 'pupil')} would be added."
    yield from _some(plan.added, most, lambda who: [_who(new[who], redact)])
    yield f"{count(len(plan.changed), 'person', 'people')} would change."
    yield from _some(plan.changed, most, lambda who: _changes(old[who], new[who], roster, redact))
    if plan.withheld:
        yield (
            f"{count(plan.withheld, 'yes', 'yeses')} in the file would widen somebody's consent "
            "and will not count. --grant lets them in, where you know that the families said so."
        )
    if plan.contradicted:
        yield (
            f"The file says yes where the family said no here: {count(len(plan.contradicted), 'person', 'people')}. "
            "The no stands. `postguard roster grant` changes it, where the family changed its mind."
        )
        yield from _some(plan.contradicted, None, lambda who: [_who(old[who], redact)])
    if plan.absent:
        yield f"On the roster, not in the file, and left as they are: {count(len(plan.absent), 'pupil')}."
        yield from _some(plan.absent, most, lambda who: [_who(old[who], redact)])


def _changes(old: Person, new: Person, roster: Roster, redact: bool) -> Iterable[str]:
    yield _who(new, redact)
    if old.name != new.name:
        yield "    another name" if redact else f"    name: {old.name} → {new.name}"
    if old.known_as != new.known_as:
        yield "    another name it goes by" if redact else f"    known as: {', '.join(new.known_as)}"
    for field in ("group", "school"):
        if getattr(old, field) != getattr(new, field):
            yield f"    {field}: {getattr(old, field) or 'none'} → {getattr(new, field)}"
    today = date.today()
    before, after = (list(consent_lines(person, roster.channels, today)) for person in (old, new))
    yield from (f"    {line}" for line, was in zip(after, before, strict=True) if line != was)


def _some(ids: Sequence[str], most: int | None, lines: Callable[[str], Iterable[str]]) -> Iterable[str]:
    shown = ids[:most]
    yield from (f"  {line}" for who in shown for line in lines(who))
    if len(shown) < len(ids):
        yield f"  … and {len(ids) - len(shown):,} more (-v shows all)"


def _who(person: Person, redact: bool) -> str:
    return person.id if redact else f"{person.id}  {person.name}"


@click.command(name="convert", short_help="Write it as a table (CSV), for very many people.")
@click.argument("table", type=click.Path(path_type=Path), metavar="FILE.csv")
@roster_option
def convert(table: Path, roster: Path | None) -> int:
    """Write the roster as a table (CSV), which loads many times faster: for more than some thousand people."""
    from postguard.loading import load_roster
    from postguard.loading.roster_edit import table as as_table
    from postguard.records.files import write_whole

    loaded = load_roster(roster_path(roster))
    if table.suffix.casefold() != ".csv":
        raise UsageError(f"{table.name} does not end in .csv.", hint="Name it consent_roster.csv")
    if table.exists():
        raise OutputError(f"{table} is there already.", hint="Choose another name, or remove it first.")
    write_whole(table.absolute(), as_table(loaded).encode(), mode=0o600)
    click.echo(f"{table} holds {count(len(loaded.people), 'person', 'people')}.")
    if table.absolute().parent == loaded.path.absolute().parent:
        click.echo(f"Now remove or rename {loaded.path.name}: one folder has one roster.")
    return EXIT_PASS


COMMANDS = (import_, convert)
