"""`postguard-report/1` as JSON, and as JSON Lines. A contract: docs/report.schema.json, docs/reports.md."""

import json
from typing import Any

from postguard.domain.errors import PostguardError
from postguard.domain.evidence import Region
from postguard.rendering.masking import clean
from postguard.rendering.view import ShownDraft, ShownFace, ShownFinding, ShownMention, View

SCHEMA = "postguard-report/1"


def render_json(view: View) -> str:
    """The whole batch as one JSON document."""
    return _dump(
        {
            "schema": SCHEMA,
            "postguard": view.postguard,
            "verdict": view.verdict.value,
            "drafts": [_draft(draft, view) for draft in view.drafts],
        },
        indent=2,
    )


def render_jsonl(view: View) -> str:
    """One draft a line, each a complete `postguard-report/1` document of that draft alone: a stream may break off."""
    return "".join(
        _dump(
            {
                "schema": SCHEMA,
                "postguard": view.postguard,
                "verdict": draft.verdict.value,
                "drafts": [_draft(draft, view)],
            }
        )
        for draft in view.drafts
    )


def render_error_json(error: PostguardError) -> str:
    """What a machine gets when there is no verdict."""
    return _dump(
        {
            "schema": SCHEMA,
            "verdict": "none",
            "error": {"message": clean(error.message), "hint": clean(error.hint)},
        },
        indent=2,
    )


def _dump(value: dict[str, Any], *, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent) + "\n"


def _draft(draft: ShownDraft, view: View) -> dict[str, Any]:
    ids = view.audience.ids
    return {
        "draft": draft.name,
        "verdict": draft.verdict.value,
        "channel": draft.channel,
        "date": draft.date.isoformat(),
        "register": draft.register,
        "findings": [_finding(finding, ids=ids) for finding in draft.findings],
        "faces": [_face(face, ids=ids) for face in draft.faces],
        "mentions": [_mention(mention, ids=ids) for mention in draft.mentions],
        "unchecked": [{"part": item.part, "reason": item.reason} for item in draft.unchecked],
        **({"remarks": list(draft.remarks)} if draft.remarks else {}),
    }


def _finding(finding: ShownFinding, *, ids: bool) -> dict[str, Any]:
    person = {"person": finding.who.id if finding.who else None} if ids else {}
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity.value,
        "part": finding.part,
        "region": _region(finding.region),
        **person,
        "message": finding.message,
    }


def _face(face: ShownFace, *, ids: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"part": face.part, "region": _region(face.region), "outcome": face.outcome}
    if ids:
        shown["person"] = face.who.id if face.who else None
        shown["candidates"] = [{"person": c.who.id, "score": c.score} for c in face.candidates]
    return shown


def _mention(mention: ShownMention, *, ids: bool) -> dict[str, Any]:
    person = {"person": mention.who.id} if ids and mention.who else {}
    return {"part": mention.part, "start": mention.start, "end": mention.end, **person, "how": mention.how}


def _region(region: Region | None) -> list[int] | None:
    return None if region is None else [region.x, region.y, region.width, region.height]
