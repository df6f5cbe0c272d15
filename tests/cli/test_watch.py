"""`postguard watch`: a saved draft is checked once it has been quiet, with the roster as it is then."""

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from postguard.assembly import Setup
from postguard.cli import watch as watching
from postguard.cli.options import open_setup
from postguard.cli.watch import QUIET, Desk, Settling, draft_of
from postguard.domain.errors import Interrupted
from postguard.domain.report import Batch, Verdict


def test_a_draft_is_checked_once_after_its_last_change() -> None:
    a, b = Path("a"), Path("b")
    settling = Settling()
    settling.note(a, 0.0)
    settling.note(b, 0.5)
    settling.note(a, 1.0)
    assert settling.settled(QUIET) == ()
    assert settling.settled(QUIET + 0.5) == (b,)
    assert settling.settled(QUIET + 1.0) == (a,)
    assert settling.settled(1000.0) == ()


def test_it_waits_no_longer_than_until_something_may_be_ready() -> None:
    settling = Settling()
    assert settling.patience(5.0) == QUIET
    settling.note(Path("a"), 4.0)
    settling.note(Path("b"), 5.0)
    assert settling.patience(5.0) == pytest.approx(QUIET - 1.0)
    assert 0 < settling.patience(50.0) < 0.2


def test_a_changed_file_belongs_to_the_draft_below_the_watched_folder_or_to_that_itself(tmp_path: Path) -> None:
    (tmp_path / "mon").mkdir()
    assert draft_of(tmp_path / "mon" / "post.md", tmp_path) == tmp_path / "mon"
    assert draft_of(tmp_path / "mon" / "deeper" / "x.jpg", tmp_path) == tmp_path / "mon"
    (tmp_path / "mon" / "post.md").write_text("Words.")
    assert draft_of(tmp_path / "mon" / "post.md", tmp_path / "mon") == tmp_path / "mon"


@pytest.fixture
def desk(school: Path) -> tuple[Desk, list[Batch]]:
    shown: list[Batch] = []

    def make(draft: Path) -> Setup:
        return open_setup(draft.parent, roster=None, faces=None)

    return Desk(make=make, show=lambda batch, setup: shown.append(batch)), shown


def test_the_roster_is_read_anew_each_time(desk, draft: Callable[..., Path], school: Path) -> None:
    table, shown = desk
    (school / "faces").mkdir()
    folder = draft("Well done Jamie Reid.")
    table.check(folder)
    roster = school / "consent_roster.yaml"
    roster.write_text(roster.read_text().replace("Jamie Reid", "Somebody Else"))
    table.check(folder)
    assert [batch.verdict for batch in shown] == [Verdict.FAIL, Verdict.PASS]


def test_models_are_kept_until_the_roster_or_a_reference_photo_changes(desk, school: Path, root: Path) -> None:
    table, _ = desk
    photos = school / "faces" / "P01"
    photos.mkdir(parents=True)
    setup = open_setup(school, roster=None, faces=None)
    first = table._guard(setup).faces
    assert table._guard(replace(setup)).faces is first
    shutil.copy(root / "faces" / "P01" / "portrait-1.jpg", photos)
    second = table._guard(setup).faces
    assert second is not first
    roster = school / "consent_roster.yaml"
    roster.write_text(roster.read_text() + "\n# changed\n")
    assert table._guard(open_setup(school, roster=None, faces=None)).faces is not second


def test_trouble_is_said_and_the_watch_goes_on(desk, draft, school: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, shown = desk
    (school / "faces").mkdir()
    folder = draft()
    roster = school / "consent_roster.yaml"
    kept = roster.read_text()
    roster.write_text("school: [")
    table.check(folder)
    assert "No verdict:" in capsys.readouterr().err
    table.check(school / "drafts" / "gone")
    (school / "drafts" / "empty").mkdir()
    table.check(school / "drafts" / "empty")
    assert shown == []
    roster.write_text(kept)
    table.check(folder)
    assert len(shown) == 1


def test_a_missing_folder_and_a_missing_watchdog_are_said_plainly(postguard, school: Path, monkeypatch) -> None:
    ran = postguard("watch", school / "nowhere")
    assert ran.code == 2 and "There is no folder" in ran.err
    monkeypatch.setitem(sys.modules, "watchdog.observers", None)
    ran = postguard("watch", school)
    assert ran.code == 2 and "uv sync --extra watch" in ran.err


def test_reading_a_file_is_no_change_and_saving_one_is(tmp_path: Path) -> None:
    folder = tmp_path / "mon"
    folder.mkdir()
    post = folder / "post.md"
    post.write_text("Words.")
    time.sleep(0.2)
    changed: queue.SimpleQueue[Path] = queue.SimpleQueue()
    with watching._observing(tmp_path, changed):
        post.read_text()
        time.sleep(0.3)
        assert changed.empty()
        post.write_text("Other words.")
        assert changed.get(timeout=5) == post


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent differently on Windows")
def test_the_command_shows_a_verdict_for_a_saved_draft_and_ends_with_ctrl_c(school: Path, draft) -> None:
    (school / "faces").mkdir()
    folder = draft("A good day for all.")
    command = [sys.executable, "-m", "postguard", "watch", str(school / "drafts"), "--date", "2026-11-20"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    ending = threading.Timer(30, process.kill)
    ending.start()
    assert "Watching" in process.stderr.readline()
    (folder / "post.md").write_text("Well done Jamie Reid.", encoding="utf-8")
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    ending.cancel()
    assert first.startswith("FAIL")
    assert process.returncode == 2
    assert "Traceback" not in errors


def test_ctrl_c_during_a_check_ends_the_watch_too(desk, draft, school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table, shown = desk
    (school / "faces").mkdir()

    def stop(*_: object) -> None:
        raise Interrupted("Stopped.")

    monkeypatch.setattr(watching, "check_here", stop)
    with pytest.raises(Interrupted):
        table.check(draft())
    assert shown == []
