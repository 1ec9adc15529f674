"""Cutting text into pieces that fit one IRC message each. Pure."""

import re
import unicodedata

_JOINERS = "\u200d\ufe0f\ufe0e"
_NO_CHARACTERS = re.compile(r"[\ud800-\udfff]")  # what prompts make of typed bytes that are no UTF-8
_SMALLEST = 32  # below this a limit is nonsense (an absurd prefix); sending too much beats not ending


def lines_of(text: str) -> list[str]:
    """The lines that *text* holds, without the empty ones and without what may not stand in a message."""
    lines = _NO_CHARACTERS.sub("\ufffd", text).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line for line in lines if line.strip()]


def split(text: str, limit: int, *, keep_spaces: bool = False) -> list[str]:
    """*text* in pieces of at most *limit* bytes: cut at spaces where possible, never inside a character. The space
    where it is cut is left out, unless *keep_spaces*."""
    limit = max(limit, _SMALLEST)
    pieces: list[str] = []
    while len(text.encode()) > limit:
        end = _characters_within(text, limit)
        space = text.rfind(" ", 0, end + 1)
        if space > 0 and text[:space].strip():
            pieces.append(text[:space])
            text = text[space + (not keep_spaces) :]
        else:
            end = _before_cluster(text, end)
            pieces.append(text[:end])
            text = text[end:]
    if text:
        pieces.append(text)
    return pieces


def _characters_within(text: str, limit: int) -> int:
    """How many of the first characters take at most *limit* bytes; at least one."""
    return max(1, len(text.encode()[:limit].decode(errors="ignore")))


def _before_cluster(text: str, end: int) -> int:
    """*end*, moved back so that no accent or joined emoji is torn from its base, where possible."""
    start = end
    while 0 < start < len(text) and end - start < 16:
        if not (unicodedata.combining(text[start]) or text[start] in _JOINERS or text[start - 1] in _JOINERS):
            return start
        start -= 1
    return end
