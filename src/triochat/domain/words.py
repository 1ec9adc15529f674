"""What counts as a word when lines are looked for by their words, and when a word stands for another.

Case and accents are left aside. A word of three letters or more also stands for longer ones that it begins.
"""

import re
import unicodedata

from triochat.domain import multiline

_ACCENTS = "\u0300-\u036f"
_WORD = re.compile(rf"(?:[^\W_]|[{_ACCENTS}])+")
_ACCENT = re.compile(rf"[{_ACCENTS}]+")
_PREFIX_FROM = 3
"""Shorter words are the beginning of too many."""


def words_in(text: str) -> list[str]:
    """The words of what *text* says, folded: letters and digits only. *text* may have parts (see multiline)."""
    words = _WORD.findall(unicodedata.normalize("NFC", multiline.combine(text)))
    return [folded for word in words if (folded := word.lower() if word.isascii() else _folded(word))]


def has_words(text: str) -> bool:
    """True when there is anything in *text* to look for."""
    return bool(words_in(text))


def _folded(word: str) -> str:
    """*word* without case and accents."""
    lower = word.casefold()
    if len(lower) > len(word):  # a sharp s, for one, stays what it is
        lower = "".join(folded if len(folded := letter.casefold()) == 1 else letter.lower() for letter in word)
    return unicodedata.normalize("NFC", _ACCENT.sub("", unicodedata.normalize("NFD", lower)))


def is_prefix(word: str) -> bool:
    """Whether *word*, which is folded, stands for longer ones, too."""
    return len(word if word.isascii() else unicodedata.normalize("NFD", word)) >= _PREFIX_FROM


def stands_for(word: str, other: str) -> bool:
    """Whether who looks for *word* finds *other*; both folded."""
    return word == other or (other.startswith(word) and is_prefix(word))
