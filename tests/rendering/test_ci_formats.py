"""JUnit, SARIF and GitHub annotations: what other programs read, and that nothing in a picture can break them."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from render_scenes import (
    ON,
    ROSTER,
    RULES,
    SCENES,
    _draft,
    batch,
    class_batch,
    face,
    faces,
    hostile,
    passed,
    report,
    unread,
    words,
)

from postguard.checks import ALL_CHECKS, pg302_jigsaw
from postguard.domain.evidence import Candidate, Evidence, How, Mention, Outcome, Region
from postguard.domain.policy import Policy
from postguard.domain.report import Batch, Verdict
from postguard.rendering import FORMATS, Audience, render_console, render_github, render_junit, render_sarif, view_for

ALL = {**SCENES, "hostile": batch(hostile()), "class": class_batch()}
AUDIENCES = (Audience.TRAVEL, Audience.PRIVATE)


def view(scene: Batch, audience: Audience = Audience.TRAVEL) -> Any:
    return view_for(scene, roster=ROSTER, rules=RULES, audience=audience)


# All -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scene", sorted(ALL))
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_format_carries_a_name_or_what_only_private_reports_may_say(name: str, scene: str) -> None:
    text = FORMATS[name].render(view(ALL[scene]))
    text.encode()
    for word in ("Aoife", "aoife", "Jamie", "Reid", "Okafor", "Campbell", "P01", "P02", "P03", "S01", "Her cousin"):
        assert word not in text
    for rule in ("PG101", "PG102", "PG103", "PG104", "PG105"):
        assert rule not in text


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_control_characters_never_reach_a_file(name: str, audience: Audience) -> None:
    text = FORMATS[name].render(view(ALL["hostile"], audience))
    text.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", text)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_protected_pupil_is_in_no_format_even_a_private_one(name: str) -> None:
    text = FORMATS[name].render(view(SCENES["faces"], Audience.PRIVATE))
    assert "PG105" not in text and "protected" not in text.casefold()


# JUnit -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("scene", sorted(ALL))
def test_each_draft_is_a_test_case_and_fails_as_the_draft_does(scene: str, audience: Audience) -> None:
    shown = view(ALL[scene], audience)
    root = ET.fromstring(render_junit(shown))
    cases = list(root.iter("testcase"))
    assert [case.get("name") for case in cases] == [draft.name for draft in shown.drafts]
    assert [case.find("failure") is not None for case in cases] == [d.verdict is Verdict.FAIL for d in shown.drafts]
    failed = str(sum(d.verdict is Verdict.FAIL for d in shown.drafts))
    for element in (root, *root.iter("testsuite")):
        assert (element.get("tests"), element.get("failures")) == (str(len(cases)), failed)


def test_a_failed_case_says_what_stands_against_it_and_a_passed_one_what_was_looked_at() -> None:
    cases = list(ET.fromstring(render_junit(view(batch(passed(), unread())))).iter("testcase"))
    failure = cases[1].find("failure")
    assert failure is not None and failure.text is not None
    assert failure.get("type") == "PG901"
    assert failure.text.splitlines() == [
        "PG901 block: broken.jpg: Could not be checked: the picture is cut short. "
        "Mend it or take it out of the draft, then check again.",
        "PG901 block: file-1: Could not be checked: postguard does not know what kind of file this is.",
    ]
    said = cases[0].findtext("system-out") or ""
    for words_ in (
        "Nothing was found against it.",
        "2 faces",
        "Not looked at: joined",
        "The poster remains responsible.",
    ):
        assert words_ in said


# SARIF -----------------------------------------------------------------------------------------------


def sarif(scene: Batch, audience: Audience = Audience.TRAVEL) -> Any:
    return json.loads(render_sarif(view(scene, audience)))["runs"][0]


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("scene", sorted(ALL))
def test_sarif_has_the_shape_of_the_standard(scene: str, audience: Audience) -> None:
    """What SARIF 2.1.0 requires of the objects that are written; section numbers are the standard's."""
    log = json.loads(render_sarif(view(ALL[scene], audience)))
    assert log["version"] == "2.1.0" and len(log["runs"]) == 1
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    assert driver["name"] == "postguard"
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"] and rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"] == [{"executionSuccessful": True}]
    for result in run["results"]:
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        assert ids[result["ruleIndex"]] == result["ruleId"]
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)
        assert unquote(uri) == location["logicalLocations"][0]["fullyQualifiedName"]
        for suppression in result.get("suppressions", []):
            assert suppression["kind"] == "external" and suppression["status"] == "accepted"


@pytest.mark.skipif("POSTGUARD_SARIF_SCHEMA" not in os.environ, reason="POSTGUARD_SARIF_SCHEMA names no schema file")
def test_sarif_keeps_to_the_official_schema() -> None:
    """The schema is the standard body's and not ours to ship: give the file's path to run this."""
    schema = json.loads(Path(os.environ["POSTGUARD_SARIF_SCHEMA"]).read_text(encoding="utf-8"))
    valid = jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())
    for scene in ALL.values():
        for audience in AUDIENCES:
            valid.validate(json.loads(render_sarif(view(scene, audience))))


def test_every_rule_there_is_is_described() -> None:
    rules = [check.RULE for check in ALL_CHECKS]
    for audience in AUDIENCES:
        shown = view_for(batch(), roster=ROSTER, rules=rules, audience=audience)
        described = {rule["id"] for rule in json.loads(render_sarif(shown))["runs"][0]["tool"]["driver"]["rules"]}
        hidden = {"PG101", "PG102", "PG103", "PG104", "PG105"} if audience is Audience.TRAVEL else {"PG105"}
        assert described == {rule.id for rule in rules} - hidden | {"PG100"}


def test_lifted_findings_are_suppressed_ones() -> None:
    results = sarif(SCENES["faces"], Audience.PRIVATE)["results"]
    assert [r["ruleId"] for r in results if "suppressions" in r] == ["PG100"]
    assert len(results) == 8


def test_parts_that_no_finding_speaks_of_are_results_too() -> None:
    assert [r["ruleId"] for r in sarif(batch(unread()))["results"]] == ["PG901", "PG901"]


def fingerprints(scene: Batch) -> list[str]:
    return [result["partialFingerprints"]["postguard/v1"] for result in sarif(scene)["results"]]


def test_fingerprints_tell_findings_apart_and_stay_when_the_rest_of_the_draft_changes() -> None:
    week = fingerprints(SCENES["week"])
    assert len(set(week)) == len(week)
    assert set(fingerprints(batch(faces()))) <= set(week)
    moved = words()
    moved = replace(
        moved,
        findings=tuple(
            f if f.start is None else replace(f, start=f.start + 7, end=(f.end or 0) + 7) for f in moved.findings
        ),
    )
    assert fingerprints(batch(moved)) == fingerprints(batch(words()))
    fewer = replace(faces(), findings=faces().findings[1:])
    assert set(fingerprints(batch(fewer))) < set(fingerprints(batch(faces())))
    other = faces().findings[0]
    nudged = replace(faces(), findings=(replace(other, region=Region(x=1, y=1, width=5, height=5)),))
    assert fingerprints(batch(nudged))[0] not in week


# GitHub ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("scene", sorted(ALL))
def test_every_line_is_one_annotation_and_nothing_more(scene: str, audience: Audience) -> None:
    shown = view(ALL[scene], audience)
    lines = render_github(shown).splitlines()
    for line in lines:
        assert re.fullmatch(r"::(error|warning|notice) file=[^:,\n]+,title=[^:,\n]+::[^\n]+", line)
    expected = sum(1 + len(draft.findings) + len(draft.unexplained) for draft in shown.drafts)
    assert len(lines) == expected


def test_annotations_say_the_verdict_of_each_draft() -> None:
    lines = render_github(view(batch(passed(), unread()))).splitlines()
    assert lines[0].startswith(
        "::notice file=monday-assembly,title=PASS monday-assembly::Nothing was found against it."
    )
    assert lines[1].startswith("::error file=friday-broken,title=FAIL friday-broken::Do not post it as it is.")


def test_what_is_said_of_all_drafts_is_one_annotation() -> None:
    remark = "Checked as of a day in the past."
    text = render_github(view(batch(*(replace(one, remarks=(remark,)) for one in (passed(), unread())))))
    assert text.startswith(f"::warning title=postguard::{remark}\n") and text.count(remark) == 1
    assert render_github(view(batch(replace(passed(), remarks=(remark,))))).count(remark) == 1


def test_words_cannot_smuggle_a_command_in() -> None:
    text = render_github(view(ALL["hostile"], Audience.PRIVATE))
    assert "%250A%3A%3Aerror" in text
    assert not any(line.startswith("::error::") for line in text.splitlines())


# What travels, with the real rules -------------------------------------------------------------------

STOPS = [(outcome, who) for outcome in Outcome if outcome.stops for who in (None, "P02", "P03")]
"""Every way in which a face stops a draft; P02's family refused, P03 is protected."""


def judged(ways: list[tuple[Outcome, str | None]], candidates: tuple[str, ...]) -> Batch:
    """A class picture whose faces stop for these reasons, and names in another draft, judged by the rules there are."""
    decisions = tuple(
        replace(
            face(number, outcome, person=who, because=f"because {outcome.value}"),
            face=replace(
                face(number, outcome).face, candidates=tuple(Candidate(person=near, score=0.5) for near in candidates)
            ),
        )
        for number, (outcome, who) in enumerate(ways, 1)
    )
    evidences = (
        replace(faces().evidence, decisions=decisions, stale_references=candidates),
        Evidence(
            draft=_draft("words", text="Well done Jamie Reid and Grace Okafor"),
            channel="twitter",
            date=ON,
            mentions=(
                Mention(part="text", start=10, end=20, person="P02", how=How.EXACT),
                Mention(part="text", start=25, end=37, person="P03", how=How.EXACT),
            ),
        ),
    )
    together = pg302_jigsaw.across(evidences, ROSTER, Policy())
    return batch(
        *(
            report(
                evidence.draft.name,
                evidence,
                *(finding for check in ALL_CHECKS for finding in check.check(evidence, ROSTER, Policy())),
                *jigsaw,
            )
            for evidence, jigsaw in zip(evidences, together, strict=True)
        )
    )


@given(st.lists(st.tuples(st.sampled_from(STOPS), st.sampled_from(STOPS)), min_size=1, max_size=4), st.booleans())
@settings(max_examples=40, deadline=None)
def test_two_schools_that_differ_only_in_who_refused_write_the_same_report(pairs: Any, near: bool) -> None:
    one = judged([first for first, _ in pairs], ())
    other = judged([second for _, second in pairs], ("P01", "P02") if near else ())
    for form in FORMATS.values():
        assert form.render(view(one)) == form.render(view(other))
    assert render_console(view(one), verbose=True) == render_console(view(other), verbose=True)
