"""`postguard check`: may this draft be published? The place where a check is put together, run, shown and ended."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from postguard import __version__
from postguard.batch import TIMEOUT, Result, check_here, check_in_pool
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
from postguard.cli.output import CONSOLE, Wanted, deliver, pair, refuse_inside, refuse_unwritable, write
from postguard.cli.progress import watching
from postguard.cli.recording import record
from postguard.domain.drafts import Draft
from postguard.domain.errors import EXIT_FAIL, EXIT_PASS, OutputError, PostguardError, UsageError
from postguard.domain.report import Batch, Report, Verdict
from postguard.loading import draft_from_words, find_drafts, find_roster, load_draft
from postguard.pipeline import Guard, not_checked
from postguard.rendering import FORMATS, render_error_json
from postguard.seeing.lanes import cores

MOST_SLOTS = 4
WORTH_A_PROCESS = 4
"""Drafts for each process, below which starting one more costs more than it saves."""


@click.command(name="check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--text", help="Check these words, with the PATHs as their pictures; no folder needed.")
@roster_option
@faces_option
@channel_option
@date_option
@click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    shell_complete=lambda ctx, param, typed: [name for name in (CONSOLE, *FORMATS) if name.startswith(typed)],
    help="console, json, jsonl, junit, sarif, github or html. May be given several times, each with its own -o.",
)
@click.option(
    "-o", "--output", "outputs", multiple=True, type=click.Path(path_type=Path), help="Write the report to this file."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=None,
    help="How many drafts to check at once, on a core each. Default: as this computer allows.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(1),
    default=None,
    metavar="SECONDS",
    help=f"How long a draft may take before it fails. Default: {TIMEOUT:.0f}; no limit when checked one by one.",
)
@click.option("--fail-fast", is_flag=True, help="Stop at the first draft that fails.")
@click.option(
    "--private", is_flag=True, help="Let files say who a face is (ids, never names). Keep such a file in school."
)
@click.option("--redact", is_flag=True, help="Show ids instead of names on the console.")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where the draft passes, write a signed receipt for `postguard verify`.",
)
@click.option(
    "--no-ocr", is_flag=True, help="Do not read the words in pictures. A draft with a picture then fails as unchecked."
)
@models_option
@allow_git_option
@click.option("-q", "--quiet", is_flag=True, help="Say only what fails.")
@click.option("-v", "--verbose", is_flag=True, help="Say more of what was looked at.")
@color_option
def command(
    paths: tuple[Path, ...],
    text: str | None,
    roster: Path | None,
    faces: Path | None,
    channel: str | None,
    on: date | None,
    formats: tuple[str, ...],
    outputs: tuple[Path, ...],
    jobs: int | None,
    timeout: float | None,
    fail_fast: bool,
    private: bool,
    redact: bool,
    receipt: Path | None,
    no_ocr: bool,
    models: Path | None,
    allow_git: bool,
    quiet: bool,
    verbose: bool,
    color: str,
) -> int:
    """May this draft be published? PATH is a draft (a folder with a post and its pictures) or a folder of drafts.

    Ends with 0 when every draft passed, 1 when one failed, 2 when there is no verdict, 3 when there was
    nothing to check.
    """
    wanted = pair(formats, outputs)
    try:
        refuse_unwritable(wanted)
        drafts, starts = _drafts(paths, text)
        refuse_inside(wanted, [*paths, *(draft.path for draft in drafts)] if text is None else [])
        if receipt is not None and (text is not None or len(drafts) > 1):
            raise UsageError("A receipt is for one draft in a folder.", hint="Check that draft by itself.")
        setup = open_setup(
            starts[0] if roster else _one_school(starts),
            roster=roster,
            faces=faces,
            channel=channel,
            on=on,
            models=models,
            allow_git=allow_git,
            read_words=not no_ocr,
        )
        slots = jobs or _slots(len(drafts))
        # A job is one core. Where nobody said how many, a draft by itself has them all.
        setup = replace(setup, threads=1 if jobs or slots > 1 else None)
        guard = setup.guard()
        with watching(len(drafts), quiet=quiet) as watcher:
            if slots == 1 and timeout is None:
                results = check_here(drafts, guard, watcher, fail_fast=fail_fast)
            else:
                limit = timeout or TIMEOUT
                results = check_in_pool(
                    drafts, setup.guard, guard, watcher, jobs=slots, timeout=limit, fail_fast=fail_fast
                )
        if len(results) < len(drafts):
            left = len(drafts) - len(results)
            unchecked = "1 draft was" if left == 1 else f"{left} drafts were"
            click.echo(f"Stopped at the first failure: {unchecked} not checked.", err=True)
        reports = guard.together(_verdicts(drafts, results, guard))
        record(reports, setup, receipt)
    except PostguardError as error:
        if any(one.format in ("json", "jsonl") for one in wanted):
            _deliver_error(error, wanted)
        raise
    batch = Batch(reports=reports, postguard=__version__, roster=str(setup.roster.path))
    deliver(batch, setup.roster, wanted, private=private, redact=redact, quiet=quiet, verbose=verbose, color=color)
    return EXIT_PASS if batch.verdict is Verdict.PASS else EXIT_FAIL


def _drafts(paths: Sequence[Path], text: str | None) -> tuple[list[Draft], list[Path]]:
    """The drafts, and the folders from which the roster is searched upwards."""
    if text is not None:
        return [draft_from_words(text, paths)], [Path.cwd()]
    if not paths:
        raise UsageError("What is to be checked?", hint="Give a draft's folder: postguard check my-draft")
    folders = [folder for path in paths for folder in find_drafts(path)]
    return [load_draft(folder) for folder in folders], sorted({folder.absolute().parent for folder in folders})


def _one_school(starts: Sequence[Path]) -> Path:
    """Where to look for the roster. Raises UsageError where the drafts' folders lead to different rosters."""
    if len({find_roster(start) for start in starts}) > 1:
        raise UsageError(
            "These drafts belong to different rosters.", hint="Check each school by itself, or name one with --roster."
        )
    return starts[0]


def _slots(drafts: int) -> int:
    """As many processes as there are cores, but each takes about a gigabyte and seconds to start."""
    return max(1, min(cores(), MOST_SLOTS, drafts // WORTH_A_PROCESS))


def _verdicts(drafts: Sequence[Draft], results: Sequence[Result], guard: Guard) -> tuple[Report, ...]:
    """The reports. A failure outranks an error: where a draft failed, those without verdict fail beside it."""
    errors = [result for result in results if isinstance(result, PostguardError)]
    reports = [result for result in results if isinstance(result, Report)]
    if errors and not any(report.verdict is Verdict.FAIL for report in reports):
        raise errors[0]
    return tuple(
        result if isinstance(result, Report) else not_checked(draft, guard, f"{result.message} {result.hint}")
        for draft, result in zip(drafts, results, strict=False)
    )


def _deliver_error(error: PostguardError, wanted: Sequence[Wanted]) -> None:
    for one in wanted:
        if one.format in ("json", "jsonl") and not (one.file and isinstance(error, OutputError)):
            with contextlib.suppress(OutputError):
                write(render_error_json(error), one.file)
