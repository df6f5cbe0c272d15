"""`postguard roster add`, `rename` and `forget`."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postguard.cli.roster_common import (
    check_recorder,
    confirm,
    count,
    person_of,
    recorded_by_option,
    roster_option,
    roster_path,
    say_kept,
    words,
    yes_option,
)
from postguard.domain.errors import EXIT_FAIL, EXIT_PASS, UsageError
from postguard.domain.people import Person, Role, Roster

if TYPE_CHECKING:
    from postguard.keeping import Forgotten


@click.command(name="add", short_help="Add somebody, without any consent.")
@click.argument("person_id", metavar="ID")
@click.argument("name", metavar="NAME")
@click.option("--staff", is_flag=True, help="A member of staff. Default: a pupil.")
@click.option("--group", metavar="NAME", help="The class or year.")
@click.option("--known-as", multiple=True, metavar="NAME", help="A name the person goes by; repeatable.")
@click.option("--school", metavar="NAME", help="The school, on a roster of several.")
@recorded_by_option
@roster_option
def add(
    person_id: str,
    name: str,
    staff: bool,
    group: str | None,
    known_as: tuple[str, ...],
    school: str | None,
    recorded_by: str | None,
    roster: Path | None,
) -> int:
    """Add somebody, without any consent: `postguard roster grant` says what the family allowed."""
    from postguard import keeping

    _refuse_odd_id(person_id)
    new = Person(
        id=person_id,
        name=words(name, "The name"),
        role=Role.STAFF if staff else Role.PUPIL,
        known_as=tuple(words(one, "--known-as") for one in known_as),
        group=group and words(group, "--group"),
        school=school and words(school, "--school"),
    )

    def wanted(before: Roster) -> tuple[Person, ...]:
        check_recorder(before, recorded_by)
        if any(one.id.casefold() == person_id.casefold() for one in before.people):
            raise UsageError(f"Somebody on the roster has the id {person_id} already.", hint="Choose another id.")
        return (*before.people, new)

    kept = keeping.change(roster_path(roster), wanted, what="added", by=recorded_by)
    say_kept(kept, [person_id], on=date.today())
    return EXIT_PASS


def _refuse_odd_id(person_id: str) -> None:
    from postguard.loading.marked_yaml import Problems
    from postguard.loading.people import check_id

    problems = Problems()
    check_id(person_id, 1, problems)
    if problems.found:
        said = problems.found[0].text
        raise UsageError(said[0].upper() + said[1:], hint="Choose an id that only the school uses.")


@click.command(name="rename", short_help="Give somebody another name.")
@click.argument("person_id", metavar="ID")
@click.argument("name", metavar="NAME")
@click.option("--keep-old", is_flag=True, help="Go on looking for the old name, too: it becomes a known_as.")
@recorded_by_option
@roster_option
def rename(person_id: str, name: str, keep_old: bool, recorded_by: str | None, roster: Path | None) -> int:
    """Give somebody another name."""
    from postguard import keeping

    name = words(name, "The name")

    def wanted(before: Roster) -> tuple[Person, ...]:
        check_recorder(before, recorded_by)
        person = person_of(before, person_id)
        renamed = replace(person, name=name)
        if keep_old and person.name not in (*person.known_as, name):
            renamed = replace(renamed, known_as=(*person.known_as, person.name))
        return tuple(renamed if one.id == person_id else one for one in before.people)

    kept = keeping.change(roster_path(roster), wanted, what="renamed", by=recorded_by)
    say_kept(kept, [person_id], on=date.today())
    return EXIT_PASS


@click.command(name="forget", short_help="Remove somebody everywhere, and prove it.")
@click.argument("person_id", metavar="ID")
@click.option("--faces", type=click.Path(path_type=Path), metavar="DIR", help="Default: faces/ beside the roster.")
@yes_option
@recorded_by_option
@roster_option
def forget(person_id: str, faces: Path | None, yes: bool, recorded_by: str | None, roster: Path | None) -> int:
    """Remove a person: roster, photos, templates, and every answer that names them. Then prove it.

    A forgotten child is a stranger to postguard: nobody will find the name in a text any more. Forget who has
    left, not who refused. Ends with 0 when nothing in the school's folder holds the id any more, and with 1 when
    something does that only you can change.
    """
    from postguard import keeping

    path = roster_path(roster).resolve()
    before = keeping.open_roster(path)
    check_recorder(before, recorded_by)
    person = before.person(person_id)
    held = keeping.still_held(path.parent, person_id)
    if person is None and not held:
        person_of(before, person_id)
    _refuse_odd_id(person_id)
    who = f"{person_id} ({person.name})" if person else person_id
    confirm(f"This removes {who} for good; no copy is kept. Go on?", yes=yes)
    gone = keeping.forget(path, person_id, faces=faces or path.parent / "faces", by=recorded_by)
    for line in _accounts(gone):
        click.echo(f"  {line}")
    return _proof(path, person_id, person.name if person else None)


def _accounts(gone: "Forgotten") -> list[str]:
    return [
        "The line on the roster was removed." if gone.roster else "There was no line on the roster.",
        f"{count(gone.photos, 'photo')} removed.",
        "The face templates were removed." if gone.templates else "There were no face templates.",
        f"{count(gone.waivers, 'vouch', 'vouches')} removed, and {count(gone.answers, 'answer')} of posters.",
        *gone.notes,
    ]


def _proof(roster: Path, person_id: str, name: str | None) -> int:
    from postguard.keeping import still_held

    held = [path.relative_to(roster.parent) for path in still_held(roster.parent, person_id)]
    if not held:
        click.echo(f"Nothing in {roster.parent} holds the id {person_id} any more.")
        click.echo("(What pictures, PDFs and packed files other than zip say was not looked at.)")
    else:
        click.echo(f"These still hold {person_id}. Look at them, and change or remove them yourself:")
        for path in held:
            journal = " (the journal keeps who answered for what; it cannot be changed)" * (
                path.name == "journal.jsonl"
            )
            click.echo(f"  {path}{journal}")
    if any((folder / ".git").exists() for folder in (roster.parent, *roster.parent.parents)):
        click.echo("The folder is in a git repository: what was ever committed there is kept in its history.")
    named = [path.relative_to(roster.parent) for path in still_held(roster.parent, name)] if name else []
    if named:
        click.echo("The name itself still stands in:")
        for path in named:
            click.echo(f"  {path}")
    return EXIT_FAIL if held else EXIT_PASS


COMMANDS = (add, rename, forget)
