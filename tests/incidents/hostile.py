"""What attackers put where others expect a text, and how to see that it did no harm."""

import unicodedata

BREAKS = {
    "CR": "\r",
    "LF": "\n",
    "NUL": "\0",
    "VT": "\x0b",
    "FF": "\x0c",
    "NEL": "\u0085",
    "LINE SEPARATOR": "\u2028",
    "PARAGRAPH SEPARATOR": "\u2029",
}
"""What ends a line: on the wire, in a terminal, for `str.splitlines`, or for a C program."""

STEERING = {
    "clear the screen": "\x1b[2J\x1b[1;1H",
    "scroll region": "\x1b[7;9r",
    "ask the terminal, which answers as if it were typed": "\x1b[5n",
    "set the title": "\x1b]0;owned\x07",
    "write the clipboard (OSC 52)": "\x1b]52;c;b3duZWQ=\x07",
    "hyperlink (OSC 8)": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "device control string": "\x1bP+q544e\x1b\\",
    "privacy message and application command": "\x1b^owned\x1b\\\x1b_owned\x1b\\",
    "reset the terminal": "\x1bc",
    "C1: CSI, OSC, DCS, ST, NEL": "\x9b2J\x9d0;owned\x9c\x90q\x9c\x85",
    "back over what was printed": "ok\rno\b\b\x7f",
    "other character set": "\x0e\x0f\x1b(0",
    "bell and tab": "\x07\x09",
    "bidi override": "\u202egnp.exe\u202c",
    "bidi isolates and marks": "\u2066a\u2067b\u2068c\u2069\u200e\u200f\u061c",
    "hidden words (tags)": "\U000e0001\U000e0068\U000e0069\U000e007f",
    "invisible marks": "a\u200bb\u2060c\ufeffd\u00ade\u2063f\ufff9g",
}
"""What would do something to the terminal, or to the eye, of who reads it."""

_JOINERS = "\u200c\u200d"


def steers(text: str) -> str:
    """The characters of *text* that a terminal obeys or hides: "" when it is safe to print on one line."""
    return "".join(c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in _JOINERS)
