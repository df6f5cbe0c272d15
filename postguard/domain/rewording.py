"""Suggesting words that name nobody. Only ever a suggestion: nothing here decides, and a person reads it first."""

import re
from collections.abc import Iterable

from postguard.domain.evidence import Mention, Spotting, Topic
from postguard.domain.people import Roster

_TAKEN_OUT = frozenset({Topic.PHONE, Topic.EMAIL, Topic.ADDRESS, Topic.BIRTH_DATE})
_JOINED = re.compile(r"(?:\s*,\s*|\s*&\s*|\s+and\s+|\s*,\s*and\s+)")


def reworded(text: str, mentions: Iterable[Mention], spottings: Iterable[Spotting], roster: Roster) -> str:
    """The text with pupils' names as "a pupil", a row of names as "our P4s", and telephone numbers and the like gone.

    `mentions` and `spottings` are those of this text alone.
    """
    named = _runs(text, _merged((*_widened(text, m.start, m.end), m.person) for m in mentions))
    gone = [_widened(text, s.start, s.end) for s in spottings if s.topic in _TAKEN_OUT]
    changes = [(start, end, _instead(text, start, people, roster)) for start, end, people in named]
    changes += [(start, end, "") for start, end in gone if not any(s < end and start < e for s, e, _ in changes)]
    for start, end, words in sorted(changes, reverse=True):
        text = text[:start] + words + text[end:]
    return re.sub(r"[ \t]+([.,!?;:])", r"\1", re.sub(r"[ \t]{2,}", " ", text)).strip(" ")


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """A name inside a hashtag or a handle takes the whole of it along: #WellDone without the name means nothing."""
    begin = max(text.rfind(c, 0, start) for c in " \n\t") + 1
    if any(mark in text[begin : start + 1] for mark in "#@"):
        stop = re.search(r"[\s]|$", text[end:])
        return begin, end + (stop.start() if stop else 0)
    return start, end


def _merged(spans: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, frozenset[str]]]:
    merged: list[tuple[int, int, frozenset[str]]] = []
    for start, end, person in sorted(spans):
        if merged and start < merged[-1][1]:
            first, last, people = merged[-1]
            merged[-1] = (first, max(last, end), people | {person})
        else:
            merged.append((start, end, frozenset({person})))
    return merged


def _runs(text: str, spans: list[tuple[int, int, frozenset[str]]]) -> list[tuple[int, int, tuple[frozenset[str], ...]]]:
    """Names in a row ("Aoife, Jamie and Effie") as one span."""
    runs: list[tuple[int, int, tuple[frozenset[str], ...]]] = []
    for start, end, people in spans:
        if runs and _JOINED.fullmatch(text[runs[-1][1] : start]) and text[start] not in "#@":
            runs[-1] = (runs[-1][0], end, (*runs[-1][2], people))
        else:
            runs.append((start, end, (people,)))
    return runs


def _instead(text: str, start: int, people: tuple[frozenset[str], ...], roster: Roster) -> str:
    if text[start] in "#@":
        return ""
    known = [roster.person(person) for group in people for person in group]
    groups = {person.group for person in known if person is not None}
    words = "a pupil"
    if len(people) > 1:
        group = next(iter(groups)) if len(groups) == 1 else None
        words = f"our {group}s" if group else "our pupils"
    begins = not text[:start].strip() or text[:start].rstrip()[-1:] in ".!?\n"
    return words[:1].upper() + words[1:] if begins else words
