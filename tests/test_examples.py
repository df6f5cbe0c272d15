"""The example drafts with real models, through the Python API and through the command: as examples/expected says."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from postguard import Report, Verdict, load_draft, load_roster, open_guard
from postguard.domain.people import Person

pytestmark = pytest.mark.slow

EXPECTED = Path(__file__).parents[1] / "examples" / "expected"
WEEK: dict[str, Any] = json.loads((EXPECTED / "week.json").read_text("utf-8"))
BROKEN: dict[str, Any] = json.loads((EXPECTED / "broken.json").read_text("utf-8"))
FRIDAY = date.fromisoformat(WEEK["date"])


def summary(report: Report) -> dict[str, Any]:
    findings = [
        {
            "rule": f.rule,
            "part": f.part,
            **({"face": f.face} if f.face else {}),
            **({"person": f.person} if f.person else {}),
        }
        for f in report.findings
        if f.severity.fails
    ]
    return {"verdict": report.verdict.value, "findings": sorted(findings, key=str)}


@pytest.fixture(scope="module")
def by_api(demo_school: Path) -> dict[str, Report]:
    guard = open_guard(load_roster(demo_school / "consent_roster.yaml"), on=FRIDAY)
    folders = sorted((demo_school / "examples" / "week").iterdir())
    return {report.draft: report for report in guard.together([guard.check(load_draft(f)) for f in folders])}


@pytest.fixture(scope="module")
def by_command(demo_school: Path, by_api: dict[str, Report]) -> dict[str, Any]:
    """Two processes, so that parallel is held against serial too."""
    command = [sys.executable, "-m", "postguard", "check", str(demo_school / "examples" / "week")]
    options = ["--date", WEEK["date"], "--format", "json", "--private", "--jobs", "2"]
    ran = subprocess.run([*command, *options], capture_output=True, text=True, check=False, env=os.environ)
    assert ran.returncode == WEEK["exit"], ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@pytest.mark.parametrize("draft", WEEK["drafts"])
def test_each_draft_has_its_intended_report(draft: str, by_api: dict[str, Report]) -> None:
    assert summary(by_api[draft]) == WEEK["drafts"][draft]


@pytest.mark.parametrize("draft", WEEK["drafts"])
def test_the_command_says_what_the_api_says(draft: str, by_api: dict[str, Report], by_command: dict[str, Any]) -> None:
    (said,) = [one for one in by_command["drafts"] if one["draft"] == draft]
    report = by_api[draft]
    assert said["verdict"] == report.verdict.value
    found = [(f["rule"], f["part"], f.get("region"), f.get("person")) for f in said["findings"]]
    assert sorted(found, key=str) == sorted(
        [
            (
                f.rule,
                f.part,
                [f.region.x, f.region.y, f.region.width, f.region.height] if f.region else None,
                f.person,
            )
            for f in report.findings
        ],
        key=str,
    )
    assert [(f["outcome"], f.get("person")) for f in said["faces"]] == [
        (d.outcome.value, d.person) for d in report.evidence.decisions
    ]


def test_consent_that_was_withdrawn_on_thursday_still_held_on_wednesday(demo_school: Path) -> None:
    guard = open_guard(load_roster(demo_school / "consent_roster.yaml"), on=date(2026, 11, 18))
    report = guard.check(load_draft(demo_school / "examples" / "week" / "friday-trip"))
    assert report.verdict is Verdict.PASS, summary(report)


def test_everybody_in_the_assembly_is_who_they_are(by_api: dict[str, Report], root: Path) -> None:
    """Nobody is cleared as somebody else: faces are held against where the picture's makers put each pupil."""
    lines = (root / "tests" / "pictures" / "manifest.jsonl").read_text("utf-8").splitlines()
    people = next(p["people"] for p in map(json.loads, lines) if p["file"] == "G4_assembly.jpg")
    decisions = by_api["monday-assembly"].evidence.decisions
    assert len(decisions) == len(people)
    for known in people:
        x, y = known["face"]
        (there,) = [
            d
            for d in decisions
            if abs(d.face.region.x + d.face.region.width / 2 - x) < d.face.region.width / 2
            and abs(d.face.region.y + d.face.region.height / 2 - y) < d.face.region.height / 2
        ]
        assert there.person == known["who"]


def test_what_nobody_can_read_fails_and_none_is_skipped(demo_school: Path) -> None:
    guard = open_guard(load_roster(demo_school / "consent_roster.yaml"), on=FRIDAY)
    folders = sorted((demo_school / "examples" / "broken").iterdir())
    assert {folder.name for folder in folders} == set(BROKEN["drafts"])
    for folder in folders:
        report = guard.check(load_draft(folder))
        assert report.verdict is Verdict.FAIL, folder.name
        said = [f.message for f in report.findings if f.rule == "PG901"]
        assert any(BROKEN["drafts"][folder.name] in message for message in said), (folder.name, said)


def test_a_person_without_biometric_consent_is_a_stranger(demo_school: Path, tmp_path: Path) -> None:
    """No template is made of the pupil, so the face is nobody's, and the stricter threshold holds for all."""
    roster = load_roster(demo_school / "consent_roster.yaml")
    without = _without_template_of("P04", roster.people)
    from dataclasses import replace

    changed = replace(roster, people=without, path=tmp_path / "consent_roster.yaml")
    guard = open_guard(changed, faces=demo_school / "faces", on=FRIDAY, channel="twitter")
    report = guard.check(load_draft(demo_school / "examples" / "week" / "friday-trip"))
    assert "P04" not in {c.person for d in report.evidence.decisions for c in d.face.candidates}
    assert [f.rule for f in report.findings if f.severity.fails] == ["PG102"]


def _without_template_of(who: str, people: tuple[Person, ...]) -> tuple[Person, ...]:
    from dataclasses import replace

    return tuple(replace(p, biometric=False) if p.id == who else p for p in people)
