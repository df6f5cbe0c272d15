"""What must hold for people however their roster is written: ids, channels, and the order of days."""

import re
from collections.abc import Sequence

from postguard.domain.people import Consent, Person
from postguard.loading.marked_yaml import Problems, nearest

_ID = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?")
_CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_TAKEN = frozenset({"granted", "refused", "until", "by", "withdrawn"})


def check_id(person_id: str, line: int, problems: Problems) -> None:
    """An id is also the name of a folder of photos, on every kind of computer."""
    if not _ID.fullmatch(person_id):
        problems.add(
            line, "an id may hold only the letters A to Z, digits, - _ and dots between them: P01, for example."
        )


def check_channels(channels: Sequence[str], line: int, problems: Problems) -> None:
    for channel in channels:
        if not _CHANNEL.fullmatch(channel) or channel in _TAKEN:
            problems.add(line, "a channel's name may hold only letters, digits, - _ and dots: twitter, for example.")
    if len(set(channels)) < len(channels):
        problems.add(line, "a channel is named twice. Remove one.")


def check_days(consent: Consent, line: int, problems: Problems) -> None:
    if not consent.granted and (consent.until or consent.withdrawn):
        problems.add(line, "consent that was refused has no until and no withdrawn. Remove them, or write granted.")
    if consent.since and consent.withdrawn and consent.since > consent.withdrawn:
        problems.add(
            line,
            "consent is granted after it was withdrawn. If it was given again, remove withdrawn; if not, mend the day.",
        )
    if consent.since and consent.until and consent.until < consent.since:
        problems.add(line, "until is before the day it was granted. Mend one of the two days.")


def check_together(people: Sequence[tuple[int, Person]], problems: Problems) -> None:
    """People with their lines: one id for two, look-alikes who are nobody."""
    first: dict[str, int] = {}
    for at, person in people:
        if not person.id:
            continue
        key = person.id.casefold()  # faces/p01 and faces/P01 are one folder on Windows and macOS
        if key in first:
            problems.add(
                at, f"the id {person.id} already belongs to the person on line {first[key]}. Give one a new id."
            )
        first.setdefault(key, at)
    ids = {person.id for _, person in people}
    for at, person in people:
        for other in person.look_alikes:
            if other not in ids:
                like = nearest(other, ids)
                cure = f"Did you mean {like}?" if like else "Write the other person's id, or remove it."
                problems.add(at, f"look_alikes names an id that nobody has. {cure}")
            elif other == person.id:
                problems.add(at, "look_alikes names this very person. Write the other one's id, or remove it.")
