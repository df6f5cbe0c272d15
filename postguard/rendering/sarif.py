"""SARIF 2.1.0, the OASIS format of static analysis results, for whatever collects findings."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from postguard.domain.rules import Rule, Severity
from postguard.rendering import wording
from postguard.rendering.view import ShownDraft, ShownFinding, ShownWaiver, View

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "postguard/v1"
_LEVELS = {Severity.BLOCK: "error", Severity.REVIEW: "warning", Severity.NOTE: "note"}


def render_sarif(view: View) -> str:
    """One run with every rule described, a result for each finding, and lifted findings as suppressed ones."""
    index = {rule.id: number for number, rule in enumerate(view.rules)}
    run = {
        "tool": {
            "driver": {
                "name": "postguard",
                "version": view.postguard,
                "rules": [_rule(rule) for rule in view.rules],
            }
        },
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": [result for draft in view.drafts for result in _results(draft, index)],
        "properties": {"verdict": view.verdict.value, "drafts": [_circumstances(draft) for draft in view.drafts]},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": f"{rule.summary} `postguard explain {rule.id}` says more."},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _circumstances(draft: ShownDraft) -> dict[str, Any]:
    return {
        "draft": draft.name,
        "verdict": draft.verdict.value,
        "channel": draft.channel,
        "date": draft.date.isoformat(),
        "register": draft.register,
        "remarks": list(draft.remarks),
        "means": list(draft.means),
        "notLookedAt": list(draft.not_looked_at),
    }


def _results(draft: ShownDraft, index: dict[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[tuple[object, ...]] = Counter()
    unexplained = (
        ShownFinding(
            rule="PG901",
            name="unchecked",
            severity=Severity.BLOCK,
            part=item.part,
            message=f"Could not be checked: {item.reason}",
        )
        for item in draft.unexplained
    )
    for finding in (*draft.findings, *unexplained):
        yield _result(finding, draft, index, seen)
    for waiver in draft.waived:
        yield {**_result(waiver.finding, draft, index, seen), "suppressions": [_suppression(waiver)]}


def _result(
    finding: ShownFinding, draft: ShownDraft, index: dict[str, int], seen: Counter[tuple[object, ...]]
) -> dict[str, Any]:
    place = (draft.name, finding.part)
    position = {"region": _box(finding)} if finding.region else {}
    return {
        "ruleId": finding.rule,
        **({"ruleIndex": index[finding.rule]} if finding.rule in index else {}),
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": quote("/".join(place))}},
                "logicalLocations": [{"fullyQualifiedName": "/".join(place), "kind": "resource"}],
            }
        ],
        "partialFingerprints": {FINGERPRINT: _fingerprint(finding, draft, seen)},
        "properties": {"draft": draft.name, "part": finding.part, "severity": finding.severity.value, **position},
    }


def _fingerprint(finding: ShownFinding, draft: ShownDraft, seen: Counter[tuple[object, ...]]) -> str:
    """The same for the same finding in the next run: by its box, or by being the n-th of its rule in its part.

    Offsets into words are left out: a word added before would make every later finding a new one.
    """
    kind = (finding.rule, draft.name, finding.part, finding.field, *_box(finding))
    seen[kind] += 1
    return hashlib.sha256(json.dumps([*kind, seen[kind]]).encode()).hexdigest()


def _box(finding: ShownFinding) -> list[int]:
    box = finding.region
    return [box.x, box.y, box.width, box.height] if box else []


def _message(finding: ShownFinding) -> str:
    who = f"{finding.who.label}: " if finding.who else ""
    return f"{wording.where(finding)}: {who}{finding.message} {finding.cure}".strip()


def _suppression(waiver: ShownWaiver) -> dict[str, Any]:
    by = f" by {waiver.by}" if waiver.by else ""
    until = f" until {waiver.until}" if waiver.until else ""
    return {"kind": "external", "status": "accepted", "justification": f"Answered for{by}{until}."}
