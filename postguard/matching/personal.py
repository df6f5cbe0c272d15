"""Telephone numbers, e-mail and street addresses and dates of birth in a folded text (normalise.py).

Everything comes back as [start, end) in that text.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from phonenumbers import (
    Leniency,
    PhoneNumber,
    PhoneNumberMatcher,
    format_number,
    is_valid_number,
    parse,
)
from phonenumbers.phonenumberutil import PhoneNumberFormat

from postguard.domain.policy import Policy
from postguard.matching.data import grammar, listed
from postguard.matching.lexicon import is_word
from postguard.matching.normalise import fold, key

Span = tuple[int, int]

# -- telephone numbers

_MANY_DIGITS = re.compile(r"(?:\d[^A-Za-z\d]{0,4}){9,}")
_PUBLIC_NUMBERS = ("+44800", "+44808", "+443", "+4484", "+4487", "+449", "+44116")
"""Free, shared-cost and helpline ranges (Ofcom's National Telephone Numbering Plan): nobody's home or mobile."""
_LETTER_O = re.compile(r"(?<![A-Za-z\d])[oO](?=\d)|(?<=\d)[oO]+(?=\d)")
_DIGITS = re.compile(r"\d+")
_WIDEST_GAP = 4
_GROUPINGS = frozenset(
    {(5, 6), (5, 3, 3), (5, 2, 4), (5, 2, 2, 2), (5, 5), (5, 3, 2), (5, 2, 3), (4, 3, 4), (4, 7), (4, 3, 2, 2)}
    | {(3, 4, 4), (3, 8), (2, 2, 2, 2, 2, 1), (2, 2, 2, 2, 3), (11,), (1,) * 11}
)
"""How people part the digits of a British number, its leading 0 counted: 07700 900123, 0141 496 0123."""
_BOOK = re.compile(r"0[ -]\d\d|0[^7](?:\s\d\d){4}")
"""Such as 0-7475-3269-9 and lottery numbers: an ISBN's first digit stands alone, and only a mobile is cut in twos."""
_MOST_GROUPS = 13
_FEW_GROUPS = 4
_DIGIT_WORDS = {
    word: str(n)
    for n, word in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
}
_DIGIT_WORDS |= {"oh": "0", "o": "0", "nought": "0"}
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_SPELT = re.compile(rf"(?:\b(?:{'|'.join((*_DIGIT_WORDS, *_TIMES))})\b[\s,.-]{{0,3}}){{6,}}", re.IGNORECASE)
_LOCAL = re.compile(
    r"\b(?:call|text|txt|ring|phone|tel|mob|mobile|whatsapp|telephone|dial|contact)\b\.?"
    r"(?:(?:\s[A-Za-z]{1,12}){0,3}\son)?[\s:]{1,3}(?P<number>[2-9]\d{2}[ -]?\d{3}|[2-9]\d{2}[ -]\d{4})(?!\d|[ ,.:-]\d)",
    re.IGNORECASE,
)
"""A number without its area's code, which looks like any other but for the words before it."""

# -- e-mail

_DOT = r"(?:\.|\s?[(\[{]\s?dot\s?[)\]}]\s?|\sdot\s)"
_AT = r"(?:@|\s@\s|\s?[(\[{]\s?(?:at|@)\s?[)\]}]\s?)"
_EMAIL = re.compile(
    rf"(?<![\w.+'-])[\w.+'-]{{1,64}}{_AT}[\w-]+(?:{_DOT}[\w-]+)+"
    r"|(?<![\w.+'-])[\w.+'-]{1,64}\sat\s[\w-]+(?:\sdot\s[\w-]+)+",
    re.IGNORECASE,
)
_PROVIDER = (
    "g(?:oogle)?mail|hotmail|yahoo|ymail|rocketmail|icloud|btinternet|talktalk|virginmedia|ntlworld|blueyonder|tiscali"
    "|protonmail"
)
_PROVIDER_LIKE_A_WORD = "outlook|live|msn|aol|sky|virgin|proton|gmx|mail|me"
_GAP = r"[\s_-]{0,2}"
_GAPPED_EMAIL = re.compile(
    rf"(?<![\w.+'@-])(?P<name>[\w.+'-]{{1,64}}?)(?:"
    rf"{_GAP}@{_GAP}(?:{_PROVIDER})\b(?:{_GAP}[.,]?{_GAP}(?:com|net|org|co{_GAP}\.?{_GAP}uk)\b)?"
    rf"|{_GAP}@{_GAP}(?:{_PROVIDER_LIKE_A_WORD}){_GAP}[.,]?{_GAP}(?:com|net|co{_GAP}\.?{_GAP}uk)\b"
    rf"|[\s_-]at[\s_-](?:{_PROVIDER}|{_PROVIDER_LIKE_A_WORD})(?:{_GAP}[.,]{_GAP}|[\s_-]dot[\s_-])(?:com|net|org|me|co)\b"
    rf"|\s?@\s?[\w-]+\s?\.\s?(?-i:com|co\s?\.\s?uk|org\s?\.\s?uk|sch\s?\.\s?uk)\b"
    r"|\s@[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|uk|scot|me|info)\b)",
    re.IGNORECASE,
)
"""With a space, a line's end or a comma in it, or without its ending, at a provider that everybody knows."""

# -- addresses

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
_PIECES = re.compile(r"[a-z0-9]+")

# -- dates of birth

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:'\s?\d{2}|\d{4})(?!\d)"
_SHORT_YEAR = r"\d{2}(?!\d|[.:]\d|\s?[ap]\.?m\b|\s?o'clock|\s[a-z])"
_IN_WORDS = rf"(?:{_DAY}[\s-]?(?:of\s)?{_MONTH}|{_MONTH}\s{_DAY}),?[\s-]?"
_DATE = (
    rf"(?:\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?(?:\d{{4}}|'?\d{{2}})(?!\d)|{_IN_WORDS}{_YEAR}"
    r"|\d{4}-\d{1,2}-\d{1,2}(?!\d))"
)
_BARE_DATE = (
    rf"(?:{_DATE}|{_IN_WORDS}{_SHORT_YEAR}|\d{{1,2}}\s\d{{1,2}}\s(?:\d{{4}}|\d{{2}})(?!\d)|\d{{8}}(?!\d)|\d{{6}}(?!\d))"
)
_WHEN_BORN = re.compile(
    rf"\b(?:dob|d\.\s?o\.\s?b|date\sof\sbirth|birth\s?date)\b[^\n!?]{{0,12}}?\n?[^\n!?\w]{{0,3}}\b(?P<date1>{_BARE_DATE})"
    rf"|\b(?:born(?!\s(?:to|free|again|leaders?)\b)|birth(?!\sof\b))\b[^\n.!?]{{0,45}}?(?P<date2>\b{_DATE}|\b{_IN_WORDS}{_SHORT_YEAR})"
    rf"|\bb\.\s?(?P<date3>{_DATE})"
    rf"|\b(?:birthday|bday|b-day|b'day)\b(?!\s(?:part|assembl|celebrat|tea\b|lunch|cake|fair|card|bash|event|treat|disco))"
    rf"[^\n.!?]{{0,25}}?(?P<date4>\b{_DATE})"
    rf"|(?P<date5>\b{_DATE})\W{{1,3}}(?:dob|d\.\s?o\.\s?b|date\sof\sbirth|(?:is\s)?(?:his|her|my|[A-Z]\w+'s)\sbirthday)\b",
    re.IGNORECASE,
)
_FOUNDED = r"(?:school|nursery|church|club|charity|nhs)"
_NO_CHILD = re.compile(
    r"\b(?:chicks?|chickens?|lambs?|kittens?|pupp(?:y|ies)|ducklings?|cal(?:f|ves)|foals?|piglets?|burns"
    r"|[2-9]\dth|\d{2}0th|\d0\dth|1\d\dth)\b"
    rf"|\b{_FOUNDED}(?:'s)?\s(?:\w+\s){{0,2}}(?:birthday|born)\b|\bbirthday\s(?:to|of|for)\s(?:our|the)\s{_FOUNDED}\b",
    re.IGNORECASE,
)
"""Others that were born, or have a birthday of so many years."""
_LIVING_SINCE = 1930
"""Nobody in a school was born before: Burns's birthday is no secret."""


class Contacts:
    """Finds how somebody may be reached. The school's own numbers and addresses (`own_contacts`) pass."""

    def __init__(self, policy: Policy) -> None:
        self._own = tuple(contact for contact in policy.own_contacts if contact.strip())

    def phones(self, text: str) -> Iterator[Span]:
        """Numbers at home and abroad, however their digits are parted; no score, date, time or sum of money."""
        text = _LETTER_O.sub(lambda letters: "0" * len(letters.group()), text)
        found: list[tuple[Span, PhoneNumber]] = []
        if _MANY_DIGITS.search(text):
            found += _usual_numbers(text)
            taken = {at for span, _ in found for at in range(*span)}
            found += [(span, number) for span, number in _parted_numbers(text) if taken.isdisjoint(range(*span))]
        found += _spelt_numbers(text)
        spans = {span for span, number in found if not self._is_public(number)}
        for match in _LOCAL.finditer(text):
            digits = "".join(c for c in match["number"] if c.isdigit())
            if not any(own.endswith(digits) for own in self._own_numbers):
                spans.add(match.span("number"))
        yield from sorted(spans)

    def emails(self, text: str) -> Iterator[Span]:
        """E-mail addresses, in disguise ("jo at mail dot org") or with a gap too."""
        end = 0
        both = (*_EMAIL.finditer(text), *_GAPPED_EMAIL.finditer(text))
        for match in sorted(both, key=lambda match: (match.start(), -match.end())):
            if match.start() < end:
                continue
            written = match.group()
            gapped = match.re is _GAPPED_EMAIL
            if gapped and (match["name"].lower() in grammar("no_account") or not match["name"].strip("_'.-+")):
                continue
            written = re.sub(
                r"[\s_-]?[(\[{]?\s?(?<![A-Za-z])dot(?![A-Za-z])\s?[)\]}]?[\s_-]?", ".", written, flags=re.I
            )
            written = re.sub(r"\s?[(\[{]\s?(?:at|@)\s?[)\]}]\s?|[\s_-]at[\s_-]", "@", written, flags=re.I)
            written = re.sub(r"\s", "", written).lower()
            domain = written.rpartition("@")[2]
            ending = domain.rpartition(".")[2]
            if (gapped or (ending.isalpha() and len(ending) > 1)) and not self._is_own_mail(written, domain):
                end = match.end()
                yield match.span()

    def postcodes(self, text: str) -> Iterator[Span]:
        for match in _POSTCODE.finditer(text):
            area, _, inward = match.groups()
            if (
                area.lower() in listed("postcode_areas.txt")
                and not _ORDINAL.fullmatch(inward)
                and not self._is_own(match.group())
            ):
                yield match.span()

    def streets(self, text: str) -> Iterator[Span]:
        for match in (*_STREET.finditer(text), *_LIVES.finditer(text)):
            kind, name = (match.groupdict().get(part) or "" for part in ("kind", "name"))
            if kind.lower() in {"st", "dr"} and _ANOTHERS.match(text, match.end()):
                continue  # "29 March St Andrew's"
            if kind.lower() in grammar("streets") and all(map(is_word, name.lower().split())):
                continue  # "10 Sponsored Walk", "2 Happy Way"
            if not self._is_own(match.group()):
                yield match.span()

    def _is_public(self, number: PhoneNumber) -> bool:
        written = format_number(number, PhoneNumberFormat.E164)
        return written.startswith(_PUBLIC_NUMBERS) or written in self._own_numbers

    def _is_own_mail(self, address: str, domain: str) -> bool:
        own = {contact.strip().lower() for contact in self._own}
        return address in own or f"@{domain}" in own

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


def _usual_numbers(text: str) -> Iterator[tuple[Span, PhoneNumber]]:
    """What stands on one line with a space, a hyphen or a bracket between its digits."""
    for match in PhoneNumberMatcher(text, "GB", Leniency.POSSIBLE):
        written = match.raw_string
        digits = sum(c.isdigit() for c in written)
        # POSSIBLE and not VALID: Ofcom keeps numbers for drama, and a number with a wrong digit is still
        # somebody's. What does not begin like a number is a score, a date or a sum of money.
        if is_valid_number(match.number) or (written[:1] in "0+(" and 10 <= digits <= 13 and not _BOOK.match(written)):
            yield (match.start, match.end), match.number


def _parted_numbers(text: str) -> Iterator[tuple[Span, PhoneNumber]]:
    """What stands on several lines, or with other signs between its digits: "07700 / 900123"."""
    groups = list(_DIGITS.finditer(text))
    end = 0
    for first, group in enumerate(groups):
        if group.start() < end:
            continue
        near = [group]
        for before, after in pairwise(groups[first : first + _MOST_GROUPS]):
            gap = text[before.end() : after.start()]
            if len(gap) > _WIDEST_GAP or any(c.isalnum() for c in gap):
                break
            near.append(after)
        for last in range(len(near), 0, -1):
            number = _parted_number(text, near[:last])
            if number is not None:
                end = near[last - 1].end()
                yield (group.start(), end), number
                break


def _parted_number(text: str, groups: Sequence[re.Match[str]]) -> PhoneNumber | None:
    pieces = [group.group() for group in groups]
    country = text[max(0, groups[0].start() - 1) : groups[0].start()] + pieces[0]
    for code in ("+44", "0044"):
        if country.lstrip(" (").startswith(code):
            rest = [country.lstrip(" (").removeprefix(code), *pieces[1:]]
            rest = [piece for piece in rest if piece not in ("", "0")]
            pieces = [f"0{rest[0].removeprefix('0')}", *rest[1:]] if rest else []
            break
    if tuple(map(len, pieces)) not in _GROUPINGS or pieces[0][:1] != "0":
        return None
    gaps = {text[before.end() : after.start()] for before, after in pairwise(groups)}
    if len(pieces) > _FEW_GROUPS and len(gaps) > 1:
        return None  # scores: 0 - 1, 2 - 2
    return _number("".join(pieces), doubtful=any("," in gap for gap in gaps))


def _spelt_numbers(text: str) -> Iterator[tuple[Span, PhoneNumber]]:
    """Digits said in words: "oh one four one, double four nine…"."""
    for match in _SPELT.finditer(text):
        digits, times = "", 1
        for word in re.findall("[a-z]+", match.group().lower()):
            digits += _DIGIT_WORDS.get(word, "") * times
            times = _TIMES.get(word, 1)
        number = _number(digits)
        if number is not None:
            yield match.span(), number


def _number(digits: str, *, doubtful: bool = True) -> PhoneNumber | None:
    """The British number of these digits. `doubtful` asks more of it than its beginning: that it is given out at all,
    or looks like a mobile's."""
    if not re.fullmatch(r"0[1237]\d{8,9}", digits):
        return None
    number = parse(digits, "GB")
    if doubtful and not is_valid_number(number) and not (digits.startswith("07") and len(digits) == 11):
        return None
    return number


# -- dates of birth


def birth_dates(text: str) -> Iterator[Span]:
    """Full dates, with their year, beside "born", "DOB" or "birthday"; not of the long dead, of animals or schools."""
    for match in _WHEN_BORN.finditer(text):
        date = next(written for written in match.groupdict().values() if written)
        year = _year_of(date)
        around = text[max(0, match.start() - 30) : match.end()]
        told = match["date2"] or match["date4"]  # not DOB, which only people have
        if (year is None or year >= _LIVING_SINCE) and not (told and _NO_CHILD.search(around)):
            yield match.span()


def _year_of(date: str) -> int | None:
    """The year of a written date; None where it stands in its middle."""
    if re.match(r"\d{4}-", date):
        return int(date[:4])
    year = re.search(r"\d+$", date.rstrip())
    if year is None or len(year.group()) not in (2, 4):
        return None
    return int(year.group()) if len(year.group()) == 4 else 2000 + int(year.group())
