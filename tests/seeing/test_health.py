"""What doctor is told: everything that is missing, and whether a verdict can be had at all."""

import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from postguard.cli.doctor import command
from postguard.seeing.health import State, examine
from postguard.seeing.models import ALL_WEIGHTS, YUNET, locate


def test_a_whole_installation_can_give_verdicts() -> None:
    done = CliRunner().invoke(command, standalone_mode=False)
    assert done.return_value == 0
    assert all(weights.key in done.output and weights.licence in done.output for weights in ALL_WEIGHTS)


def test_a_changed_model_prevents_verdicts_and_a_cure_is_given(tmp_path: Path) -> None:
    for weights in ALL_WEIGHTS:
        source = locate(weights)
        assert source is not None
        shutil.copy(source, tmp_path / weights.file_name)
    (tmp_path / YUNET.file_name).write_bytes(b"no model")
    done = CliRunner().invoke(command, ["--models", str(tmp_path)], standalone_mode=False)
    assert done.return_value == 2
    (item,) = (item for item in examine(tmp_path) if item.name == YUNET.key)
    assert item.state is State.BROKEN and item.cure


def test_a_missing_extra_is_said_and_prevents_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postguard.seeing.health.register_heic", lambda: False)
    (item,) = (item for item in examine() if "HEIC" in item.name)
    assert item.state is State.ABSENT and item.cure and not item.prevents_verdicts


def test_without_pyav_it_says_how_clips_come_to_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    (there,) = (item for item in examine() if item.name == "Video clips")
    assert there.state is State.OK and "PyAV" in there.detail
    monkeypatch.setitem(sys.modules, "av", None)
    (item,) = (item for item in examine() if item.name == "Video clips")
    assert item.state is State.ABSENT and not item.prevents_verdicts and "--extra clips" in item.cure
