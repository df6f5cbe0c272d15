"""Many drafts at once: order kept, nothing lost, a dead process fails its own draft only."""

import os
import time
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from postguard.batch import Watcher, check_here, check_in_pool
from postguard.domain.drafts import Draft, Picture
from postguard.domain.errors import EngineError, PostguardError
from postguard.domain.evidence import Candidate, Mention, Photograph, Spotting
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.report import Report, Verdict
from postguard.pipeline import Faces, Guard
from postguard.seeing.types import SeenFrame, Sight

HERE = os.getpid()


class NoWords:
    """Stands in for both finders: what the words of a draft say is what happens to the process."""

    def find(self, passages: object, visitors: object = ()) -> tuple[Mention, ...]:
        for passage in passages:  # type: ignore[attr-defined]
            _obey(passage.text)
        return ()


class NoTopics:
    def find(self, passages: object) -> tuple[Spotting, ...]:
        return ()


def _obey(words: str) -> None:
    if words == "sleep":
        time.sleep(60)
    if words == "slow":
        time.sleep(0.3)
    if words == "no verdict":
        raise EngineError("A model is missing.", hint="Install it.")
    if words == "crash":
        raise ZeroDivisionError
    if words == "quit":
        raise SystemExit(0)
    if words == "die" and os.getpid() != HERE:
        os._exit(9)


def no_faces() -> Faces:
    raise AssertionError("no draft here has a picture")


@dataclass(frozen=True)
class Make:
    here: int = HERE

    def guard(self) -> Guard:
        global HERE  # noqa: PLW0603 - tells a worker that it is one
        HERE = self.here
        return Guard(
            roster=Roster(school="S", people=()),
            policy=Policy(),
            on=date(2026, 11, 23),
            faces=no_faces,
            names=NoWords(),
            topics=NoTopics(),
        )


def drafts(*words: str) -> list[Draft]:
    return [Draft(name=f"{n}-{text}", path=Path(), text=text) for n, text in enumerate(words)]


def in_pool(batch: list[Draft], jobs: int = 2, **more: object) -> list[Report | PostguardError]:
    make = Make()
    return check_in_pool(batch, make.guard, make.guard(), Watcher(), jobs=jobs, **more)  # type: ignore[arg-type]


def said(results: list[Report | PostguardError]) -> list[tuple[str, str]]:
    return [(r.draft, r.verdict.value) if isinstance(r, Report) else ("error", r.message) for r in results]


def test_parallel_equals_serial() -> None:
    batch = drafts("slow", "fine", "crash", "quit", "no verdict", "fine", "slow")
    assert said(in_pool(batch)) == said(check_here(batch, Make().guard(), Watcher()))


def test_order_is_kept() -> None:
    batch = drafts("slow", "fine", "slow", "fine")
    assert [r.draft for r in in_pool(batch) if isinstance(r, Report)] == [d.name for d in batch]


def test_a_killed_process_fails_its_draft_and_no_other() -> None:
    batch = drafts("fine", "die", "fine", "fine")
    results = in_pool(batch)
    assert said(results) == [("0-fine", "pass"), ("1-die", "fail"), ("2-fine", "pass"), ("3-fine", "pass")]
    (died,) = [r for r in results if isinstance(r, Report) and r.verdict is Verdict.FAIL]
    assert [f.rule for f in died.findings] == ["PG901"]
    assert "ended from outside" in died.findings[0].message


def test_a_draft_that_takes_too_long_fails() -> None:
    results = in_pool(drafts("sleep", "fine"), timeout=3)
    assert [verdict for _, verdict in said(results)] == ["fail", "pass"]


def slow_faces() -> Faces:
    time.sleep(3)
    return Faces(eyes=NoEyes(), gallery=NoGallery(), stale=frozenset(), without_template=frozenset())


class NoEyes:
    def look(self, picture: Picture) -> Sight:
        photograph = Photograph(part=picture.part, sha256="0" * 64, width=9, height=9, size=9, format="JPEG")
        return Sight(photograph=photograph, frames=(SeenFrame(part=picture.part, faces=()),))


class NoGallery:
    def search(self, templates: object, floor: float) -> tuple[Candidate, ...]:
        return ()

    def alike(self, person: str) -> frozenset[str]:
        return frozenset()


def once_slow_guard() -> Guard:
    return replace(Make().guard(), faces=cache(slow_faces))


def test_loading_engines_and_making_a_gallery_is_not_the_drafts_time() -> None:
    pictured = replace(drafts("fine")[0], pictures=(Picture(part="a.jpg", path=Path("a.jpg")),))
    results = check_in_pool([pictured], once_slow_guard, Make().guard(), Watcher(), jobs=1, timeout=2)
    assert said(results) == [("0-fine", "pass")]


def test_a_crash_and_a_quitting_library_are_failures() -> None:
    for result in check_here(drafts("crash", "quit"), Make().guard(), Watcher()):
        assert isinstance(result, Report)
        assert result.verdict is Verdict.FAIL


def test_no_verdict_is_no_report() -> None:
    (result,) = check_here(drafts("no verdict"), Make().guard(), Watcher())
    assert isinstance(result, EngineError)


@pytest.mark.parametrize("jobs", [1, 2])
def test_fail_fast_stops_at_a_failure(jobs: int) -> None:
    batch = drafts("fine", "crash", *["slow"] * 8)
    results = in_pool(batch, jobs=jobs, fail_fast=True)
    assert any(verdict == "fail" for _, verdict in said(results))
    assert len(results) < len(batch)


def test_fail_fast_stops_where_there_is_no_verdict_and_goes_on_after_a_pass() -> None:
    results = check_here(drafts("fine", "no verdict", "fine"), Make().guard(), Watcher(), fail_fast=True)
    assert [isinstance(result, EngineError) for result in results] == [False, True]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("fail_fast", [True, False])
def test_a_draft_that_is_lost_is_no_verdict(fail_fast: bool) -> None:
    def stumble(draft: Draft) -> None:
        if draft.name.startswith("1"):
            raise ZeroDivisionError

    make = Make()
    with pytest.raises(RuntimeError, match="lost"):
        check_in_pool(
            drafts("fine", "fine"), make.guard, make.guard(), Watcher(begun=stumble), jobs=2, fail_fast=fail_fast
        )


def test_an_interrupt_stops_at_once() -> None:
    make = Make()

    def interrupt(draft: Draft) -> None:
        if draft.name.startswith("0"):
            import _thread

            _thread.interrupt_main()

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        check_in_pool(drafts("sleep", "sleep"), make.guard, make.guard(), Watcher(begun=interrupt), jobs=2)
    assert time.monotonic() - began < 30  # sixty each, had they been waited for


def test_an_empty_draft_is_no_pass() -> None:
    (empty,) = check_here([replace(drafts("fine")[0], text="  ")], Make().guard(), Watcher())
    assert isinstance(empty, Report)
    assert empty.verdict is Verdict.FAIL
