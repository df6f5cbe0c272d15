"""Words that say too much, other than names: phone numbers, addresses, birthdays, private matters, rudeness.

Everything is looked for on the folded text (normalise.py), so that bold letters or a zero-width space hide
nothing, and found places point into the text as it was written.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from phonenumbers import Leniency, PhoneNumberMatcher, format_number, is_valid_number
from phonenumbers.phonenumberutil import PhoneNumberFormat

from postguard.domain.evidence import Passage, Spotting, Topic
from postguard.domain.policy import Policy
from postguard.matching.data import grammar, lines, listed
from postguard.matching.hashtags import TagSplitter
from postguard.matching.lexicon import is_word
from postguard.matching.normalise import Folded, fold, key, readings
from postguard.matching.splitting import HANDLE, LINK, TAG, atoms_of, placed

_MANY_DIGITS = re.compile(r"(?:\d[^A-Za-z\d]{0,3}){9,}")
_PUBLIC_NUMBERS = ("+44800", "+44808", "+443", "+4484", "+4487", "+449", "+44116")
"""Free, shared-cost and helpline ranges (Ofcom's National Telephone Numbering Plan): nobody's home or mobile."""
_DOT = r"(?:\.|\s?[(\[]\s?dot\s?[)\]]\s?|\sdot\s)"
_EMAIL = re.compile(
    rf"(?<![\w.+'-])[\w.+'-]{{1,64}}(?:@|\s@\s|\s?[(\[]\s?at\s?[)\]]\s?)[\w-]+(?:{_DOT}[\w-]+)+"
    r"|(?<![\w.+'-])[\w.+'-]{1,64}\sat\s[\w-]+(?:\sdot\s[\w-]+)+",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r"(?<![A-Za-z0-9])([A-Z]{1,2})(\d[A-Z\d]?)[ -]{0,2}(\d[ABD-HJLNP-UW-Z]{2})(?![A-Za-z0-9])", re.I)
_ORDINAL = re.compile(r"1st|2nd|3rd|\dth", re.I)
_STREET = re.compile(
    r"""(?<![\w/.-]) (?:(?:flat|unit)\s)? \d{1,4}[a-dA-D]? (?:/\d)? ,?\s
    (?P<name>(?:[A-Z][\w'-]*\s){1,3})
    (?P<kind>STREET|ST|ROAD|RD|AVENUE|AVE|LANE|DRIVE|CRESCENT|TERRACE|GARDENS|SQUARE|WYND|BRAE|COURT|PLACE|CLOSE|Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Dr|Crescent|Cres|Terrace|Gardens|Gdns|Square|Wynd|Brae|Quadrant
    |Loan|Mews|Grove|Court|Place|Close|Way|View|Walk|Park|Row|Gate|Path|Rise|Hill|Green)\b""",
    re.VERBOSE,
)
_ANOTHERS = re.compile(r"\.?\s[A-Z]")
_LIVES = re.compile(
    r"\b(?:lives?|living|stays?|home is|address is)\s(?:in|at|on)\s(?:[A-Z][\w'-]*\s){1,3}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Crescent|Terrace|Gardens|Wynd|Court|Place|Grove)\b"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
_FULL_DATE = (
    rf"(?:\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?(?P<y1>\d{{4}}|\d{{2}})"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH},?\s(?P<y2>\d{{4}})"
    rf"|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?P<y3>\d{{4}})"
    rf"|(?P<y4>\d{{4}})-\d{{2}}-\d{{2}})"
)
_BIRTH = re.compile(rf"\b(?:born|birth|dob|d\.o\.b|birthday|birthdate)\b[^\n]{{0,25}}?{_FULL_DATE}", re.IGNORECASE)
_LIVING_SINCE = 1930
"""Nobody in a school was born before: Burns's birthday is no secret."""
_ENDINGS = ("s", "es", "ed", "er", "ers", "ing", "y")
_STARRED = re.compile(r"(?<![\w*])[A-Za-z]+[*#$@!%]+[A-Za-z]*[*]*(?![\w*])")
_SPACED = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z][^A-Za-z0-9]{1,2}){2,}[A-Za-z](?![A-Za-z0-9])")
_LETTERS_FOR_DIGITS = str.maketrans("01345$@!", "oieassai")
_WORD = re.compile(r"(?<![\w-])[A-Za-z]+(?![\w-])")
_PIECES = re.compile(r"[a-z0-9]+")
_SENTENCE = re.compile(r"[^.!?\n]+")
_NEAR = 40
"""Characters around a private matter within which somebody must stand for it to be said of them."""
_PEOPLE = (
    "he|she|him|her|his|hers|himself|herself|pupils?|boys?|girls?|lad|lass|laddie|lassie|child|son|daughter|brother"
    "|sister|mum|dad|mother|father|one of our|one of the|wee man|wee one"
)
_PERSONAL = re.compile(
    rf"\b(?:{_PEOPLE})\b[^.!?]{{0,20}}\b(?:has|have|had|is|are|was|were|with|who|gets?|got|needs?|suffers?|lives?|living|takes?"
    rf"|receives?|on|being|been|because of|of)\b|\b(?:his|her)\s(?:\w+\s)?$|^\s(?:pupil|child|boy|girl)s?\b"
)
_ITS_DAY = re.compile(r"(?:\W+\w+){0,2}?\W+(?:day|week|month)\b", re.I)
"""Right behind a matter: Autism Awareness Week."""
_SOMEBODY = re.compile(
    r"\b([A-Z][a-z]+)(?:'s\b|,?\s(?:who\s)?(?:has|had|is|was|gets|got|needs|suffers|lives|takes|receives|with)\b)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    start: int
    end: int
    topic: Topic
    about: str = ""
    of_person: bool = False


class TopicFinder:
    """Finds what a post must not say. The school's own numbers and addresses (`own_contacts`) pass."""

    def __init__(self, policy: Policy) -> None:
        self._own = tuple(contact for contact in policy.own_contacts if contact.strip())

    def find(self, passages: Iterable[Passage]) -> tuple[Spotting, ...]:
        """Everything found, in the order of the passages and their text."""
        return tuple(spotting for passage in passages for spotting in self._find_in(passage))

    def _find_in(self, passage: Passage) -> Iterator[Spotting]:
        found: dict[tuple[int, int, str], Spotting] = {}
        for folded in readings(passage.text):
            for place in self._places(folded):
                start, end = folded.span(place.start, place.end)
                found[start, end, place.topic.value] = Spotting(
                    part=passage.part,
                    start=start,
                    end=end,
                    topic=place.topic,
                    about=place.about,
                    of_person=place.of_person,
                    field=passage.field,
                )
        return iter(spotting for _, spotting in sorted(found.items(), key=lambda item: item[0]))

    def _places(self, folded: Folded) -> Iterator[_Place]:
        text = folded.text
        yield from self._phones(text)
        yield from self._emails(text)
        yield from self._addresses(text)
        yield from _birth_dates(text)
        yield from _private_matters(text)
        yield from _rude_words(text)

    # -- personal data

    def _phones(self, text: str) -> Iterator[_Place]:
        if not _MANY_DIGITS.search(text):
            return
        for match in PhoneNumberMatcher(text, "GB", Leniency.POSSIBLE):
            written = match.raw_string
            number = format_number(match.number, PhoneNumberFormat.E164)
            digits = sum(c.isdigit() for c in written)
            # POSSIBLE and not VALID: Ofcom keeps numbers for drama, and a number with a wrong digit is still
            # somebody's. What does not begin like a number is a score, a date or a sum of money.
            if not is_valid_number(match.number) and not (written[:1] in "0+(" and 10 <= digits <= 13):
                continue
            if not number.startswith(_PUBLIC_NUMBERS) and number not in self._own_numbers:
                yield _Place(start=match.start, end=match.end, topic=Topic.PHONE)

    def _emails(self, text: str) -> Iterator[_Place]:
        for match in _EMAIL.finditer(text):
            written = re.sub(r"\s?[(\[]?\s?\bdot\b\s?[)\]]?\s?", ".", match.group(), flags=re.I)
            written = re.sub(r"\s?[(\[]\s?at\s?[)\]]\s?|\sat\s", "@", written, flags=re.I).replace(" ", "").lower()
            domain = written.rpartition("@")[2]
            ending = domain.rpartition(".")[2]
            own = {contact.strip().lower() for contact in self._own}
            if ending.isalpha() and len(ending) > 1 and written not in own and f"@{domain}" not in own:
                yield _Place(start=match.start(), end=match.end(), topic=Topic.EMAIL)

    def _addresses(self, text: str) -> Iterator[_Place]:
        for match in _POSTCODE.finditer(text):
            area, _, inward = match.groups()
            if (
                area.lower() in listed("postcode_areas.txt")
                and not _ORDINAL.fullmatch(inward)
                and not self._is_own(match.group())
            ):
                yield _Place(start=match.start(), end=match.end(), topic=Topic.ADDRESS, about="postcode")
        for match in (*_STREET.finditer(text), *_LIVES.finditer(text)):
            kind, name = (match.groupdict().get(part) or "" for part in ("kind", "name"))
            if kind.lower() in {"st", "dr"} and _ANOTHERS.match(text, match.end()):
                continue  # "29 March St Andrew's"
            if kind.lower() in grammar("streets") and all(map(is_word, name.lower().split())):
                continue  # "10 Sponsored Walk", "2 Happy Way"
            if not self._is_own(match.group()):
                yield _Place(start=match.start(), end=match.end(), topic=Topic.ADDRESS, about="street")

    def _is_own(self, written: str) -> bool:
        return key(written) in self._own_places

    @cached_property
    def _own_places(self) -> frozenset[str]:
        """Every run of whole words of the school's own contacts: 1 School Road, but not 21 where 121 is listed."""
        runs: set[str] = set()
        for contact in self._own:
            pieces = _PIECES.findall(fold(contact).text.lower())
            runs.update("".join(pieces[a:b]) for a in range(len(pieces)) for b in range(a + 1, len(pieces) + 1))
        return frozenset(runs)

    @cached_property
    def _own_numbers(self) -> frozenset[str]:
        return frozenset(
            format_number(match.number, PhoneNumberFormat.E164)
            for contact in self._own
            for match in PhoneNumberMatcher(fold(contact).text, "GB", Leniency.POSSIBLE)
        )


def _birth_dates(text: str) -> Iterator[_Place]:
    for match in _BIRTH.finditer(text):
        written = next(year for year in match.groupdict().values() if year)
        year = int(written) if len(written) == 4 else 2000 + int(written)
        if year >= _LIVING_SINCE:
            yield _Place(start=match.start(), end=match.end(), topic=Topic.BIRTH_DATE)


# -- private matters


def _private_matters(text: str) -> Iterator[_Place]:
    if not _confidential_pattern().search(text):
        return
    for sentence in _SENTENCE.finditer(text):
        words = sentence.group()
        public = [found.span() for found in _public_pattern().finditer(words)]
        for match in _confidential_pattern().finditer(words):
            start, end = match.span()
            somebody = _is_said_of_somebody(words[max(0, start - _NEAR) : start], words[end : end + _NEAR])
            # An awareness week, a form, a fundraiser: by what else the sentence says, not by the matter's own words.
            in_general = bool(public) and (public[0][1] <= start or public[-1][0] >= end)
            if somebody or not (in_general or _ITS_DAY.match(words, end)):
                yield _Place(
                    start=sentence.start() + match.start(),
                    end=sentence.start() + match.end(),
                    topic=Topic.CONFIDENTIAL,
                    about=_confidential()[match.group().lower()],
                    of_person=somebody,
                )


def _is_said_of_somebody(before: str, after: str) -> bool:
    """ "She has autism", "a boy with dyslexia", "Jamie was excluded", "diagnosed": not "autism awareness week"."""
    if _PERSONAL.search(before.lower()) or _PERSONAL.match(after.lower()):
        return True
    return any(not is_word(match.group(1).lower()) for match in _SOMEBODY.finditer(before))


@cache
def _confidential() -> dict[str, str]:
    kinds: dict[str, str] = {}
    for line in lines("confidential.txt"):
        kind, _, terms = line.partition(":")
        kinds |= {term.strip(): kind for term in terms.split(",")}
    return kinds


@cache
def _confidential_pattern() -> re.Pattern[str]:
    return _any_of(_confidential())


@cache
def _public_pattern() -> re.Pattern[str]:
    return _any_of(lines("confidential_public.txt"))


def _any_of(terms: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(terms, key=lambda term: (-len(term), term))
    return re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, longest_first)) + r")(?![\w-])", re.IGNORECASE)


# -- rudeness


def _rude_words(text: str) -> Iterator[_Place]:
    low = text.lower()
    end = 0
    for match in sorted((*_rude_phrases().finditer(text), *_WORD.finditer(text)), key=lambda m: m.start()):
        word = match.group().lower()
        if match.start() < end:
            continue  # the first word of "bloody hell"
        end = match.end()
        if word in _rude_forms() and not _is_harmless(word, low, match.start(), match.end()):
            yield _Place(start=match.start(), end=match.end(), topic=Topic.RUDE)
    yield from _disguised_rudeness(text)
    for at, atom in placed(atoms_of(text)) if "#" in text or "@" in text else ():
        if atom.place in {TAG, HANDLE, LINK}:
            for start, piece in placed(_rude_splitter().split(atom), at - len(atom.gap)):
                if piece.low != atom.low and piece.low in _rude_forms() and not piece.partial and len(piece.low) > 3:
                    yield _Place(start=start, end=start + len(piece.text), topic=Topic.RUDE)


def _disguised_rudeness(text: str) -> Iterator[_Place]:
    """Letters starred out (f**k), put apart (s h i t) or written as digits (sh1t)."""
    for match in _STARRED.finditer(text):
        pattern = re.compile("".join("." if not c.isalpha() else re.escape(c) for c in match.group().lower()))
        if len(match.group()) > 3 and any(pattern.fullmatch(word) for word in _rude_stems()):
            yield _Place(start=match.start(), end=match.end(), topic=Topic.RUDE)
    for match in _SPACED.finditer(text):
        if key(match.group()) in _rude_forms():
            yield _Place(start=match.start(), end=match.end(), topic=Topic.RUDE)
    for match in re.finditer(r"(?<!\w)(?=[A-Za-z]*[\d$@!])[A-Za-z][\w$@!]{2,}[\w$@](?!\w)", text):
        word = match.group().lower().translate(_LETTERS_FOR_DIGITS)
        if word != match.group().lower() and word in _rude_forms():
            yield _Place(start=match.start(), end=match.end(), topic=Topic.RUDE)


def _is_harmless(word: str, text: str, start: int, end: int) -> bool:
    """Whether words around it make it harmless: a blue tit, cock crow, Moby Dick."""
    around = " ".join(re.sub(r"[^a-z]+", " ", text[max(0, start - 40) : end + 40]).split())
    return any(phrase in around for stem, phrases in _rude().items() if word.startswith(stem) for phrase in phrases)


@cache
def _rude() -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for line in lines("rude_words.txt"):
        word, _, phrases = line.partition("|")
        allowed = (re.sub(r"[^a-z]+", " ", phrase.lower()).strip() for phrase in phrases.split(","))
        words[word.strip()] = tuple(phrase for phrase in allowed if phrase)
    return words


@cache
def _rude_stems() -> frozenset[str]:
    return frozenset(word for word in _rude() if " " not in word and len(word) > 3)


@cache
def _rude_forms() -> frozenset[str]:
    """The words and their endings, where the ending does not make another word (ass: asses; cock: cocky)."""
    forms = set(_rude())
    for word in _rude():
        for ending in _ENDINGS if " " not in word else ():
            doubled = word + word[-1] + ending
            forms |= {form for form in (word + ending, doubled) if ending in {"s", "es"} or not is_word(form)}
    return frozenset(forms) - _NOT_RUDE


_NOT_RUDE = frozenset(
    {"asses", "cocky", "assy", "assed", "asser", "assers", "assing", "neds", "neded", "cocks", "berks"}
)


@cache
def _rude_phrases() -> re.Pattern[str]:
    """Those of more than one word; the others are looked up word by word, which is much faster."""
    return _any_of(form for form in _rude_forms() if not form.isalpha())


@cache
def _rude_splitter() -> TagSplitter:
    return TagSplitter(frozenset(form for form in _rude_forms() if " " not in form))
