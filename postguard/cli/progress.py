"""What is in hand, on standard error, while it works. Silent where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from postguard.batch import Result, Watcher
from postguard.domain.drafts import Draft
from postguard.domain.errors import Interrupted


@contextmanager
def watching(total: int, *, quiet: bool = False) -> Iterator[Watcher]:
    """A Watcher that draws a bar with the time left and the draft in hand; nothing unless stderr is a terminal.

    Raises Interrupted, with what was finished, when the user stops it.
    """
    finished: list[str] = []
    try:
        with _bar(total, finished, quiet=quiet) as watcher:
            yield watcher
    except KeyboardInterrupt:
        done = f"{len(finished)} of {total} drafts had been checked"
        which = f": {', '.join(finished)}" if finished else ""
        raise Interrupted(f"Stopped. {done}{which}.", hint="No verdict. Run it again when you like.") from None


@contextmanager
def _bar(total: int, finished: list[str], *, quiet: bool) -> Iterator[Watcher]:
    def ended(draft: Draft, result: Result) -> None:
        finished.append(draft.name)

    if quiet or not sys.stderr.isatty():
        yield Watcher(ended=ended)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    text = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), text, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Starting", total=total)

        def ended_on_the_bar(draft: Draft, result: Result) -> None:
            ended(draft, result)
            bar.advance(task)

        def say(words: str) -> None:
            bar.update(task, description=_short(words))

        yield Watcher(begun=lambda draft: say(draft.name), ended=ended_on_the_bar, say=say)


def _short(words: str) -> str:
    return words if len(words) <= 40 else words[:39] + "…"
