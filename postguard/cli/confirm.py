"""`postguard confirm`: the poster says who is in the picture, and the machine weighs what they say."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import click

from postguard.answering import NOT_OURS, Asked, Table, by_hand
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
from postguard.domain.answers import draft_hash, words_of
from postguard.domain.errors import EXIT_FAIL, EXIT_PASS, RecordError, UsageError
from postguard.domain.evidence import Decision, Face, Outcome, picture_of
from postguard.domain.vouching import id_of
from postguard.loading import find_drafts, load_draft
from postguard.records.confirmations import load_confirmations, save_confirmations
from postguard.records.files import records_folder
from postguard.records.journal import append


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
        if load_confirmations(draft) != (before, unread):
            raise RecordError("Somebody else answered for this draft meanwhile.", hint="Say it again, after theirs.")
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
        called = _called(table, decision)
        where = called if face.part in called else f"{face.part}, {called}"
        box, before = face.region, table.same_before(face)
        again = f" It seems to be face {table.label(before)} again." if before else ""
        click.echo(f"{where}: {what}. {box.height} pixels high, at {box.x},{box.y}.{again}")
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
        if by_hand(decision) or decision.outcome is Outcome.UNCONSENTED:
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

    stopped = [decision.face for decision in table.stopped()]
    cut: dict[Face, bytes | None] = {}
    for picture in table.draft.pictures:
        faces = [face for face in stopped if picture_of(face.part) == picture.part]
        if faces:  # a clip is decoded once for all of them
            places = [(face.part[len(picture.part) + 1 :], face.region) for face in faces]
            sha256 = table.sha_of.get(picture.part, "")
            cut |= zip(faces, crops(picture.path, places, sha256=sha256), strict=True)
    return [(_called(table, decision), cut.get(decision.face)) for decision in table.stopped()]


def _called(table: Table, decision: Decision) -> str:
    return "marked by hand" if by_hand(decision) else f"face {table.label(decision.face)}"
