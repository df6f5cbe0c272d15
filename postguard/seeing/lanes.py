"""Work done side by side: networks let go of Python's lock while they compute."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")

_left_behind: list["Future[Any]"] = []
"""Jobs that Ctrl-C left in the middle of a picture. Their networks are given no other before they end."""


def side_by_side(jobs: Sequence[Callable[[], T]], *, threads: int | None) -> list[T]:
    """What each job gives, in the order of the jobs. One after the other where there is one thread only.

    No network may be in two jobs: it holds the picture that it was given last. So a job that fails waits for the
    others; Ctrl-C alone does not, and leaves them to the end of the process (cli.main) or to the next call.
    """
    wait(_left_behind)
    _left_behind.clear()
    if threads == 1 or len(jobs) < 2:
        return [job() for job in jobs]
    others = [_begun(job) for job in jobs[1:]]
    try:
        first = jobs[0]()
        wait(others)
    except KeyboardInterrupt:
        _left_behind.extend(others)
        raise
    except BaseException:
        wait(others)
        raise
    return [first, *(other.result() for other in others)]


def both(first: Callable[[], T], second: Callable[[], U], *, threads: int | None) -> tuple[T, U]:
    """What two jobs of different kinds give."""
    jobs: tuple[Callable[[], Any], Callable[[], Any]] = (first, second)
    one, other = side_by_side(jobs, threads=threads)
    return one, other


def _begun(job: Callable[[], T]) -> "Future[T]":
    """The job in a thread that the end of the process does not wait for."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(job())
        except BaseException as trouble:  # noqa: BLE001 - handed to whoever asks for the result
            future.set_exception(trouble)

    threading.Thread(target=run, daemon=True).start()
    return future
