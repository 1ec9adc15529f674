"""User text made safe for people's eyes: terminals, consoles and log lines."""

import unicodedata

_VISIBLE: dict[int, str] = {code: chr(0x2400 + code) for code in range(0x20)}
_VISIBLE[0x7F] = "\u2421"
_VISIBLE.update({code: f"\\x{code:02x}" for code in (*range(0x80, 0xA0), 0xAD)})
# Line and paragraph separators, and everything that reorders or hides text: bidi controls, zero-width marks but ZWNJ
# and ZWJ, which scripts and emoji need, and the tags that spell words which nobody sees.
_VISIBLE.update(
    {
        code: f"\\u{code:04x}"
        for code in (
            *(0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB),
            *range(0x2028, 0x202F),
            *range(0x2060, 0x2070),
        )
    }
)
_VISIBLE.update(
    {
        code: f"\\U{code:08x}"
        for code in (*range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0000, 0xE0080))
    }
)
# Letters and marks that leave nothing to see, or a blank: fillers, the grapheme joiner, variation selectors.
_UNSEEN = frozenset(
    (
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    )
)

# mIRC formatting: bold, italic, underline, strike-through, monospace, reverse, reset, colour, hex colour.
_FORMATTING = frozenset("\x02\x1d\x1f\x1e\x11\x16\x0f\x03\x04")
_DIGITS = frozenset("0123456789")
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


def visible(text: str) -> str:
    """*text* with every control character (C0, DEL, C1, bidi, separators, invisible marks) replaced by a symbol."""
    return text if text.isprintable() else text.translate(_VISIBLE)


def visible_lines(text: str) -> str:
    """Like `visible`, for text that may have several lines."""
    return text if text.isprintable() else "\n".join(map(visible, text.split("\n")))


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
    return unicodedata.category(character)[0] not in "CZ" and ord(character) not in _UNSEEN
