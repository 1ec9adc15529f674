"""User text made safe for people's eyes: terminals, consoles and log lines."""

import unicodedata

_VISIBLE: dict[int, str] = {code: chr(0x2400 + code) for code in range(0x20)}
_VISIBLE[0x7F] = "\u2421"
_VISIBLE.update({code: f"\\x{code:02x}" for code in range(0x80, 0xA0)})
# Line and paragraph separators, and everything that reorders or hides text (bidi controls, zero-width marks but
# ZWNJ and ZWJ, which scripts and emoji need).
_VISIBLE.update(
    {
        code: f"\\u{code:04x}"
        for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0x2028, 0x2029)
    }
)
_VISIBLE.update({0x200B: "\\u200b", 0x2060: "\\u2060", 0xFEFF: "\\ufeff"})

# mIRC formatting: bold, italic, underline, strike-through, monospace, reverse, reset, colour, hex colour.
_FORMATTING = frozenset("\x02\x1d\x1f\x1e\x11\x16\x0f\x03\x04")
_DIGITS = frozenset("0123456789")
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


def visible(text: str) -> str:
    """*text* with every control character (C0, DEL, C1, bidi, separators, invisible marks) replaced by a symbol."""
    return text if text.isprintable() else text.translate(_VISIBLE)


def strip_formatting(text: str) -> str:
    """*text* without mIRC formatting codes (https://modern.ircdocs.horse/formatting)."""
    if _FORMATTING.isdisjoint(text):
        return text
    out: list[str] = []
    i, size = 0, len(text)
    while i < size:
        character = text[i]
        i += 1
        if character == "\x03":
            i = _skip_colour(text, i, 2, _DIGITS)
        elif character == "\x04":
            i = _skip_colour(text, i, 6, _HEX_DIGITS)
        elif character not in _FORMATTING:
            out.append(character)
    return "".join(out)


def _skip_colour(text: str, i: int, longest: int, digits: frozenset[str]) -> int:
    """The index behind `digits[,digits]`."""
    start = i
    while i < len(text) and i - start < longest and text[i] in digits:
        i += 1
    if i > start and text[i : i + 1] == "," and text[i + 1 : i + 2] in digits:
        start = i = i + 1
        while i < len(text) and i - start < longest and text[i] in digits:
            i += 1
    return i


def is_visible(character: str) -> bool:
    """False for characters that have no place in a name: controls, separators, invisible and unassigned ones."""
    return unicodedata.category(character)[0] not in "CZ"
