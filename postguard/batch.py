"""Many drafts: a pool of processes, order kept, and nothing lost when a process dies.

Each slot is a pool of one process. When that process is killed or runs out of memory only the draft
it held is lost, and that draft fails (PG901); the slot gets a new process and goes on.
"""

import contextlib
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context

from postguard.domain.drafts import Draft
from postguard.domain.errors import PostguardError
from postguard.domain.report import Report, Verdict
from postguard.pipeline import Guard, Say, not_checked

Result = Report | PostguardError
"""A draft's report, or the reason why there can be no verdict on it."""

MakeGuard = Callable[[], Guard]
"""Builds a Guard inside a worker. Must pickle: a method of a frozen dataclass does."""

TIMEOUT = 900.0
"""Seconds one draft may take before it fails as unchecked. A clip of a minute takes about two minutes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watcher:
    """Told as drafts begin and end, in whatever order that happens. May be called from several threads."""

    begun: Callable[[Draft], None] = field(default=lambda draft: None)
    ended: Callable[[Draft, Result], None] = field(default=lambda draft, result: None)
    say: Say = field(default=lambda words: None)


def check_here(drafts: Sequence[Draft], guard: Guard, watcher: Watcher, *, fail_fast: bool = False) -> list[Result]:
    """Check drafts one after another in this process."""
    results: list[Result] = []
    for draft in drafts:
        watcher.begun(draft)
        try:
            result: Result = guard.check(draft, watcher.say)
        except PostguardError as error:
            result = error
        watcher.ended(draft, result)
        results.append(result)
        if fail_fast and failed(result):
            break
    return results


def check_in_pool(
    drafts: Sequence[Draft],
    make_guard: MakeGuard,
    guard: Guard,
    watcher: Watcher,
    *,
    jobs: int,
    timeout: float = TIMEOUT,
    fail_fast: bool = False,
) -> list[Result]:
    """Check drafts in `jobs` processes; results stand in the order of `drafts`.

    `guard` only words the report of a draft whose process died or took longer than `timeout` seconds.
    With `fail_fast` the drafts not begun when one failed are left out of the result.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index in range(len(drafts)):
        waiting.put(index)
    results: dict[int, Result] = {}
    stop = threading.Event()
    slots = [_Slot(make_guard) for _ in range(min(jobs, len(drafts)))]

    def work(slot: _Slot) -> None:
        for index in _drain(waiting, stop):
            draft = drafts[index]
            watcher.begun(draft)
            outcome = slot.check(draft, timeout)
            if isinstance(outcome, str) and slot.closed:
                return
            result = not_checked(draft, guard, outcome) if isinstance(outcome, str) else outcome
            results[index] = result
            watcher.ended(draft, result)
            if fail_fast and failed(result):
                stop.set()

    threads = [threading.Thread(target=work, args=(slot,), daemon=True) for slot in slots]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
    finally:
        stop.set()
        for slot in slots:
            slot.close()
    stopped = fail_fast and any(failed(result) for result in results.values())
    if len(results) < len(drafts) and not stopped:
        raise RuntimeError("a draft was lost on its way: no verdict")
    return [results[index] for index in sorted(results)]


def failed(result: Result) -> bool:
    return isinstance(result, PostguardError) or result.verdict is not Verdict.PASS


def _drain(waiting: "queue.SimpleQueue[int]", stop: threading.Event) -> Iterator[int]:
    with contextlib.suppress(queue.Empty):
        while not stop.is_set():
            yield waiting.get_nowait()


class _Slot:
    """One process at a time, replaced when it dies, none any more once the slot is closed."""

    def __init__(self, make_guard: MakeGuard) -> None:
        self._make_guard = make_guard
        self._pool: ProcessPoolExecutor | None = None
        self.closed = False
        self._lock = threading.Lock()

    def check(self, draft: Draft, timeout: float) -> Result | str:
        """The result, or in plain words why there is none."""
        try:
            pool = self._open()
            pool.submit(_ready, bool(draft.pictures)).result()
            job: Future[Result] = pool.submit(_check, draft)
            return job.result(timeout)
        except TookTooLong:
            self._kill()
            return f"it took longer than {timeout:.0f} seconds."
        except BrokenProcessPool:
            self._kill()
            return "the process that was checking it was ended from outside, or ran out of memory."
        except RuntimeError:
            return "checking was stopped."

    def close(self) -> None:
        with self._lock:
            self.closed = True
        self._kill()

    def _kill(self) -> None:
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            for process in list((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)

    def _open(self) -> ProcessPoolExecutor:
        with self._lock:
            if self.closed:
                raise RuntimeError("this slot is closed")
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    1, mp_context=get_context("spawn"), initializer=_begin, initargs=(self._make_guard,)
                )
            return self._pool


_guard: Guard | PostguardError
"""The worker's own Guard: built once a process."""


def _begin(make_guard: MakeGuard) -> None:
    global _guard  # noqa: PLW0603 - a pool hands a worker nothing but globals
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _guard = make_guard()
    except PostguardError as error:
        _guard = error


def _ready(pictures: bool) -> None:
    """Load the engines where there are pictures. That, and a gallery's being made, is not the draft's time."""
    if pictures and isinstance(_guard, Guard):
        with contextlib.suppress(Exception, SystemExit):  # it stumbles again in the check, which says so
            _guard.faces()


def _check(draft: Draft) -> Result:
    if isinstance(_guard, PostguardError):
        return _guard
    try:
        return _guard.check(draft)
    except PostguardError as error:
        return error
