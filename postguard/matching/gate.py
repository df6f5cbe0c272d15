"""Which texts are worth reading. Most words of most texts are no name: each is asked once, and then known by heart."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from postguard.matching.data import grammar, lines
from postguard.matching.hits import PLAIN, HitFinder
from postguard.matching.lexicon import Lexicon, is_quiet, is_word

_REMEMBERED = 200_000
"""How many words are remembered before starting afresh: about 20 MB."""
_LONGEST_CHUNK = 200
"""Longer words are read each time, not remembered."""
_SPACED = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z][^A-Za-z0-9]{1,3}){2,}[A-Za-z](?![A-Za-z0-9])")
_KINDS = bytes(ord("a" if chr(sign).isalpha() else "0" if chr(sign).isdigit() else " ") for sign in range(128)) * 2
"""Each letter of ASCII to one letter, each digit to one digit, any other sign to a space."""
_TWO_APART = (b" a a ", b" a  a ", b" a   a ")
_BROKEN = re.compile(r"(?<![A-Za-z])([A-Za-z]+)-?[^\S\n]*\n\s*([A-Za-z]+)")


class Gate:
    """Whether a text may hold a name. It may open for one that holds none, never stay shut for one that does."""

    def __init__(self, lexicon: Lexicon, hits: HitFinder) -> None:
        self._lexicon = lexicon
        self._hits = hits
        self._dull: dict[bool, set[str]] = {False: set(), True: set()}
        self._loud: dict[bool, set[str]] = {False: set(), True: set()}
        self._quiet: dict[str, str] = {}
        """Words in lower case that are names only where the text around says so, and what they are."""

    def opens(self, text: str, file_name: bool) -> bool:
        """Whether any word might be a name. Words are asked once, then remembered as dull or loud."""
        chunks = text.split()
        dull, loud = self._dull[file_name], self._loud[file_name]
        if not dull.issuperset(chunks):
            if len(dull) > _REMEMBERED:
                dull.clear()
            if len(loud) > _REMEMBERED:
                loud.clear()
            for chunk in set(chunks) - dull - loud:
                if len(chunk) > _LONGEST_CHUNK:
                    return True
                (loud if self._speaks(chunk, file_name) else dull).add(chunk)
            if not loud.isdisjoint(chunks):
                return True
        if _has_letters_apart(text) or _has_praise(text):
            return True
        if not self._quiet.keys().isdisjoint(chunks) and self._tells_of_a_child(text, chunks):
            return True
        return "\n" in text and any(
            (before + after).lower() in self._lexicon.keys for before, after in _BROKEN.findall(text)
        )

    def _tells_of_a_child(self, text: str, chunks: Sequence[str]) -> bool:
        """Whether a text with words that are names in lower case says that they are, or says no more."""
        quiet = self._quiet
        if _of_a_child().search(text) or sum(map(_says_something, chunks)) == 1:
            return True
        return any(
            before in quiet and after in quiet and self._lexicon.is_full_name(quiet[before], quiet[after])
            for before, after in pairwise(chunks)
        )

    def _speaks(self, chunk: str, file_name: bool) -> bool:
        plain = PLAIN.fullmatch(chunk)
        if plain is not None and not file_name:
            word = plain.group(1).lower()
            if word in self._lexicon.heads:
                return True
            lower = plain.group(1).islower()
            if word in self._lexicon.keys:
                if not (lower and is_quiet(word, self._lexicon)):
                    return True
                if len(self._quiet) >= _REMEMBERED:
                    return True
                self._quiet[chunk] = word
                return False
            if lower and is_word(word):
                return False
            if any(self._lexicon.spelt_like(word)):
                return True
            if not self._hits.holds_a_name(word):
                return False
        return self._hits.may_name(chunk, file_name)


def _says_something(chunk: str) -> bool:
    return any(c.isalnum() for c in chunk)


@cache
def _of_a_child() -> re.Pattern[str]:
    """What tells that a word in lower case is a child: a class, an age, "and her"."""
    classes = "|".join(sorted(grammar("classes")))
    return re.compile(rf"\b(?:{classes})[^a-z0-9]?[0-9]|\b(?:aged|is) [0-9]|[,(] ?[0-9]|\band (?:her|his)\b", re.I)


def _has_letters_apart(text: str) -> bool:
    """Whether three letters stand apart; where they do, two stand between signs with at most three between them."""
    kinds = text.encode("ascii", "replace").translate(_KINDS) + b" "
    return any(apart in kinds for apart in _TWO_APART) and _SPACED.search(text) is not None


def _has_praise(text: str) -> bool:
    low = text.lower()
    return any(word in low for word in _praise_words()) and _praise().search(text) is not None


@cache
def _praise_words() -> frozenset[str]:
    """The longest word of each phrase: without one of them there is no praise."""
    return frozenset(max(line.split(), key=len) for line in lines("praise.txt"))


@cache
def _praise() -> re.Pattern[str]:
    """Words that call for reading on whatever follows, even a name in lower case."""
    phrases = (r"[^A-Za-z0-9]+".join(line.split()) for line in lines("praise.txt"))
    return re.compile("|".join(phrases), re.I)
