"""Pupils' names in words, wherever they stand.

Reading goes in three steps. *Atoms*: the folded text is cut into runs of letters, with CamelCase, hashtags,
file names and digits taken apart. *Hits*: atoms, alone or glued together again, that the lexicon knows.
*Mentions*: hits beside each other that make a name, judged by what stands around them (docs/names.md).

Most words of most texts are no name, so a text is first asked, word by word and from memory, whether it
holds anything like one; only then is it read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from heapq import nsmallest

from postguard.domain.evidence import How, Mention, Passage
from postguard.domain.people import Person, Roster
from postguard.domain.policy import Policy
from postguard.matching.context import Context
from postguard.matching.data import grammar, lines
from postguard.matching.gate import Gate
from postguard.matching.hits import Hit, HitFinder
from postguard.matching.lexicon import (
    Lexicon,
    People,
    is_common,
    is_word,
    needs_belonging,
    place_forenames,
    surname_forenames,
)
from postguard.matching.normalise import Folded, fold, key, readings
from postguard.matching.splitting import DOMAIN, HANDLE, LINK, MAIL, TAG, Atom, is_close, is_tight, placed

_MOST_PEOPLE = 25
"""At most this many people are named for one mention; those with the least consent come first."""
_ACCOUNT = re.compile(
    r"(?:(?<![\w.])(?=@)|\w\.\w{2,}/(?:(?:in|user|c|channel|profile|add)/)?)(?P<handle>@?[\w.]+)", re.ASCII
)
_ADDRESSES = frozenset({HANDLE, MAIL, LINK, DOMAIN})


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """Atoms [first, last) that name one of these people. `full`: forename and surname both."""

    first: int
    last: int
    people: People
    how: How
    sure: bool
    full: bool = False


class NameFinder:
    """Finds the roster's pupils in texts. Build it once; what it remembers never changes what it finds."""

    def __init__(self, roster: Roster, policy: Policy) -> None:
        self._lexicon = Lexicon(roster)
        self._hits = HitFinder(self._lexicon)
        self._gate = Gate(self._lexicon, self._hits)
        self._several_schools = roster.several_schools
        self._allowed = frozenset(filter(None, (key(word) for word in policy.words_allowed)))
        self._others = (_not_pupils() | _school_names(roster)) - self._lexicon.names
        phrases = self._others | self._allowed | self._lexicon.staff
        self._beginnings = frozenset(phrase[:end] for phrase in phrases for end in range(1, len(phrase) + 1))
        self._accounts = _accounts(self._lexicon.pupils)
        self._consent = [(not p.high_risk, _allowed_until(p, roster), n) for n, p in enumerate(self._lexicon.pupils)]
        """What pupils are ranked by: those with the least consent come first."""
        self._ranked: dict[People, list[int]] = {}

    def find(self, passages: Iterable[Passage], visitors: Iterable[str] = ()) -> tuple[Mention, ...]:
        """Every mention of a pupil, in the order of the passages and their text.

        `visitors` are people present who are not on the roster: a lone forename that is one of theirs is a
        possible name only.
        """
        theirs = frozenset(key(name) for visitor in visitors for name in visitor.split())
        return tuple(mention for passage in passages for mention in self._find_in(passage, theirs))

    def _find_in(self, passage: Passage, visitors: frozenset[str]) -> Iterator[Mention]:
        found: dict[tuple[int, int, str], Mention] = {}
        own: list[Mention] = []
        file_name = passage.part.endswith(":name")
        for folded in readings(passage.text):
            for mention in self._handles(folded, passage):
                found[mention.start, mention.end, mention.person] = mention
                own += [] if mention.of_parent else [mention]
            if not self._gate.opens(folded.text, file_name):
                continue
            for mention in self._read(folded, passage, visitors):
                if any(account.start <= mention.start and mention.end <= account.end for account in own):
                    continue
                known = found.get((mention.start, mention.end, mention.person))
                if known is None or mention.sure > known.sure:
                    found[mention.start, mention.end, mention.person] = mention
        return iter(sorted(found.values(), key=lambda m: (m.start, m.end, m.person)))

    def _read(self, folded: Folded, passage: Passage, visitors: frozenset[str]) -> Iterator[Mention]:
        file_name = passage.part.endswith(":name")
        atoms, hits = self._hits.read(folded.text, file_name)
        if not hits:
            return
        context = Context(
            atoms=atoms,
            named=frozenset(i for hit in hits.values() if hit.named or hit.family for i in range(hit.first, hit.last)),
            file_name=file_name,
            described=passage.part.endswith((":alt", ":name")),
        )
        starts: list[int] = []
        read = 0
        for index, hit in hits.items():
            named = self._name_at(hit, hits, context, visitors) if index >= read else None
            if named is None or self._is_somebody_else(named, atoms):
                continue
            starts = starts or [at for at, _ in placed(atoms)]
            start, end = folded.span(starts[named.first], starts[named.last - 1] + len(atoms[named.last - 1].text))
            for number in self._least_consent_first(named.people):
                yield Mention(
                    part=passage.part,
                    start=start,
                    end=end,
                    person=self._lexicon.pupils[number].id,
                    how=named.how,
                    sure=named.sure,
                    field=passage.field,
                )
            read = named.last

    # -- accounts

    def _handles(self, folded: Folded, passage: Passage) -> Iterator[Mention]:
        """Accounts of pupils and parents that the roster lists, as @handles and as links to profiles."""
        if not self._accounts or not ("@" in folded.text or "/" in folded.text):
            return
        for match in _ACCOUNT.finditer(folded.text):
            written = match.group("handle").rstrip(".")
            for number, of_parent in self._accounts.get(_account(written), ()):
                start, end = folded.span(match.start("handle"), match.start("handle") + len(written))
                yield Mention(
                    part=passage.part,
                    start=start,
                    end=end,
                    person=self._lexicon.pupils[number].id,
                    how=How.HANDLE,
                    of_parent=of_parent,
                    field=passage.field,
                )

    # -- names

    def _name_at(self, hit: Hit, hits: dict[int, Hit], context: Context, visitors: frozenset[str]) -> Named | None:
        named = self._full_name(hit, hits, context) or self._initial_and_surname(hit, context)
        place = context.atoms[hit.first].place
        if named is not None or self._several_schools:
            return named or (self._forename_and_initial(hit, context) or self._whole_name(hit) if hit.named else None)
        if place == DOMAIN or context.is_saint(hit.first) or context.is_of_a_surname(hit.first, hit.last):
            return None
        if hit.named:
            return self._forename(hit, hits, context, visitors)
        if place not in _ADDRESSES:
            return self._maybe_forename(hit, hits, context) or self._surname(hit, context)
        return None

    def _full_name(self, hit: Hit, hits: dict[int, Hit], context: Context) -> Named | None:
        """Forename and surname of one pupil beside each other, with at most two words or initials between."""
        atoms = context.atoms
        for at in range(hit.last, min(hit.last + 3, len(atoms))):
            if not is_close(atoms[at - 1], atoms[at]):
                return None
            if at > hit.last and (not atoms[at - 1].capital or atoms[at - 1].low in grammar("titles")):
                return None
            other = hits.get(at)
            if other is None:
                continue
            named = _joined(hit, other, atoms)
            if named is None and at == hit.last and _may_be_turned(atoms[hit.first], atoms[at]):
                named = _joined(other, hit, atoms)
            if named is not None:
                return replace(named, first=hit.first, last=other.last)
        return None

    def _initial_and_surname(self, hit: Hit, context: Context) -> Named | None:
        """ "J. Brown": the initial stands right before the surname."""
        before = hit.first - 1
        if not hit.family or before < 0 or len(context.atoms[before].low) != 1 or context.is_titled(before):
            return None
        initial, surname = context.atoms[before], context.atoms[hit.first]
        if not is_close(initial, surname):
            return None
        if not initial.capital and (not is_tight(surname) or DOMAIN in {initial.place, surname.place}):
            return None
        people = frozenset(n for n in hit.family if self._lexicon.first_letters[n] == initial.low)
        if not people:
            return None
        return Named(first=before, last=hit.last, people=people, how=How.INITIAL, sure=False)

    def _forename_and_initial(self, hit: Hit, context: Context) -> Named | None:
        """ "Jack B." """
        letter = context.initial_after(hit.last)
        if not letter:
            return None
        people = frozenset(n for n in hit.named if self._lexicon.surnames[n][:1] == letter)
        if not people or (is_common(hit.word) and not context.atoms[hit.first].capital and not context.file_name):
            return None
        return Named(first=hit.first, last=hit.last + 1, people=people, how=How.INITIAL, sure=False)

    def _whole_name(self, hit: Hit) -> Named | None:
        """Whoever has no surname on the roster is called by their forename in full."""
        people = frozenset(n for n in hit.named if not self._lexicon.surnames[n])
        return Named(first=hit.first, last=hit.last, people=people, how=How.EXACT, sure=False) if people else None

    def _forename(self, hit: Hit, hits: dict[int, Hit], context: Context, visitors: frozenset[str]) -> Named | None:
        atom = context.atoms[hit.first]
        people = hit.named
        sure = True
        if len(hit.word) == 1 or _is_no_forename(hit, hits, context):
            return None
        with_initial = self._forename_and_initial(hit, context)
        if is_common(hit.word):
            if not (with_initial or hit.odd or context.looks_like_a_name(hit.first, hit.last, hit.word)):
                return None
            sure = False
        elif not atom.capital and (len(hit.word) == 2 or is_word(hit.word)) and not context.no_case(hit.first):
            if not context.looks_like_a_name(hit.first, hit.last, hit.word):
                return None
            sure = False
        has_surname = any(self._lexicon.surnames[n] for n in people)
        if has_surname and context.other_surname(hit.last) and not (hit.last in hits and hits[hit.last].named):
            sure = False  # Robert Burns; but a pupil may go by a surname that the roster does not have
        if hit.word in visitors or atom.place in _ADDRESSES or atom.partial:
            sure = False
        if atom.partial and (len(hit.word) < 5 or (not atom.place and is_common(hit.word))):
            return None
        if atom.place in _ADDRESSES and context.beside_unknown_letters(hit.first, hit.last):
            if hit.last == len(context.atoms):
                return None
            people = self._lexicon.of_surname_like(people, context.atoms[hit.last].low)
            if not people:
                return None
        how = How.EXACT if hit.given else How.KNOWN_AS
        if with_initial is not None:
            return replace(with_initial, how=how if sure else How.INITIAL, sure=sure)
        return Named(first=hit.first, last=hit.last, people=people, how=how, sure=sure)

    def _maybe_forename(self, hit: Hit, hits: dict[int, Hit], context: Context) -> Named | None:
        """A diminutive, a misspelt forename, or two initials: possible names, where a name would stand."""
        atom = context.atoms[hit.first]
        if hit.initials:
            if hit.last > hit.first + 1 and not context.initials_look_like_a_name(hit.first):
                return None
            if hit.last == hit.first + 1 and (
                not context.after_praise(hit.first) or (is_word(hit.word) and context.no_case(hit.first))
            ):
                return None  # HAPPY BIRTHDAY TO US
            return Named(first=hit.first, last=hit.last, people=hit.initials, how=How.INITIAL, sure=False)
        people, how = (hit.short, How.NICKNAME) if hit.short else (hit.like_given, How.FUZZY)
        if not people or context.is_titled(hit.first) or atom.partial or context.is_a_measure(hit.first, hit.last):
            return None
        if needs_belonging(hit.word) and hit.word in self._lexicon.owners and not context.has_something(hit.last):
            return None  # "Graces" without what is hers
        if context.other_surname(hit.last) and not context.after_praise(hit.first):
            people = self._lexicon.of_surname_like(people, context.atoms[hit.last].low)
            if not people:
                return None
        if not hit.odd and not context.no_case(hit.first):
            if not atom.capital and (is_word(hit.word) or len(hit.word) < 6):
                return None
            if atom.text.isupper() and 1 < len(atom.text) < 6:
                return None  # IMO is no Imogen
        if atom.place == TAG and not atom.capital:
            return None
        shortest = 5 if how is How.FUZZY and hit.word not in self._lexicon.owners else 3
        doubtful = is_common(hit.word) or (len(hit.word) < shortest and not hit.odd)
        if doubtful and not context.looks_like_a_name(hit.first, hit.last, hit.word):
            return None
        return Named(first=hit.first, last=hit.last, people=people, how=how, sure=False)

    def _surname(self, hit: Hit, context: Context) -> Named | None:
        """A surname alone. After a title, another's forename or an initial it is somebody else's."""
        atom = context.atoms[hit.first]
        if len(hit.word) < 3 or not hit.family or atom.place or atom.partial:
            return None
        if not (atom.capital or context.file_name):
            return None
        if context.is_titled(hit.first) or context.other_forename(hit.first) or context.other_surname(hit.last):
            return None
        if is_word(hit.word) and not context.after_cue(hit.first, hit.last):
            return None
        if context.is_a_place(hit.first, hit.last, also_a_place=hit.word in place_forenames()):
            return None
        return Named(first=hit.first, last=hit.last, people=hit.family, how=How.EXACT, sure=False)

    # -- what is no pupil's name

    def _is_somebody_else(self, named: Named, atoms: Sequence[Atom]) -> bool:
        """Whether the atoms lie inside words the school allows, or inside the name of somebody or something else."""
        for first in range(max(0, named.first - 7), named.first + 1):
            phrase = ""
            for last in range(first, len(atoms)):
                if last > first and not _is_one_phrase(atoms[last - 1], atoms[last]):
                    break
                if last > first and atoms[last].gap.strip() == "&":
                    phrase += "and"
                phrase += atoms[last].low
                if phrase not in self._beginnings:
                    break
                if last + 1 < named.last:
                    continue
                if named.full and first == named.first and last + 1 == named.last:
                    continue  # a pupil's whole name is theirs, whoever else is called so and whatever is allowed
                if phrase in self._allowed or phrase in self._others or phrase in self._lexicon.staff:
                    return True
        return False

    def _least_consent_first(self, people: People) -> list[int]:
        if len(people) == 1:
            return list(people)
        ranked = self._ranked.get(people)
        if ranked is None:
            ranked = self._ranked[people] = nsmallest(_MOST_PEOPLE, people, key=self._consent.__getitem__)
        return ranked


def _is_no_forename(hit: Hit, hits: dict[int, Hit], context: Context) -> bool:
    return (
        context.is_titled(hit.first)
        or context.is_a_place(hit.first, hit.last, also_a_place=hit.word in place_forenames())
        or context.is_a_measure(hit.first, hit.last)
        or _is_anothers_surname(hit, hits, context)
    )


def _is_anothers_surname(hit: Hit, hits: dict[int, Hit], context: Context) -> bool:
    """Marvin Lewis, J. Cole: behind a forename or an initial of somebody who is none of ours."""
    if hit.word not in surname_forenames() or hit.first == 0 or not context.known_forename(hit.first):
        return False
    if context.atoms[hit.first - 1].low == "a":
        return False  # "A Lewis goal"
    before = hits.get(hit.first - 1)
    return before is None or not (before.named or before.short or before.like_given or before.formal)


def _is_one_phrase(before: Atom, atom: Atom) -> bool:
    """Whether an atom goes on with what the one before began: Fort William, J. K. Rowling, Jack & the Beanstalk."""
    if atom.gap in {"", " ", "\n", "-", "_", ".", "'", "' "} or atom.gap.strip(" ") == "&":
        return True
    short = len(before.low) == 1 or before.low in grammar("titles") | grammar("saints")
    return atom.gap == ". " and short


def _may_be_turned(family: Atom, given: Atom) -> bool:
    """Whether a surname may stand first, as in a register: "MacDonald, Aoife", "MACDONALD Aoife"."""
    if family.place or given.place or not is_word(family.low) or ("," in given.gap and given.capital):
        return True
    return family.text.isupper() and given.capital


def _joined(given: Hit, family: Hit, atoms: Sequence[Atom]) -> Named | None:
    """A forename and a surname that one pupil bears, as surely as the weaker of the two is written."""
    if given.named and family.named and any(sign in atoms[max(given.first, family.first)].gap for sign in ",/|"):
        return None  # "Jack, Kelly and Rory" are three
    theirs = family.family | family.like_family if family.like_family else family.family
    capitals = atoms[given.first].capital and atoms[family.first].capital
    words = is_word(given.word) and is_word(family.word) and not capitals
    ordinary = given.word in grammar("ordinary") or "," in atoms[family.first].gap
    if words and ordinary and not atoms[given.first].place:
        return None  # "will young people", "faith, hope and joy"
    for called, how in (
        (given.given, How.EXACT),
        (given.known, How.KNOWN_AS),
        (given.short | given.formal if given.formal else given.short, How.NICKNAME),
        (given.like_given, How.FUZZY),
    ):
        people = called & theirs
        if people:
            exact = how in (How.EXACT, How.KNOWN_AS) and bool(people & family.family or not is_common(given.word))
            sure = exact and not (words and is_common(given.word))
            return Named(first=given.first, last=family.last, people=people, how=how, sure=sure, full=True)
    return None


def _accounts(pupils: Sequence[Person]) -> dict[str, list[tuple[int, bool]]]:
    accounts: dict[str, list[tuple[int, bool]]] = {}
    for number, pupil in enumerate(pupils):
        for handles, of_parent in ((pupil.handles, False), (pupil.parent_handles, True)):
            for handle in handles:
                accounts.setdefault(_account(handle), []).append((number, of_parent))
    return accounts


def _account(handle: str) -> str:
    """An account's bare name: "@Aoife_M", "aoife_m." and a link to its profile are one."""
    return fold(handle).text.rstrip("/.").rpartition("/")[2].lstrip("@").lower()


def _allowed_until(person: Person, roster: Roster) -> date:
    """Until when the family allows every channel: never, for a while, or without an end."""
    granted = {c.channel: min(c.until or date.max, c.withdrawn or date.max) for c in person.consent if c.granted}
    return min((granted.get(channel, date.min) for channel in roster.channels), default=date.min)


@cache
def _not_pupils() -> frozenset[str]:
    return frozenset(key(line) for line in lines("not_pupils.txt"))


def _school_names(roster: Roster) -> frozenset[str]:
    """The schools' own names, whole and without their last words ("New Monkland Primary"), never one bare word."""
    names: set[str] = set()
    for school in {roster.school, *(p.school for p in roster.people if p.school)}:
        pieces = school.split()
        for length in range(2, len(pieces) + 1):
            if length == len(pieces) or pieces[length].lower() in grammar("schools"):
                names.add(key(" ".join(pieces[:length])))
    return frozenset(names)
