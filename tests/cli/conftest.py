"""A school to try the commands in, and a way to run them as a user would."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from postguard.cli import group
from postguard.cli.ending import run


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


Run = Callable[..., Ran]


@pytest.fixture
def postguard(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in this process: exit code, standard output, standard error."""
    monkeypatch.setenv("COLUMNS", "100")

    def call(*arguments: object) -> Ran:
        code = run(group, [str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code=code, out=captured.out, err=captured.err)

    return call


@pytest.fixture
def school(tmp_path: Path, root: Path) -> Path:
    """The demo school's roster in a folder of its own, without photos: enough for words."""
    folder = tmp_path / "school"
    folder.mkdir()
    shutil.copy(root / "consent_roster.yaml", folder)
    return folder


@pytest.fixture
def draft(school: Path) -> Callable[..., Path]:
    """Make a draft in the school: `draft("Words.", IMG_1=b"bytes")` and so on."""

    def make(text: str | None = "A good day for all.", name: str = "draft", **files: bytes) -> Path:
        folder = school / "drafts" / name
        folder.mkdir(parents=True)
        if text is not None:
            (folder / "post.md").write_text(text, encoding="utf-8")
        for file, content in files.items():
            (folder / file).write_bytes(content)
        return folder

    return make
