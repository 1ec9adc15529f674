"""Text in the cells of a terminal: how wide it is, where it may be cut, how it is broken into rows. Pure.

A letter of a person (a grapheme) may be several characters and one or two cells. No grapheme is ever torn. Text stays
in the order it was written in; terminals that know right-to-left scripts turn them round themselves.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import wcwidth

from triochat.proto.text import visible

Span = tuple[str, str]
"""A style and a text in it. Styles are names of `colours`, or a name of prompt_toolkit's colours."""

Row = tuple[Span, ...]
"""One row of the screen, or a part of one, from the left."""

LINK = re.compile(
    r"(?:https?|ircs?|ftp|mailto)://?[^\s<>\"]*[^\s<>\".,;:!?'»)\]}]|www\.[^\s<>\"]*[^\s<>\".,;:!?'»)\]}]"
)
_WORD = re.compile(r"\S+")


def width(text: str) -> int:
    """How many cells `letters` makes of *text*."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(cells for _, cells in letters(text))


def letters(text: str) -> Iterator[tuple[str, int]]:
    """Each grapheme of *text* and its cells, which are 1 or 2, so that it can stand on the screen by itself."""
    text = visible(text)
    if text.isascii():
        for letter in text:
            yield letter, 1
        return
    for letter in wcwidth.iter_graphemes(text):
        cells = wcwidth.wcswidth(letter)
        if cells <= 0:
            yield f" {letter}", 1  # a mark with nothing to stand on
        else:
            yield letter, min(cells, 2)


@lru_cache(maxsize=4096)
def cut(text: str, most: int) -> str:
    """*text* in at most *most* cells; where something is left out, the last cell says so."""
    if most <= 0:
        return ""
    if width(text) <= most:
        return text
    kept, used = [], 0
    for letter, cells in letters(text):
        if used + cells > most - 1:
            break
        kept.append(letter)
        used += cells
    return "".join(kept) + "…"


def fit(text: str, cells: int) -> str:
    """*text* in exactly *cells* cells: cut, or followed by spaces."""
    text = cut(text, cells)
    return text + " " * (cells - width(text))


def wrap(text: str, first: int, others: int) -> list[tuple[int, int]]:
    """Break *text* into rows of at most *first* and then *others* cells; returns where each begins and ends.

    Rows end between words, and at line ends. A link begins on a row of its own if it does not fit behind what stands
    before it. A word that is longer than a row, or that has wide letters, is broken between letters.
    """
    rows: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        rows += _wrap_line(text, start, start + len(line), max(1, others if rows else first), max(1, others))
        start += len(line) + 1
    return rows


def _wrap_line(text: str, start: int, end: int, room: int, others: int) -> list[tuple[int, int]]:
    if end - start <= room and width(text[start:end]) <= room:
        return [(start, end)]
    rows: list[tuple[int, int]] = []
    row_start, row_end, used = start, start, 0
    for word in _WORD.finditer(text, start, end):
        space = width(text[row_end : word.start()])
        cells = width(word[0])
        if used + space + cells <= room:
            row_end, used = word.end(), used + space + cells
            continue
        breakable = cells > len(word[0]) and not LINK.match(word[0])
        if used and (cells <= others or LINK.match(word[0])) and not breakable:
            rows.append((row_start, row_end))
            row_start, row_end, used, space, room = word.start(), word.start(), 0, 0, others
        if cells <= room - used - space:
            row_end, used = word.end(), used + space + cells
            continue
        at, used = word.start(), used + space
        if used >= room and row_end > row_start:
            rows.append((row_start, row_end))
            row_start, used, room = at, 0, others
        for letter, size in _written(word[0]):
            if used + size > room and at > row_start:
                rows.append((row_start, at))
                row_start, used, room = at, 0, others
            at += len(letter)
            used += size
        row_end = at
    rows.append((row_start, row_end))
    return rows


def _written(text: str) -> Iterator[tuple[str, int]]:
    """As `letters`, with the characters as they are."""
    if text.isascii():
        for letter in text:
            yield letter, 1
        return
    for letter in wcwidth.iter_graphemes(text):
        yield letter, width(letter)
