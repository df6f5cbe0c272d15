"""`postguard confirm`: the poster says who is in the picture, and the machine weighs what they say."""

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import click

from postguard.cli.options import (
    allow_git_option,
    channel_option,
    date_option,
    faces_option,
    models_option,
    open_setup,
    roster_option,
)
from postguard.cli.progress import watching
from postguard.cli.sheet import write_sheet
from postguard.domain.answers import (
    NOT_A_FACE,
    Confirmation,
    Confirmations,
    Mark,
    NotOurPupil,
    Place,
    draft_hash,
    place_of_face,
    place_of_finding,
    shas,
    words_of,
)
from postguard.domain.confirming import (
    BY_HAND,
    honour_confirmations,
    may_be_not_our_pupil,
    verify_claim,
    verify_not_a_face,
)
from postguard.domain.decision import Standing, decide
from postguard.domain.drafts import Draft
from postguard.domain.errors import EXIT_FAIL, EXIT_PASS, RecordError, UsageError
from postguard.domain.evidence import Decision, Face, Outcome, Photograph, Region
from postguard.domain.people import Roster
from postguard.domain.report import Report
from postguard.domain.rules import Finding
from postguard.domain.vouching import id_of
from postguard.loading import find_drafts, load_draft
from postguard.pipeline import Guard, standing_of
from postguard.records.confirmations import load_confirmations, save_confirmations
from postguard.records.files import records_folder
from postguard.records.journal import append

TAKE_BACK = "nothing"
NOT_OURS = "not-our-pupil"


@click.command(name="confirm")
@click.argument("draft", type=click.Path(path_type=Path))
@click.option(
    "--face",
    "claims",
    multiple=True,
    metavar="N=WHO",
    help="Face N is WHO: an id such as P07, `not-a-face`, or `nothing` to take an answer back. "
    "With several pictures, N is PICTURE:N.",
)
@click.option(
    "--name", "names", multiple=True, metavar="N=not-our-pupil", help="The lone forename N is no pupil of this school."
)
@click.option(
    "--mark",
    "marks",
    multiple=True,
    metavar="PICTURE:X,Y,W,H",
    help="Somebody is there whom postguard did not see. Counted; a deputy or the head teacher must vouch.",
)
@click.option(
    "--sheet", type=click.Path(path_type=Path), metavar="DIR", help="Put the stopped faces there, to look at."
)
@roster_option
@faces_option
@channel_option
@date_option
@models_option
@allow_git_option
def command(
    draft: Path,
    claims: tuple[str, ...],
    names: tuple[str, ...],
    marks: tuple[str, ...],
    sheet: Path | None,
    roster: Path | None,
    faces: Path | None,
    channel: str | None,
    on: date | None,
    models: Path | None,
    allow_git: bool,
) -> int:
    """Say who the stopped faces of DRAFT are. Each claim is checked, one face against one child.

    There is no "all fine". A claim that holds lets the face pass for as long as picture and consent stay as they
    are. A claim that does not hold changes nothing: then the head teacher or a deputy must vouch
    (`postguard vouch`). Without --face it lists the stopped faces, and asks where somebody is there to answer.

    Ends with 0 when every answer held, 1 when one did not (or, without any answer, when faces are stopped), 2 when
    nothing could be weighed.
    """
    if find_drafts(draft) != (draft,):
        raise UsageError(f"{draft} is a folder of drafts.", hint="Confirm one draft at a time.")
    if sheet is not None and sheet.resolve().is_relative_to(draft.resolve()):
        raise UsageError("The sheet does not belong into the draft.", hint="Name a folder somewhere else.")
    loaded = load_draft(draft)
    setup = open_setup(
        draft.absolute().parent,
        roster=roster,
        faces=faces,
        channel=channel,
        on=on,
        models=models,
        allow_git=allow_git,
        read_words=not loaded.pictures,  # beside a picture no forename can be answered for: spare the time
    )
    guard = setup.guard()
    with watching(1) as watcher:
        report = guard.check(loaded, watcher.say)
    before, unread = load_confirmations(draft)
    if unread:
        raise RecordError(unread[0].reason, hint=f"It is {draft / unread[0].part}.")
    table = Table.of(report, guard, loaded, before)
    records = records_folder(setup.roster.path)

    asked = [*table.claimed(claims), *table.named(names)]
    answers = table.with_marks(marks)
    if not (claims or names or marks):
        with _sheet_for(table, sheet) as page:
            _list(table, page)
            if sys.stdin.isatty():
                asked = list(_ask(table))
        if not asked:
            return EXIT_FAIL if table.stopped() else EXIT_PASS
    elif sheet is not None:
        write_sheet(sheet, _crops(table))

    table = replace(table, answers=answers)
    said, after = table.weigh(asked)
    for line in said.lines:
        click.echo(line)
    if marks:
        click.echo(f"Marked {len(marks)} by hand: a deputy or the head teacher must vouch for each.")
    if left := table.still_stopped(after):
        click.echo(f"Still stopped: {', '.join(left)}.")
    if after != before:
        save_confirmations(draft, after, now=datetime.now(UTC))
    append(
        records,
        "confirm",
        draft=draft_hash(loaded, table.sha_of),
        by=id_of(loaded.author or "", setup.roster),
        held=said.held,
        refused=said.refused,
        marked=len(marks),
    )
    kept = "Kept. Now: " if after != before else "Nothing new was kept. When you are done: "
    click.echo(f"{kept}postguard check {draft}")
    return EXIT_FAIL if said.refused else EXIT_PASS


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One answer of the poster's: a face or a finding about a name, and what they say."""

    claim: str
    face: Face | None = None
    finding: Finding | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What came of the answers."""

    lines: tuple[str, ...]
    held: int
    refused: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Everything on the table: the draft's faces as the machine alone sees them, and the answers so far."""

    report: Report
    draft: Draft
    roster: Roster
    guard: Guard
    standing: Standing
    faces: tuple[Face, ...]
    answers: Confirmations
    sha_of: dict[str, str]

    @classmethod
    def of(cls, report: Report, guard: Guard, draft: Draft, answers: Confirmations) -> "Table":
        engines = guard.faces() if draft.pictures else None
        standing = standing_of(
            draft,
            guard.roster,
            report.evidence.channel,
            guard.on,
            stale=engines.stale if engines else frozenset(),
            without_template=engines.without_template if engines else frozenset(),
        )
        faces = tuple(d.face for d in report.evidence.decisions if not _by_hand(d))
        return cls(
            report=report,
            draft=draft,
            roster=guard.roster,
            guard=guard,
            standing=standing,
            faces=faces,
            answers=answers,
            sha_of=shas(report.evidence.photographs),
        )

    def label(self, face: Face) -> str:
        """How the poster names a face: by its number, with its picture's name where there are several."""
        return str(face.number) if len({f.part for f in self.faces}) == 1 else f"{face.part}:{face.number}"

    def stopped(self) -> list[Decision]:
        return [d for d in self.report.evidence.decisions if d.outcome.stops]

    def names(self) -> list[Finding]:
        """Lone forenames that the poster may say are nobody's here, answered ones too, so that numbers stay."""
        findings = [*self.report.findings, *(w.finding for w in self.report.waived if w.by == "poster")]
        mine = [f for f in findings if may_be_not_our_pupil(f, self.report.evidence)]
        return sorted(mine, key=lambda f: (f.part, f.start or 0, f.person or ""))

    def claimed(self, claims: Iterable[str]) -> Iterator[Asked]:
        """`3=P07` as answers. Raises UsageError."""
        labels = {self.label(face): face for face in self.faces}
        for words in claims:
            label, equals, claim = words.rpartition("=")
            if not equals or label not in labels:
                known = ", ".join(labels) or "there are none"
                raise UsageError(f"There is no face {label or words} here.", hint=f"Faces: {known}.")
            yield Asked(claim=self.who(claim), face=labels[label])

    def named(self, names: Iterable[str]) -> Iterator[Asked]:
        """`1=not-our-pupil` as answers. Raises UsageError."""
        findings = self.names()
        for words in names:
            number, _, claim = words.partition("=")
            if not number.isdecimal() or not 1 <= int(number) <= len(findings):
                raise UsageError(
                    f"There is no forename {number} that you may answer for.",
                    hint="Only a forename that stands alone, in a post without pictures.",
                )
            if claim not in (NOT_OURS, TAKE_BACK):
                raise UsageError(f"A forename is {NOT_OURS}, or {TAKE_BACK} to take it back.")
            yield Asked(claim=claim, finding=findings[int(number) - 1])

    def who(self, words: str) -> str:
        """An id, from an id or a name. Raises UsageError for nobody, or for a name that two people bear."""
        said = words.strip()
        if said in (NOT_A_FACE, TAKE_BACK) or self.roster.person(said) is not None:
            return said
        folded = said.casefold()
        found = [p.id for p in self.roster.people if folded in (n.casefold() for n in (p.id, p.name, *p.known_as))]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"Several people are called {said}.", hint=f"Say which: {', '.join(found)}.")
        raise UsageError(
            f"Nobody on the roster is {said or 'without a name'}.",
            hint="Give an id or a name as the roster writes it; for somebody who is not on it, ask for a vouch.",
        )

    def with_marks(self, marks: Sequence[str]) -> Confirmations:
        """The answers with marks added. Raises UsageError."""
        photographs = {p.part: p for p in self.report.evidence.photographs}
        added = tuple(Mark(place=_mark(words, photographs)) for words in marks)
        return replace(self.answers, marks=tuple(dict.fromkeys((*self.answers.marks, *added))))

    def weigh(self, asked: Sequence[Asked]) -> tuple[Said, Confirmations]:
        """What holds of the answers, in words, and what is to be kept. A claim that does not hold is not kept."""
        kept = self.answers
        for one in asked:
            kept = self._with(kept, one)
        outcomes = {self.label(d.face): d for d in self._decided(kept)}
        lines, held, refused = [], 0, 0
        for one in asked:
            if one.face is None:
                held += 1
                lines.append(f"Forename: kept as {one.claim}.")
                continue
            label = self.label(one.face)
            if self._needs_no_answer(one, kept):
                lines.append(f"Face {label} is not stopped: it needs no answer, and yours was not kept.")
                kept = self._with(kept, replace(one, claim=TAKE_BACK))
                continue
            reason = self._refusal(one, outcomes[label])
            if reason is None:
                held += 1
                lines.append(f"Face {label}: {self._held(one.claim)}")
                continue
            refused += 1
            lines.append(f"Face {label}: {reason}.")
            if self._is_known_not_to_be_allowed(one.claim):
                continue  # kept: the poster knows what the machine does not, and the face stays stopped
            kept = self._with(kept, replace(one, claim=TAKE_BACK))
        return Said(lines=tuple(lines), held=held, refused=refused), kept

    def still_stopped(self, answers: Confirmations) -> list[str]:
        """The faces that these answers leave stopped, as the poster names them."""
        return [f"face {self.label(d.face)}" for d in self._decided(answers) if d.outcome.stops]

    def _decided(self, answers: Confirmations) -> tuple[Decision, ...]:
        thresholds = self.guard.policy.thresholds
        return honour_confirmations(
            decide(self.faces, self.standing, thresholds),
            replace(answers, marks=()),
            sha_of=self.sha_of,
            standing=self.standing,
            thresholds=thresholds,
            roster=self.roster,
        )

    def _with(self, answers: Confirmations, one: Asked) -> Confirmations:
        """The answers with this one in place of any older one about the same face or word."""
        if one.face is not None:
            place = place_of_face(one.face, self.sha_of)
            if place is None:
                raise UsageError("This picture could not be read, so nothing in it can be answered for.")
            faces = tuple(c for c in answers.faces if not c.place.covers(place))
            new = () if one.claim == TAKE_BACK else (Confirmation(place=place, claim=one.claim),)
            return replace(answers, faces=faces + new)
        place = place_of_finding(one.finding, self.report.evidence) if one.finding is not None else None
        if place is None:
            raise UsageError("These words cannot be answered for.")
        names = tuple(n for n in answers.names if not n.place.covers(place))
        return replace(answers, names=names if one.claim == TAKE_BACK else (*names, NotOurPupil(place=place)))

    def _needs_no_answer(self, one: Asked, answers: Confirmations) -> bool:
        """Whether the face would pass without this answer. That it is somebody refused is always listened to."""
        if one.claim == TAKE_BACK or self._is_known_not_to_be_allowed(one.claim):
            return False
        without = self._decided(self._with(answers, replace(one, claim=TAKE_BACK)))
        return not any(d.face is one.face and d.outcome.stops for d in without)

    def _refusal(self, one: Asked, decision: Decision) -> str | None:
        if one.claim == TAKE_BACK or one.face is None:
            return None
        if self._is_known_not_to_be_allowed(one.claim):
            return (
                "this person may not be shown here. It stays stopped: cover or crop the face, or leave the picture out"
            )
        if not decision.outcome.stops:
            return None
        thresholds = self.guard.policy.thresholds
        if decision.outcome is Outcome.UNCONSENTED:
            return "it looks like somebody without permission, and no answer changes that. Only the head teacher can"
        if one.claim == NOT_A_FACE:
            return verify_not_a_face(one.face, self.standing, thresholds)
        reason = verify_claim(one.face, one.claim, self.standing, thresholds)
        return reason or decision.because or "that does not hold"

    def _is_known_not_to_be_allowed(self, claim: str) -> bool:
        return claim not in (NOT_A_FACE, TAKE_BACK) and claim not in self.standing.consented

    def _held(self, claim: str) -> str:
        if claim == TAKE_BACK:
            return "your answer is taken back."
        return "kept as no face." if claim == NOT_A_FACE else f"{claim} it is."


def _by_hand(decision: Decision) -> bool:
    return any(d.detector == BY_HAND for d in decision.face.detections)


def _mark(words: str, photographs: dict[str, Photograph]) -> Place:
    part, _, numbers = words.rpartition(":")
    picture = photographs.get(part)
    if picture is None:
        raise UsageError(f"There is no picture {part or words} that was read.", hint="Say: --mark IMG_1.jpg:X,Y,W,H")
    try:
        x, y, width, height = (int(n) for n in numbers.split(","))
    except ValueError:
        raise UsageError(
            f"{numbers} is no place in a picture.", hint="Four whole numbers of pixels: left, top, width, height."
        ) from None
    inside = x >= 0 and y >= 0 and x + width <= picture.width and y + height <= picture.height
    if width < 1 or height < 1 or not inside:
        raise UsageError(f"That place is not inside {part}.", hint=f"It is {picture.width} by {picture.height} pixels.")
    return Place(sha256=picture.sha256, region=Region(x=x, y=y, width=width, height=height))


def _list(table: Table, page: Path | None) -> None:
    stopped = table.stopped()
    if page is not None and stopped:
        click.echo(f"To see them: {page}")
    for decision in stopped:
        face = decision.face
        what = {
            Outcome.UNCONSENTED: "somebody who may not be shown",
            Outcome.UNKNOWN: "nobody who may be shown here",
            Outcome.AMBIGUOUS: "cannot be told apart",
            Outcome.UNCLEAR: f"cannot be made out ({decision.because})",
        }[decision.outcome]
        which = "marked by hand" if _by_hand(decision) else f"face {table.label(face)}"
        box = face.region
        click.echo(f"{face.part}, {which}: {what}. {box.height} pixels high, at {box.x},{box.y}.")
    for number, finding in enumerate(table.names(), start=1):
        text = words_of(finding, table.report.evidence.passages) or ""
        click.echo(f"forename {number}: {text[finding.start : finding.end]}, in {finding.part}.")
    if not stopped and not table.names():
        click.echo("No face of this draft is stopped, and no forename is open.")
    elif not sys.stdin.isatty():
        click.echo("Say who it is with --face N=ID, or --face N=not-a-face; a forename with --name N=not-our-pupil.")


def _ask(table: Table) -> Iterator[Asked]:
    """Ask about each stopped face and each open forename. Enter leaves it as it is."""
    there = sorted((p.name, p.id) for p in table.roster.people if p.id in table.standing.clearing)
    click.echo("Who may be shown here: " + "; ".join(f"{name} ({who})" for name, who in there))
    for decision in table.stopped():
        if _by_hand(decision) or decision.outcome is Outcome.UNCONSENTED:
            continue
        while words := click.prompt(
            f"Who is face {table.label(decision.face)}? (name or id, not-a-face, Enter to leave it)",
            default="",
            show_default=False,
        ):
            try:
                yield Asked(claim=table.who(words), face=decision.face)
                break
            except UsageError as error:
                click.echo(f"{error.message} {error.hint}")
    answered = {w.finding for w in table.report.waived}
    for finding in table.names():
        text = words_of(finding, table.report.evidence.passages) or ""
        word = text[finding.start : finding.end]
        if finding not in answered and click.confirm(f"Is {word} somebody who is no pupil here?", default=False):
            yield Asked(claim=NOT_OURS, finding=finding)


@contextmanager
def _sheet_for(table: Table, wanted: Path | None) -> Iterator[Path | None]:
    """The page with the stopped faces: where it was asked for, or, while somebody answers, in a folder that goes."""
    if wanted is not None:
        yield write_sheet(wanted, _crops(table))
    elif sys.stdin.isatty() and table.stopped():
        folder = Path(tempfile.mkdtemp(prefix="postguard-"))  # mkdtemp makes it for its owner alone
        try:
            yield write_sheet(folder, _crops(table))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    else:
        yield None


def _crops(table: Table) -> list[tuple[str, bytes | None]]:
    from postguard.seeing.crops import crops

    paths = {picture.part: picture.path for picture in table.draft.pictures}
    found: list[tuple[str, bytes | None]] = []
    for decision in table.stopped():
        face = decision.face
        label = "marked by hand" if _by_hand(decision) else f"face {table.label(face)}"
        cut = crops(paths[face.part], [face.region], sha256=table.sha_of[face.part])[0] if face.part in paths else None
        found.append((label, cut))
    return found
