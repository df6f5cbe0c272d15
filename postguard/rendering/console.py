"""The console: verdict first, then each draft with what stands against it, where, who, and what to do."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from io import StringIO
from itertools import zip_longest
from pathlib import Path

from anyascii import anyascii
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from rich.text import Text

from postguard.domain.report import Verdict
from postguard.domain.rules import Severity
from postguard.rendering import wording
from postguard.rendering.view import ShownDraft, ShownFace, ShownFinding, ShownWaiver, View

NARROWEST, WIDEST = 40, 110
"""Lines shorter than this cannot be laid out; longer ones are tiring to read."""

Words = tuple[tuple[str, Style], ...]
"""Words of one paragraph or line, each with its style."""

_INDENT = "  "
_LABEL = 8
"""Columns that the rule and its severity take."""
_PLAIN_STYLE, _BOLD, _DIM = Style(), Style(bold=True), Style(dim=True)
_FOUND = Style(bold=True, underline=True)
_REMARK, _LIFTED = Style(color="yellow"), Style(color="green")
_LEVELS = {
    Severity.BLOCK: Style(color="red", bold=True),
    Severity.REVIEW: Style(color="yellow", bold=True),
    Severity.NOTE: Style(color="cyan"),
}
_VERDICTS = {
    Verdict.PASS: Style(color="green", bold=True),
    Verdict.FAIL: Style(color="red", bold=True),
    Verdict.NONE: Style(color="yellow", bold=True),
}
_ASCII = str.maketrans({"→": "->", "·": "-", "×": "x", "…": "...", "“": '"', "”": '"', "’": "'", "–": "-"})


def render_console(
    view: View,
    *,
    width: int = 80,
    color: bool = False,
    unicode: bool = True,
    verbose: bool = False,
    quiet: bool = False,
    links: bool = False,
) -> str:
    """The report for a terminal of `width` columns. `links` makes files clickable where the terminal can do it."""
    width = max(NARROWEST, min(width, WIDEST))
    layout = _Layout(view=view, width=width, unicode=unicode, links=links, verbose=verbose)
    lines = layout.short() if quiet else layout.whole()
    return "".join(f"{_painted(line, color=color, links=links)}\n" for line in lines)


class _Layout:
    def __init__(self, *, view: View, width: int, unicode: bool, links: bool, verbose: bool) -> None:
        self.view = view
        self.width = width
        self.unicode = unicode
        self.links = links
        self.verbose = verbose
        self.told_apart = view.audience.ids

    # The whole ------------------------------------------------------------------------------------

    def short(self) -> Iterator[Words]:
        """Only what fails, a line each."""
        yield from self._headline()
        for draft in self.view.drafts:
            if draft.verdict is not Verdict.PASS:
                rules = dict.fromkeys(finding.rule for finding in draft.failing)
                name = self._words((draft.name, _BOLD), ("  " + " ".join(rules), _PLAIN_STYLE))
                yield from self._beside(self._verdict(draft.verdict), name)

    def whole(self) -> Iterator[Words]:
        yield from self._headline()
        for remark in self.view.shared_remarks:
            yield from self._paragraph(remark, _REMARK, indent="")
        yield ()
        for draft in self.view.drafts:
            yield from self._draft(draft)
            yield ()
        yield from self._footer()

    def _headline(self) -> Iterator[Words]:
        words = self._words((wording.headline(self.view), _BOLD))
        yield from self._beside(self._verdict(self.view.verdict), words)

    def _footer(self) -> Iterator[Words]:
        if self.view.roster:
            yield from self._paragraph(f"Permission was read from {self.view.roster}.", _DIM, indent="")
        rule = next((f.rule for draft in self.view.drafts for f in draft.failing), None)
        if rule:
            yield from self._paragraph(f"`postguard explain {rule}` says more about a rule.", _DIM, indent="")

    # One draft ------------------------------------------------------------------------------------

    def _draft(self, draft: ShownDraft) -> Iterator[Words]:
        circumstances = f"  {draft.channel} · {wording.day(draft.date)}"
        name = self._words((draft.name, self._link(draft.path)), (circumstances, _DIM))
        yield from self._beside(self._verdict(draft.verdict), name)
        remarks = self.view.own_remarks(draft)
        for remark in remarks:
            yield from self._paragraph(remark, _REMARK)
        if remarks:
            yield ()
        for finding in draft.failing:
            yield from self._finding(finding, draft)
        for item in draft.unexplained:
            yield from self._not_checked(item.part, item.reason)
        for waiver in draft.waived:
            yield from self._waiver(waiver, draft)
        for finding in draft.notes:
            yield from self._finding(finding, draft)
        yield from self._looked_at(draft)

    def _looked_at(self, draft: ShownDraft) -> Iterator[Words]:
        passed = draft.verdict is Verdict.PASS
        style = _PLAIN_STYLE if passed else _DIM
        looked = f"Looked at: {wording.looked_at(draft)}."
        yield from self._paragraph(f"Nothing was found against it. {looked}" if passed else looked, style)
        if draft.means and (passed or self.verbose):
            yield from self._paragraph(wording.means(draft), _DIM)
        if draft.not_looked_at:
            yield from self._paragraph(f"Not looked at: {'; '.join(draft.not_looked_at)}.", style)
        if passed:
            if heads := wording.heads(draft):
                yield from self._paragraph(heads)
            yield from self._paragraph(wording.RESPONSIBLE)
        if self.verbose:
            for face in draft.faces:
                yield from self._flow(self._face(face), indent=_INDENT)
            yield from self._paragraph(f"Register {draft.register}", _DIM)

    def _face(self, face: ShownFace) -> Words:
        place = (
            f"{wording.place(face.part)}, {wording.face_place(face.number, face.of)} · box {wording.box(face.region)}"
        )
        who = f", {face.who.label}" if face.who else ""
        near = ", ".join(f"{candidate.who.label} {candidate.score:.2f}" for candidate in face.candidates)
        return self._words(
            (f"{place}: ", _DIM),
            (wording.outcome_words(face, known_apart=self.told_apart) + who, _PLAIN_STYLE),
            (f" · nearest: {near}" if near else "", _DIM),
        )

    # What stands against it -----------------------------------------------------------------------

    def _finding(self, finding: ShownFinding, draft: ShownDraft) -> Iterator[Words]:
        lines = [*self._where(finding, draft), *self._what(finding)]
        if finding.cure:
            lines += self._beside(
                self._words(("→", _BOLD)), self._words((finding.cure, _PLAIN_STYLE)), gap=1, room=self.room
            )
        yield from self._entry(finding.rule, finding.severity.value, _LEVELS[finding.severity], lines)

    def _where(self, finding: ShownFinding, draft: ShownDraft) -> Iterator[Words]:
        """The place, and its box beside it, or below it where the line is too short for both."""
        picture = draft.picture_of(finding.part)
        where = wording.where(finding)
        place = (where, self._link(picture.path if picture else None))
        box = f"box {wording.box(finding.region)}" if finding.region else ""
        if not box or cell_len(where) + len(box) + 3 <= self.room:
            yield from self._flow(self._words(place, (f" · {box}" if box else "", _DIM)), room=self.room)
        else:
            yield from self._flow(self._words(place), room=self.room)
            yield self._words((box, _DIM))

    def _what(self, finding: ShownFinding) -> Iterator[Words]:
        if finding.excerpt is not None:
            excerpt = finding.excerpt
            pieces = (
                (f"“{excerpt.before}", _PLAIN_STYLE),
                (excerpt.words, _FOUND),
                (f"{excerpt.after}”", _PLAIN_STYLE),
            )
            yield from self._flow(self._words(*pieces), room=self.room)
        who = ((finding.who.label, _BOLD), (". ", _PLAIN_STYLE)) if finding.who else ()
        yield from self._flow(self._words(*who, (finding.message, _PLAIN_STYLE)), room=self.room)

    def _waiver(self, waiver: ShownWaiver, draft: ShownDraft) -> Iterator[Words]:
        by = f"Answered for by {waiver.by}" if waiver.by else "Answered for"
        until = f" until {waiver.until}" if waiver.until else ""
        lines = [*self._where(waiver.finding, draft), *self._what(waiver.finding)]
        lines += self._flow(self._words((f"{by}{until}.", _LIFTED)), room=self.room)
        yield from self._entry(waiver.finding.rule, "lifted", _LIFTED, lines)

    def _not_checked(self, part: str, reason: str) -> Iterator[Words]:
        lines = [
            *self._flow(self._words((wording.place(part), _BOLD)), room=self.room),
            *self._flow(self._words((f"Could not be checked: {reason}", _PLAIN_STYLE)), room=self.room),
        ]
        yield from self._entry("PG901", Severity.BLOCK.value, _LEVELS[Severity.BLOCK], lines)

    # Laying out -----------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        """Columns beside the label."""
        return self.width - len(_INDENT) - _LABEL

    def _entry(self, rule: str, level: str, style: Style, lines: Iterable[Words]) -> Iterator[Words]:
        """A label of two lines, words beside it, and an empty line."""
        for label, line in zip_longest((rule, level), lines):
            shown = label or ""
            gap = (" " * (_LABEL - len(shown)), _PLAIN_STYLE)
            yield ((_INDENT, _PLAIN_STYLE), (shown, style), gap, *(line or ()))
        yield ()

    def _beside(self, label: Words, words: Words, *, gap: int = 2, room: int | None = None) -> Iterator[Words]:
        """Words beside a label, and the lines that follow indented as far."""
        indent = sum(cell_len(text) for text, _ in label) + gap
        lines = self._flow(words, room=(room or self.width) - indent)
        for number, line in enumerate(lines):
            yield (*label, (" " * gap, _PLAIN_STYLE), *line) if number == 0 else ((" " * indent, _PLAIN_STYLE), *line)

    def _paragraph(self, words: str, style: Style = _PLAIN_STYLE, *, indent: str = _INDENT) -> Iterator[Words]:
        return self._flow(self._words((words, style)), indent=indent)

    def _flow(self, words: Words, *, indent: str = "", room: int | None = None) -> Iterator[Words]:
        room = (room or self.width) - len(indent)
        fits = sum(cell_len(text) for text, _ in words) <= room
        for line in (words,) if fits else _wrapped(words, room):
            yield ((indent, _PLAIN_STYLE), *line) if indent else line

    def _verdict(self, verdict: Verdict) -> Words:
        return self._words((wording.verdict_word(verdict), _VERDICTS[verdict]))

    def _words(self, *pieces: tuple[str, Style]) -> Words:
        if self.unicode:
            return pieces
        return tuple((anyascii(words.translate(_ASCII)), style) for words, style in pieces)

    def _link(self, path: Path | None) -> Style:
        if not self.links or path is None:
            return _BOLD
        try:
            return _BOLD + Style(link=path.absolute().as_uri())
        except UnicodeError:
            return _BOLD


@lru_cache(maxsize=4096)
def _wrapped(words: Words, room: int) -> tuple[Words, ...]:
    """Lines of at most `room` columns. Kept, because reports say the same sentences many times."""
    text = Text.assemble(*words, overflow="fold")
    return tuple(
        tuple((piece.text, piece.style or _PLAIN_STYLE) for piece in line.render(_WRAPPER))
        for line in text.wrap(_WRAPPER, room)
    )


_WRAPPER = Console(file=StringIO(), highlight=False, markup=False, emoji=False, _environ={})
"""Rich wraps only for a console; nothing is ever printed to this one."""


def _painted(line: Words, *, color: bool, links: bool) -> str:
    if not color and not links:
        return "".join(text for text, _ in line).rstrip()
    painted = (style if color else style.without_color for _, style in line)
    return "".join(
        style.render(text, color_system=ColorSystem.STANDARD) for (text, _), style in zip(line, painted, strict=True)
    ).rstrip()
