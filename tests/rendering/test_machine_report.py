"""`postguard-report/1`: the shape that other programs rely on."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from render_scenes import ROSTER, RULES, SCENES, batch, faces, hostile, words

from postguard.domain.errors import RosterError
from postguard.rendering import FORMATS, Audience, render_error_json, render_json, render_jsonl, view_for

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "report.schema.json").read_text())
VALID = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def rendered(scene: Any, audience: Audience = Audience.TRAVEL) -> str:
    return render_json(view_for(scene, roster=ROSTER, rules=RULES, audience=audience))


@pytest.mark.parametrize("audience", [Audience.TRAVEL, Audience.PRIVATE])
@pytest.mark.parametrize("scene", [*sorted(SCENES), "hostile"])
def test_every_report_keeps_to_its_schema(scene: str, audience: Audience) -> None:
    text = rendered(batch(hostile()) if scene == "hostile" else SCENES[scene], audience)
    text.encode()
    VALID.validate(json.loads(text))


def test_the_schema_itself_is_sound() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_keys_stand_in_the_order_of_the_contract() -> None:
    report = json.loads(rendered(batch(faces(), words()), Audience.PRIVATE))
    assert list(report) == ["schema", "postguard", "verdict", "drafts"]
    draft = report["drafts"][0]
    assert list(draft) == [
        "draft",
        "verdict",
        "channel",
        "date",
        "register",
        "findings",
        "faces",
        "mentions",
        "unchecked",
    ]
    assert list(draft["findings"][0]) == ["rule", "name", "severity", "part", "region", "person", "message"]
    assert list(draft["faces"][0]) == ["part", "region", "outcome", "person", "candidates"]
    assert list(draft["faces"][0]["candidates"][0]) == ["person", "score"]
    assert list(report["drafts"][1]["mentions"][0]) == ["part", "start", "end", "person", "how"]


def test_what_must_be_known_of_the_check_is_there_only_when_there_is_something() -> None:
    (draft,) = json.loads(rendered(batch(replace(faces(), remarks=("One encoder only.",)))))["drafts"]
    assert draft["remarks"] == ["One encoder only."]
    (draft,) = json.loads(rendered(batch(replace(faces(), remarks=()))))["drafts"]
    assert "remarks" not in draft


def test_a_private_report_says_who_and_what() -> None:
    draft = json.loads(rendered(batch(faces()), Audience.PRIVATE))["drafts"][0]
    assert draft["findings"][0] == {
        "rule": "PG101",
        "name": "unconsented-face",
        "severity": "block",
        "part": "class.jpg",
        "region": [200, 60, 84, 96],
        "person": "P02",
        "message": "May not be shown: permission for this channel was refused.",
    }
    assert draft["faces"][1] == {
        "part": "class.jpg",
        "region": [200, 60, 84, 96],
        "outcome": "unconsented",
        "person": "P02",
        "candidates": [{"person": "P02", "score": 0.83}],
    }


def test_what_travels_says_face_not_cleared() -> None:
    draft = json.loads(rendered(batch(faces())))["drafts"][0]
    assert {f["rule"]: f["name"] for f in draft["findings"] if f["severity"] == "block"} == {
        "PG100": "face-not-cleared"
    }
    assert {f["outcome"] for f in draft["faces"]} == {"cleared", "unknown", "unidentifiable", "waived"}


def test_json_lines_are_one_draft_each_and_each_a_whole_report() -> None:
    lines = render_jsonl(view_for(SCENES["week"], roster=ROSTER, rules=RULES, audience=Audience.TRAVEL)).splitlines()
    reports = [json.loads(line) for line in lines]
    assert [report["verdict"] for report in reports] == ["pass", "pass", "fail", "fail", "fail", "fail"]
    for report in reports:
        VALID.validate(report)
        assert len(report["drafts"]) == 1


def test_no_verdict_is_said_as_such() -> None:
    text = render_error_json(RosterError("The roster cannot be\x1b[31m read.", hint="Mend it."))
    assert json.loads(text) == {
        "schema": "postguard-report/1",
        "verdict": "none",
        "error": {"message": "The roster cannot be[31m read.", "hint": "Mend it."},
    }
    VALID.validate(json.loads(text))


def test_the_example_in_the_documentation_is_one() -> None:
    text = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```json\n(.*?)^```", text, re.M | re.S)
    VALID.validate(json.loads(example))
    for name, form in FORMATS.items():
        assert re.search(rf"^\| {name} \|.*\| `\{form.suffix}` \|$", text, re.M), name
