"""A draft's words with what was found in them: marked for the poster, masked for everybody else."""

import re
from collections.abc import Callable, Iterator

from postguard.domain.evidence import Evidence, Mention, Passage, Spotting, Topic
from postguard.domain.rules import Finding
from postguard.rendering.masking import Span, clean_in_place
from postguard.rendering.view import Excerpt, Piece

_NAME = "name"
_MASKS = {
    Topic.PHONE: "phone",
    Topic.EMAIL: "e-mail",
    Topic.ADDRESS: "address",
    Topic.BIRTH_DATE: "birth date",
    Topic.CONFIDENTIAL: "confidential",
    Topic.RUDE: "rude",
}
_SUSPECT = "…"
"""Instead of a word that might name somebody though no rule stands against it."""
_AROUND = 24
"""Characters shown before and after a found word."""

_Mark = tuple[int, int, str]


def excerpt(finding: Finding, evidence: Evidence) -> Excerpt | None:
    """The words that a finding is about, with a little of what stands around them."""
    if finding.start is None or finding.end is None:
        return None
    texts = {p.text for p in evidence.passages if (p.part, p.field) == (finding.part, finding.field)}
    if len(texts) != 1:
        return None
    text = texts.pop()
    before = clean_in_place(text[max(0, finding.start - _AROUND) : finding.start])
    after = clean_in_place(text[finding.end : finding.end + _AROUND])
    return Excerpt(
        before=("…" if finding.start > _AROUND else "") + _one_line(before).lstrip(),
        words=_one_line(clean_in_place(text[finding.start : finding.end])),
        after=_one_line(after).rstrip() + ("…" if finding.end + _AROUND < len(text) else ""),
    )


def pieces(
    passage: Passage, evidence: Evidence, *, hide: bool, suspects: Callable[[str], tuple[Span, ...]] | None
) -> Iterator[Piece]:
    """The passage in pieces, found words marked. With `hide` they are masked, and so is what else `suspects` finds."""
    text = clean_in_place(passage.text)
    marks = _merged(_found(passage, evidence))
    if hide and suspects:
        marks = sorted((*marks, *((start, end, _SUSPECT) for start, end in suspects(_without(text, marks)))))
    at = 0
    for start, end, mark in marks:
        if start > at:
            yield Piece(text=text[at:start])
        yield Piece(text=f"[{mark}]" if hide else text[start:end], mark="" if mark == _SUSPECT else mark)
        at = end
    if at < len(text):
        yield Piece(text=text[at:])


def _found(passage: Passage, evidence: Evidence) -> list[_Mark]:
    names = [(m.start, m.end, _NAME) for m in evidence.mentions if _is_in(m, passage)]
    return names + [(s.start, s.end, _MASKS[s.topic]) for s in evidence.spottings if _is_in(s, passage)]


def _merged(marks: list[_Mark]) -> list[_Mark]:
    """In order, those that overlap as one, called as the first of them."""
    merged: list[_Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark[0], -mark[1])):
        if merged and mark[0] < merged[-1][1]:
            start, end, called = merged.pop()
            merged.append((start, max(end, mark[1]), called))
        else:
            merged.append(mark)
    return merged


def _without(text: str, marks: list[_Mark]) -> str:
    """The text with what was found blanked out, so that offsets into it stay right."""
    left: list[str] = []
    at = 0
    for start, end, _ in marks:
        left += [text[at:start], " " * (end - start)]
        at = end
    return "".join([*left, text[at:]])


def _is_in(found: Mention | Spotting, passage: Passage) -> bool:
    return (found.part, found.field) == (passage.part, passage.field) and found.end <= len(passage.text)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
