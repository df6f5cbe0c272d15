"""Changes to what families allowed, as values: a person before, a person after. Nothing here is written."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from postguard.domain.people import Consent, ConsentState, Person, Role, Roster

LEFT = "left"
"""The group of pupils who left. They stay on the roster, to be recognised, until they are forgotten."""

YEAR_ENDED = "the end of the school year"

_TOPS = {"p": 7, "primary": 7, "s": 6}
"""The last year of a Scottish primary and secondary school. English schools differ: `--top` says."""


def grant(person: Person, channels: Sequence[str], *, since: date, until: date | None, by: str) -> Person:
    """The family said yes, on these channels."""
    return _each(person, channels, lambda channel: _said(channel, True, since, until, by))


def refuse(person: Person, channels: Sequence[str], *, since: date, by: str) -> Person:
    """The family said no."""
    return _each(person, channels, lambda channel: _said(channel, False, since, None, by))


def withdraw(person: Person, channels: Sequence[str], *, on: date, by: str) -> Person:
    """The family takes back a yes. Where there was none, it is a no."""
    before = {consent.channel: consent for consent in person.consent}

    def withdrawn(channel: str) -> Consent:
        old = before.get(channel)
        if old is None or (old.since is not None and old.since > on and old.granted):
            return Consent(channel=channel, granted=False, since=on, by=by)
        if not old.granted or (old.withdrawn is not None and old.withdrawn <= on):
            return old
        return replace(old, withdrawn=on, by=by)

    return _each(person, channels, withdrawn)


@lru_cache(maxsize=1_000)
def _said(channel: str, granted: bool, since: date, until: date | None, by: str) -> Consent:
    """One value for all the people of whom an import says the same."""
    return Consent(channel=channel, granted=granted, since=since, until=until, by=by)


def _each(person: Person, channels: Sequence[str], word: Callable[[str], Consent]) -> Person:
    """One consent for each of these channels; the others keep theirs, and the order."""
    kept = {consent.channel: consent for consent in person.consent}
    kept |= {channel: word(channel) for channel in channels}
    return replace(person, consent=tuple(kept.values()))


def forget(people: Iterable[Person], person_id: str) -> tuple[Person, ...]:
    """Everybody else, without a word about this person."""
    return tuple(
        replace(person, look_alikes=tuple(one for one in person.look_alikes if one != person_id))
        for person in people
        if person.id != person_id
    )


# The new school year ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Rollover:
    """`after`: everybody as of the new year. The rest are ids, for the person at the keyboard."""

    after: tuple[Person, ...]
    moved: tuple[str, ...] = ()
    leavers: tuple[str, ...] = ()
    unmoved: tuple[str, ...] = ()
    """In a group that says nothing of a year."""
    ask_again: tuple[str, ...] = ()
    """Some channel has no consent that counts now."""


def roll_over(roster: Roster, *, on: date, top: int | None, moves: Mapping[str, str], renew: bool) -> Rollover:
    """Everybody's group a year up. Leavers keep no consent; with `renew` nobody's consent outlives the day before.

    `moves` says where a group goes, before any rule. `top` is the number of the last year. Raises ValueError
    with the group whose last year nobody can know.
    """
    after: list[Person] = []
    moved, leavers, unmoved = [], [], []
    for person in roster.people:
        new = _next_group(person.group, top, moves) if person.group is not None else None
        changed = person
        if new == LEFT and person.group != LEFT:
            leavers.append(person.id)
            changed = replace(refuse(person, [c.channel for c in person.consent], since=on, by=LEFT), group=LEFT)
        elif new is not None and new != person.group:
            moved.append(person.id)
            changed = replace(person, group=new)
        elif person.group is not None and person.group != LEFT:
            unmoved.append(person.id)
        if renew and changed.group != LEFT:
            changed = replace(changed, consent=tuple(_ended(consent, on) for consent in changed.consent))
        after.append(changed)
    return Rollover(
        after=tuple(after),
        moved=tuple(moved),
        leavers=tuple(leavers),
        unmoved=tuple(unmoved),
        ask_again=tuple(p.id for p in after if p.group != LEFT and _must_be_asked(p, roster.channels, on)),
    )


def _next_group(group: str, top: int | None, moves: Mapping[str, str]) -> str | None:
    if group in moves:
        return moves[group]
    found = re.fullmatch(r"(\D*)(\d{1,2})(\D*)", group)
    if group == LEFT or found is None or any(c in "/-+&" for c in found[3]):
        return None
    last = top if top is not None else _TOPS.get(found[1].strip().casefold())
    if last is None:
        raise ValueError(group)
    year = int(found[2])
    return LEFT if year >= last else f"{found[1]}{year + 1}{found[3]}"


def _ended(consent: Consent, on: date) -> Consent:
    """A yes that was given for the old year ends with it."""
    if consent.state(on) is not ConsentState.GRANTED:
        return consent
    if consent.since is None or consent.since >= on:
        return replace(consent, withdrawn=on, by=YEAR_ENDED)
    return replace(consent, until=on - timedelta(days=1))


def _must_be_asked(person: Person, channels: Sequence[str], on: date) -> bool:
    asked = {ConsentState.MISSING, ConsentState.EXPIRED}
    ended = any(c.by == YEAR_ENDED and c.withdrawn is not None for c in person.consent)
    return ended or any(person.consent_state(channel, on) in asked for channel in channels)


# From the school's own system ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What another system says of one pupil. Consent: channel to yes or no; what it leaves open is not in it."""

    id: str
    name: str
    known_as: tuple[str, ...] = ()
    group: str | None = None
    school: str | None = None
    consent: tuple[tuple[str, bool], ...] = ()
    biometric: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Merge:
    """`withheld`: yeses that would widen somebody's consent and were left out. `absent`: pupils the other knows not.

    `contradicted`: people whose family said no here, by name, where the other says yes. The no stands.
    """

    after: tuple[Person, ...]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withheld: int = 0
    absent: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()


def merge(roster: Roster, told: Sequence[Told], *, widen: bool, on: date, by: str) -> Merge:
    """The roster with what another system says. A no always counts; a yes that widens only with `widen`, and never
    over a no that says who gave it: an export may be older than that word."""
    news = {one.id: one for one in told}
    after: list[Person] = []
    changed, absent, contradicted = [], [], []
    withheld = 0
    for person in roster.people:
        one = news.pop(person.id, None)
        if one is None:
            absent.append(person.id)
            after.append(person)
            continue
        stands = frozenset(channel for channel, yes in one.consent if yes and _said_no(person, channel, on))
        merged, left_out = _merged(person, one, widen=widen, on=on, by=by, stands=stands)
        withheld += left_out
        after.append(merged)
        if stands:
            contradicted.append(person.id)
        if merged != person:
            changed.append(person.id)
    for one in news.values():
        new, left_out = _merged(Person(id=one.id, name=one.name), one, widen=widen, on=on, by=by)
        withheld += left_out
        after.append(new)
    pupils = {person.id for person in roster.people if person.role is Role.PUPIL}
    return Merge(
        after=tuple(after),
        added=tuple(news),
        changed=tuple(changed),
        withheld=withheld,
        absent=tuple(who for who in absent if who in pupils),
        contradicted=tuple(contradicted),
    )


_NOBODY_SAID = (None, "import", LEFT, YEAR_ENDED)
"""What stands after `by` where no family said it."""


def _said_no(person: Person, channel: str, on: date) -> bool:
    return any(
        one.channel == channel and one.state(on) in _NOES and one.by not in _NOBODY_SAID for one in person.consent
    )


_NOES = (ConsentState.REFUSED, ConsentState.WITHDRAWN)


def _merged(
    person: Person, told: Told, *, widen: bool, on: date, by: str, stands: frozenset[str] = frozenset()
) -> tuple[Person, int]:
    """The person with the news, and how many yeses were left out. `stands`: channels on which a no outranks them."""
    names = [n for n in told.known_as if n not in person.known_as and n != told.name]
    merged = replace(
        person,
        name=told.name,
        known_as=(*person.known_as, *names),
        group=told.group or person.group,
        school=told.school or person.school,
    )
    states = {channel: person.consent_state(channel, on) for channel, _ in told.consent}
    noes = [c for c, yes in told.consent if not yes and states[c] not in _NOES]
    yeses = [c for c, yes in told.consent if yes and not states[c].publishes and c not in stands]
    template = told.biometric is True and not person.biometric
    if noes:
        merged = refuse(merged, noes, since=on, by=by)
    if told.biometric is False:
        merged = replace(merged, biometric=False)
    if not widen:
        return merged, len(yeses) + template
    if yeses:
        merged = grant(merged, yeses, since=on, until=None, by=by)
    return (replace(merged, biometric=True) if template else merged), 0
