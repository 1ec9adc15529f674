"""The event loop's pulse, with a clock that the test turns."""

from triochat.domain.tally import SlowLog
from triochat.observing.turns import Turns


class Loop:
    """A loop whose turns take as long as the test says."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slow = SlowLog(lambda: 0.0)
        self.turns = Turns(self.slow, lambda: self.now)
        self.turns.before_io_wait(0)  # the turn in which it was made

    def turn(self, seconds: float, wait: float = 0.0) -> None:
        self.turns.after_io_wait(0)
        self.now += seconds
        self.turns.before_io_wait(0)
        self.now += wait


def test_turns_are_counted_with_how_long_they_took() -> None:
    loop = Loop()
    for seconds in (0.0005, 0.0005, 0.002, 0.3, 20.0):
        loop.turn(seconds, wait=5)
    turns = loop.turns
    assert (turns.count, sum(turns.counts)) == (6, 6)
    assert turns.counts[:2] == [3, 1]
    assert turns.counts[-1] == 1
    assert round(turns.busy, 4) == 20.303


def test_a_long_turn_is_noted_as_slow() -> None:
    loop = Loop()
    loop.turn(0.01)
    loop.turn(0.4)
    assert [(each.kind, round(each.seconds, 3)) for each in loop.slow] == [("turn", 0.4)]


def test_the_worst_stall_is_forgotten_after_an_hour() -> None:
    loop = Loop()
    loop.turn(0.7, wait=1800)
    loop.turn(0.2, wait=1700)
    assert round(loop.turns.worst, 3) == 0.7
    loop.now += 200
    assert round(loop.turns.worst, 3) == 0.2
    loop.now += 3600
    assert loop.turns.worst == 0.0


def test_the_turn_under_way_counts_as_a_stall() -> None:
    loop = Loop()
    assert loop.turns.blocked == 0.0
    loop.turns.after_io_wait(0)
    loop.now += 12
    assert (loop.turns.blocked, loop.turns.worst) == (12.0, 12.0)
    loop.turns.before_io_wait(0)
    assert loop.turns.blocked == 0.0
