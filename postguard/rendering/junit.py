"""JUnit XML: each draft a test case, for CI systems that show test results."""

from xml.etree import ElementTree as ET

from postguard.domain.report import Verdict
from postguard.rendering import wording
from postguard.rendering.view import ShownDraft, ShownFinding, View


def render_junit(view: View) -> str:
    """One suite; a draft that fails is a failed case with all that stands against it in its text."""
    failures = sum(draft.verdict is not Verdict.PASS for draft in view.drafts)
    counts = {"tests": str(len(view.drafts)), "failures": str(failures), "errors": "0"}
    root = ET.Element("testsuites", {"name": "postguard", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": "postguard", **counts, "skipped": "0"})
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", {"name": "postguard", "value": view.postguard})
    for draft in view.drafts:
        _case(suite, draft)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, draft: ShownDraft) -> None:
    case = ET.SubElement(suite, "testcase", {"classname": f"postguard.{draft.channel}", "name": draft.name})
    if draft.verdict is not Verdict.PASS:
        against = [line(finding) for finding in draft.failing]
        against += [
            f"PG901 block: {wording.place(item.part)}: Could not be checked: {item.reason}"
            for item in draft.unexplained
        ]
        failure = ET.SubElement(
            case,
            "failure",
            {
                "type": " ".join(dict.fromkeys(finding.rule for finding in draft.failing)) or "PG901",
                "message": f"{wording.count(len(against), 'thing')} {'stands' if len(against) == 1 else 'stand'} "
                "against this draft",
            },
        )
        failure.text = "\n".join(against)
    ET.SubElement(case, "system-out").text = "\n".join(_circumstances(draft))


def line(finding: ShownFinding) -> str:
    """A finding in one line: rule, place, who, what, and what to do."""
    box = f" (box {wording.box(finding.region)})" if finding.region else ""
    who = f"{finding.who.label}: " if finding.who else ""
    cure = f" {finding.cure}" if finding.cure else ""
    return f"{finding.rule} {finding.severity.value}: {wording.where(finding)}{box}: {who}{finding.message}{cure}"


def _circumstances(draft: ShownDraft) -> list[str]:
    """What a reader of a verdict must know beside it."""
    lines = [f"Channel {draft.channel}, {wording.day(draft.date)}, register {draft.register}"]
    lines += draft.remarks
    lines += [line(finding) for finding in draft.notes]
    lines += [f"lifted: {line(waiver.finding)}" for waiver in draft.waived]
    lines.append(f"Looked at: {wording.looked_at(draft)}.")
    if draft.means:
        lines.append(wording.means(draft))
    if draft.not_looked_at:
        lines.append(f"Not looked at: {'; '.join(draft.not_looked_at)}.")
    if draft.verdict is Verdict.PASS:
        lines += filter(None, ("Nothing was found against it.", wording.heads(draft), wording.RESPONSIBLE))
    return lines
