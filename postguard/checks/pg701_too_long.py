"""The text, or a picture's description, is longer than the channel takes.

Counted as the channel counts: X weighs letters of some alphabets and emoji double and every link as 23,
Bluesky counts what a reader sees as one character, and bytes. Shorten it.
"""

from collections.abc import Iterable

from postguard.checks.lengths import length
from postguard.domain.drafts import TEXT
from postguard.domain.evidence import Evidence
from postguard.domain.people import Roster
from postguard.domain.policy import Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG701",
    name="too-long",
    severity=Severity.BLOCK,
    summary="The text or a description is longer than the channel takes.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    limits = policy.limits_of(evidence.channel)
    if limits is None:
        return
    text = evidence.draft.text or ""
    if limits.text_length is not None and length(text, limits) > limits.text_length:
        yield _finding(TEXT, f"The text counts {length(text, limits)}; this channel takes {limits.text_length}.")
    elif limits.text_bytes is not None and len(text.encode("utf-8", "replace")) > limits.text_bytes:
        yield _finding(TEXT, f"The text is too long: this channel takes {limits.text_bytes} bytes.")
    for alt in evidence.draft.alt:
        if limits.alt_length is not None and len(alt.text) > limits.alt_length:
            message = f"The description has {len(alt.text)} characters; this channel takes {limits.alt_length}."
            yield _finding(f"{alt.part}:alt", message)


def _finding(part: str, message: str) -> Finding:
    return Finding(rule=RULE.id, severity=RULE.severity, part=part, message=message, cure="Shorten it.")
