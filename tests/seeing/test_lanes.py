"""Work done side by side: the same answers in the same order, and no trouble lost."""

import platform
import subprocess
import sys
import threading
import time
from functools import partial
from typing import Any

import pytest

from postguard.seeing import eyes, lanes
from postguard.seeing.lanes import both, opencv_threads, side_by_side
from postguard.seeing.models import Models


@pytest.mark.parametrize("threads", [None, 1, 4])
def test_the_answers_keep_the_order_of_the_jobs(threads) -> None:
    assert side_by_side([lambda n=n: n for n in range(5)], threads=threads) == [0, 1, 2, 3, 4]


def test_jobs_run_at_the_same_time_where_there_are_threads() -> None:
    meet = threading.Barrier(2, timeout=10)
    assert sorted(side_by_side([meet.wait, meet.wait], threads=2)) == [0, 1]


def test_no_more_jobs_run_at_the_same_time_than_there_are_threads() -> None:
    at_work, most, lock = [], [], threading.Lock()

    def job() -> None:
        with lock:
            at_work.append(1)
            most.append(len(at_work))
        time.sleep(0.01)
        with lock:
            at_work.pop()

    side_by_side([job] * 12, threads=3)
    assert 1 < max(most) <= 3


def test_without_a_number_there_are_as_many_threads_as_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "cores", lambda: 1)
    assert set(side_by_side([threading.get_ident] * 3, threads=None)) == {threading.get_ident()}
    monkeypatch.setattr(lanes, "cores", lambda: 2)
    meet = threading.Barrier(2, timeout=10)
    assert sorted(side_by_side([meet.wait, meet.wait], threads=None)) == [0, 1]


def test_with_one_thread_everything_runs_in_it() -> None:
    assert set(side_by_side([threading.get_ident] * 3, threads=1)) == {threading.get_ident()}


@pytest.mark.parametrize("threads", [None, 1])
def test_trouble_in_one_job_is_trouble(threads) -> None:
    with pytest.raises(ZeroDivisionError):
        side_by_side([lambda: 1, lambda: 1 // 0], threads=threads)


def _raise(trouble: BaseException) -> None:
    raise trouble


@pytest.mark.parametrize("trouble", [ValueError, SystemExit])
def test_a_job_that_fails_waits_for_the_others_since_they_hold_a_picture(trouble: type[BaseException]) -> None:
    begun, let_go, done = threading.Event(), threading.Event(), []

    def fails() -> None:
        begun.wait(10)
        threading.Timer(0.2, let_go.set).start()
        raise trouble

    def lasts() -> None:
        begun.set()
        done.append(let_go.wait(10))

    with pytest.raises(trouble):
        both(fails, lasts, threads=2)
    assert done == [True]


def test_after_a_job_that_fails_no_other_begins() -> None:
    begun = []
    with pytest.raises(ValueError, match="no"):
        side_by_side([lambda: _raise(ValueError("no")), *(partial(begun.append, n) for n in range(50))], threads=1)
    with pytest.raises(ValueError, match="no"):
        meet = threading.Barrier(2, timeout=10)
        jobs = [lambda: (meet.wait(), _raise(ValueError("no"))), lambda: (meet.wait(), time.sleep(0.2))]
        side_by_side([*jobs, *(partial(begun.append, n) for n in range(50))], threads=2)
    assert begun == []


def test_ctrl_c_waits_for_nothing_and_the_next_picture_for_what_it_left_behind() -> None:
    begun, let_go, done = threading.Event(), threading.Event(), []

    def job() -> None:
        if threading.current_thread() is threading.main_thread():
            begun.wait(10)
            raise KeyboardInterrupt
        begun.set()
        done.append(let_go.wait(10))

    try:
        with pytest.raises(KeyboardInterrupt):
            both(job, job, threads=2)
        assert done == []
        threading.Timer(0.2, let_go.set).start()
        assert both(lambda: list(done), lambda: None, threads=2)[0] == [True]
    finally:
        let_go.set()


def test_two_kinds_of_jobs_give_their_own_answers() -> None:
    for threads in (None, 1):
        assert both(lambda: "one", lambda: 2, threads=threads) == ("one", 2)


def test_opencv_has_more_threads_for_a_while_only_whatever_happens() -> None:
    import cv2

    before = cv2.getNumThreads()
    with pytest.raises(ZeroDivisionError), opencv_threads(before + 1):
        assert cv2.getNumThreads() == before + 1
        _ = 1 // 0
    assert cv2.getNumThreads() == before


HEAPS = """
import ctypes, threading
from postguard.seeing.lanes import one_heap

libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
{call}
together = threading.Barrier(4)

def work():
    kept = [bytearray(4000) for _ in range(1000)]
    together.wait()

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives each thread a heap")
@pytest.mark.parametrize(("call", "several"), [("", True), ("one_heap()", False)])
def test_threads_share_one_heap(call: str, several: bool) -> None:
    told = subprocess.run([sys.executable, "-c", HEAPS.format(call=call)], capture_output=True, text=True, check=True)
    assert (told.stdout.count("<heap nr=") > 1) is several


def test_eyes_see_to_it_that_threads_share_one_heap(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(eyes, "one_heap", lambda: asked.append("one heap"))
    finder: Any = object()
    eyes.Eyes(Models(files={}), finder=finder, encoders=[])
    assert asked
