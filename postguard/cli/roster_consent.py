"""`postguard roster grant`, `refuse` and `withdraw`: what a family said, who said it, and since when."""

from collections.abc import Callable, Sequence
from dataclasses import replace
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
from postguard.domain import keeping as say
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
def grant(by: str, on: date | None, until: date | None, **named: Any) -> int:
    """The family said yes: to photographs on all channels, or on those named, or to the face template."""
    since = on or date.today()
    if until is not None and until < since:
        raise UsageError("--until is before the day it counts from.", hint="Mend one of the two days.")
    return _keep("granted", lambda p, channels: say.grant(p, channels, since=since, until=until, by=by), since, **named)


@click.command(name="refuse", short_help="The family said no.")
@_options
def refuse(by: str, on: date | None, **named: Any) -> int:
    """The family said no: on all channels, or on those named, or to the face template (removed at once)."""
    since = on or date.today()
    return _keep("refused", lambda p, channels: say.refuse(p, channels, since=since, by=by), since, **named)


@click.command(name="withdraw", short_help="The family takes its yes back.")
@_options
def withdraw(by: str, on: date | None, **named: Any) -> int:
    """The family takes its yes back: on all channels, or on those named, or for the face template (removed at once)."""
    day = on or date.today()
    return _keep("withdrawn", lambda p, channels: say.withdraw(p, channels, on=day, by=by), day, **named)


def _keep(
    what: str,
    word: _Word,
    on: date,
    *,
    person_id: str,
    channels: tuple[str, ...],
    biometric: bool,
    recorded_by: str | None,
    roster: Path | None,
) -> int:
    """Write what was said into the roster. A template that is no longer allowed goes at once."""
    from postguard import keeping

    if biometric and on > date.today():
        raise UsageError(
            "A face template is allowed or not from today on.", hint="Leave --on out, or run this that day."
        )
    path = roster_path(roster)
    yes = what == "granted"

    def wanted(before: Roster) -> tuple[Person, ...]:
        person = person_of(before, person_id)
        check_recorder(before, recorded_by)
        named = channels_of(before, channels)
        changed = word(person, named) if channels or not biometric else person
        if biometric:
            changed = replace(changed, biometric=yes)
        return tuple(changed if one.id == person_id else one for one in before.people)

    kept = keeping.change(path, wanted, what=f"biometric {what}" if biometric else what, by=recorded_by)
    say_kept(kept, [person_id], on=date.today())
    if biometric and not yes:
        _forget_template(path, person_id)
    elif not biometric and not yes and person_of(kept.after, person_id).biometric:
        click.echo("    The face template stays: that is a consent of its own. --biometric takes it back, too.")
    return EXIT_PASS


def _forget_template(roster: Path, person_id: str) -> None:
    """At once, and also when the roster said no already: the template may be older than the word."""
    from postguard.keeping import forget_template

    removed = forget_template(roster, person_id)
    click.echo("    The face template was removed." if removed else "    There was no face template.")
    if (roster.parent / "faces" / person_id).exists():
        click.echo(f"    The photos in faces/{person_id} are no longer used. Remove them where nobody needs them.")


COMMANDS = (grant, refuse, withdraw)
