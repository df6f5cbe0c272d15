"""How long a text is for the channel that is to take it."""

import unicodedata

import regex

from postguard.domain.policy import ChannelLimits

_URL = regex.compile(
    r"https?://[^\s<>\"']*[^\s<>\"'.,!?;:)]|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|org|net|uk|scot|eu|io|co|me|tv|ly|gl|be|fm)\b(?:/\S*)?",
    regex.IGNORECASE,
)
_CLUSTER = regex.compile(r"\X")
_EMOJI = regex.compile(r"(?![\u00a9\u00ae])\p{Extended_Pictographic}|\p{Regional_Indicator}|[0-9#*]\uFE0F?\u20E3")
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""Code points that weigh 1 on X; all others weigh 2 (twitter-text's configuration, version 3)."""


def length(text: str, limits: ChannelLimits) -> int:
    """The text's length as the channel counts it: characters, graphemes, or X's weighted characters.

    Blank space around it goes when it is posted, and does not count.
    """
    text = text.strip()
    if limits.text_counting == "weighted":
        text = unicodedata.normalize("NFC", text)
    links = [match.span() for match in _URL.finditer(text)] if limits.url_length else []
    total = len(links) * (limits.url_length or 0)
    end = 0
    for start, stop in links:
        total += _count(text[end:start], limits.text_counting)
        end = stop
    return total + _count(text[end:], limits.text_counting)


def _count(text: str, counting: str) -> int:
    if counting == "characters":
        return len(text)
    clusters = _CLUSTER.findall(text)
    if counting == "graphemes":
        return len(clusters)
    return sum(2 if _EMOJI.match(cluster) else _weight(cluster) for cluster in clusters)


def _weight(cluster: str) -> int:
    return sum(1 if any(low <= ord(c) <= high for low, high in _LIGHT) else 2 for c in cluster)
