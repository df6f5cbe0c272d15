"""Work done side by side: networks let go of Python's lock while they compute."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def side_by_side(jobs: Sequence[Callable[[], T]], *, threads: int | None) -> list[T]:
    """What each job gives, in the order of the jobs. One after the other where there is one thread only.

    No network may be in two jobs: it holds the picture that it was given last.
    """
    if threads == 1 or len(jobs) < 2:
        return [job() for job in jobs]
    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        return list(pool.map(lambda job: job(), jobs))
