"""The roster's names as they may be written: from a folded word to the people it may mean."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from postguard.domain.people import Person, Role, Roster
from postguard.matching.data import lines, proper_words, words
from postguard.matching.normalise import fold, key

_PART = re.compile(r"[A-Za-z]+|[0-9]+")
_PARTICLES = frozenset(
    [
        "al",
        "ap",
        "bin",
        "da",
        "de",
        "del",
        "della",
        "der",
        "di",
        "dos",
        "du",
        "el",
        "fitz",
        "ibn",
        "la",
        "le",
        "mac",
        "mc",
        "o",
        "st",
        "ten",
        "ter",
        "van",
        "von",
    ]
)
TITLES = frozenset(
    [
        "mr",
        "mrs",
        "miss",
        "ms",
        "mx",
        "dr",
        "sir",
        "prof",
        "professor",
        "rev",
        "reverend",
        "father",
        "sister",
        "coach",
        "headteacher",
        "teacher",
        "nurse",
        "madame",
        "monsieur",
        "mme",
        "lord",
        "lady",
        "cllr",
        "councillor",
        "pc",
        "sgt",
        "provost",
    ]
)

People = frozenset[int]
NOBODY: People = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """A name as the roster writes it, in parts: forename, what stands between, surname (each may be several words)."""

    title: str = ""
    forename: str = ""
    middle: tuple[str, ...] = ()
    surname: str = ""


def parts_of(name: str) -> Written:
    """Split "Miss Anne-Marie Jane van der Berg". A name of one word is a forename, after a title a surname."""
    pieces = name.split()
    title = ""
    while pieces and key(pieces[0]) in TITLES and len(pieces) > 1:
        title = key(pieces.pop(0))
    if not pieces:
        return Written()
    if len(pieces) == 1:
        return Written(title=title, surname=pieces[0]) if title else Written(forename=pieces[0])
    first = len(pieces) - 1
    while first > 1 and key(pieces[first - 1]) in _PARTICLES:
        first -= 1
    return Written(title=title, forename=pieces[0], middle=tuple(pieces[1:first]), surname=" ".join(pieces[first:]))


@dataclass(kw_only=True, slots=True)
class Forms:
    """Folded words to people, by what part of a name the word is."""

    forename: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    known_as: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    surname: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


class Lexicon:
    """Every pupil's name in its exact forms, and what staff are called."""

    def __init__(self, roster: Roster) -> None:
        self.pupils: tuple[Person, ...] = tuple(p for p in roster.people if p.role is Role.PUPIL)
        self._forms = Forms()
        self.phrases: dict[tuple[str, ...], str] = {}
        self.heads: dict[str, int] = {}
        self.staff: set[str] = set()
        self.first_letters: list[str] = []
        self.surname_letters: list[str] = []
        for number, person in enumerate(self.pupils):
            self._add(number, person)
        for person in roster.people:
            if person.role is not Role.PUPIL:
                self._add_staff(person)
        self.keys: frozenset[str] = frozenset(self._forms.forename).union(self._forms.known_as, self._forms.surname)

    def forename(self, word: str) -> People:
        return frozenset(self._forms.forename.get(word, ()))

    def known_as(self, word: str) -> People:
        return frozenset(self._forms.known_as.get(word, ()))

    def surname(self, word: str) -> People:
        return frozenset(self._forms.surname.get(word, ()))

    def _add(self, number: int, person: Person) -> None:
        written = parts_of(person.name)
        self.first_letters.append(key(written.forename)[:1])
        self.surname_letters.append(key(written.surname)[:1])
        self._part(written.forename, self._forms.forename, number)
        for surname in _surname_forms(written.surname):
            self._part(surname, self._forms.surname, number)
        for alias in person.known_as:
            self._part(alias, self._forms.known_as, number)
            called = parts_of(alias)
            if called.surname and called.forename and not is_word(key(called.forename)):
                self._part(called.forename, self._forms.known_as, number)

    def _part(self, written: str, forms: dict[str, set[int]], number: int) -> None:
        whole = key(written)
        if not whole:
            return
        forms[whole].add(number)
        pieces = tuple(_PART.findall(fold(written).text.lower()))
        if len(pieces) > 1:
            self.phrases[pieces] = whole
            self.heads[pieces[0]] = max(self.heads.get(pieces[0], 0), len(pieces))

    def _add_staff(self, person: Person) -> None:
        for name in (person.name, *person.known_as):
            written = parts_of(name)
            if written.forename and written.surname:
                self.staff.add(key(written.forename) + key(written.surname))


def _surname_forms(surname: str) -> Iterable[str]:
    """A surname, its double-barrelled halves, and Mc for Mac (people write either)."""
    if not surname:
        return
    yield surname
    halves = surname.split("-")
    if len(halves) > 1:
        yield from halves
    bare = key(surname)
    if bare.startswith("mac") and len(bare) > 5:
        yield f"Mc {bare[3:]}"
        yield f"Mac {bare[3:]}"
    elif bare.startswith("mc") and len(bare) > 4:
        yield f"Mac {bare[2:]}"
        yield f"Mc {bare[2:]}"


def is_common(word: str) -> bool:
    """Whether a name is also a word, and the word is what people usually mean."""
    return word in words() and word not in _names_first()


def is_word(word: str) -> bool:
    return word in words()


def is_proper(word: str) -> bool:
    return word in proper_words()


@cache
def _names_first() -> frozenset[str]:
    return frozenset(lines("names_first.txt"))
