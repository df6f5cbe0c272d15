"""Bytes to words, or a reason why not. Nothing is guessed: a wrongly decoded name is a name not found."""

import codecs

LONGEST = 2_000_000
"""Bytes. No post is longer, and a file without end must not fill the memory."""


class NotText(Exception):
    """Why these bytes cannot be read as words, and what to do about it, in one plain sentence."""


def decode(data: bytes) -> str:
    """UTF-8 with or without its mark, or UTF-16 with it. Raises NotText for everything else.

    Line ends become "\\n". All other characters, invisible ones too, are kept as they are.
    """
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            words = data.decode("utf-16")
        else:
            words = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotText(
            "This is not plain text in UTF-8, so letters such as é or ò could be misread. "
            "Save it again as plain text with the encoding UTF-8."
        ) from None
    if "\0" in words:
        raise NotText(
            "This is not plain text: it holds bytes no text has. Save it again as plain text, encoding UTF-8."
        )
    return words.replace("\r\n", "\n").replace("\r", "\n")
