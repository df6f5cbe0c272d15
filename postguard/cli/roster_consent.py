"""`postguard roster grant`, `refuse` and `withdraw`: what a family said, who said it, and since when."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from postguard.cli.roster_common import (
    channels_of,
    check_recorder,
    day_option,
    person_of,
    recorded_by_option,
    roster_option,
    roster_path,
    say_kept,
    words,
)
from postguard.domain.errors import EXIT_PASS, UsageError
from postguard.domain.people import Person, Roster

_Word = Callable[[Person, Sequence[str]], Person]


def _who(ctx: click.Context, param: click.Parameter, value: str) -> str:
    return words(value, "--by")


def _options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.argument("person_id", metavar="ID"),
            click.option("--channel", "channels", multiple=True, metavar="NAME", help="Only this channel; repeatable."),
            click.option("--biometric", is_flag=True, help="The face template. Alone, photographs stay as they are."),
            click.option("--by", required=True, callback=_who, metavar="WHO", help="Who said so: mother, for example."),
            day_option("--on", "on", "The day it counts from. Default: today."),
            recorded_by_option,
            roster_option,
        )
    ):
        function = option(function)
    return function


@click.command(name="grant", short_help="The family said yes.")
@_options
@day_option("--until", "until", "The last day it counts. Default: until it is withdrawn.")
def grant(
    person_id: str,
    channels: tuple[str, ...],
    biometric: bool,
    by: str,
    on: date | None,
    recorded_by: str | None,
    roster: Path | None,
    until: date | None,
) -> int:
    """The family said yes: to photographs on all channels, or on those named, or to the face template."""
    from postguard.domain.keeping import grant as granted

    since = on or date.today()
    if until is not None and until < since:
        raise UsageError("--until is before the day it counts from.", hint="Mend one of the two days.")

    def word(person: Person, on_channels: Sequence[str]) -> Person:
        return granted(person, on_channels, since=since, until=until, by=by)

    return _keep(person_id, channels, biometric, True, recorded_by, roster, word=word, what="granted", on=since)


@click.command(name="refuse", short_help="The family said no.")
@_options
def refuse(
    person_id: str,
    channels: tuple[str, ...],
    biometric: bool,
    by: str,
    on: date | None,
    recorded_by: str | None,
    roster: Path | None,
) -> int:
    """The family said no: on all channels, or on those named, or to the face template (removed at once)."""
    from postguard.domain.keeping import refuse as refused

    since = on or date.today()

    def word(person: Person, on_channels: Sequence[str]) -> Person:
        return refused(person, on_channels, since=since, by=by)

    return _keep(person_id, channels, biometric, False, recorded_by, roster, word=word, what="refused", on=since)


@click.command(name="withdraw", short_help="The family takes its yes back.")
@_options
def withdraw(
    person_id: str,
    channels: tuple[str, ...],
    biometric: bool,
    by: str,
    on: date | None,
    recorded_by: str | None,
    roster: Path | None,
) -> int:
    """The family takes its yes back: on all channels, or on those named, or for the face template (removed at once)."""
    from postguard.domain.keeping import withdraw as withdrawn

    day = on or date.today()

    def word(person: Person, on_channels: Sequence[str]) -> Person:
        return withdrawn(person, on_channels, on=day, by=by)

    return _keep(person_id, channels, biometric, False, recorded_by, roster, word=word, what="withdrawn", on=day)


def _keep(
    person_id: str,
    channels: tuple[str, ...],
    biometric: bool,
    biometric_granted: bool,
    recorded_by: str | None,
    roster: Path | None,
    *,
    word: _Word,
    what: str,
    on: date,
) -> int:
    from postguard import keeping

    if biometric and on > date.today():
        raise UsageError(
            "A face template is allowed or not from today on.", hint="Leave --on out, or run this that day."
        )
    path = roster_path(roster)

    def wanted(before: Roster) -> tuple[Person, ...]:
        person = person_of(before, person_id)
        check_recorder(before, recorded_by)
        named = channels_of(before, channels)
        changed = word(person, named) if channels or not biometric else person
        if biometric:
            changed = _with_biometric(changed, biometric_granted)
        return tuple(changed if one.id == person_id else one for one in before.people)

    kept = keeping.change(path, wanted, what=f"biometric {what}" if biometric else what, by=recorded_by)
    say_kept(kept, [person_id], on=date.today())
    if biometric and not biometric_granted:
        _forget_template(path, person_id)
    elif not biometric and what != "granted" and person_of(kept.after, person_id).biometric:
        click.echo("    The face template stays: that is a consent of its own. --biometric takes it back, too.")
    return EXIT_PASS


def _with_biometric(person: Person, granted: bool) -> Person:
    from dataclasses import replace

    return replace(person, biometric=granted)


def _forget_template(roster: Path, person_id: str) -> None:
    """At once, and also when the roster said no already: the template may be older than the word."""
    from postguard.keeping import forget_template

    removed = forget_template(roster, person_id)
    click.echo("    The face template was removed." if removed else "    There was no face template.")
    if (roster.parent / "faces" / person_id).exists():
        click.echo(f"    The photos in faces/{person_id} are no longer used. Remove them where nobody needs them.")


COMMANDS = (grant, refuse, withdraw)
