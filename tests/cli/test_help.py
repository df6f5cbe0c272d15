"""`postguard help`: every topic has its page, and what the pages name is there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import postguard.cli
from postguard.checks import ALL_CHECKS
from postguard.cli import COMMANDS
from postguard.cli.help import TOPICS, page
from postguard.domain import errors
from postguard.rendering import FORMATS

COMMAND = str(Path(sys.executable).parent / "postguard")


def test_there_is_a_page_for_each_topic_and_no_other() -> None:
    pages = (Path(postguard.cli.__file__).parent / "topics").iterdir()
    assert {path.stem for path in pages} == set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_pages_fit_a_terminal_and_name_only_what_there_is(topic: str, postguard) -> None:
    ran = postguard("help", topic)
    assert (ran.code, ran.out) == (0, page(topic))
    assert max(len(line) for line in ran.out.splitlines()) <= 120
    for name in re.findall(r"postguard ([a-z]+)", ran.out):
        assert name in COMMANDS or name in {"never"}
    rules = {check.RULE.id for check in ALL_CHECKS} | {"PG100"}
    assert set(re.findall(r"PG\d{3}", ran.out)) <= rules


def test_help_lists_topics_and_knows_commands_and_rules(postguard) -> None:
    ran = postguard("help")
    assert all(topic in ran.out for topic in TOPICS)
    assert postguard("help", "rules").out == postguard("rules", "--help").out
    assert postguard("help", "pg101").out == postguard("explain", "PG101").out
    ran = postguard("help", "exit-code")
    assert ran.code == 2 and "Did you mean exit-codes?" in ran.err


def test_the_page_on_exit_codes_and_the_page_on_reports_are_true() -> None:
    told = dict(re.findall(r"^  (\d)   (\w+)", page("exit-codes"), re.M))
    assert told == {
        str(errors.EXIT_PASS): "every",
        str(errors.EXIT_FAIL): "at",
        str(errors.EXIT_NO_VERDICT): "no",
        str(errors.EXIT_NOTHING): "nothing",
    }
    for name in FORMATS:
        assert name in page("reports")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_tab_key_gets_a_script_and_never_a_pass(shell: str) -> None:
    environment = {**os.environ, "_POSTGUARD_COMPLETE": f"{shell}_source"}
    ran = subprocess.run([COMMAND], check=False, env=environment, capture_output=True, text=True)
    if shell == "bash" and "Bash" in ran.stderr:
        pytest.skip("bash here is too old for completion")
    assert "_postguard_completion" in ran.stdout or "function _postguard" in ran.stdout
    assert (ran.returncode, ran.stderr) == (3, "")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("postguard che", "check"),
        ("postguard check --pri", "--private"),
        ("postguard check --format sar", "sarif"),
        ("postguard explain pg90", "PG901 PG902"),
        ("postguard help ver", "verdict"),
    ],
)
def test_the_tab_key_finishes_commands_options_and_words(words: str, expected: str) -> None:
    asked = {"_POSTGUARD_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    ran = subprocess.run([COMMAND], check=False, env={**os.environ, **asked}, capture_output=True, text=True)
    assert ran.stdout.split() == [f"plain,{word}" for word in expected.split()]
