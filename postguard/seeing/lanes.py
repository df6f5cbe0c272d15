"""Work done side by side: networks let go of Python's lock while they compute."""

import ctypes
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")

_left_behind: list["Future[Any]"] = []
"""What Ctrl-C left in the middle of a picture. Its networks are given no other before it ends."""


def side_by_side(jobs: Sequence[Callable[[], T]], *, threads: int | None) -> list[T]:
    """What each job gives, in the order of the jobs. Begun in that order, as many at a time as there are `threads`.

    By default there are as many as cores. A job that fails lets no other begin, and waits for those that have;
    Ctrl-C alone does not wait: it leaves them to the end of the process (cli.main) or to the next call.
    """
    wait(_left_behind)
    _left_behind.clear()
    threads = min(len(jobs), threads or cores())
    if threads < 2:
        return [job() for job in jobs]
    waiting = deque(enumerate(jobs))

    def taken() -> tuple[int, Callable[[], T]] | None:
        try:
            return waiting.popleft()
        except IndexError:
            return None

    answers: dict[int, T] = {}

    def work() -> None:
        try:
            for number, job in iter(taken, None):
                answers[number] = job()
        except BaseException:
            waiting.clear()
            raise

    others = [_begun(work) for _ in range(threads - 1)]
    try:
        work()
        wait(others)
    except KeyboardInterrupt:
        _left_behind.extend(others)
        raise
    except BaseException:
        wait(others)
        raise
    for other in others:
        other.result()
    return [answers[number] for number in range(len(jobs))]


def both(first: Callable[[], T], second: Callable[[], U], *, threads: int | None) -> tuple[T, U]:
    """What two jobs of different kinds give."""
    jobs: tuple[Callable[[], Any], Callable[[], Any]] = (first, second)
    one, other = side_by_side(jobs, threads=threads)
    return one, other


@contextmanager
def opencv_threads(number: int) -> Iterator[None]:
    """So many threads of OpenCV's own for a while, for a network that is given one small picture at a time."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(number)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def one_heap() -> None:
    """Have all threads share one heap. Each would keep what the networks gave back on its own, for nobody else (0003).

    Only glibc does so, and only it is told; threads that have a heap of their own keep it.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)


_M_ARENA_MAX = -8
"""glibc's number for it (mallopt(3))."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


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
