"""The console: verdict first, then each draft with what stands against it, where, who, and what to do."""

from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

from anyascii import anyascii
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from postguard.domain.report import Verdict
from postguard.domain.rules import Severity
from postguard.rendering import wording
from postguard.rendering.view import ShownDraft, ShownFace, ShownFinding, ShownPicture, ShownWaiver, View

NARROWEST, WIDEST = 40, 110
"""Lines shorter than this cannot be laid out; longer ones are tiring to read."""

_LABEL = 10
"""Columns that the rule and the margins take."""
_LEVELS = {Severity.BLOCK: "bold red", Severity.REVIEW: "bold yellow", Severity.NOTE: "cyan"}
_VERDICTS = {Verdict.PASS: "bold green", Verdict.FAIL: "bold red", Verdict.NONE: "bold yellow"}
_PLAIN = str.maketrans({"→": "->", "·": "-", "×": "x", "…": "...", "“": '"', "”": '"', "’": "'", "–": "-"})


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
    lines = _Lines(view=view, width=width, unicode=unicode, links=links, verbose=verbose)
    console = Console(
        file=StringIO(),
        width=width,
        force_terminal=color or links,
        color_system="standard" if color or links else None,
        no_color=not color,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )
    console.print(Group(*(lines.short() if quiet else lines.whole())))
    file = console.file
    assert isinstance(file, StringIO)
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


class _Lines:
    def __init__(self, *, view: View, width: int, unicode: bool, links: bool, verbose: bool) -> None:
        self.view = view
        self.width = width
        self.unicode = unicode
        self.links = links
        self.verbose = verbose
        self.told_apart = view.audience.ids

    # The whole ------------------------------------------------------------------------------------

    def short(self) -> Iterator[RenderableType]:
        """Only what fails, a line each."""
        yield self._headline()
        for draft in self.view.drafts:
            if draft.verdict is Verdict.PASS:
                continue
            rules = dict.fromkeys(finding.rule for finding in draft.failing)
            yield self._row(
                self._verdict(draft.verdict), self._join((draft.name, "bold"), ("  " + " ".join(rules), ""))
            )

    def whole(self) -> Iterator[RenderableType]:
        yield self._headline()
        yield Text()
        for draft in self.view.drafts:
            yield from self._draft(draft)
            yield Text()
        yield from self._footer()

    def _headline(self) -> RenderableType:
        return self._row(self._verdict(self.view.verdict), self._text(wording.headline(self.view), "bold"))

    def _footer(self) -> Iterator[RenderableType]:
        if self.view.roster:
            yield self._text(f"Permission was read from {self.view.roster}.", "dim")
        if any(draft.failing for draft in self.view.drafts):
            rule = next(f.rule for draft in self.view.drafts for f in draft.failing)
            yield self._text(f"`postguard explain {rule}` says more about a rule.", "dim")

    # One draft ------------------------------------------------------------------------------------

    def _draft(self, draft: ShownDraft) -> Iterator[RenderableType]:
        name = self._join(
            (draft.name, self._link(draft.path, "bold")),
            (f"  {draft.channel} · {wording.day(draft.date)}", "dim"),
        )
        yield self._row(self._verdict(draft.verdict), name)
        rows: list[RenderableType] = [self._text(remark, "yellow") for remark in draft.remarks]
        rows += [Text()] if rows else []
        rows += self._findings(draft.failing, draft)
        rows += [self._not_checked(item.part, item.reason) for item in draft.unexplained]
        rows += [self._waiver(waiver, draft) for waiver in draft.waived]
        rows += self._findings(draft.notes, draft)
        rows += self._looked_at(draft)
        yield Padding(Group(*rows), (0, 0, 0, 2))

    def _looked_at(self, draft: ShownDraft) -> Iterator[RenderableType]:
        passed = draft.verdict is Verdict.PASS
        looked = f"Looked at: {wording.looked_at(draft)}."
        yield self._text(f"Nothing was found against it. {looked}" if passed else looked, "" if passed else "dim")
        if draft.means and (passed or self.verbose):
            yield self._text(wording.means(draft), "dim")
        if draft.not_looked_at:
            yield self._text(f"Not looked at: {'; '.join(draft.not_looked_at)}.", "" if passed else "dim")
        if passed:
            if heads := wording.heads(draft):
                yield self._text(heads)
            yield self._text(wording.RESPONSIBLE)
        if self.verbose:
            yield from (self._face(face) for face in draft.faces)
            yield self._text(f"Register {draft.register}", "dim")

    def _face(self, face: ShownFace) -> RenderableType:
        place = (
            f"{wording.place(face.part)}, {wording.face_place(face.number, face.of)} · box {wording.box(face.region)}"
        )
        who = f", {face.who.label}" if face.who else ""
        near = ", ".join(f"{candidate.who.label} {candidate.score:.2f}" for candidate in face.candidates)
        return self._join(
            (f"{place}: ", "dim"),
            (wording.outcome_words(face, known_apart=self.told_apart) + who, ""),
            (f" · nearest: {near}" if near else "", "dim"),
        )

    # What stands against it -----------------------------------------------------------------------

    def _findings(self, findings: Iterable[ShownFinding], draft: ShownDraft) -> list[RenderableType]:
        return [self._finding(finding, draft) for finding in findings]

    def _finding(self, finding: ShownFinding, draft: ShownDraft) -> RenderableType:
        style = _LEVELS[finding.severity]
        label = Group(self._text(finding.rule, style), self._text(finding.severity.value, style))
        lines: list[RenderableType] = [self._where(finding, draft), *self._what(finding)]
        if finding.cure:
            lines.append(self._arrow(finding.cure))
        return self._entry(label, lines)

    def _where(self, finding: ShownFinding, draft: ShownDraft) -> Text:
        picture = _picture(finding, draft)
        where = wording.where(finding)
        box = f"box {wording.box(finding.region)}" if finding.region else ""
        fits = len(where) + len(box) + 3 <= self.width - _LABEL
        return self._join(
            (where, self._link(picture.path if picture else None, "bold")),
            ((" · " if fits else "\n") + box if box else "", "dim"),
        )

    def _what(self, finding: ShownFinding) -> Iterator[Text]:
        if finding.excerpt is not None:
            excerpt = finding.excerpt
            yield self._join((f"“{excerpt.before}", ""), (excerpt.words, "bold underline"), (f"{excerpt.after}”", ""))
        if finding.who is not None:
            yield self._join((finding.who.label, "bold"), (f". {finding.message}", ""))
        else:
            yield self._text(finding.message)

    def _waiver(self, waiver: ShownWaiver, draft: ShownDraft) -> RenderableType:
        label = Group(self._text(waiver.finding.rule, "green"), self._text("lifted", "green"))
        by = f"Answered for by {waiver.by}" if waiver.by else "Answered for"
        until = f" until {waiver.until}" if waiver.until else ""
        reason = f": {waiver.reason}" if waiver.reason else ""
        ends = "" if reason.endswith((".", "!", "?")) else "."
        lines = [
            self._where(waiver.finding, draft),
            *self._what(waiver.finding),
            self._text(f"{by}{until}{reason}{ends}", "green"),
        ]
        return self._entry(label, lines)

    def _not_checked(self, part: str, reason: str) -> RenderableType:
        label = Group(self._text("PG901", "bold red"), self._text("block", "bold red"))
        return self._entry(
            label, [self._text(wording.place(part), "bold"), self._text(f"Could not be checked: {reason}")]
        )

    # Pieces ---------------------------------------------------------------------------------------

    def _entry(self, label: RenderableType, lines: Iterable[RenderableType]) -> RenderableType:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=6, no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        table.add_row(label, Group(*lines))
        return Padding(table, (0, 0, 1, 0))

    def _row(self, label: Text, words: Text) -> RenderableType:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        table.add_row(label, words)
        return table

    def _arrow(self, words: str) -> RenderableType:
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(ratio=1, overflow="fold")
        table.add_row(self._text("→", "bold"), self._text(words))
        return table

    def _verdict(self, verdict: Verdict) -> Text:
        return self._text(wording.verdict_word(verdict), _VERDICTS[verdict])

    def _join(self, *pieces: tuple[str, str | Style]) -> Text:
        line = Text()
        for words, style in pieces:
            line.append_text(self._text(words, style))
        return line

    def _text(self, words: str, style: str | Style = "") -> Text:
        return Text(words if self.unicode else anyascii(words.translate(_PLAIN)), style=style, overflow="fold")

    def _link(self, path: Path | None, style: str) -> Style:
        plain = Style.parse(style)
        if not self.links or path is None:
            return plain
        try:
            return plain + Style(link=path.absolute().as_uri())
        except UnicodeError:
            return plain


def _picture(finding: ShownFinding, draft: ShownDraft) -> ShownPicture | None:
    for picture in draft.pictures:
        if finding.part == picture.part or finding.part.startswith((f"{picture.part}:", f"{picture.part}@")):
            return picture
    return None
