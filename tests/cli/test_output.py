"""Where reports go: files whole or not at all, standard output in UTF-8, the console as the terminal speaks."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from postguard.cli.options import wants_color
from postguard.cli.output import Wanted, pair, write
from postguard.domain.errors import OutputError, UsageError

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")
FOREIGN = "Łukasz → 日本 “ok” 🙂"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
@pytest.mark.parametrize("form", ["console", "json", "jsonl", "junit", "sarif", "github", "html"])
def test_every_format_can_be_piped_whatever_the_terminal_speaks(draft, encoding, form) -> None:
    folder = draft(FOREIGN, name="Zoë-日本")
    ran = subprocess.run(
        [Path(sys.executable).parent / "postguard", "check", folder, "--format", form],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.decode("utf-8" if form != "console" else encoding)
    assert ("日本" in said) is (form != "console" or encoding == "utf-8")
    assert b"\r" not in ran.stdout or os.name != "posix"
    if form == "junit":
        ET.fromstring(said)


def test_a_name_that_the_terminal_cannot_write_is_no_crash(school) -> None:
    roster = school / "consent_roster.yaml"
    roster.write_text(roster.read_text(encoding="utf-8").replace("Jamie Reid", "Łukasz Żak"), encoding="utf-8")
    ran = subprocess.run(
        [Path(sys.executable).parent / "postguard", "roster", "list", "--roster", roster],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
    )
    assert ran.returncode == 0, ran.stderr
    assert b"?ukasz" in ran.stdout


def test_nothing_but_the_document_is_on_standard_output(postguard, draft) -> None:
    for options in ((), ("-v",), ("-q",), ("--color", "always"), ("--private",), ("--fail-fast",)):
        ran = postguard("check", draft(name=f"d{len(options)}{''.join(options)}"), "--format", "json", *options)
        assert json.loads(ran.out)["verdict"] == "pass"


def test_several_formats_each_in_its_file_and_the_console_once(postguard, draft, tmp_path) -> None:
    wanted = [("json", "a.json"), ("jsonl", "a.jsonl"), ("junit", "a.xml"), ("sarif", "a.sarif"), ("html", "a.html")]
    options = [word for form, file in wanted for word in ("--format", form, "-o", tmp_path / file)]
    ran = postguard("check", draft(), *options)
    assert ran.out.count("PASS  Nothing was found") == 1
    assert {file.name for file in tmp_path.iterdir()} == {name for _, name in wanted} | {"school"}
    if os.name == "posix":
        assert all((tmp_path / name).stat().st_mode & 0o077 == 0 for _, name in wanted)


def test_a_report_that_fails_to_be_written_leaves_nothing_behind_and_the_verdict_is_said(
    postguard, draft, tmp_path, monkeypatch
) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    old = tmp_path / "report.json"
    old.write_text("old")
    ran = postguard("check", draft("Well done Aoife!"), "--format", "json", "-o", old)
    assert ran.code == 2
    assert "cannot be written" in ran.err and "No space left" in ran.err
    assert ran.out.startswith("FAIL")
    assert old.read_text() == "old"
    assert {file.name for file in tmp_path.iterdir()} == {"report.json", "school"}


@posix
def test_a_pipe_is_written_into_and_a_link_written_through(tmp_path) -> None:
    pipe, link, target = tmp_path / "pipe", tmp_path / "link", tmp_path / "target.json"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True)
    write("words\n", pipe)
    assert reader.communicate(timeout=10)[0] == "words\n"
    assert pipe.is_fifo()
    link.symlink_to(target)
    write("words\n", link)
    assert link.is_symlink() and target.read_text() == "words\n"


@posix
def test_a_long_file_name_is_no_trouble(tmp_path) -> None:
    file = tmp_path / ("n" * 255)
    write("words", file)
    assert file.read_text() == "words"
    with pytest.raises(OutputError, match="too long"):
        write("words", tmp_path / ("n" * 256))


def test_formats_and_files_that_do_not_fit_are_refused() -> None:
    a, b = Path("a.json"), Path("b.html")
    assert pair(["console", "html"], [b]) == (Wanted(format="console"), Wanted(format="html", file=b))
    assert pair([], [a, b]) == (Wanted(format="json", file=a), Wanted(format="html", file=b))
    for formats, files in ((["json", "html"], [b]), (["json"], [a, b]), (["json", "html"], [a, Path("./a.json")])):
        with pytest.raises(UsageError):
            pair(formats, files)


def test_a_report_among_the_drafts_is_refused_for_it_would_stop_them(postguard, draft, school) -> None:
    folder = draft()
    for file in (folder / "report.json", school / "drafts" / "week.json"):
        ran = postguard("check", school / "drafts", "--format", "json", "-o", file)
        assert ran.code == 2 and "among the drafts" in ran.err
        assert not file.exists()
    for _ in range(2):
        assert postguard("check", school / "drafts", "-o", school / "week.json").code == 0


def test_colour_is_for_terminals_that_want_it(monkeypatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_color("auto")
    for name, value in (("TERM", "dumb"), ("NO_COLOR", "1")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert not wants_color("auto")
            assert wants_color("always")


def test_colour_that_was_asked_for_goes_through_a_pipe(postguard, draft) -> None:
    assert "\033[1;32mPASS" in postguard("check", draft(), "--color", "always").out
    assert "\033" not in postguard("check", draft(name="other")).out


@pytest.mark.parametrize("name", ["consent_roster.yaml", "postguard.yaml", "pupils.csv", "IMG_1.JPG", "1.png"])
def test_what_a_school_keeps_is_never_overwritten_by_a_report(postguard, draft, school, name):
    file = school / name
    before = file.read_bytes() if file.exists() else b"mine"
    file.write_bytes(before)
    ran = postguard("check", draft("A good day."), "--format", "json", "-o", file)
    assert ran.code == 2 and "no report" in ran.err
    assert postguard("calibrate", "-o", file).code == 2
    assert file.read_bytes() == before
