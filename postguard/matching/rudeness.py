"""Rude and abusive words in a folded text (normalise.py): a list, and what people do to hide them."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby, zip_longest

from postguard.matching.data import any_of, lines, listed, proper_words
from postguard.matching.hashtags import TagSplitter
from postguard.matching.lexicon import is_word
from postguard.matching.normalise import Folded, key
from postguard.matching.splitting import DOMAIN, atoms_of, placed

Span = tuple[int, int]

_ENDINGS = ("ed", "er", "ers", "ing", "in", "y")
_LETTERS = re.compile(r"[A-Za-z]+")
_SPACED = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z][^A-Za-z0-9]{1,2}){2,}[A-Za-z](?![A-Za-z0-9])")
_CHUNK = re.compile(r"[A-Za-z0-9$@!*#%|\x1f]{3,40}")
_PICTURE = "\x1f"
"""Stands for an emoji, which folding makes a star of."""
_SIGNS = {"0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "7": "t", "$": "s", "@": "a", "!": "il", "|": "il"}
_HIDING = frozenset("*#%" + _PICTURE)
_WHOLE = 4
"""Letters that a word has at least which is looked for inside others, in disguise or lengthened."""


def rude_words(folded: Folded, written: str) -> Iterator[Span]:
    """Where rude words stand in the folded text; `written` is the text that was folded."""
    text = _with_pictures(folded, written)
    found = sorted({*_plain(text), *_disguised(text), *_in_addresses(text)}, key=lambda span: (span[0], -span[1]))
    for (start, end), after in zip_longest(found, found[1:], fillvalue=(len(text), len(text))):
        if not start <= after[0] < after[1] <= end:  # the narrowest tells best: #fuckthis
            yield start, end


def _with_pictures(folded: Folded, written: str) -> str:
    """The text with emoji told from stars: "a big fan⚽⚽" hides nothing."""
    if "*" not in folded.text or folded.text == written:
        return folded.text
    pairs = zip(folded.text, folded.starts, strict=True)
    return "".join(_PICTURE if sign == "*" and written[at] != "*" else sign for sign, at in pairs)


def _plain(text: str) -> Iterator[Span]:
    low = text.lower()
    end = 0
    for match in sorted((*_rude_phrases().finditer(text), *_LETTERS.finditer(text)), key=lambda m: m.start()):
        if match.start() < end:
            continue  # the first word of "bloody hell"
        word = match.group().lower()
        rude = _is_rude(word)
        if rude and word.isalpha() and _inside(text, *match.span()):
            rude = len(word) >= _WHOLE and not _harmless_beside(word)  # "half-arsed", "wanker99"; not "cock-a-leekie"
        if rude and not _is_harmless(word, low, *match.span()):
            end = match.end()
            yield match.span()


def _inside(text: str, start: int, end: int) -> bool:
    """Whether digits, a hyphen or an underscore join the letters to others."""
    return any(sign and (sign.isalnum() or sign in "_-") for sign in (text[start - 1 : start], text[end : end + 1]))


def _is_rude(word: str) -> bool:
    return word in _rude_forms() or (len(word) > _WHOLE and ("fuck" in word or bool(_lengthened(word))))


def _lengthened(word: str) -> bool:
    """Whether letters were drawn out: fuuuck, shiit. Two consonants may be anybody's spelling (Pratt)."""
    runs = [(letter, len(list(run))) for letter, run in groupby(word)]
    if not any(length > (1 if letter in "aeiou" else 2) for letter, length in runs):
        return False
    if is_word(word) or word in proper_words():
        return False
    return any(
        all(length >= least for (_, length), (_, least) in zip(runs, form, strict=True))
        for form in _rude_runs().get("".join(letter for letter, _ in runs), ())
    )


def _disguised(text: str) -> Iterator[Span]:
    """Letters starred out (f**k), put apart (s h i t), or written as digits or signs (sh1t, b@stard)."""
    for match in _SPACED.finditer(text):
        if key(match.group()) in _rude_forms():
            yield match.span()
    for match in _CHUNK.finditer(text):
        chunk = match.group().rstrip(f"!|@{_PICTURE}").lower()
        written = chunk.lstrip(f"!*#%|{_PICTURE}")
        start = match.start() + len(chunk) - len(written)
        if written and not written.isalpha() and any(map(_hides, {written, _squeezed(written)})):
            yield start, start + len(written)


def _hides(written: str) -> bool:
    letters, digits = sum(map(str.isalpha, written)), sum(map(str.isdigit, written))
    if not letters or digits > letters:
        return False
    if len(written) < _WHOLE and (digits or not ("$" in written or written[0] == "@")):
        return False  # "a$$" and "@ss" are short, "a55" is a road
    if letters == 1 and len(written) >= _WHOLE and (digits or written[0] == "a"):
        return False  # A***, P100
    pattern = re.compile(
        "".join("[a-z]" if sign in _HIDING else f"[{_SIGNS.get(sign, re.escape(sign))}]" for sign in written)
    )
    first = _SIGNS.get(written[0], written[0])
    return any(pattern.fullmatch(form) for sign in first for form in _by_look().get((sign, len(written)), ()))


def _squeezed(written: str) -> str:
    """Signs that were repeated, once: sh!!t."""
    return re.sub(r"([^a-z*])\1+", r"\1", written)


def _in_addresses(text: str) -> Iterator[Span]:
    for at, atom in placed(atoms_of(text)) if "#" in text or "@" in text or "." in text else ():
        if not atom.place or atom.place == DOMAIN or atom.low in listed("not_rude.txt"):
            continue
        for start, piece in placed(_rude_splitter().split(atom), at - len(atom.gap)):
            whole = piece.low == atom.low
            if piece.low not in _rude_forms() or piece.partial or len(piece.low) < _WHOLE:
                continue
            if not whole or (_inside(text, at, at + len(atom.text)) and not _harmless_beside(piece.low)):
                yield start, start + len(piece.text)


def _is_harmless(word: str, text: str, start: int, end: int) -> bool:
    """Whether words around it make it harmless: a blue tit, cock crow, Moby Dick."""
    phrases = _harmless_beside(word)
    if not phrases:
        return False
    around = " ".join(re.sub(r"[^a-z]+", " ", text[max(0, start - 40) : end + 40]).split())
    return any(phrase in around for phrase in phrases)


@cache
def _harmless_beside(word: str) -> tuple[str, ...]:
    return tuple(phrase for stem, phrases in _rude().items() if word.startswith(stem) for phrase in phrases)


@cache
def _rude() -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for line in lines("rude_words.txt"):
        word, _, phrases = line.partition("|")
        allowed = (re.sub(r"[^a-z]+", " ", phrase.lower()).strip() for phrase in phrases.split(","))
        words[word.strip()] = tuple(phrase for phrase in allowed if phrase)
    return words


@cache
def _rude_forms() -> frozenset[str]:
    """The words and their endings, where the ending does not make another word (ass: asses; cock: cocky)."""
    forms = {f"{word}s" for word in _rude() if " " not in word} | set(_rude())
    for word in _rude():
        if " " in word:
            continue
        if word.endswith(("s", "sh", "ch", "o", "x", "z")):
            forms.add(f"{word}es")
        grown = {word + ending for ending in _ENDINGS} | {word + word[-1] + ending for ending in _ENDINGS}
        if word.endswith("y"):
            forms.add(f"{word[:-1]}ies")
            grown.add(f"{word[:-1]}ier")
        forms |= {form for form in grown if not is_word(form) and form not in proper_words()}
    return frozenset(forms) - listed("not_rude.txt")


@cache
def _rude_runs() -> dict[str, list[list[tuple[str, int]]]]:
    """Forms by their letters without repeats; each as its letters and how often they follow one another."""
    found: dict[str, list[list[tuple[str, int]]]] = {}
    for form in _rude_forms():
        if form.isalpha() and (len(form) >= _WHOLE or form == "ass"):
            runs = [(letter, len(list(run))) for letter, run in groupby(form)]
            found.setdefault("".join(letter for letter, _ in runs), []).append(runs)
    return found


@cache
def _by_look() -> dict[tuple[str, int], list[str]]:
    """Forms by their first letter and their length."""
    found: dict[tuple[str, int], list[str]] = {}
    for form in _rude_forms():
        if form.isalpha() and (len(form) >= _WHOLE or form == "ass"):
            found.setdefault((form[0], len(form)), []).append(form)
    return found


@cache
def _rude_phrases() -> re.Pattern[str]:
    """Those of more than one word; the others are looked up word by word, which is much faster."""
    return any_of(form for form in _rude_forms() if not form.isalpha())


@cache
def _rude_splitter() -> TagSplitter:
    return TagSplitter(frozenset(form for form in _rude_forms() if " " not in form))
