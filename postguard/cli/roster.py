"""`postguard roster`: look at the roster, and keep it. The commands that change it are beside this module."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import click

from postguard.cli import roster_consent, roster_import, roster_people, roster_year
from postguard.cli.roster_common import count, day_option, in_words, roster_option, roster_path
from postguard.domain.errors import EXIT_FAIL, EXIT_PASS, PostguardError, RosterError, UsageError
from postguard.domain.people import Consent, Person, Role, Roster
from postguard.domain.policy import Policy
from postguard.domain.vouching import id_of


@click.group(name="roster")
def command() -> None:
    """Keep the roster: who is at the school, and what each family allowed."""


@command.command(name="check", short_help="Everything wrong with it, with line numbers.")
@roster_option
@click.option("--faces", type=click.Path(path_type=Path), metavar="DIR", help="Default: faces/ beside the roster.")
@day_option("--date", "on", "Check as of this day. Default: today.")
def check(roster: Path | None, faces: Path | None, on: date | None) -> int:
    """Say everything that is wrong with the roster, its settings and the folders of photos, with line numbers.

    Ends with 0 when all is well, 1 when photos and roster do not fit together, 2 when no draft could be checked.
    """
    from postguard.checks import ALL_CHECKS
    from postguard.loading import find_settings, list_references, load_roster, load_settings, refuse_stale
    from postguard.records.files import records_folder
    from postguard.records.gallery_file import people_without_photos
    from postguard.records.lock import is_locked

    path = roster_path(roster)
    wrong: list[PostguardError] = []
    try:
        policy = load_settings(find_settings(path), [check.RULE for check in ALL_CHECKS])
    except PostguardError as error:
        wrong.append(error)
    try:
        loaded = load_roster(path)
        refuse_stale(loaded, on=on or date.today())
    except RosterError as error:
        wrong.insert(0, error)
    if wrong:
        raise RosterError("\n".join(one.message for one in wrong), hint=" ".join(one.hint for one in wrong))
    records = records_folder(path)
    everybody = {person.id for person in loaded.people}
    enrolled = everybody if is_locked(records) else people_without_photos(records / "gallery.npz")
    references = list_references(faces or path.parent / "faces", loaded, discarded=enrolled)
    pupils = sum(person.role is Role.PUPIL for person in loaded.people)
    staff = len(loaded.people) - pupils
    click.echo(f"{path.name} is in order: {count(pupils, 'pupil')}, {count(staff, 'member')} of staff.")
    for remark in _remarks(loaded, policy):
        click.echo(f"  {remark}")
    problems = [f"faces/{problem.part}: {problem.reason}" for problem in references.problems]
    problems += [
        f"postguard.yaml: roles names {who}, who is not on the roster and cannot vouch. Mend it, or add them."
        for _, holders in policy.roles
        for who in holders
        if id_of(who, loaded) is None
    ]
    for problem in problems:
        click.echo(f"  {problem}")
    return EXIT_FAIL if problems else EXIT_PASS


def _remarks(roster: Roster, policy: Policy) -> list[str]:
    remarks = []
    if roster.review_by is None:
        remarks.append("It has no review_by: nobody will be reminded to go through it.")
    if not (roster.dpia or policy.dpia) and any(person.biometric for person in roster.people):
        remarks.append(
            "Neither it nor the settings name a dpia: face templates of children need an assessment before one is made."
        )
    if len(roster.people) > _MANY and roster.path.suffix != ".csv":
        remarks.append("It is long for YAML, which reads slowly. `postguard roster convert` makes a table of it.")
    return remarks


_MANY = 10_000


@command.command(name="list", short_help="Who may appear where, today.")
@roster_option
@day_option("--date", "on", "As of this day. Default: today.")
@click.option("--channel", metavar="NAME", help="Only this channel.")
@click.option("--group", metavar="NAME", help="Only this group.")
@click.option("--expiring", metavar="30d", help="Only consent that ends within so many days.")
@click.option("--redact", is_flag=True, help="Show ids instead of names.")
def list_(
    roster: Path | None,
    on: date | None,
    channel: str | None,
    group: str | None,
    expiring: str | None,
    redact: bool,
) -> int:
    """List who may appear where, today."""
    from postguard.cli.roster_common import channels_of
    from postguard.loading import load_roster

    loaded = load_roster(roster_path(roster))
    channels = channels_of(loaded, [channel] if channel else [])
    day = on or date.today()
    until = day + timedelta(days=_days(expiring)) if expiring is not None else None
    if group is not None and group not in loaded.groups:
        raise UsageError(f"Nobody is in the group {group}.", hint=f"Groups: {', '.join(sorted(loaded.groups))}.")
    shown = [
        person
        for person in loaded.people
        if (group is None or person.group == group) and (until is None or _expires(person, channels, day, until))
    ]
    for line in _table(shown, channels, day, redact=redact):
        click.echo(line)
    may = {name: sum(person.may_appear(name, day) for person in shown) for name in channels}
    click.echo(
        f"{count(len(shown), 'person', 'people')} on {day}. May appear: " + ", ".join(f"{n} {may[n]}" for n in may)
    )
    return EXIT_PASS


def _table(people: list[Person], channels: tuple[str, ...], on: date, *, redact: bool) -> list[str]:
    rows = [["id", "" if redact else "name", "group", *channels]]
    for person in people:
        consents = {consent.channel: consent for consent in person.consent}
        if person.high_risk:  # reads like anybody whose family refused: the list lies on desks
            consents = {channel: _as_refused(one, on) for channel, one in consents.items()}
        words = [
            ("yes, " if person.may_appear(channel, on) else "no, ") + in_words(consents.get(channel), on)
            for channel in channels
        ]
        rows.append([person.id, "" if redact else person.name, person.group or "", *words])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _as_refused(consent: Consent, on: date) -> Consent:
    if not consent.state(on).publishes:
        return consent
    return replace(consent, granted=False, until=None, withdrawn=None)


def _days(words: str) -> int:
    found = re.fullmatch(r"(\d{1,4})d?", words.strip())
    if not found:
        raise UsageError(f"--expiring {words} is no number of days.", hint="Say, for example: --expiring 30d")
    return int(found[1])


def _expires(person: Person, channels: tuple[str, ...], on: date, until: date) -> bool:
    return any(person.may_appear(channel, on) and not person.may_appear(channel, until) for channel in channels)


for module in (roster_consent, roster_people, roster_year, roster_import):
    for one in module.COMMANDS:
        command.add_command(one)
