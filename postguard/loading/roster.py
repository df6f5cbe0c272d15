"""The roster: who is at the school, and what their families allowed (docs/roster.md)."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from postguard.domain.errors import RosterError
from postguard.domain.people import Consent, Person, Role, Roster
from postguard.loading import marked_yaml, people, roster_csv
from postguard.loading.marked_yaml import Fields, Listing, Mapping, Node, Problems, Scalar, Unreadable
from postguard.loading.text import NotText, decode

NAMES = ("consent_roster.yaml", "consent_roster.yml", "consent_roster.csv")
ROSTER_KEYS = ("school", "demo", "dpia", "review_by", "channels", "biometric", "pupils", "staff")
PERSON_KEYS = (
    "id",
    "name",
    "known_as",
    "group",
    "school",
    "handles",
    "parent_handles",
    "biometric",
    "photographed",
    "consent",
    "high_risk",
    "look_alikes",
)
CONSENT_KEYS = ("granted", "refused", "until", "by", "withdrawn")
MOST_SHOWN = 100
"""Problems printed; the rest is counted. Nobody reads more before mending these."""


def find_roster(start: Path) -> Path | None:
    """The roster in `start` or the nearest folder above it. Give the draft's *parent*: a draft never brings its own.

    Raises RosterError when one folder holds two.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        try:
            found = [folder / name for name in NAMES if (folder / name).is_file()]
        except OSError as error:
            raise RosterError(
                f"{folder} cannot be searched for the roster ({error.strerror}).", hint="Name it with --roster FILE."
            ) from None
        if len(found) > 1:
            raise RosterError(
                f"There are two rosters in {folder}: {' and '.join(p.name for p in found)}.",
                hint="Keep one, or say which with --roster FILE.",
            )
        if found:
            return found[0]
    return None


def load_roster(path: Path) -> Roster:
    """The roster in a .yaml or .csv file. Raises RosterError naming everything wrong with it at once."""
    return parse_roster(read_roster(path), path)


def parse_roster(data: bytes, path: Path, *, empty_too: bool = False) -> Roster:
    """The roster in these bytes, which are (or would be) those of the file at `path`.

    `empty_too`: a roster with nobody on it is fine, because somebody is about to be added.
    """
    try:
        text = decode(data)
    except NotText as why:
        raise RosterError(f"{path.name} cannot be read. {why}", hint="Nothing was checked.") from None
    if not text.strip():
        raise RosterError(
            f"{path.name} is empty, so nobody's consent is known.",
            hint="`postguard init` makes a roster to start from; `postguard roster import` fills it.",
        )
    problems = Problems()
    read = roster_csv.read if path.suffix.casefold() == ".csv" else _read_yaml
    roster = read(text, path, fingerprint(data), problems)
    if not roster.people and not problems.found and not empty_too:
        problems.add(1, "nobody is on this roster yet. Write them in, or run `postguard roster import FILE.csv`.")
    if problems.found:
        raise _wrong(path, problems.sentences())
    return roster


def fingerprint(data: bytes) -> str:
    """By which a roster's version is known in reports, receipts and the journal."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def refuse_stale(roster: Roster, *, on: date) -> None:
    """Raises RosterError after the day on which somebody should have reviewed the roster."""
    if roster.review_by is not None and on > roster.review_by:
        raise RosterError(
            f"{roster.path.name} should have been reviewed by {roster.review_by.isoformat()}. "
            "Until that is done nothing can be passed.",
            hint="Go through the roster: who left, who joined, whose consent changed. "
            "Then write the next review day after review_by.",
        )


def read_roster(path: Path) -> bytes:
    """The file's bytes. Raises RosterError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise RosterError(
            f"There is no roster at {path}.",
            hint="Name it with --roster FILE, or make one with `postguard init`.",
        ) from None
    except IsADirectoryError:
        raise RosterError(f"{path} is a folder, not a roster.", hint=f"Give the file in it: {NAMES[0]}.") from None
    except OSError as error:
        raise RosterError(
            f"{path} cannot be opened ({error.strerror or 'it is not there'}).",
            hint="Look whether the file is there, and whether you may read it.",
        ) from None


def _wrong(path: Path, sentences: Sequence[str]) -> RosterError:
    count = "one thing is wrong" if len(sentences) == 1 else f"{len(sentences)} things are wrong"
    shown = [f"  {sentence}" for sentence in sentences[:MOST_SHOWN]]
    if len(sentences) > MOST_SHOWN:
        shown.append(f"  … and {len(sentences) - MOST_SHOWN} more.")
    return RosterError(
        "\n".join([f"{path.name} cannot be used: {count}.", *shown]),
        hint="Mend this in the roster, then run `postguard roster check`. docs/roster.md explains every key.",
    )


def _read_yaml(text: str, path: Path, fingerprint: str, problems: Problems) -> Roster:
    try:
        root = marked_yaml.parse(text)
    except Unreadable as error:
        raise _wrong(path, [f"line {p.line}: {p.text}" for p in error.problems]) from None
    fields = Fields(root, ROSTER_KEYS, problems, "the roster")
    if not fields.is_mapping:
        raise _wrong(path, problems.sentences())
    school = fields.text("school")
    if "school" not in fields:
        problems.add(fields.line, "the school's name is missing. Add a line: school: Example Primary School.")
    channels = fields.texts("channels") if "channels" in fields else ("twitter",)
    if not channels:
        problems.add(
            fields.line_of("channels"), "channels names none. Write, for example: channels: [twitter, website]."
        )
    people.check_channels(channels, fields.line_of("channels"), problems)
    by_default = fields.choice("biometric", "granted", "refused") == "granted"
    found = [
        (node.line, _person(node, role, channels, by_default, problems))
        for key, role in (("pupils", Role.PUPIL), ("staff", Role.STAFF))
        for node in _people(fields, key, problems)
    ]
    people.check_together(found, problems)
    return Roster(
        school=school or "",
        people=tuple(person for _, person in found),
        channels=channels,
        dpia=fields.text("dpia"),
        review_by=fields.day("review_by"),
        demo=fields.flag("demo") or False,
        path=path,
        fingerprint=fingerprint,
    )


def _people(fields: Fields, key: str, problems: Problems) -> Iterable[Node]:
    node = fields.node(key)
    if node is None or (isinstance(node, Scalar) and node.nothing):
        return ()
    if not isinstance(node, Listing):
        problems.add(node, f"{key} must be a list: one line beginning with a dash for each person, as in - id: P01.")
        return ()
    return node.items


def _person(node: Node, role: Role, channels: tuple[str, ...], by_default: bool, problems: Problems) -> Person:
    fields = Fields(node, PERSON_KEYS, problems, "a person")
    biometric = fields.choice("biometric", "granted", "refused")
    return Person(
        id=_id(fields, problems),
        name=_required(fields, "name", problems),
        role=role,
        known_as=fields.texts("known_as"),
        group=fields.text("group"),
        school=fields.text("school"),
        handles=fields.texts("handles"),
        parent_handles=fields.texts("parent_handles"),
        biometric=by_default if "biometric" not in fields else biometric == "granted",
        photographed=fields.day("photographed"),
        consent=_consent(fields.node("consent"), channels, problems),
        high_risk=fields.flag("high_risk") or False,
        look_alikes=fields.texts("look_alikes"),
    )


def _required(fields: Fields, key: str, problems: Problems) -> str:
    if fields.is_mapping and key not in fields:
        problems.add(fields.line, f"this person has no {key}. Add one: {key}: …")
    return fields.text(key) or ""


def _id(fields: Fields, problems: Problems) -> str:
    node = fields.node("id")
    if isinstance(node, Scalar) and node.numeric:
        problems.add(
            node,
            f'the id {node.text} would be read as a number by other programs. Put it in quotes: id: "{node.text}".',
        )
        return node.text
    person_id = _required(fields, "id", problems)
    if person_id:
        people.check_id(person_id, fields.line_of("id"), problems)
    return person_id


def _consent(node: Node | None, channels: tuple[str, ...], problems: Problems) -> tuple[Consent, ...]:
    """What one family said: one word for every channel, or one for each."""
    if node is None:
        return ()
    if isinstance(node, Scalar) or _is_one_word(node):
        one = [_word(node, channel, problems) for channel in channels]
        return tuple(consent for consent in one if consent is not None)
    fields = Fields(node, channels, problems, "consent")
    each = [_word(value, channel, problems) for channel in channels if (value := fields.node(channel)) is not None]
    return tuple(consent for consent in each if consent is not None)


def _is_one_word(node: Node) -> bool:
    """Whether a mapping says granted, until … itself, rather than naming channels."""
    return isinstance(node, Mapping) and any(
        isinstance(key, Scalar) and key.text in CONSENT_KEYS for key, _ in node.entries
    )


def _word(node: Node, channel: str, problems: Problems) -> Consent | None:
    if isinstance(node, Scalar):
        if node.text.casefold() in ("granted", "refused"):
            return Consent(channel=channel, granted=node.text.casefold() == "granted")
        problems.add(node, "consent must be granted or refused, or say since when, as in {granted: 2026-08-20}.")
        return None
    fields = Fields(node, CONSENT_KEYS, problems, "consent")
    if "granted" not in fields and "refused" not in fields and "withdrawn" in fields:
        granted = True  # nobody knows any more since when; before that day it was
    elif ("granted" in fields) == ("refused" in fields):
        problems.add(node, "consent must say either granted or refused, with its day, as in {granted: 2026-08-20}.")
        return None
    else:
        granted = "granted" in fields
    consent = Consent(
        channel=channel,
        granted=granted,
        since=fields.day("granted" if granted else "refused"),
        until=fields.day("until"),
        withdrawn=fields.day("withdrawn"),
        by=fields.text("by"),
    )
    people.check_days(consent, node.line, problems)
    return consent
