"""The roster and what is kept beside it survive kills, crowds and editors."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from postguard.keeping import still_held
from postguard.loading import load_roster
from postguard.records import journal

WRITER = """
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from postguard import keeping
from postguard.domain.keeping import grant, refuse
path, who, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
for number in range(rounds):
    word = (lambda p: grant(p, ["twitter"], since=date(2026, 8, 20), until=None, by=f"round {number}")) if number % 2 \\
        else (lambda p: refuse(p, ["twitter"], since=date(2026, 8, 20), by=f"round {number}"))
    keeping.change(path, lambda r: [word(p) if p.id == who else p for p in r.people], what="test")
"""


EVERY_STEP = """
# Kill a change of the roster at every line of Python that writes it, until one comes through; look after each.
import os, signal, sys
from datetime import date
from pathlib import Path
from postguard import keeping
from postguard.domain.keeping import grant
from postguard.loading import load_roster
from postguard.records import journal
path = Path(sys.argv[1])
folder = path.parent / ".postguard"

def change(until):
    keeping.change(path, lambda r: [grant(p, ["twitter"], since=date(2026, 8, 20), until=until, by="x")
                                    if p.id == "P02" else p for p in r.people], what="test")

def killed_at(step, until):
    lines = 0
    def trace(frame, event, arg):
        nonlocal lines
        if event == "line":
            lines += 1
            if lines == step:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    child = os.fork()
    if child == 0:
        write = keeping.write_whole
        def traced(*words, **named):
            sys.settrace(trace)
            write(*words, **named)
            sys.settrace(None)
        keeping.write_whole = traced
        change(until)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])

change(date(2027, 1, 1))
step, kills, written = 1, 0, 0
wanted = lambda: load_roster(path).person("P02").consent[0].until
while killed_at(step, date(2028 + kills % 50, 1, 1)):
    until = wanted()
    assert len(load_roster(path).people) == 13
    written += until == date(2028 + kills % 50, 1, 1)
    problems = journal.verify(folder).problems if kills % 10 == 0 else ()
    assert not problems, (step, problems)
    kills += 1
    step += 1
assert wanted() == date(2028 + kills % 50, 1, 1)
assert not [p for p in path.parent.iterdir() if p.name.endswith(".part")]
print(kills, written)
"""


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "consent_roster.yaml"
    shutil.copy(Path(__file__).parent / "office_roster.yaml", path)
    return path


def writer(roster: Path, who: str, rounds: int) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(roster), who, str(rounds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_kill_at_every_step_of_a_change_loses_nothing(roster: Path) -> None:
    ran = subprocess.run([sys.executable, "-c", EVERY_STEP, str(roster)], capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    kills, written = (int(number) for number in ran.stdout.split())
    assert kills > 20
    assert 0 < written < kills, "some kills came before the new roster stood, and some after"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_kill_at_any_moment_loses_nothing_and_tears_no_file(roster: Path) -> None:
    clock = random.Random(2026)
    comments = [line for line in roster.read_text().splitlines() if line.startswith("#")]
    for _ in range(5):
        process = writer(roster, "P02", 100_000)
        time.sleep(clock.uniform(0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        loaded = load_roster(roster)
        assert len(loaded.people) == 13
        assert [line for line in roster.read_text().splitlines() if line.startswith("#")] == comments
    after = subprocess.run([sys.executable, "-c", WRITER, str(roster), "P02", "2"], check=True, capture_output=True)
    assert after.stderr == b""
    assert [path.name for path in roster.parent.iterdir() if path.name.endswith(".part")] == []
    found = journal.verify(roster.parent / ".postguard")
    assert found.problems == ()
    assert found.lines > 5


def test_two_at_once_both_count(roster: Path) -> None:
    rounds = 15
    processes = [writer(roster, who, rounds) for who in ("P02", "P03", "P04")]
    for process in processes:
        assert process.wait(60) == 0
        assert process.stdout is not None
        process.stdout.close()
    people = {person.id: person for person in load_roster(roster).people}
    for who in ("P02", "P03", "P04"):
        assert [c.by for c in people[who].consent if c.channel == "twitter"] == [f"round {rounds - 1}"]
    found = journal.verify(roster.parent / ".postguard")
    assert (found.problems, found.lines) == ((), 3 * rounds)


def test_the_proof_looks_everywhere_an_id_can_stand(tmp_path: Path) -> None:
    def put(name: str, data: bytes = b"") -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)

    np.savez_compressed(tmp_path / "a.npz", people=np.array(["P01", "P03"]))
    np.savez_compressed(tmp_path / "other.npz", people=np.array(["P01", "P035"]))
    put("faces/P03/1.jpg")
    put("b.txt", "groß: P03.".encode("utf-16"))
    put("c.bin", b"\x00" + "P03".encode("utf-32-le"))
    put("d.yaml", b"{id: P03}")
    put("torn.zip", b"PK\x05\x06")
    put("other.txt", b"P030 XP03 p03")
    put("photo.jpg", b"P03")
    put(".git/old", b"P03")
    held = [path.relative_to(tmp_path).as_posix() for path in still_held(tmp_path, "P03")]
    assert held == ["a.npz", "b.txt", "c.bin", "d.yaml", "faces/P03", "faces/P03/1.jpg"]
