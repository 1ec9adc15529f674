"""Those who have not come in yet."""

from itertools import pairwise

import pytest

from triochat.net.strangers import patience, pause, together


def test_a_line_may_come_in_a_few_pieces() -> None:
    assert [pause(pieces, 0.5) for pieces in range(3)] == [0, 0, 0]


def test_who_drips_is_read_less_and_less_often() -> None:
    pauses = [pause(pieces, 0.5) for pieces in range(3, 10)]
    assert all(later == 2 * sooner > 0 for sooner, later in pairwise(pauses))


def test_those_who_came_together_are_not_read_together() -> None:
    assert len({pause(5, chance) for chance in (0.0, 0.3, 0.9)}) == 3


def test_a_few_strangers_have_the_time_that_was_promised() -> None:
    assert {patience(30.0, strangers, chance) for strangers in (1, 1000) for chance in (0.0, 0.9)} == {30.0}


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_a_crowd_is_not_sent_away_in_one_moment_and_nobody_sooner(chance: float) -> None:
    assert patience(30.0, 5000, chance) == 30.0 + 15.0 * chance


def test_a_crowd_comes_in_more_slowly() -> None:
    assert together(0) == together(1000) > together(1001) >= 1
