"""Whatever leaves the school's circle tells nobody who refused: two schools that differ in nothing else, compared."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PIL import Image
from staged_faces import CLEAR, UNSURE, stage

from postguard.batch import Watcher
from postguard.rendering import FORMATS

WRITTEN = (*FORMATS, "console")
"""Every format, as a file: what can be sent on."""
SHOWN = "P04"


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1000, 500), (40, 90, 60)).save(out, "JPEG")
    return out.getvalue()


def everybody(school, *, refuses: bool, but: str = "") -> None:
    """Rewrite the roster: everybody allows, or refuses, except one."""
    path = school / "consent_roster.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    words = ("consent: granted", "consent: refused")

    def decided(line: str) -> str:
        if "{id: " not in line:
            return line
        no = refuses and f"id: {but}," not in line
        return line.replace(words[not no], words[no])

    path.write_text("".join(decided(line) for line in lines), encoding="utf-8")


def comparable(text: str) -> str:
    """Without what is meant to differ: the register's fingerprint, signatures, and the clock."""
    text = re.sub(r"sha256:[0-9a-f]{64}", "sha256:…", text)
    text = re.sub(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?([+-]\d{2}:\d{2}|Z)?", "…", text)
    return re.sub(r'"(signature|mac|before|receipt|after)": ?"[^"]*"', r'"\1":"…"', text)


@pytest.fixture
def outputs(postguard, school, tmp_path, monkeypatch):
    """Everything a check writes or says for others: files by format, standard output and error, progress, journal."""
    progress: list[str] = []

    @contextmanager
    def watching(total: int, *, quiet: bool = False) -> Iterator[Watcher]:
        yield Watcher(
            begun=lambda draft: progress.append(draft.name),
            ended=lambda draft, result: progress.append(draft.name),
            say=progress.append,
        )

    monkeypatch.setattr("postguard.cli.check.watching", watching)

    def run(folder, *more: str) -> dict[str, str]:
        progress.clear()
        files = {name: tmp_path / f"out.{name}" for name in WRITTEN}
        wanted = [word for name, file in files.items() for word in ("--format", name, "-o", file)]
        ran = postguard("check", folder, *wanted, *more)
        found = {name: file.read_text(encoding="utf-8") for name, file in files.items()}
        found["standard output"] = postguard("check", folder, "--format", "json", *more).out
        journal = (school / ".postguard" / "journal.jsonl").read_text().splitlines()[-2:]
        found |= {"standard error": ran.err, "progress": "\n".join(progress), "journal": "\n".join(journal)}
        return {"code": str(ran.code)} | {name: comparable(text) for name, text in found.items()}

    return run


@pytest.fixture
def both(outputs, school):
    """The outputs for one draft where all refuse (but one), and where all consent."""

    def run(folder, but: str = "") -> tuple[dict[str, str], dict[str, str]]:
        everybody(school, refuses=True, but=but)
        refused = outputs(folder)
        everybody(school, refuses=False)
        return refused, outputs(folder)

    return run


def without_journal(found: dict[str, str]) -> dict[str, str]:
    """The journal stays in school, and says by which rule a draft failed."""
    return {name: text for name, text in found.items() if name != "journal"}


def test_the_two_schools_do_differ(postguard, school, draft, monkeypatch, tmp_path):
    """Else nothing here would prove anything."""
    stage(monkeypatch, **{"IMG_1.jpg": [{"P05": CLEAR}]})
    folder = draft("A good day.", **{"IMG_1.jpg": jpeg()})
    everybody(school, refuses=True, but=SHOWN)
    assert postguard("check", folder).code == 1
    everybody(school, refuses=False)
    assert postguard("check", folder).code == 0


def test_every_output_holds_something_to_compare(outputs, draft, monkeypatch):
    """Else they could all be equal because they are all empty."""
    stage(monkeypatch, **{"IMG_1.jpg": [{SHOWN: CLEAR}]})
    found = outputs(draft("---\npeople: 1\n---\nA good day.", **{"IMG_1.jpg": jpeg()}))
    for name in (*WRITTEN, "standard output"):
        assert "pass" in found[name].casefold() or (name.startswith("junit") and 'failures="0"' in found[name]), name
    assert found["progress"]
    assert json.loads(found["journal"].splitlines()[0])["verdict"] == "pass"


def test_each_format_could_tell(outputs, school, draft, monkeypatch):
    """What is written for the school alone does differ, so what is equal above is equal for a reason."""
    folder = draft("A good day.", **{"IMG_1.jpg": jpeg()})
    everybody(school, refuses=True)
    stage(monkeypatch, **{"IMG_1.jpg": [{"P05": CLEAR}]})
    child = outputs(folder, "--private")
    stage(monkeypatch, **{"IMG_1.jpg": [{}]})
    stranger = outputs(folder, "--private")
    for name in WRITTEN:
        assert child[name] != stranger[name], name
    assert child["journal"] != stranger["journal"]


def test_a_passed_post_tells_nothing_about_anybody_who_is_not_in_it(both, draft, monkeypatch):
    stage(monkeypatch, **{"IMG_1.jpg": [{SHOWN: CLEAR}]})
    refused, consented = both(draft("---\npeople: 1\n---\nA good day.", **{"IMG_1.jpg": jpeg()}), but=SHOWN)
    assert refused["code"] == consented["code"] == "0"
    assert refused == consented


def test_words_that_pass_tell_nothing(both, draft):
    refused, consented = both(draft("The garden is in flower."))
    assert refused["code"] == consented["code"] == "0"
    assert refused == consented


def test_a_stranger_reads_the_same_everywhere(both, draft, monkeypatch):
    stage(monkeypatch, **{"IMG_1.jpg": [{}]})
    refused, consented = both(draft("A good day.", **{"IMG_1.jpg": jpeg()}))
    assert refused["code"] == consented["code"] == "1"
    assert refused == consented


def test_a_passed_post_beside_one_that_failed_tells_nothing_either(both, draft, monkeypatch):
    stage(monkeypatch, **{"IMG_1.jpg": [{SHOWN: CLEAR}], "IMG_2.jpg": [{}]})
    draft("---\npeople: 1\n---\nA good day.", name="one", **{"IMG_1.jpg": jpeg()})
    folder = draft("Who is this?", name="two", **{"IMG_2.jpg": jpeg()}).parent
    refused, consented = both(folder, but=SHOWN)
    assert refused["code"] == consented["code"] == "1"
    assert refused == consented


@pytest.mark.parametrize("faces", [{"P05": CLEAR}, {"P05": UNSURE}, {SHOWN: CLEAR, "P05": CLEAR - 0.01}])
def test_a_refused_child_reads_like_a_stranger(outputs, school, draft, monkeypatch, faces):
    folder = draft("A good day.", **{"IMG_1.jpg": jpeg()})
    everybody(school, refuses=True, but=SHOWN)
    stage(monkeypatch, **{"IMG_1.jpg": [faces]})
    child = outputs(folder)
    stage(monkeypatch, **{"IMG_1.jpg": [{}]})
    assert child["code"] == "1"
    assert without_journal(child) == without_journal(outputs(folder))


def test_a_protected_child_reads_like_one_who_was_refused_even_in_school(outputs, school, draft, monkeypatch):
    folder = draft("A good day.", **{"IMG_1.jpg": jpeg()})
    stage(monkeypatch, **{"IMG_1.jpg": [{"P05": CLEAR}]})
    everybody(school, refuses=True)
    refused = outputs(folder), outputs(folder, "--private")
    path = school / "consent_roster.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    protected = [x.replace("{id: P05,", "{id: P05, high_risk: true,") for x in lines]
    assert protected != lines
    path.write_text("".join(protected), encoding="utf-8")
    assert (outputs(folder), outputs(folder, "--private")) == refused


def test_a_named_child_reads_the_same_whether_the_family_allows_it_or_not(both, draft, school):
    line = next(x for x in (school / "consent_roster.yaml").read_text().splitlines() if "id: P05," in x)
    name = re.search(r"name: ([^,}]+)", line)
    assert name is not None
    refused, consented = both(draft(f"Well done {name[1]}."))
    assert refused["code"] == consented["code"] == "1"
    assert refused == consented
    assert not any(name[1] in text for text in refused.values())
    assert not any("P05" in text for text in refused.values())


def test_receipt_and_journal_of_a_passed_post_tell_nothing(postguard, school, draft, monkeypatch, tmp_path):
    stage(monkeypatch, **{"IMG_1.jpg": [{SHOWN: CLEAR}]})
    folder = draft("---\npeople: 1\n---\nA good day.", **{"IMG_1.jpg": jpeg()})
    receipts = []
    for refuses in (True, False):
        everybody(school, refuses=refuses, but=SHOWN)
        assert postguard("check", folder, "--receipt", tmp_path / "r").code == 0
        receipts.append(comparable((tmp_path / "r").read_text()))
    assert receipts[0] == receipts[1]
    lines = comparable((school / ".postguard" / "journal.jsonl").read_text()).splitlines()
    assert lines[:2] == lines[2:]
    assert json.loads(lines[0])["verdict"] == "pass"
