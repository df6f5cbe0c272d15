"""What the roster's commands share: finding the roster and a person on it, and saying what consent amounts to."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from postguard.domain.errors import Interrupted, RosterError, UsageError
from postguard.domain.people import Consent, ConsentState, Person, Roster

if TYPE_CHECKING:
    from postguard.keeping import Kept

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _as_date(ctx: click.Context, param: click.Parameter, value: datetime | None) -> date | None:
    return value.date() if value else None


def day_option(flag: str, name: str, help_text: str) -> Decorator:
    """An option that is a day, None where it is not given."""
    return click.option(
        flag,
        name,
        type=click.DateTime(["%Y-%m-%d"]),
        callback=_as_date,
        metavar="YYYY-MM-DD",
        help=help_text,
    )


roster_option: Decorator = click.option(
    "--roster", type=click.Path(path_type=Path), metavar="FILE", help="The roster. Default: found upwards from here."
)
recorded_by_option: Decorator = click.option(
    "--recorded-by", metavar="ID", help="Who of the staff answers for this change, for the journal."
)
yes_option: Decorator = click.option("--yes", is_flag=True, help="Do not ask; do it.")


def roster_path(roster: Path | None) -> Path:
    """The roster's file: the one named, or the nearest upwards from here. Raises RosterError."""
    from postguard.loading import find_roster

    path = roster or find_roster(Path.cwd())
    if path is None:
        raise RosterError(
            "There is no consent_roster.yaml here or in any folder above.",
            hint="Go to the school's folder, name the roster with --roster, or start with `postguard init`.",
        )
    return path


def person_of(roster: Roster, person_id: str) -> Person:
    """Raises UsageError that helps whoever typed a name, or an id that is nearly right."""
    from postguard.loading.marked_yaml import nearest

    person = roster.person(person_id)
    if person is not None:
        return person
    named = [one.id for one in roster.people if one.name.casefold() == person_id.casefold()]
    like = nearest(person_id, [one.id for one in roster.people])
    if named:
        hint = f"Give the id: {' or '.join(named)}."
    else:
        hint = f"Did you mean {like}?" if like else "`postguard roster list` shows every id."
    raise UsageError(f"Nobody on the roster has the id {person_id}.", hint=hint)


def check_recorder(roster: Roster, recorded_by: str | None) -> None:
    """The journal holds ids of staff only, so that no pupil's name gets into it by mistake."""
    if recorded_by is not None and recorded_by not in {p.id for p in roster.people if p.role.value == "staff"}:
        raise UsageError(
            "--recorded-by must be the id of somebody on the staff list of the roster.",
            hint="Add them to staff, or leave it out.",
        )


def channels_of(roster: Roster, named: Sequence[str]) -> tuple[str, ...]:
    """The channels named, or all of them. Raises UsageError for an unknown one."""
    for channel in named:
        if channel not in roster.channels:
            raise UsageError(
                f"The roster knows no channel {channel}.", hint=f"Known channels: {', '.join(roster.channels)}."
            )
    return tuple(named) or roster.channels


def say_kept(kept: "Kept", ids: Iterable[str], *, on: date) -> None:
    """Who was changed, and what holds now."""
    if not kept.changed:
        click.echo("Nothing to change: the roster says so already.")
    for person_id in ids:
        person = kept.after.person(person_id)
        if person is not None and kept.changed:
            click.echo(f"{person.id}  {person.name}")
            for line in consent_lines(person, kept.after.channels, on):
                click.echo(f"    {line}")
    for note in kept.notes:
        click.echo(note)


def consent_lines(person: Person, channels: Sequence[str], on: date) -> Iterable[str]:
    by_channel = {consent.channel: consent for consent in person.consent}
    width = max(len(channel) for channel in (*channels, "biometric"))
    for channel in channels:
        yield f"{channel:<{width}}  {in_words(by_channel.get(channel), on)}"
    yield f"{'biometric':<{width}}  {'granted' if person.biometric else 'not granted'}"


def in_words(consent: Consent | None, on: date) -> str:
    """ "granted until 2027-06-30 (mother, since 2026-08-20)"."""
    if consent is None:
        return "not asked (counts as refused)"
    state = consent.state(on)
    words = state.value
    if state is ConsentState.WITHDRAWN:
        words += f" from {consent.withdrawn}"
    elif state is ConsentState.NOT_YET:
        words = f"granted from {consent.since}"
    elif consent.withdrawn is not None:
        words += f", withdrawn from {consent.withdrawn}"
    elif consent.until is not None:
        words += f" on {consent.until}" if state is ConsentState.EXPIRED else f" until {consent.until}"
    about = [consent.by] if consent.by else []
    about += (
        [f"since {consent.since}"] if consent.since and state in (ConsentState.GRANTED, ConsentState.REFUSED) else []
    )
    return f"{words} ({', '.join(about)})" if about else words


def words(said: str, what: str) -> str:
    """What was typed, on one line. Raises UsageError for nothing, and for what no keyboard types."""
    plain = " ".join(said.split())
    if not plain or not plain.isprintable():
        raise UsageError(f"{what} is empty, or holds characters that cannot be seen.", hint="Type it again.")
    return plain


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is written. Raises Interrupted for a no, and where nobody is there to ask."""
    try:
        if yes or click.confirm(question):
            return
    except click.Abort:
        click.echo()
    raise Interrupted("Nothing was changed.", hint="To go on without being asked, add --yes.")


def count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
