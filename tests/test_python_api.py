"""docs/python-api.md, run: what stands there works, and is typed."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import postguard

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^```python (\S+)\n(.*?)^```", TEXT, re.M | re.S))


@pytest.fixture
def school(tmp_path: Path) -> Path:
    for name, text in (("monday", "Soup for all on Monday."), ("tuesday", "Well done Jamie Reid.")):
        (tmp_path / "drafts" / name).mkdir(parents=True)
        (tmp_path / "drafts" / name / "post.md").write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "consent_roster.yaml", tmp_path)
    return tmp_path


def run(example: str, school: Path) -> str:
    command = [sys.executable, "-c", EXAMPLES[example]]
    ran = subprocess.run(command, check=False, cwd=school, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_five_lines_say_the_verdict(school: Path) -> None:
    assert run("check.py", school).split() == ["pass", "[]"]


def test_the_week_is_a_report_that_names_nobody(school: Path) -> None:
    printed = run("week.py", school)
    assert [draft["verdict"] for draft in json.loads(printed)["drafts"]] == ["pass", "fail"]
    assert "P02" not in printed and "Jamie" not in printed


def test_the_front_door_is_typed_and_whole() -> None:
    assert (Path(postguard.__file__).parent / "py.typed").is_file()
    for name in postguard.__all__:
        assert getattr(postguard, name) is not None
    assert set(re.findall(r"from postguard import (.*)", EXAMPLES["check.py"])[0].split(", ")) <= set(postguard.__all__)


def test_the_readme_s_example_is_this_one() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert EXAMPLES["check.py"] in readme
