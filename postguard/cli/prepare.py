"""`postguard prepare`: the copy of a draft that may be posted, covered and cleaned, and checked again."""

import difflib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from postguard import __version__
from postguard.checks import ALL_CHECKS
from postguard.cli.options import (
    allow_git_option,
    channel_option,
    color_option,
    date_option,
    faces_option,
    models_option,
    open_setup,
    roster_option,
)
from postguard.cli.output import CONSOLE, deliver, pair, refuse_unwritable, write
from postguard.cli.progress import watching
from postguard.domain.drafts import TEXT, Draft
from postguard.domain.errors import EXIT_FAIL, EXIT_PASS, UsageError
from postguard.domain.evidence import Outcome, Region
from postguard.domain.people import Roster
from postguard.domain.report import Batch, Report, Verdict
from postguard.loading import find_drafts, load_draft
from postguard.prepare import ByHand, Done, Prepared, Suggestion, Wish, prepare, refuse_taken
from postguard.rendering import FORMATS, Audience, view_for, with_pictures
from postguard.seeing.cover import Style


@click.command(name="prepare")
@click.argument("path", type=click.Path(path_type=Path), metavar="DRAFT")
@click.option(
    "-o", "--output", "out", type=click.Path(path_type=Path), required=True, help="The folder to make the copy in."
)
@click.option("--all", "everybody", is_flag=True, help="Cover every face, cleared or not.")
@click.option(
    "--cover",
    "covers",
    multiple=True,
    metavar="PICTURE:X,Y,W,H",
    help="Cover this part of a picture too: a badge, a certificate. May be given several times.",
)
@click.option(
    "--cover-person",
    "people",
    multiple=True,
    metavar="PICTURE:X,Y,W,H",
    help="The same for somebody you counted whom postguard does not see, such as the back of a head.",
)
@click.option(
    "--style",
    type=click.Choice([style.value for style in Style]),
    default=Style.ELLIPSE.value,
    show_default=True,
    help="How faces are covered. Nothing of a face is left under any of them.",
)
@click.option("--crop", is_flag=True, help="Cut the picture instead, where that keeps every face that may stay.")
@click.option("--accept-text", is_flag=True, help="Take the suggested words, which name nobody.")
@click.option("--page", type=click.Path(path_type=Path), help="Write a page that shows before and after (.html).")
@roster_option
@faces_option
@channel_option
@date_option
@models_option
@allow_git_option
@click.option("--redact", is_flag=True, help="Show ids instead of names on the console.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what fails.")
@color_option
def command(
    path: Path,
    out: Path,
    everybody: bool,
    covers: tuple[str, ...],
    people: tuple[str, ...],
    style: str,
    crop: bool,
    accept_text: bool,
    page: Path | None,
    roster: Path | None,
    faces: Path | None,
    channel: str | None,
    on: date | None,
    models: Path | None,
    allow_git: bool,
    redact: bool,
    quiet: bool,
    color: str,
) -> int:
    """Make the copy of DRAFT that may be posted: faces that are not cleared and words that name a pupil are covered,
    the notes inside the pictures are taken out, and the copy is checked. The draft itself is never changed.

    Ends with 0 when the copy passed and was written, 1 when it did not and nothing was written, 2 when there is
    no verdict.
    """
    refuse_unwritable(pair(["html"], [page]) if page is not None else ())
    draft = _draft(path)
    refuse_taken(out, path)
    wish = Wish(
        everybody=everybody,
        style=Style(style),
        by_hand=(*_by_hand(covers, draft, person=False), *_by_hand(people, draft, person=True)),
        crop=crop,
        accept_text=accept_text,
    )
    setup = open_setup(
        path.absolute().parent,
        roster=roster,
        faces=faces,
        channel=channel,
        on=on,
        models=models,
        allow_git=allow_git,
    )
    with watching(1, quiet=quiet) as watcher:
        watcher.begun(draft)
        prepared = prepare(draft, out, setup.guard(), wish, watcher.say)
        watcher.ended(draft, prepared.after or prepared.before)
    if not quiet:
        lines = [*_answers(prepared.before), *_pictures(prepared.pictures, wish)]
        lines += _words(prepared.suggestions, accepted=accept_text)
        click.echo("\n".join([_before(prepared.before), *lines]))
    reports = _before_and_after(draft, prepared)
    shown = Batch(reports=reports[-1:], postguard=__version__, roster=str(setup.roster.path))
    deliver(
        shown, setup.roster, pair([CONSOLE], []), private=False, redact=redact, quiet=quiet, verbose=False, color=color
    )
    if page is not None:
        both = Batch(reports=reports, postguard=__version__, roster=str(setup.roster.path))
        _write_page(both, setup.roster, page)
    click.echo(_last_line(prepared, out))
    return EXIT_PASS if prepared.ready else EXIT_FAIL


def _write_page(both: Batch, roster: Roster, page: Path) -> None:
    from postguard.seeing.thumbnails import reduced

    view = view_for(both, roster=roster, rules=[check.RULE for check in ALL_CHECKS], audience=Audience.TRAVEL)
    write(FORMATS["html"].render(with_pictures(view, both, reduced)), page)


def _draft(path: Path) -> Draft:
    folders = find_drafts(path)
    if folders != (path,):
        raise UsageError(
            f"{path} holds {len(folders)} drafts.", hint="Prepare one at a time: postguard prepare week/monday -o ready"
        )
    return load_draft(path)


def _by_hand(texts: Sequence[str], draft: Draft, *, person: bool) -> list[ByHand]:
    found = []
    for text in texts:
        part, _, numbers = text.rpartition(":")
        try:
            x, y, width, height = (int(number) for number in numbers.split(","))
        except ValueError:
            x = y = width = height = -1
        if min(x, y) < 0 or min(width, height) < 1:
            raise UsageError(
                f"{text} is no part of a picture.",
                hint="Write the picture and its left, top, width and height: --cover IMG_1.jpg:10,20,84,96",
            )
        if part not in {picture.part for picture in draft.pictures}:
            raise UsageError(f"There is no picture {part} in the draft.", hint="Write its name as the file's.")
        found.append(ByHand(part=part, region=Region(x=x, y=y, width=width, height=height), person=person))
    return found


def _before(report: Report) -> str:
    stops = len(report.evidence.unchecked) + sum(finding.severity.fails for finding in report.findings)
    if report.verdict is Verdict.PASS:
        return "Before: PASS."
    return f"Before: FAIL, for {'one reason' if stops == 1 else f'{stops} reasons'}."


def _answers(before: Report) -> list[str]:
    if all(decision.outcome is not Outcome.WAIVED for decision in before.evidence.decisions):
        return []
    return ["What was vouched for does not count for the copy: those faces were judged anew."]


def _pictures(pictures: Sequence[Done], wish: Wish) -> list[str]:
    lines = []
    for done in pictures:
        lines.append(f"{done.part} becomes {done.name}")
        lines.append(f"  before: {done.before}")
        lines.append(
            f"  after:  {done.after}{', nothing to change' if done.untouched else ', nothing else in the file'}"
        )
        lines += [f"  left out: {what}" for what in done.gone]
        for count, one, many in (
            (done.faces, "1 face", f"{done.faces} faces"),
            (done.words, "1 line of words", f"{done.words} lines of words"),
            (done.by_hand, "1 part by hand", f"{done.by_hand} parts by hand"),
        ):
            if count:
                lines.append(f"  {one if count == 1 else many} {'cut away' if done.crop else 'covered'}")
        if done.crop:
            lines.append(f"  cut to {done.crop.width} × {done.crop.height} from ({done.crop.x}, {done.crop.y})")
        elif wish.crop and (done.faces or done.words or done.by_hand):
            lines.append("  not cut: that would lose somebody who may be shown, or most of the picture")
    return lines


def _words(suggestions: Sequence[Suggestion], *, accepted: bool) -> list[str]:
    lines = []
    for suggestion in suggestions:
        what = "the post" if suggestion.part == TEXT else f"the alt text of {suggestion.part}"
        lines.append(f"Words for {what} that name nobody{' (taken)' if accepted else ''}:")
        before, after = suggestion.before.strip().splitlines(), suggestion.after.strip().splitlines()
        lines += [f"  {line}" for line in difflib.ndiff(before, after) if not line.startswith("?")]
    if suggestions and not accepted:
        lines.append("Take them with --accept-text, or write your own.")
    return lines


def _before_and_after(draft: Draft, prepared: Prepared) -> tuple[Report, ...]:
    before = replace(prepared.before, draft=f"{draft.name}, before")
    if prepared.after is None:
        return (before,)
    after = replace(prepared.after, draft=f"{draft.name}, the copy")
    if not prepared.ready:  # its pictures are gone again
        evidence = after.evidence
        after = replace(after, evidence=replace(evidence, draft=replace(evidence.draft, pictures=())))
    return before, after


def _last_line(prepared: Prepared, out: Path) -> str:
    if prepared.unchanged:
        return f"{out} is already that copy. Nothing was changed."
    if prepared.ready:
        return f"The copy is in {out}. Look at it once more before you post it."
    return "\n".join([*prepared.left, "Nothing was written. The draft is as it was."])
