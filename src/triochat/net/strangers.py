"""How peers are treated that have not come in yet: what they cost must not be noticed by those who have. Pure: chance
is handed in, as a number from 0 to 1."""

_CROWD = 1000
"""Strangers at the same time from which on they are treated as an attack."""
_TOGETHER, _TOGETHER_IN_A_CROWD = 64, 16
"""Connections accepted in one turn of the event loop."""
_MOST_PIECES = 2
"""Pieces of its first lines that a peer may send before it is read more and more slowly."""


def patience(usual: float, strangers: int, chance: float) -> float:
    """For how many seconds one more may stay a stranger where there are so many. Those of a crowd who came in one
    second are not sent away in one."""
    return usual * (1 + chance / 2) if strangers > _CROWD else usual


def together(strangers: int) -> int:
    """How many may come in one turn of the event loop where there are so many strangers. What many who join have in
    common is done once, so the more come together, the sooner all are in; but each costs the others some 0.15 ms, and
    nobody shall wait for an attack."""
    return _TOGETHER_IN_A_CROWD if strangers > _CROWD else _TOGETHER


def pause(pieces: int, chance: float) -> float:
    """For how many seconds nothing is read of one who has sent so many pieces in a row without a line's end.

    Nobody who means to come in drips, and each byte read costs as much as a whole line. Those who came together are
    not read together."""
    return 2.0 ** (pieces - _MOST_PIECES) * (0.5 + chance) if pieces > _MOST_PIECES else 0.0
