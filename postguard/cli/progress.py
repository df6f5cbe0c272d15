"""What is in hand, on standard error, while it works. Silent where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from postguard.batch import Result, Watcher
from postguard.domain.drafts import Draft


@contextmanager
def watching(total: int, *, quiet: bool = False) -> Iterator[Watcher]:
    """A Watcher that draws a bar with the time left and the draft in hand; nothing unless stderr is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield Watcher()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Starting", total=total)

        def begun(draft: Draft) -> None:
            bar.update(task, description=_short(draft.name))

        def ended(draft: Draft, result: Result) -> None:
            bar.advance(task)

        yield Watcher(begun=begun, ended=ended, say=lambda words: bar.update(task, description=_short(words)))


def _short(words: str) -> str:
    return words if len(words) <= 40 else words[:39] + "…"
