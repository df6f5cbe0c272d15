"""Word lists, as data. Each text file says at its top what it is for and where it comes from."""

import lzma
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources


@cache
def lines(name: str) -> tuple[str, ...]:
    """The lines of a list: no comments (from `#`), no blank lines."""
    text = resources.files(__name__).joinpath(name).read_text("utf-8")
    kept = (line.split("#")[0].strip() for line in text.splitlines())
    return tuple(line for line in kept if line)


@cache
def listed(name: str) -> frozenset[str]:
    """All words of a list, in lower case, however its lines are broken."""
    return frozenset(" ".join(lines(name)).lower().split())


@cache
def grammar(kind: str) -> frozenset[str]:
    """The words of one kind in grammar.txt."""
    kinds = dict(line.split(":", 1) for line in lines("grammar.txt"))
    return frozenset(kinds[kind].split())


@cache
def words() -> frozenset[str]:
    """Words an English dictionary spells in lower case: SCOWL, British, size 50 (words.LICENCE.txt)."""
    return frozenset(w for w in _scowl() if w.islower()) | frozenset(lines("school_words.txt"))


@cache
def proper_words() -> frozenset[str]:
    """Words the same dictionary spells with a capital, in lower case here: places, peoples, brands and names."""
    return frozenset(w.lower() for w in _scowl() if not w.islower())


def any_of(terms: Iterable[str]) -> re.Pattern[str]:
    """Matches any of these as whole words, the longest first, in either case."""
    longest_first = sorted(terms, key=lambda term: (-len(term), term))
    return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])", re.IGNORECASE)


@cache
def _scowl() -> tuple[str, ...]:
    data = resources.files(__name__).joinpath("words.txt.xz").read_bytes()
    return tuple(lzma.decompress(data).decode("utf-8").split("\n"))
