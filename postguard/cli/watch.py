"""`postguard watch`: check a draft whenever it is saved, and show the verdict."""

import queue
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from postguard import __version__
from postguard.assembly import Setup
from postguard.batch import Result, check_here
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
from postguard.cli.output import CONSOLE, Wanted, deliver
from postguard.cli.progress import watching
from postguard.domain.errors import EngineError, Interrupted, NothingToCheck, PostguardError, UsageError
from postguard.domain.report import Batch, Report
from postguard.loading import find_drafts, load_draft
from postguard.pipeline import Faces, Guard

if TYPE_CHECKING:
    from watchdog.events import FileSystemEvent

QUIET = 1.5
"""Seconds without a change before a draft is checked: pictures are copied one after another."""
CHANGES = frozenset({"created", "modified", "moved", "deleted"})
"""What may change a verdict. Reading a file, as every check does, is no change."""


@click.command(name="watch")
@click.argument("folder", type=click.Path(path_type=Path))
@roster_option
@faces_option
@channel_option
@date_option
@click.option("--redact", is_flag=True, help="Show ids instead of names.")
@models_option
@allow_git_option
@click.option("-q", "--quiet", is_flag=True, help="Say only what fails.")
@color_option
def command(
    folder: Path,
    roster: Path | None,
    faces: Path | None,
    channel: str | None,
    on: date | None,
    redact: bool,
    models: Path | None,
    allow_git: bool,
    quiet: bool,
    color: str,
) -> None:
    """Check a draft in FOLDER whenever it is saved, and show the verdict. FOLDER is a draft, or a folder of drafts.

    It is for the while you write. It keeps no record and gives no receipt, and it looks at one draft at a time:
    run `postguard check` on the folder before you post. Ctrl-C ends it.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", hint="Name the folder of a draft, or of several drafts.")
    folder = folder.absolute()

    def setup(draft: Path) -> Setup:
        return open_setup(
            draft.parent, roster=roster, faces=faces, channel=channel, on=on, models=models, allow_git=allow_git
        )

    def show(batch: Batch, made: Setup) -> None:
        console = (Wanted(format=CONSOLE),)
        deliver(batch, made.roster, console, private=False, redact=redact, quiet=quiet, verbose=False, color=color)

    desk = Desk(make=setup, show=show)
    changed: queue.SimpleQueue[Path] = queue.SimpleQueue()
    with _observing(folder, changed):
        click.echo(f"Watching {folder}. Save a draft and its verdict appears here; Ctrl-C ends it.", err=True)
        try:
            watch(folder, changed, desk.check)
        except KeyboardInterrupt:
            raise Interrupted("Stopped watching.", hint="`postguard check` before you post.") from None


def watch(folder: Path, changed: "queue.SimpleQueue[Path]", check: Callable[[Path], None]) -> None:
    """Check each draft once it has been quiet for a moment, for ever."""
    settling = Settling()
    while True:
        try:
            settling.note(draft_of(changed.get(timeout=settling.patience(time.monotonic())), folder), time.monotonic())
        except queue.Empty:
            for draft in settling.settled(time.monotonic()):
                check(draft)


def draft_of(path: Path, folder: Path) -> Path:
    """The draft a changed file belongs to: the watched folder itself where that is a draft, else the one below it."""
    inside = path.relative_to(folder).parts
    single = any(entry.is_file() and not entry.name.startswith(".") for entry in folder.iterdir())
    return folder if single or not inside else folder / inside[0]


@dataclass(kw_only=True)
class Settling:
    """Drafts that were changed and are still being saved. Times are in seconds of one clock."""

    last: dict[Path, float] = field(default_factory=dict)

    def note(self, draft: Path, now: float) -> None:
        self.last[draft] = now

    def settled(self, now: float) -> tuple[Path, ...]:
        """The drafts that have been quiet long enough, in the order they were saved; each is given once."""
        ready = tuple(
            draft for draft, then in sorted(self.last.items(), key=lambda item: item[1]) if now >= then + QUIET
        )
        for draft in ready:
            del self.last[draft]
        return ready

    def patience(self, now: float) -> float:
        """How long nothing can become ready."""
        return max(0.05, min(self.last.values(), default=now) + QUIET - now) if self.last else QUIET


@dataclass(kw_only=True)
class Desk:
    """Checks one draft at a time. Roster, settings and answers are read anew each time, for consent may have been
    withdrawn since; the models, which take seconds, are kept while roster and reference photos stay the same."""

    make: Callable[[Path], Setup]
    show: Callable[[Batch, Setup], None]
    made_for: object = None
    engines: Callable[[], Faces] | None = None

    def check(self, draft: Path) -> None:
        if not draft.is_dir():
            return
        click.echo(f"\n{datetime.now():%H:%M:%S}  {draft.name}", err=True)
        try:
            setup = self.make(draft)
            guard = self._guard(setup)
            drafts = [load_draft(folder) for folder in find_drafts(draft)]
            with watching(len(drafts)) as watcher:
                reports = tuple(_report(result) for result in check_here(drafts, guard, watcher))
        except Interrupted:
            raise
        except NothingToCheck as empty:
            click.echo(f"{empty.message} {empty.hint}".strip(), err=True)
        except PostguardError as error:
            click.echo(f"No verdict: {error.message}\n{error.hint}".strip(), err=True)
        else:
            batch = Batch(reports=guard.together(reports), postguard=__version__, roster=str(setup.roster.path))
            self.show(batch, setup)

    def _guard(self, setup: Setup) -> Guard:
        guard = setup.guard()
        now = (setup, _state_of(setup.faces.rglob("*")))
        if self.engines is not None and self.made_for == now:
            return replace(guard, faces=self.engines)
        self.made_for, self.engines = now, guard.faces
        return guard


def _report(result: Result) -> Report:
    if isinstance(result, PostguardError):
        raise result
    return result


def _state_of(files: Iterable[Path]) -> frozenset[tuple[Path, int, int]]:
    """Which files there are, how large, and when they were last changed."""
    return frozenset((file, file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file())


def _observing(folder: Path, changed: "queue.SimpleQueue[Path]") -> "_Observing":
    try:
        return _Observing(folder, changed)
    except ImportError:
        raise EngineError(
            "`postguard watch` needs watchdog, which is not installed.", hint="Install it: uv sync --extra watch"
        ) from None


class _Observing:
    """Puts every changed path of a folder into a queue while the block runs."""

    def __init__(self, folder: Path, changed: "queue.SimpleQueue[Path]") -> None:
        from watchdog.events import FileSystemEventHandler
        from watchdog.observers import Observer

        class Handler(FileSystemEventHandler):
            def on_any_event(self, event: "FileSystemEvent") -> None:
                if event.event_type in CHANGES and not event.is_directory:
                    for path in filter(None, (event.src_path, getattr(event, "dest_path", ""))):
                        changed.put(Path(path))

        self.observer = Observer()
        self.observer.schedule(Handler(), str(folder), recursive=True)

    def __enter__(self) -> None:
        self.observer.start()

    def __exit__(self, *trouble: object) -> None:
        self.observer.stop()
        self.observer.join()
