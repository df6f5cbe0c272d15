"""Work done side by side: the same answers in the same order, and no trouble lost."""

import threading

import pytest

from postguard.seeing.lanes import both, side_by_side


@pytest.mark.parametrize("threads", [None, 1, 4])
def test_the_answers_keep_the_order_of_the_jobs(threads) -> None:
    assert side_by_side([lambda n=n: n for n in range(5)], threads=threads) == [0, 1, 2, 3, 4]


def test_jobs_run_at_the_same_time_where_there_are_threads() -> None:
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
    let_go, done = threading.Event(), []
    threading.Timer(0.2, let_go.set).start()
    with pytest.raises(trouble):
        both(lambda: _raise(trouble()), lambda: done.append(let_go.wait(10)), threads=None)
    assert done == [True]


def test_ctrl_c_waits_for_nothing_and_the_next_picture_for_what_it_left_behind() -> None:
    let_go, done = threading.Event(), []
    try:
        with pytest.raises(KeyboardInterrupt):
            both(lambda: _raise(KeyboardInterrupt()), lambda: done.append(let_go.wait(10)), threads=None)
        assert done == []
        threading.Timer(0.2, let_go.set).start()
        assert both(lambda: list(done), lambda: None, threads=None)[0] == [True]
    finally:
        let_go.set()


def test_two_kinds_of_jobs_give_their_own_answers() -> None:
    for threads in (None, 1):
        assert both(lambda: "one", lambda: 2, threads=threads) == ("one", 2)
