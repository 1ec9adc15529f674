"""What counts as a word when lines are looked for by their words, and when a word stands for another.

Case and accents are left aside. A word of three letters or more also stands for longer ones that it begins.
"""

import re
import unicodedata

_ACCENTS = "\u0300-\u036f"
_WORD = re.compile(rf"(?:[^\W_]|[{_ACCENTS}])+")
_ACCENT = re.compile(rf"[{_ACCENTS}]+")
_PREFIX_FROM = 3
"""Shorter words are the beginning of too many."""


def words_of(text: str) -> list[str]:
    """The words in *text*, as they are: letters and digits only."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def has_words(text: str) -> bool:
    """True when there is anything in *text* to look for."""
    return bool(words_of(text))


def folded(word: str) -> str:
    """*word* without case and accents."""
    return _ACCENT.sub("", unicodedata.normalize("NFD", word.lower()))


def is_prefix(word: str) -> bool:
    """Whether *word* stands for longer ones, too."""
    return len(folded(word)) >= _PREFIX_FROM


def stands_for(word: str, other: str) -> bool:
    """Whether who looks for *word* finds *other*; both folded."""
    return word == other or (len(word) >= _PREFIX_FROM and other.startswith(word))
