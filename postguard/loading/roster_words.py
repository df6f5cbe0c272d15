"""How a person and their consent are written down, in YAML and in a table."""

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from postguard.domain.people import Consent, Person
from postguard.loading.marked_yaml import Scalar

_PLAIN = re.compile(r"[^\W\d_][\w .'’-]*|\d{4}-\d{2}-\d{2}")


def yaml_word(text: str) -> str:
    """Text as a YAML scalar: as it is where no YAML reader can mistake it, else in quotes."""
    as_is = Scalar(text=text, plain=True, line=1, start=0, end=0)
    if _PLAIN.fullmatch(text) and text == text.strip() and not (as_is.reserved or as_is.numeric):
        return text
    return json.dumps(text, ensure_ascii=False)


def yaml_list(texts: Iterable[str]) -> str:
    return f"[{', '.join(yaml_word(text) for text in texts)}]"


def yaml_consent_word(consent: Consent) -> str:
    """One channel's consent: `granted`, or `{granted: 2026-08-20, by: mother}`."""
    parts = [f"{key}: {value}" for key, value in _parts(consent) if key != "by"]
    parts += [f"by: {yaml_word(consent.by)}"] if consent.by else []
    return f"{{{', '.join(parts)}}}" if parts else _word(consent)


def yaml_consent(consents: Sequence[Consent], channels: Sequence[str]) -> str:
    """All of somebody's consent, in one word where every channel has the same."""
    words = [(consent.channel, yaml_consent_word(consent)) for consent in consents]
    if len(words) == len(channels) and len({word for _, word in words}) == 1:
        return words[0][1]
    return f"{{{', '.join(f'{channel}: {word}' for channel, word in words)}}}"


def yaml_person(person: Person, channels: Sequence[str], *, biometric_by_default: bool) -> str:
    """A new person on one line: `{id: P01, name: Aoife MacDonald, group: P4}`."""
    written = [(key, yaml_field(person, key, channels)) for key in FIELDS if not _silent(person, key)]
    if person.biometric != biometric_by_default:
        written.append(("biometric", yaml_field(person, "biometric", channels)))
    return f"{{{', '.join(f'{key}: {value}' for key, value in written)}}}"


FIELDS = (
    "id",
    "name",
    "known_as",
    "group",
    "school",
    "handles",
    "parent_handles",
    "photographed",
    "high_risk",
    "look_alikes",
    "consent",
)
"""Everything of a person but `role` (the list they stand in) and `biometric` (which has a default)."""


def yaml_field(person: Person, field: str, channels: Sequence[str]) -> str:
    """The value of one key as YAML text."""
    value = getattr(person, field)
    if field == "consent":
        return yaml_consent(person.consent, channels)
    if field == "biometric":
        return "granted" if value else "refused"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return yaml_list(value)
    return yaml_word(str(value))


def csv_field(person: Person, field: str) -> str:
    """The cell of one column; consent has columns of its own."""
    value = getattr(person, field)
    if field == "biometric":
        return "granted" if value else "refused"
    if field == "role":
        return str(value.value)
    if value is None or value is False:
        return ""
    if value is True:
        return "true"
    return "|".join(value) if isinstance(value, tuple) else str(value)


@lru_cache(maxsize=1_000)
def csv_consent_word(consent: Consent) -> str:
    """`granted 2026-08-20 until 2027-06-30 by mother withdrawn 2026-11-02`."""
    words = [_word(consent)]
    for key, value in _parts(consent):
        words += [value] if key in ("granted", "refused") else [key, value]
    return " ".join(words)


def _silent(person: Person, field: str) -> bool:
    return getattr(person, field) in (None, (), False)


def _word(consent: Consent) -> str:
    return "granted" if consent.granted else "refused"


def _parts(consent: Consent) -> Iterable[tuple[str, str]]:
    """In the order in which both formats write them."""
    if consent.since:
        yield _word(consent), consent.since.isoformat()
    if consent.until:
        yield "until", consent.until.isoformat()
    if consent.by:
        yield "by", consent.by
    if consent.withdrawn:
        yield "withdrawn", consent.withdrawn.isoformat()
