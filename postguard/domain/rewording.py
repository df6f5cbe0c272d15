"""Suggesting words that name nobody. Only ever a suggestion: nothing here decides, and a person reads it first."""

import re
from collections.abc import Iterable

from postguard.domain.evidence import Mention, Spotting, Topic
from postguard.domain.people import Roster

_TAKEN_OUT = frozenset({Topic.PHONE, Topic.EMAIL, Topic.ADDRESS, Topic.BIRTH_DATE})
_JOINED = re.compile(r"\s*(?:,|&|\band\b|,\s*and\b)\s*", re.IGNORECASE)


def reworded(text: str, mentions: Iterable[Mention], spottings: Iterable[Spotting], roster: Roster) -> str:
    """The text with pupils' names as "a pupil", a row of names as "our P4s", and telephone numbers and the like gone.

    `mentions` and `spottings` are those of this text alone.
    """
    named = _runs(text, _merged((*_widened(text, m.start, m.end), m.person) for m in mentions))
    changes = [_instead(text, start, end, people, roster) for start, end, people in named]
    for spotting in spottings:
        if spotting.topic in _TAKEN_OUT:
            changes += _gaps(*_widened(text, spotting.start, spotting.end), [(start, end) for start, end, _ in changes])
    for start, end, words in sorted(changes, reverse=True):
        text = text[:start] + words + text[end:]
    return _tidied(text) if changes else text


def _tidied(text: str) -> str:
    """Without the spaces and commas that what was taken out leaves behind."""
    text = re.sub(r"[ \t]{2,}", " ", text)
    text = re.sub(r"[ \t]+(?=[.,!?;:\n])|(?:[ \t]*,)+(?=[ \t]*[.,!?])", "", text)
    return text.strip(" ")


def _gaps(start: int, end: int, taken: Iterable[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """What of [start, end) nothing was put in the place of yet, to be taken out."""
    gaps, at = [], start
    for first, last in (*sorted(taken), (end, end)):
        if first > at:
            gaps.append((at, min(first, end), ""))
        at = max(at, last)
        if at >= end:
            break
    return gaps


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


def _instead(
    text: str, start: int, end: int, people: tuple[frozenset[str], ...], roster: Roster
) -> tuple[int, int, str]:
    """What of the text goes, and the words in its place."""
    if text[start] in "#@":
        return start, end, ""
    known = [roster.person(person) for group in people for person in group]
    groups = {person.group for person in known if person is not None}
    words = "a pupil"
    if len(people) > 1:
        group = next(iter(groups)) if len(groups) == 1 else None
        words = f"our {group}s" if group else "our pupils"
        again = (
            re.match(rf"\s+(?:of|in|from)\s+{re.escape(group)}\b|\s*\({re.escape(group)}\)", text[end:])
            if group
            else None
        )
        end += again.end() if again else 0
    begins = not text[:start].strip() or text[:start].rstrip()[-1:] in ".!?\n"
    return start, end, words[:1].upper() + words[1:] if begins else words
