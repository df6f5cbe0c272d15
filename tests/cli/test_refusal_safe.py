"""Whatever leaves the school's circle tells nobody who refused: two schools that differ in nothing else, compared."""

import io
import json
import re

import pytest
from PIL import Image
from staged_faces import CLEAR, stage

FORMATS = ("json", "jsonl", "junit", "sarif", "github", "html")
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


def outputs(postguard, folder, tmp_path) -> dict[str, str]:
    """Everything a check writes for others, by format, and its exit code."""
    found = {}
    for name in FORMATS:
        out = tmp_path / f"out.{name}"
        found["code"] = str(postguard("check", folder, "--format", name, "-o", out).code)
        found[name] = comparable(out.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def both(postguard, school, tmp_path):
    """The outputs for one draft where all refuse (but one), and where all consent."""

    def run(folder, but: str = "") -> tuple[dict[str, str], dict[str, str]]:
        everybody(school, refuses=True, but=but)
        refused = outputs(postguard, folder, tmp_path)
        everybody(school, refuses=False)
        return refused, outputs(postguard, folder, tmp_path)

    return run


def test_the_two_schools_do_differ(postguard, school, draft, monkeypatch, tmp_path):
    """Else nothing here would prove anything."""
    stage(monkeypatch, **{"IMG_1.jpg": [{"P05": CLEAR}]})
    folder = draft("A good day.", **{"IMG_1.jpg": jpeg()})
    everybody(school, refuses=True, but=SHOWN)
    assert postguard("check", folder).code == 1
    everybody(school, refuses=False)
    assert postguard("check", folder).code == 0


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


def test_a_refused_child_reads_like_a_stranger(postguard, school, draft, monkeypatch, tmp_path):
    folder = draft("A good day.", **{"IMG_1.jpg": jpeg()})
    everybody(school, refuses=True)
    stage(monkeypatch, **{"IMG_1.jpg": [{"P05": CLEAR}]})
    child = outputs(postguard, folder, tmp_path)
    stage(monkeypatch, **{"IMG_1.jpg": [{}]})
    assert child == outputs(postguard, folder, tmp_path)


def test_a_named_child_reads_the_same_whether_the_family_allows_it_or_not(both, draft, school):
    line = next(x for x in (school / "consent_roster.yaml").read_text().splitlines() if "id: P05," in x)
    name = re.search(r"name: ([^,}]+)", line)
    assert name is not None
    refused, consented = both(draft(f"Well done {name[1]}."))
    assert refused["code"] == consented["code"] == "1"
    assert refused == consented
    assert not any(name[1] in text for text in refused.values())


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
