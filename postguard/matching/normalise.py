"""Text as it is compared: plain ASCII letters, with a way back to every original character.

People hide names, mostly without meaning to: accents, curly apostrophes, bold Unicode letters, a Cyrillic
letter from another keyboard, an invisible character pasted from a web page. Folding undoes all of it for
comparison only; what is reported are offsets into the text as it was written.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from anyascii import anyascii

_ODD_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# Letters of other alphabets that look like Latin ones (a small part of Unicode's confusables.txt, UTS #39):
# by their look and not by their sound, because that is what a reader sees.
_LOOK_ALIKES = dict(
    zip(
        "аАвВеЕёЁкКмМнНоОрРсСтТуУхХѕЅіІїЇјЈһҺԁԛԜԝӏӀ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχγ" + "ıɑɡℓɩʟᴀᴇɪᴏᴜ",
        "aAbBeEeEkKmMhHoOpPcCtTyYxXsSiIiIjJhHdqWwlI" + "ABEZHIKMNOPTYXaeiknoptuxy" + "iagliLAEIOU",
        strict=True,
    )
)
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_APOSTROPHES = frozenset("'’‘‛ʼʹ′´＇")


@dataclass(frozen=True, kw_only=True)
class Folded:
    """`text`: the folded text, ASCII, in the case it was written in; `length` is the original's, in code points.
    `pieces`: what the original's characters became, None where each became one; `order`: the indexes of those
    characters, None where they are as written."""

    text: str
    length: int
    pieces: Sequence[str] | None = None
    order: Sequence[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original [start, end) of the folded, non-empty [start, end), with any accents after its last letter."""
        if self.pieces is None:
            return start, end
        covered = self.starts[start:end]
        first, last = min(covered), max(covered)  # not in order where it is shown from right to left
        after = self.starts[end] if end < len(self.starts) else self.length
        return first, max(last + 1, after)

    @cached_property
    def starts(self) -> Sequence[int]:
        """The original index of each folded character. Most texts name nobody, and nobody asks."""
        if self.pieces is None:
            return range(self.length)
        indexes: Iterable[int] = range(self.length) if self.order is None else self.order
        return tuple(index for index, piece in zip(indexes, self.pieces, strict=True) for _ in piece)


def fold(text: str, *, invisible: str = "") -> Folded:
    """Fold a text for comparison. `invisible` is what stands for an invisible character, accents excepted."""
    if text.isascii() and (text.isprintable() or not _ODD_CONTROL.search(text)):
        return Folded(text=text, length=len(text))
    folded = text.translate(_FOLDS)
    if _FOLDS.uneven.isdisjoint(text):
        return Folded(text=folded, length=len(text))
    if invisible:
        return _joined([invisible if c in _FOLDS.hidden else _FOLDS[ord(c)] for c in text])
    return Folded(text=folded, length=len(text), pieces=[_FOLDS[ord(c)] for c in text])


def _joined(pieces: Sequence[str], order: Sequence[int] | None = None) -> Folded:
    """A text folded to a piece for each of its characters."""
    return Folded(text="".join(pieces), length=len(pieces), pieces=pieces, order=order)


def readings(text: str) -> tuple[Folded, ...]:
    """Every way a text may be read.

    An invisible character inside a word must not hide it, and one between two words must not glue them
    together: a text that has any next to letters is read both ways. A text that says "show this from right to
    left" is read as it is shown, too, and whole words of Cyrillic or Greek letters as they sound: Олена is Olena.
    Flags are read as signs as well, for they are made of letters that may spell a name.
    """
    if text.isascii() or not _READ_OTHERWISE.search(text):
        return _as_written(text)
    shown = (_as_shown(text),) if _TURNED.search(text) else ()
    heard = (_as_heard(text),) if _OTHER_LETTERS.search(text) else ()
    flags = (_without_flags(text),) if _FLAG.search(text) else ()
    return (*_as_written(text), *shown, *heard, *flags)


def _as_written(text: str) -> tuple[Folded, ...]:
    without = fold(text)
    if without.pieces is None or _FOLDS.hidden.isdisjoint(text):
        return (without,)
    if not _INVISIBLE_INSIDE.search(fold(text, invisible="\x00").text):
        return (without,)
    return (without, fold(text, invisible="\x01"))


def _as_shown(text: str) -> Folded:
    order = list(range(len(text)))
    for turned in _TURNED.finditer(text):
        start, end = turned.span(1)
        order[start:end] = reversed(order[start:end])
    return _joined([_FOLDS[ord(text[index])] for index in order], order)


def _as_heard(text: str) -> Folded:
    heard = {at for word in _OTHER_LETTERS.finditer(text) for at in range(*word.span())}
    return _joined([_sound(c) if at in heard else _FOLDS[ord(c)] for at, c in enumerate(text)])


def _without_flags(text: str) -> Folded:
    flagged = {at for flag in _FLAG.finditer(text) for at in range(*flag.span())}
    return _joined(["*" if at in flagged else _FOLDS[ord(c)] for at, c in enumerate(text)])


_FLAG = re.compile("[🇦-🇿]{2}")
_HIDDEN = "\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_OTHER_LETTERS = re.compile(rf"(?<![A-Za-z])[\u0370-\u052f][\u0370-\u052f\u02bc'’{_HIDDEN}]+(?![A-Za-z])")
"""Two letters or more of Greek or Cyrillic and none of ours beside them; between them an apostrophe (Мар’яна), an
accent on its own (Оле́на) or something that nobody sees."""
_TURNED = re.compile("\u202e([^\u202c\n]+)")
"""What stands behind a right-to-left override, to its end (UAX #9)."""
_READ_OTHERWISE = re.compile("[\u202e\u0370-\u052f🇦-🇿]")
"""No text without one of these is turned, or holds Greek, Cyrillic or a flag."""
_INVISIBLE_INSIDE = re.compile(r"[A-Za-z0-9]\x00+[A-Za-z0-9]")


def key(name: str) -> str:
    """A name, or part of one, as the lexicon stores it: its letters alone, in lower case."""
    return "".join(c for c in fold(name).text.lower() if c.isalnum())


class _Folds(dict[int, str]):
    """Code point to what it is compared as, filled as characters turn up; `uneven` are those that are not one
    character then, `hidden` those that are none and no accents."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()
        self.hidden: set[str] = set()

    def __missing__(self, point: int) -> str:
        character = chr(point)
        folded = self[point] = _fold_one(character)
        if len(folded) != 1:
            self.uneven.add(character)
        if not folded and unicodedata.category(character)[0] != "M":
            self.hidden.add(character)
        return folded


def _fold_one(character: str) -> str:
    if character in "\n\r\t":
        return character
    if character in _APOSTROPHES:
        return "'"
    if character in _LOOK_ALIKES:
        return _LOOK_ALIKES[character]
    if _invisible(character):
        return ""
    if "🇦" <= character <= "🇿":
        return chr(ord("a") + ord(character) - ord("🇦"))
    if "🅐" <= character <= "🅩":
        return chr(ord("A") + ord(character) - ord("🅐"))
    if "🅰" <= character <= "🆉":
        return chr(ord("A") + ord(character) - ord("🅰"))
    return "".join(_ascii(c) for c in unicodedata.normalize("NFKD", character))


def _sound(character: str) -> str:
    """A Greek or Cyrillic letter as it is spelt in ours, whatever letter of ours it looks like."""
    spelt = "".join(_ascii(c) for c in unicodedata.normalize("NFKD", character) if not _invisible(c))
    return spelt.replace("'", "")  # a soft sign


def _ascii(character: str) -> str:
    if character.isascii():
        return character
    if _invisible(character):
        return ""
    category = unicodedata.category(character)
    if category[0] == "L":
        return "".join(c for c in anyascii(character) if c.isalnum() or c == "'")
    if category[0] == "N":
        return str(unicodedata.digit(character, "")) or "*"
    if category[0] == "Z":
        return " " if category == "Zs" else "\n"
    return "-" if category == "Pd" else "*"


def _invisible(character: str) -> bool:
    """Nothing a reader would see: formatting, combining marks, controls, blank fillers, lone surrogates."""
    return unicodedata.category(character) in {"Cf", "Cc", "Cs", "Co", "Cn", "Mn", "Me"} or character in _BLANKS


_FOLDS = _Folds()
