"""The roster's names as they may be written: from a folded word to the people it may mean."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from nicknames import NickNamer
from rapidfuzz.distance import OSA

from postguard.domain.people import Person, Role, Roster
from postguard.matching.data import grammar, lines, listed, proper_words, words
from postguard.matching.normalise import fold, key

_PART = re.compile(r"[A-Za-z]+|[0-9]+")
People = frozenset[int]
NOBODY: People = frozenset()
_REMEMBERED = 50_000


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
    while len(pieces) > 1 and _folded(pieces[0])[0] in grammar("titles"):
        title = key(pieces.pop(0))
    if not pieces:
        return Written()
    if len(pieces) == 1:
        return Written(title=title, surname=pieces[0]) if title else Written(forename=pieces[0])
    first = len(pieces) - 1
    while first > 1 and _folded(pieces[first - 1])[0] in grammar("particles"):
        first -= 1
    return Written(title=title, forename=pieces[0], middle=tuple(pieces[1:first]), surname=" ".join(pieces[first:]))


class _Building(defaultdict[str, set[int]]):
    """Folded words to people, while the roster is read."""

    def __init__(self) -> None:
        super().__init__(set)

    def done(self) -> dict[str, People]:
        return {word: frozenset(people) for word, people in self.items()}


class Lexicon:
    """Every pupil's name, folded, as the people it may mean, and what staff are called.

    `phrases`: names of several words, as words, to what they are joined; `heads`: their first words to how many
    words there may be. `names`: what the roster writes, folded; `keys`: every other form as well. People are numbers
    into `pupils`.
    """

    def __init__(self, roster: Roster) -> None:
        self.pupils: tuple[Person, ...] = tuple(p for p in roster.people if p.role is Role.PUPIL)
        self.phrases: dict[tuple[str, ...], str] = {}
        self.heads: dict[str, int] = {}
        self.staff = frozenset(name for p in roster.people if p.role is Role.STAFF for name in _staff_names(p))
        self.first_letters: list[str] = []
        self.surnames: list[str] = []
        forename, known_as, surname, initials, formal = (_Building() for _ in range(5))
        for number, person in enumerate(self.pupils):
            written = parts_of(person.name)
            first, last = _folded(written.forename)[0][:1], _folded(written.surname)[0]
            self.first_letters.append(first)
            self.surnames.append(last)
            if first and last:
                initials[first + last[0]].add(number)
            self._add(written.forename, forename, number)
            if written.middle:
                self._add(f"{written.forename} {written.middle[0]}", forename, number)
                for form in written.middle:
                    self._add(form, formal, number)
            for form in _surname_forms(written.surname):
                self._add(form, surname, number)
            for alias in person.known_as:
                self._add_alias(alias, known_as, number)
        self._forename, self._known_as, self._surname = forename.done(), known_as.done(), surname.done()
        self._initials = initials.done()
        for name, people in self._forename.items():
            for form in _formal_names(name) | same_names(name):
                formal[form] |= people
        self._formal = formal.done()
        self._short = _short_names_of(self._forename, self.phrases)
        self.names = frozenset(self._forename).union(self._known_as, self._surname)
        self.keys = self.names.union(self._short, self._formal)
        self.owners = frozenset(f"{name}s" for name in {*self._forename, *self._known_as})
        """Forenames with an s for a possessive."""
        self._spellings = Spellings(self.names)
        self._spelt_like: dict[str, tuple[People, People]] = {}

    def forename(self, word: str) -> People:
        return self._forename.get(word, NOBODY)

    def known_as(self, word: str) -> People:
        return self._known_as.get(word, NOBODY)

    def surname(self, word: str) -> People:
        return self._surname.get(word, NOBODY)

    def short(self, word: str) -> People:
        """Whose forename this is a diminutive of."""
        return self._short.get(word, NOBODY)

    def formal(self, word: str) -> People:
        """Whose name this is only where their surname follows: a middle name, James of a Jamie, Bobby of a Robbie."""
        return self._formal.get(word, NOBODY)

    def initials(self, letters: str) -> People:
        return self._initials.get(letters, NOBODY)

    def spelt_like(self, word: str) -> tuple[People, People]:
        """Whose forename, and whose surname, this may be when spelt another way."""
        owner = word[:-1] if word[-1] == "s" and word not in given_names() else ""
        owners = self.forename(owner) | self.known_as(owner)
        if is_word(word) or (owners and needs_belonging(word)):  # Jacks goal: the apostrophe was forgotten
            return owners, NOBODY
        if is_proper(word) and word not in given_names() and not same_names(word):
            return NOBODY, NOBODY
        known = self._spelt_like.get(word)
        if known is None:
            like = self._spellings.of(word)
            given = [self.forename(name) | self.known_as(name) for name in like | same_names(word)]
            family = [self.surname(name) for name in like]
            if len(self._spelt_like) > _REMEMBERED:
                self._spelt_like.clear()
            known = self._spelt_like[word] = _all_of(given), _all_of(family)
        return known

    def confused(self, word: str) -> bool:
        """Whether this, which is no word, is a name but for letters that look alike (lsla)."""
        return not is_word(word) and bool(self._spellings.confused(word) - {word})

    def of_surname_like(self, people: People, word: str) -> People:
        """Those of the people whose surname begins so, or is two letters away."""
        near = 2 if len(word) > 2 else 0
        return frozenset(
            n for n in people if self.surnames[n].startswith(word) or OSA.distance(self.surnames[n], word) <= near
        )

    def is_full_name(self, given: str, family: str) -> bool:
        """Whether two words may be one pupil's forename and surname."""
        people = self.forename(given) | self.known_as(given) | self.short(given) | self.formal(given)
        return not people.isdisjoint(self.surname(family))

    def _add(self, written: str, forms: _Building, number: int) -> None:
        whole, pieces = _folded(written)
        if not whole:
            return
        forms[whole].add(number)
        if len(pieces) > 1:
            self.phrases[pieces] = whole
            self.heads[pieces[0]] = max(self.heads.get(pieces[0], 0), len(pieces))

    def _add_alias(self, alias: str, forms: _Building, number: int) -> None:
        self._add(alias, forms, number)
        called = parts_of(alias)
        if called.surname and called.forename and not is_word(key(called.forename)):
            self._add(called.forename, forms, number)


def _all_of(people: Iterable[People]) -> People:
    """Everybody of these. What is one name only is not copied: in a large roster thousands bear it."""
    some = [those for those in people if those]
    return some[0] if len(some) == 1 else NOBODY.union(*some)


def _short_names_of(forenames: dict[str, People], phrases: dict[tuple[str, ...], str]) -> dict[str, People]:
    """Diminutives nobody wrote on the roster, and Mary and Kate of a Mary-Kate. Those that are words (Will, Bill)
    need a name's context."""
    short = _Building()
    parts = {whole: pieces for pieces, whole in phrases.items()}
    for name, people in forenames.items():
        for form in (*short_names(name), *parts.get(name, ())):
            if form != name and len(form) > 1 and form not in _TOO_SHORT:
                short[form] |= people
    return short.done()


_TOO_SHORT = frozenset({"al", "em"})
"""Al-Qaeda, give 'em a hand."""


def _staff_names(person: Person) -> Iterator[str]:
    for name in (person.name, *person.known_as):
        written = parts_of(name)
        if written.forename and written.surname:
            yield key(written.forename) + key(written.surname)


class Spellings:
    """Names by how they may be misspelt: two words that are equal with at most one letter taken out of each.

    That finds every word one edit away (a letter left out, put in, changed, or two swapped) and most that are
    two away; optimal string alignment then says how many edits it is. One edit is allowed, two from eight
    letters on; a word or name under five letters keeps its first, and one of three is a name of four less one.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self._index: dict[str, list[str]] = {}
        self._skeletons: dict[str, list[str]] = {}
        for name in names:
            if len(name) >= _SHORTEST_MISSPELT:
                for form in _less_one(name):
                    self._index.setdefault(form, []).append(name)
                self._skeletons.setdefault(skeleton(name), []).append(name)
        self._longest = max(map(len, self._index), default=0)

    def of(self, word: str) -> frozenset[str]:
        written, word = word, _STRETCHED.sub(r"\1", word)
        if len(word) < _SHORTEST_MISSPELT - 1 or len(word) > _LONGEST_NAME:
            return frozenset()
        forms = _less_one(word) if len(word) <= self._longest + 1 else ()
        near = {name for form in forms for name in self._index.get(form, ())}
        if word != written and is_word(word):
            once = _REPEATED.sub(r"\1", word)  # "hoeee" is a word drawn out, but "Hollly" may be Holly
            return frozenset(name for name in near if _REPEATED.sub(r"\1", name) == once)
        return frozenset(name for name in near if _near(word, name)) | self.confused(word)

    def confused(self, word: str) -> frozenset[str]:
        """Names that this is when letters are told apart no better than a camera does: lsla, Ernily."""
        return frozenset(self._skeletons.get(skeleton(word), ()))


_STRETCHED = re.compile(r"(.)\1{2,}")
"""Aoifeee: somebody is cheering."""
_REPEATED = re.compile(r"(.)\1+")
_SHORTEST_MISSPELT = 4
_LONGEST_NAME = 40


def _less_one(word: str) -> set[str]:
    return {word} | {word[:i] + word[i + 1 :] for i in range(len(word))}


def _near(word: str, name: str) -> bool:
    if word in given_names():
        return sound(word) == sound(name)  # Sarah may be Sara, but Perry is not Kerry spelt wrong
    shorter = min(len(word), len(name))
    allowed = 2 if shorter >= 8 else 1
    if OSA.distance(word, name, score_cutoff=allowed) > allowed:
        return False
    return word[0] == name[0] or (shorter >= 5 and allowed == 1)


@lru_cache(_REMEMBERED)
def sound(name: str) -> str:
    """Roughly how an English reader says a forename: Stephen is Steven, Catherine Kathryn, Sophie Sophia."""
    spoken = re.sub("ph", "f", name)
    spoken = re.sub("ck|c(?=[^eiy]|$)|q", "k", spoken)
    spoken = re.sub("[yj]|ei|ie|ea|ee", "i", spoken[:1].replace("y", "i") + spoken[1:])
    spoken = spoken[:1] + re.sub("[hw]", "", spoken[1:]).replace("v", "f").replace("z", "s")
    return re.sub(r"(.)\1+", r"\1", re.sub("[aei]+$", "", spoken).replace("e", "a").replace("i", "a"))


def skeleton(word: str) -> str:
    """What is left of a word when letters that a camera or a keyboard mixes up are one: rn and m, l and i, vv and w."""
    return word.replace("rn", "m").replace("vv", "w").replace("i", "l").replace("j", "l")


@lru_cache(_REMEMBERED)
def _folded(written: str) -> tuple[str, tuple[str, ...]]:
    """A part of a name as one folded word, and as the words it is written in."""
    return key(written), tuple(_PART.findall(fold(written).text.lower()))


@lru_cache(_REMEMBERED)
def _surname_forms(surname: str) -> tuple[str, ...]:
    """A surname, its double-barrelled halves, and Mc for Mac (people write either)."""
    if not surname:
        return ()
    halves = surname.split("-")
    bare = key(surname)
    forms = [surname, *(halves if len(halves) > 1 else ())]
    if bare.startswith("mac") and len(bare) > 5:
        forms += [f"Mc {bare[3:]}", f"Mac {bare[3:]}"]
    elif bare.startswith("mc") and len(bare) > 4:
        forms += [f"Mac {bare[2:]}", f"Mc {bare[2:]}"]
    return tuple(forms)


def is_common(word: str) -> bool:
    """Whether a name is also a word, and the word is what people usually mean."""
    return word in words() and word not in _names_first()


def is_quiet(word: str, lexicon: "Lexicon") -> bool:
    """Whether a word written in lower case is a name only right after praise ("well done grace"), if ever."""
    return is_word(word) and (is_common(word) or not (lexicon.forename(word) or lexicon.known_as(word)))


def is_word(word: str) -> bool:
    return word in words()


def needs_belonging(word: str) -> bool:
    """Whether a name with an s is somebody's only before what is theirs: "Graces goal", "Finns poem", "Evas dance"."""
    return is_word(word) or is_proper(word) or len(word) == _SHORTEST_MISSPELT


def is_proper(word: str) -> bool:
    return word in proper_words()


@lru_cache(_REMEMBERED)
def short_names(name: str) -> frozenset[str]:
    """Diminutives of a forename, folded: ours, and the American list of `nicknames` where it shortens the name.

    What is not shorter is another name (Andrea: Andrew), what begins otherwise is ours to know (William: Bill), and
    its words (Day for David) cry wolf; ours (Will for William) are told from words by what stands around them.
    """
    theirs = (key(short) for short in _nicknames().nicknames_of(name))
    shorter = {short for short in theirs if len(short) < len(name) and short[0] == name[0] and not is_common(short)}
    return frozenset(shorter) | _own_short_names().get(name, frozenset())


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
    return listed("word_surnames.txt")


@cache
def surname_forenames() -> frozenset[str]:
    """Forenames that are surnames too: Lewis, Cameron."""
    return listed("surname_forenames.txt")


@cache
def place_forenames() -> frozenset[str]:
    """Forenames that are places too: Skye, Paris."""
    return listed("place_forenames.txt")


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


def same_names(name: str) -> frozenset[str]:
    """Other spellings of a forename that people take for one another: Niamh and Neve, Sean and Shaun."""
    return _same_names().get(name, frozenset()) - {name}


@cache
def _same_names() -> dict[str, frozenset[str]]:
    groups = [frozenset(map(key, line.split())) for line in lines("same_names.txt")]
    return {name: frozenset().union(*(g for g in groups if name in g)) for group in groups for name in group}


@lru_cache(_REMEMBERED)
def _formal_names(name: str) -> frozenset[str]:
    """What a forename may be short for, and what else that is called: Robert and Bobby of a Robbie."""
    full = {whole for whole, shorts in _own_short_names().items() if name in shorts}
    return frozenset(full.union(*(_own_short_names()[whole] for whole in full))) - {name}


@cache
def _names_first() -> frozenset[str]:
    return listed("names_first.txt")
