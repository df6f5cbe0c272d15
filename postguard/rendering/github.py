"""Workflow commands that GitHub's runners, and those that speak like them, show as annotations."""

from postguard.domain.report import Verdict
from postguard.domain.rules import Severity
from postguard.rendering import wording
from postguard.rendering.view import ShownDraft, ShownFinding, View

_LEVELS = {Severity.BLOCK: "error", Severity.REVIEW: "warning", Severity.NOTE: "notice"}


def render_github(view: View) -> str:
    """One annotation a finding, one a draft with its verdict, and one for what is said of all drafts."""
    shared = [f"::warning title=postguard::{_data(remark)}" for remark in view.shared_remarks]
    return "".join(f"{line}\n" for line in (*shared, *(one for draft in view.drafts for one in _lines(draft, view))))


def _lines(draft: ShownDraft, view: View) -> list[str]:
    passed = draft.verdict is Verdict.PASS
    said = "Nothing was found against it. " + wording.RESPONSIBLE if passed else "Do not post it as it is."
    lines = [
        _command(
            "notice" if passed else "error",
            file=draft.name,
            title=f"{wording.verdict_word(draft.verdict)} {draft.name}",
            message=" ".join((said, *view.own_remarks(draft))),
        )
    ]
    lines += [_finding(finding, draft) for finding in draft.findings]
    lines += [
        _command("error", file=f"{draft.name}/{item.part}", title="PG901", message=item.reason)
        for item in draft.unexplained
    ]
    return lines


def _finding(finding: ShownFinding, draft: ShownDraft) -> str:
    who = f"{finding.who.label}: " if finding.who else ""
    return _command(
        _LEVELS[finding.severity],
        file=f"{draft.name}/{finding.part}",
        title=f"{finding.rule} {finding.name}",
        message=f"{wording.where(finding)}: {who}{finding.message} {finding.cure}".strip(),
    )


def _command(level: str, *, file: str, title: str, message: str) -> str:
    return f"::{level} file={_property(file)},title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
