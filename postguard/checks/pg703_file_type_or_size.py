"""A picture's file is of a kind or a size that the channel does not take.

Save it as JPEG, or smaller.
"""

from collections.abc import Iterable

from postguard.domain.evidence import Evidence, Photograph
from postguard.domain.people import Roster
from postguard.domain.policy import ChannelLimits, Policy
from postguard.domain.rules import Finding, Rule, Severity

RULE = Rule(
    id="PG703",
    name="file-type-or-size",
    severity=Severity.BLOCK,
    summary="A picture's file type or size is not what the channel takes.",
)


def check(evidence: Evidence, roster: Roster, policy: Policy) -> Iterable[Finding]:
    limits = policy.limits_of(evidence.channel)
    if limits is None:
        return
    for photograph in evidence.photographs:
        if limits.formats and photograph.format not in limits.formats:
            message = f"This channel does not take {photograph.format or 'this kind of'} files."
            yield _finding(photograph, message, "Save the picture as JPEG.")
        most = _most_bytes(photograph, limits)
        if most is not None and photograph.size > most:
            message = f"The file has {_megabytes(photograph.size)}; this channel takes {_megabytes(most)}."
            yield _finding(photograph, message, "Save it smaller.")


_CLIPS = frozenset({"MP4", "MOV", "WEBM", "AVI"})


def _most_bytes(photograph: Photograph, limits: ChannelLimits) -> int | None:
    if photograph.format in _CLIPS:
        return limits.clip_bytes
    if photograph.format == "GIF" and limits.gif_bytes is not None:
        return limits.gif_bytes
    return limits.picture_bytes


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


def _finding(photograph: Photograph, message: str, cure: str) -> Finding:
    return Finding(rule=RULE.id, severity=RULE.severity, part=photograph.part, message=message, cure=cure)
