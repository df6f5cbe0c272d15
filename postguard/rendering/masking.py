"""Names of people in file names, folder names and free words, and characters that break a report.

This is the last net before something travels, not the engine that decides (`matching` finds names). It may
hide a harmless word; it must not let a name through.
"""

import re
import unicodedata
from collections.abc import Iterator

from anyascii import anyascii

from postguard.domain.people import Roster

Span = tuple[int, int]

_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "sir", "prof"})
_JOINED_LETTERS = 4
"""A name this long is also found inside a longer word ("welldoneaoife"); a shorter one only as a word."""


def clean(text: str) -> str:
    """`text` without control characters, direction overrides and half surrogates; line breaks become spaces."""
    if text.isprintable():
        return text.strip()
    spaced = "".join(" " if char.isspace() else char for char in text)
    return "".join(char for char in spaced if not _is_harmful(char)).strip()


def clean_in_place(text: str) -> str:
    """`text` with harmful characters replaced one by one, so that offsets into it stay right."""
    return text if text.isprintable() else "".join("\ufffd" if _is_harmful(char) else char for char in text)


def _is_harmful(char: str) -> bool:
    if char in "\t\n\r":
        return False
    kind = unicodedata.category(char)
    return kind in {"Cc", "Cs"} or char in _DIRECTION or (ord(char) & 0xFFFE) == 0xFFFE


_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class NameMask:
    """Knows everybody's names in a roster. Made once for a report."""

    def __init__(self, roster: Roster) -> None:
        self._words: set[str] = set()
        self._joined: set[str] = set()
        self._ids: set[str] = set()
        for person in roster.people:
            names = (person.name, *person.known_as, *person.handles, *person.parent_handles)
            for name in names:
                words = [word for word in _letters_only(name).split() if word not in _TITLES]
                self._words.update(word for word in words if len(word) > 1)
                self._joined.add("".join(words))
            if any(char.isalpha() for char in person.id) and any(char.isdigit() for char in person.id):
                self._ids.add(_fold(person.id))
        self._joined = {name for name in self._joined | self._words if len(name) >= _JOINED_LETTERS}
        self._longest = max((len(name) for name in self._joined), default=0)
        self._longest_id = max((len(name) for name in self._ids), default=0)

    def names_somebody(self, text: str) -> bool:
        """Whether a file's or folder's name holds a name, a handle or an id of somebody on the roster."""
        return self._holds_name(text) or self._holds_id(text)

    def _holds_name(self, text: str) -> bool:
        words = _letters_only(text).split()
        return any(word in self._words for word in words) or any(True for _ in self._inside("".join(words)))

    def spans(self, text: str) -> tuple[Span, ...]:
        """Stretches of running text that look like somebody's id or name; a name only where it is capitalised, a tag
        or a handle, because "may" and "will" are words as well."""
        found = []
        for match in re.finditer(r"[#@]?\w[\w'’.-]*", text):
            word = match.group()
            like_a_name = word[0] in "#@" or any(char.isupper() for char in word) or not word.isascii()
            if self._holds_id(word) or (like_a_name and self._holds_name(word)):
                found.append(match.span())
        return tuple(found)

    def hide(self, text: str) -> str:
        """A sentence with full names and ids of people on the roster taken out: the last net for free words."""
        for match in reversed(list(re.finditer(r"\w+(?:[ -]\w+)*", text))):
            phrase = match.group()
            for start, end in reversed(self._full_names(phrase)):
                text = text[: match.start() + start] + "somebody" + text[match.start() + end :]
        return text

    def _full_names(self, phrase: str) -> list[Span]:
        words = [match.span() for match in re.finditer(r"\w+", phrase)]
        found: list[Span] = []
        at = 0
        while at < len(words):
            for count in range(min(5, len(words) - at), 0, -1):
                span = (words[at][0], words[at + count - 1][1])
                piece = phrase[span[0] : span[1]]
                if (count > 1 and _joined(piece) in self._joined) or _fold(piece) in self._ids:
                    found.append(span)
                    at += count - 1
                    break
            at += 1
        return found

    def _inside(self, letters: str) -> Iterator[Span]:
        for start in range(len(letters)):
            for length in range(_JOINED_LETTERS, min(self._longest, len(letters) - start) + 1):
                if letters[start : start + length] in self._joined:
                    yield start, start + length

    def _holds_id(self, text: str) -> bool:
        folded = _fold(text)
        edges = [0, *(m.end() for m in re.finditer(r"[\W_]+", folded))]
        ends = [*(m.start() for m in re.finditer(r"[\W_]+", folded)), len(folded)]
        return any(
            folded[start:end] in self._ids for start in edges for end in ends if 0 < end - start <= self._longest_id
        )


def _fold(text: str) -> str:
    """Lower case without accents; letters of other scripts as Latin ones."""
    folded: str = anyascii(unicodedata.normalize("NFKC", text).casefold())
    return folded.lower()


def _letters_only(text: str) -> str:
    return re.sub(r"[^a-z]+", " ", _fold(re.sub(r"['’\u200b-\u200d\u2060\ufeff]", "", text)))


def _joined(text: str) -> str:
    return "".join(word for word in _letters_only(text).split() if word not in _TITLES)
