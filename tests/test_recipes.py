"""docs/recipes.md, run: what stands there works, and is for the school's own machines only."""

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import click
import pytest
import yaml

from postguard.cli import group

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```", TEXT, re.M | re.S))

needs_sh = pytest.mark.skipif(not Path("/bin/sh").exists(), reason="no /bin/sh here")


@dataclass(frozen=True)
class Home:
    path: Path

    @property
    def school(self) -> Path:
        return self.path / "school"

    def sh(self, script: str, *arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        command = ["/bin/sh", "-c", script, "sh", *arguments]
        environment = {"HOME": str(self.path), "PATH": f"{self.path}/postguard/.venv/bin:/usr/bin:/bin"}
        return subprocess.run(
            command, check=False, cwd=cwd or self.path, env=environment, capture_output=True, text=True, timeout=120
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home folder as the recipes suppose it, with one draft that passes and one that does not."""
    school = tmp_path / "school"
    for name, text in (("monday", "Soup for all on Monday."), ("tuesday", "Well done Jamie Reid.")):
        (school / "drafts" / name).mkdir(parents=True)
        (school / "drafts" / name / "post.md").write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "consent_roster.yaml", school)
    (school / "faces").mkdir()
    installed = tmp_path / "postguard" / ".venv" / "bin"
    installed.mkdir(parents=True)
    (installed / "postguard").symlink_to(Path(sys.executable).parent / "postguard")
    return Home(tmp_path)


@needs_sh
def test_the_nightly_script_leaves_a_page_and_ends_as_the_check_does(home: Home) -> None:
    ran = home.sh(BLOCKS["nightly.sh"])
    assert ran.returncode == 1, ran.stderr
    page = home.school / "reports" / f"{date.today():%F}.html"
    assert page.stat().st_mode & 0o077 == 0
    for text in (page.read_text(encoding="utf-8"), ran.stdout):
        assert "FAIL" in text and "tuesday" in text
        assert "Jamie" not in text
    assert "monday" not in ran.stdout
    shutil.rmtree(home.school / "drafts" / "tuesday")
    assert home.sh(BLOCKS["nightly.sh"]).returncode == 0


def test_the_cron_line_has_five_times_and_the_script() -> None:
    (line,) = re.findall(r"^```cron\n(.*?)\n```", TEXT, re.M | re.S)
    *times, shell, script = line.split()
    assert len(times) == 5 and all(re.fullmatch(r"[\d*,/-]+", time) for time in times)
    assert (shell, script) == ("/bin/sh", "$HOME/school/nightly.sh")


@needs_sh
@pytest.mark.parametrize(("draft", "published"), [("monday", True), ("tuesday", False), ("nowhere", False)])
def test_only_what_passed_is_posted(home: Home, draft: str, published: bool) -> None:
    publish = home.school / "publish"
    publish.write_text('#!/bin/sh\ntouch "$HOME/published"\n')
    publish.chmod(0o755)
    home.sh(BLOCKS["post.sh"], str(home.school / "drafts" / draft))
    assert (home.path / "published").exists() is published


@needs_sh
@pytest.mark.parametrize("name", ["workflow.yml", "gitlab.yml"])
def test_the_ci_jobs_write_a_test_report_and_fail_with_the_drafts(home: Home, name: str) -> None:
    job = yaml.safe_load(BLOCKS[name].replace("on: [push]", "'on': [push]"))
    if name == "gitlab.yml":
        assert job["postguard"]["tags"] == ["school"]
        (script,) = job["postguard"]["script"]
        report = job["postguard"]["artifacts"]["reports"]["junit"]
    else:
        assert "self-hosted" in job["jobs"]["postguard"]["runs-on"]
        script, report = job["jobs"]["postguard"]["steps"][-1]["run"], "drafts.xml"
    work = home.path / "checkout"
    shutil.copytree(home.school / "drafts", work / "drafts")
    assert home.sh(script, cwd=work).returncode == 1
    suite = ET.parse(work / report).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert "--private" not in script


@needs_sh
@pytest.mark.parametrize("hook", ["recipe", "offered"])
def test_the_commit_hook_stops_what_fails(home: Home, hook: str) -> None:
    offered = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    recipe = yaml.safe_load(BLOCKS["pre-commit.yml"])["repos"][0]["hooks"]
    (one,) = recipe if hook == "recipe" else offered
    assert one["language"] == "system" and one["pass_filenames"] is False
    work = home.path / "writing" if hook == "recipe" else home.school
    if hook == "recipe":
        shutil.copytree(home.school / "drafts", work / "drafts")
    command = shlex.join([*shlex.split(one["entry"]), *one["args"]])
    ran = home.sh(command, cwd=work)
    assert ran.returncode == 1 and "FAIL" in ran.stdout, ran.stderr
    shutil.rmtree(work / "drafts" / "tuesday")
    assert home.sh(command, cwd=work).returncode == 0
    assert re.search(one["files"], "drafts/monday/post.md")


def test_every_command_and_option_in_the_recipes_is_there() -> None:
    context = click.Context(group)
    named = re.findall(
        r"postguard(?:\.exe)?[\"']?\s*`?\s*(?:-Argument \")?(check|watch|verify|help) ([^\n]*(?:\\\n[^\n]*)*)", TEXT
    )
    assert {name for name, _ in named} == {"check", "watch", "verify", "help"}
    for name, rest in named:
        command = group.get_command(context, name)
        assert command is not None
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        for option in re.findall(r"(?<=\s)--[a-z-]+", rest):
            assert option in options, (name, option)
