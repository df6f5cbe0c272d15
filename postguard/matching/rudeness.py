"""Rude and abusive words in a folded text (normalise.py): a list, and what people do to hide them."""

import re
from collections.abc import Iterator
from functools import cache

from postguard.matching.data import any_of, lines
from postguard.matching.hashtags import TagSplitter
from postguard.matching.lexicon import is_word
from postguard.matching.normalise import key
from postguard.matching.splitting import HANDLE, LINK, TAG, atoms_of, placed

Span = tuple[int, int]
_ENDINGS = ("s", "es", "ed", "er", "ers", "ing", "y")
_STARRED = re.compile(r"(?<![\w*])[A-Za-z]+[*#$@!%]+[A-Za-z]*[*]*(?![\w*])")
_SPACED = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z][^A-Za-z0-9]{1,2}){2,}[A-Za-z](?![A-Za-z0-9])")
_LETTERS_FOR_DIGITS = str.maketrans("01345$@!", "oieassai")
_WORD = re.compile(r"(?<![\w-])[A-Za-z]+(?![\w-])")


def rude_words(text: str) -> Iterator[Span]:
    low = text.lower()
    end = 0
    for match in sorted((*_rude_phrases().finditer(text), *_WORD.finditer(text)), key=lambda m: m.start()):
        word = match.group().lower()
        if match.start() < end:
            continue  # the first word of "bloody hell"
        end = match.end()
        if word in _rude_forms() and not _is_harmless(word, low, match.start(), match.end()):
            yield match.span()
    yield from _disguised_rudeness(text)
    for at, atom in placed(atoms_of(text)) if "#" in text or "@" in text else ():
        if atom.place in {TAG, HANDLE, LINK}:
            for start, piece in placed(_rude_splitter().split(atom), at - len(atom.gap)):
                if piece.low != atom.low and piece.low in _rude_forms() and not piece.partial and len(piece.low) > 3:
                    yield start, start + len(piece.text)


def _disguised_rudeness(text: str) -> Iterator[Span]:
    """Letters starred out (f**k), put apart (s h i t) or written as digits (sh1t)."""
    for match in _STARRED.finditer(text):
        pattern = re.compile("".join("." if not c.isalpha() else re.escape(c) for c in match.group().lower()))
        if len(match.group()) > 3 and any(pattern.fullmatch(word) for word in _rude_stems()):
            yield match.span()
    for match in _SPACED.finditer(text):
        if key(match.group()) in _rude_forms():
            yield match.span()
    for match in re.finditer(r"(?<!\w)(?=[A-Za-z]*[\d$@!])[A-Za-z][\w$@!]{2,}[\w$@](?!\w)", text):
        word = match.group().lower().translate(_LETTERS_FOR_DIGITS)
        if word != match.group().lower() and word in _rude_forms():
            yield match.span()


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
    return any_of(form for form in _rude_forms() if not form.isalpha())


@cache
def _rude_splitter() -> TagSplitter:
    return TagSplitter(frozenset(form for form in _rude_forms() if " " not in form))
