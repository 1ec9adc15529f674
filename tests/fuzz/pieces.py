"""How bytes may arrive, and which characters must reach no terminal."""

import unicodedata
from collections.abc import Iterator

_STEERING = frozenset({"Cc", "Cs", "Zl", "Zp"})
_REORDERING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def ways(data: bytes) -> Iterator[list[bytes]]:
    """*data* whole, byte by byte, and in pieces whose sizes are as uneven as the bytes themselves."""
    yield [data] if data else []
    yield [data[i : i + 1] for i in range(len(data))]
    pieces, at = [], 0
    while at < len(data):
        size = 1 + data[at] % 13
        pieces.append(data[at : at + size])
        at += size
    yield pieces


def unsafe(text: str) -> list[str]:
    """What in *text* could steer a terminal, end a line, or reorder what stands beside it."""
    if text.isprintable():
        return []
    return [
        character
        for character in text
        if unicodedata.category(character) in _STEERING or unicodedata.bidirectional(character) in _REORDERING
    ]
