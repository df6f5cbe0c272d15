"""The roster's names as they may be written: from a folded word to the people it may mean."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from nicknames import NickNamer
from rapidfuzz.distance import OSA

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
    short: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    initials: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


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
        exact = frozenset(self._forms.forename).union(self._forms.known_as, self._forms.surname)
        self._add_short_names()
        self.keys: frozenset[str] = exact.union(self._forms.short)
        self._given_spellings = Spellings(frozenset(self._forms.forename).union(self._forms.known_as))
        self._family_spellings = Spellings(frozenset(self._forms.surname))

    def forename(self, word: str) -> People:
        return frozenset(self._forms.forename.get(word, ()))

    def known_as(self, word: str) -> People:
        return frozenset(self._forms.known_as.get(word, ()))

    def surname(self, word: str) -> People:
        return frozenset(self._forms.surname.get(word, ()))

    def short(self, word: str) -> People:
        return frozenset(self._forms.short.get(word, ()))

    def initials(self, letters: str) -> People:
        return frozenset(self._forms.initials.get(letters, ()))

    def spelt_like(self, word: str) -> tuple[People, People]:
        """Whose forename, and whose surname, this may be when spelt another way."""
        if is_word(word) or (is_proper(word) and word not in given_names()):
            return NOBODY, NOBODY
        given = self._given_spellings.of(word)
        family = self._family_spellings.of(word)
        return (
            NOBODY.union(*(self.forename(name) | self.known_as(name) for name in given)),
            NOBODY.union(*(self.surname(name) for name in family)),
        )

    def _add_short_names(self) -> None:
        """Diminutives nobody wrote on the roster; those that are words (Hope for Hopkin) would cry wolf."""
        for name, people in self._forms.forename.items():
            for short in short_names(name):
                if short != name and len(short) > 2 and not is_common(short):
                    self._forms.short[short] |= people

    def _add(self, number: int, person: Person) -> None:
        written = parts_of(person.name)
        self.first_letters.append(key(written.forename)[:1])
        self.surname_letters.append(key(written.surname)[:1])
        self._part(written.forename, self._forms.forename, number)
        if written.forename and written.surname:
            self._forms.initials[self.first_letters[-1] + self.surname_letters[-1]].add(number)
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


class Spellings:
    """Names by how they may be misspelt: two words that are equal with at most one letter taken out of each.

    That finds every word one edit away (a letter left out, put in, changed, or two swapped) and most that are
    two away; optimal string alignment then says how many edits it is. One edit is allowed, two from eight
    letters on, and a name under five letters keeps its first.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self._index: dict[str, list[str]] = {}
        self._skeletons: dict[str, list[str]] = {}
        for name in names:
            if len(name) >= _SHORTEST_MISSPELT:
                for form in _less_one(name):
                    self._index.setdefault(form, []).append(name)
                self._skeletons.setdefault(skeleton(name), []).append(name)

    def of(self, word: str) -> frozenset[str]:
        if len(word) < _SHORTEST_MISSPELT or len(word) > _LONGEST_NAME:
            return frozenset()
        near = {name for form in _less_one(word) for name in self._index.get(form, ())}
        alike = self._skeletons.get(skeleton(word), ())
        return frozenset(name for name in near if _near(word, name)).union(alike)


_SHORTEST_MISSPELT = 4
_LONGEST_NAME = 40


def _less_one(word: str) -> set[str]:
    return {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}


def _near(word: str, name: str) -> bool:
    shorter = min(len(word), len(name))
    allowed = 2 if shorter >= 8 else 1
    if OSA.distance(word, name, score_cutoff=allowed) > allowed:
        return False
    return word[0] == name[0] or (shorter >= 5 and allowed == 1)


@cache
def skeleton(word: str) -> str:
    """What is left of a word when letters that a camera or a keyboard mixes up are one: rn and m, l and i, vv and w."""
    return word.replace("rn", "m").replace("vv", "w").replace("i", "l").replace("j", "l")


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
def short_names(name: str) -> frozenset[str]:
    """Diminutives of a forename, folded: the American list of `nicknames` and our own."""
    return frozenset(map(key, _nicknames().nicknames_of(name))) | _own_short_names().get(name, frozenset())


@cache
def given_names() -> frozenset[str]:
    """Forenames that people bear, folded, whether or not anybody on the roster does."""
    lists = _nicknames().nickname_lookup
    known = {key(name) for name, shorts in lists.items() for name in (name, *shorts)}
    ours = {name for full, shorts in _own_short_names().items() for name in (full, *shorts)}
    return frozenset(known | ours | _names_first())


@cache
def word_surnames() -> frozenset[str]:
    """Surnames that are words too: King, Brown, Young."""
    return frozenset(" ".join(lines("word_surnames.txt")).lower().split())


@cache
def _nicknames() -> NickNamer:
    return NickNamer()


@cache
def _own_short_names() -> dict[str, frozenset[str]]:
    own: dict[str, frozenset[str]] = {}
    for line in lines("short_names.txt"):
        full, _, shorts = line.partition(":")
        own[key(full)] = own.get(key(full), frozenset()) | frozenset(map(key, shorts.split()))
    return own


@cache
def _names_first() -> frozenset[str]:
    return frozenset(lines("names_first.txt"))
