"""`postguard check` as a command: what it says and how it ends, without a face library where none is needed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from postguard.pipeline import not_checked

DATE = ("--date", "2026-11-20")


def test_words_that_name_nobody_pass(postguard, draft) -> None:
    ran = postguard("check", draft(), *DATE)
    assert ran.code == 0
    assert "PASS" in ran.out


def test_a_pupils_name_fails(postguard, draft) -> None:
    ran = postguard("check", draft("Well done Aoife!"), *DATE)
    assert ran.code == 1
    assert "PG201" in ran.out
    assert "Aoife MacDonald" in ran.out


def test_words_without_a_folder(postguard, school, monkeypatch) -> None:
    monkeypatch.chdir(school)
    assert postguard("check", "--text", "A good day.", *DATE).code == 0
    assert postguard("check", "--text", "A good day for Jamie Reid.", *DATE).code == 1


def test_a_batch_says_each_verdict(postguard, draft, school) -> None:
    draft("A good day.", name="monday")
    draft("Well done Aoife!", name="tuesday")
    ran = postguard("check", school / "drafts", *DATE, "--format", "json")
    assert ran.code == 1
    assert [d["verdict"] for d in json.loads(ran.out)["drafts"]] == ["pass", "fail"]


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("drafts/drfat", 2, "There is nothing at"),
        ("empty", 3, "There is nothing in"),
        ("drafts/draft/post.md", 2, "is a file"),
    ],
)
def test_paths_that_are_no_draft(postguard, draft, school, path, code, words) -> None:
    draft()
    (school / "empty").mkdir()
    ran = postguard("check", school / path, *DATE)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err


@pytest.mark.parametrize("arguments", [(), ("--nonsense",), ("x", "--date", "3 November"), ("x", "--format", "pdf")])
def test_bad_command_lines_are_no_verdict(postguard, arguments) -> None:
    ran = postguard("check", *arguments)
    assert ran.code == 2
    assert ran.err


def test_no_roster_is_no_verdict(postguard, tmp_path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "post.md").write_text("A good day.")
    ran = postguard("check", tmp_path / "d")
    assert ran.code == 2
    assert "consent_roster.yaml" in ran.err
    assert "postguard init" in ran.err


def test_a_draft_never_brings_its_own_roster(postguard, tmp_path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "post.md").write_text("A good day.")
    (folder / "consent_roster.yaml").write_text("school: S\npupils: []\n")
    assert postguard("check", folder).code == 2


def test_a_roster_past_its_review_date_is_no_verdict(postguard, draft) -> None:
    ran = postguard("check", draft(), "--date", "2027-07-01")
    assert ran.code == 2
    assert "review" in ran.err


def test_a_past_date_is_said(postguard, draft) -> None:
    assert "day in the past" in postguard("check", draft(), "--date", "2026-09-01").out


def test_an_unknown_channel(postguard, draft) -> None:
    assert postguard("check", draft(), *DATE, "--channel", "pigeon").code == 2
    assert postguard("check", draft("---\nchannel: pigeon\n---\nCoo.", name="two"), *DATE).code == 1


def test_errors_are_json_where_json_was_asked_for(postguard, school) -> None:
    ran = postguard("check", school / "nowhere", "--format", "json", *DATE)
    assert ran.code == 2
    answer = json.loads(ran.out)
    assert answer["verdict"] == "none"
    assert "nothing at" in answer["error"]["message"]


def test_json_names_nobody(postguard, draft) -> None:
    out = postguard("check", draft("Well done Aoife!"), *DATE, "--format", "json").out
    assert "Aoife" not in out
    assert "P09" not in out
    private = postguard("check", draft("Well done Aoife!", name="two"), *DATE, "--format", "json", "--private").out
    assert "Aoife" not in private
    assert "P09" in private


def test_the_console_can_show_ids_instead(postguard, draft) -> None:
    out = postguard("check", draft("Well done Aoife!"), *DATE, "--redact").out
    assert "Aoife" not in out
    assert "P09" in out


def test_a_report_in_a_file_and_the_verdict_on_the_console(postguard, draft, tmp_path) -> None:
    file = tmp_path / "report.json"
    ran = postguard("check", draft(), *DATE, "--format", "json", "-o", file)
    assert "PASS" in ran.out
    assert json.loads(file.read_text())["verdict"] == "pass"


def test_a_report_that_cannot_be_written_is_no_verdict(postguard, draft, tmp_path) -> None:
    ran = postguard("check", draft(), *DATE, "--format", "json", "-o", tmp_path / "no" / "report.json")
    assert ran.code == 2
    assert "There is no folder" in ran.err


def test_two_formats_need_files(postguard, draft) -> None:
    ran = postguard("check", draft(), *DATE, "--format", "json", "--format", "jsonl")
    assert ran.code == 2


def test_a_real_roster_inside_a_shared_repository_is_refused(postguard, draft, school) -> None:
    roster = school / "consent_roster.yaml"
    roster.write_text(roster.read_text().replace("demo: true", "demo: false"))
    folder = draft()
    assert postguard("check", folder, *DATE).code == 0
    git = school / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "config").write_text('[remote "origin"]\n\turl = somewhere\n')
    ran = postguard("check", folder, *DATE)
    assert ran.code == 2
    assert "--allow-git" in ran.err
    assert postguard("check", folder, *DATE, "--allow-git").code == 0


def test_a_library_that_quits_is_never_a_pass(postguard, draft, monkeypatch) -> None:
    """face_recognition calls quit(), exit code 0, when its models cannot be imported."""

    def quits(*_: object, **__: object) -> None:
        sys.exit(0)

    monkeypatch.setattr("postguard.assembly.Setup.guard", quits)
    ran = postguard("check", draft(), *DATE)
    assert ran.code == 2
    assert "No verdict" in ran.err


def test_a_crash_in_a_check_fails_the_draft(postguard, draft, monkeypatch) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("postguard.matching.names.NameFinder.find", crash)
    ran = postguard("check", draft(), *DATE)
    assert ran.code == 1
    assert "PG901" in ran.out
    assert "Traceback" not in ran.said


def test_ctrl_c_is_no_verdict(postguard, draft, monkeypatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("postguard.pipeline.Guard.check", interrupt)
    ran = postguard("check", draft(), *DATE)
    assert ran.code == 2
    assert "Stopped" in ran.err


def test_a_closed_pipe_is_no_trace(draft: Callable[..., Path]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        [sys.executable, "-c", "from postguard.cli import main; main()", "check", str(draft()), *DATE],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert ran.returncode == 2
    assert ran.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full, as Linux has")
def test_a_full_disk_is_said(draft: Callable[..., Path]) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-c", "from postguard.cli import main; main()", "check", str(draft()), *DATE],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 2
    assert "could not be written" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_day_that_is_none_is_said_plainly(postguard, draft) -> None:
    ran = postguard("check", draft(), "--date", "3 November")
    assert "3 November is not a day" in ran.err


def test_help_opens_no_engine() -> None:
    code = (
        "import sys; from postguard.cli import group as g; g.main(['-h'], standalone_mode=False); print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"cv2", "dlib", "face_recognition", "numpy", "PIL", "onnxruntime", "rapidocr", "rich", "yaml"}
    assert not heavy & set(ran.stdout.split())


def test_every_rule_is_listed_and_explained(postguard) -> None:
    from postguard.checks import ALL_CHECKS

    listed = postguard("rules").out
    for check in ALL_CHECKS:
        assert check.RULE.id in listed
        explained = postguard("explain", check.RULE.id.lower())
        assert explained.code == 0
        assert check.RULE.name in explained.out
        assert len(explained.out) > 200
    assert "PG100" in postguard("explain", "PG100").out


def test_explaining_a_rule_that_is_not_there(postguard) -> None:
    ran = postguard("explain", "PG111")
    assert ran.code == 2
    assert "no rule" in ran.err


def test_drafts_of_two_schools_are_not_mixed(postguard, draft, tmp_path) -> None:
    other = tmp_path / "other"
    (other / "d").mkdir(parents=True)
    (other / "d" / "post.md").write_text("A good day.")
    (other / "consent_roster.yaml").write_text("school: Other\ndemo: true\npupils: []\n")
    ran = postguard("check", draft(), other / "d", *DATE)
    assert ran.code == 2
    assert "different rosters" in ran.err


def test_fail_fast_says_what_was_not_checked(postguard, draft, school) -> None:
    draft("Well done Aoife!", name="monday")
    draft("A good day.", name="tuesday")
    ran = postguard("check", school / "drafts", *DATE, "--fail-fast")
    assert ran.code == 1
    assert "1 draft was not checked" in ran.err


def test_a_single_draft_that_takes_too_long_fails(postguard, draft, monkeypatch) -> None:
    """With --timeout even one draft is checked in a process of its own, which can be ended."""
    asked = {}

    def never_ready(drafts, make, guard, watcher, *, jobs, timeout, fail_fast):
        asked.update(jobs=jobs, timeout=timeout)
        return [not_checked(one, guard, "it took longer than 2 seconds.") for one in drafts]

    monkeypatch.setattr("postguard.cli.check.check_in_pool", never_ready)
    ran = postguard("check", draft(), *DATE, "--timeout", "2")
    assert (ran.code, asked) == (1, {"jobs": 1, "timeout": 2.0})
    assert "longer than 2 seconds" in ran.out.replace("\n", " ")


def test_ctrl_c_says_what_was_finished(postguard, draft, school, monkeypatch) -> None:
    from postguard.pipeline import Guard

    check = Guard.check
    draft("A good day.", name="monday")
    draft("A good day.", name="tuesday")

    def interrupted(guard, one, say):
        if one.name == "tuesday":
            raise KeyboardInterrupt
        return check(guard, one, say)

    monkeypatch.setattr("postguard.pipeline.Guard.check", interrupted)
    ran = postguard("check", school / "drafts", *DATE)
    assert ran.code == 2
    assert "1 of 2 drafts had been checked: monday" in ran.err


def test_ctrl_c_does_not_wait_for_an_engine_in_the_middle_of_a_picture() -> None:
    """A thread that Python would wait for, or fall over, when the process ends."""
    stuck = (
        "import threading, time\n"
        "import postguard.cli, postguard.cli.ending\n"
        "def run(group):\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "    print('Stopped.')\n"
        "    return 2\n"
        "postguard.cli.ending.run = run\n"
        "import atexit; atexit.register(time.sleep, 60)\n"
        "postguard.cli.main()\n"
    )
    ran = subprocess.run([sys.executable, "-c", stuck], check=False, capture_output=True, text=True, timeout=30)
    assert (ran.returncode, ran.stdout) == (2, "Stopped.\n")


@pytest.mark.parametrize(
    ("arguments", "threads"), [((), None), (("--jobs", "1"), 1), (("--timeout", "60"), None)], ids=str
)
def test_a_job_is_one_core_and_a_draft_by_itself_has_them_all(
    postguard, draft, monkeypatch, arguments, threads
) -> None:
    from postguard.assembly import Setup

    asked = []
    guard = Setup.guard
    monkeypatch.setattr(Setup, "guard", lambda setup: asked.append(setup.threads) or guard(setup))
    postguard("check", draft("A good day."), *DATE, *arguments)
    assert asked[0] == threads
