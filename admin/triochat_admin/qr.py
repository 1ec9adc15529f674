"""A link as a QR code of half blocks, for a terminal. No IO."""

from itertools import zip_longest

_QUIET = 4
"""Light modules around the code; scanners want so many."""
_INK = "\x1b[30;47m"  # black on white, whatever the colours of the terminal are
_OFF = "\x1b[0m"
_HALVES = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def drawn(text: str, columns: int) -> str:
    """*text* as lines that a terminal with so many *columns* shows as a QR code, or "" when they are too few."""
    import segno  # few need it

    code = segno.make_qr(text, error="m")
    if code.symbol_size(border=_QUIET)[0] > columns:
        return ""
    rows = [tuple(int(bool(module)) for module in row) for row in code.matrix_iter(border=_QUIET)]
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue=(0,) * len(rows[0]))
    return "".join(f"{_INK}{''.join(map(_half, upper, lower))}{_OFF}\n" for upper, lower in pairs)


def _half(upper: int, lower: int) -> str:
    return _HALVES[upper, lower]
