"""What a school may set, and the numbers postguard starts from."""

from dataclasses import dataclass, field

from postguard.domain.rules import Severity

UNIDENTIFIABLE_BELOW = 10
"""Face height in px under which nobody could identify a child. Fixed, never a setting (docs/decisions)."""


CROWD = 30
"""With this many people who may clear a face, `clear` and `stranger_clear` were measured."""

SMALLEST_CROWD = 20
"""Fewer people than this who may clear lower the clearing thresholds no further."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """Scores from 0 to 1, larger is nearer; a fifth is one standard deviation of strangers (matching.scores).

    `block`: at or above it a non-consented person stops the face. `clear`: at or above it a consented
    person may clear it. `stranger_clear`: used instead of `clear` while anybody without consent has no
    template, because such a child is a stranger to the engine. `margin`: how much nearer than any
    non-consented person the consented one must be. `verify`: one to one, for a claim of `confirm`.
    `crowd`: how much more it takes to clear for every ten times CROWD people who may clear, and less for
    fewer: among many, a stranger finds somebody alike. Where the numbers come from:
    docs/decisions/0006-scores-and-thresholds.md.
    """

    block: float = 0.50
    clear: float = 0.50
    stranger_clear: float = 0.53
    margin: float = 0.10
    verify: float = 0.35
    crowd: float = 0.08

    @property
    def floor(self) -> float:
        """No candidate below this score can change a decision."""
        return max(0.0, min(self.block, self.clear, self.verify) - self.margin)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelLimits:
    """What a channel takes. None is no limit. Sizes are in bytes; `formats` are Pillow's names."""

    channel: str
    text_length: int | None = None
    text_counting: str = "characters"
    """weighted (X), graphemes (Bluesky) or characters."""
    text_bytes: int | None = None
    url_length: int | None = None
    pictures: int | None = None
    picture_bytes: int | None = None
    gif_bytes: int | None = None
    clip_bytes: int | None = None
    formats: tuple[str, ...] = ()
    alt_length: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """A school's settings (postguard.yaml), or the built-in ones.

    `severities`: rule id to severity, already held to each rule's floor. `own_contacts`: phone numbers,
    e-mail and postal addresses of the school, as written. `cameras`: models that may be used; empty is any.
    `roles`: name of a role ("head", "deputy") to the people who hold it.
    """

    thresholds: Thresholds = field(default_factory=Thresholds)
    severities: tuple[tuple[str, Severity], ...] = ()
    require_head_count: bool = False
    words_allowed: tuple[str, ...] = ()
    own_contacts: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    limits: tuple[ChannelLimits, ...] = ()
    dpia: str | None = None
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fingerprint: str = ""

    def limits_of(self, channel: str) -> ChannelLimits | None:
        for limits in self.limits:
            if limits.channel == channel:
                return limits
        return None
