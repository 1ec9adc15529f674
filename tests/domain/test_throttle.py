"""Token buckets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.domain.throttle import Shared, Throttle

steps = st.lists(st.floats(0, 10), max_size=60)


def test_burst_comes_at_once_and_then_waits() -> None:
    throttle = Throttle(rate=2, burst=3, now=100)
    assert [throttle.spend(100) for _ in range(5)] == [0, 0, 0, 0.5, 1.0]


def test_waiting_refills() -> None:
    throttle = Throttle(rate=2, burst=3, now=0)
    for _ in range(3):
        assert throttle.allow(0)
    assert not throttle.allow(0.4)
    assert throttle.allow(0.5)
    assert not throttle.allow(0.5)


def test_refused_attempts_cost_nothing() -> None:
    throttle = Throttle(rate=1, burst=1, now=0)
    assert throttle.allow(0)
    assert not any(throttle.allow(0.5) for _ in range(10))
    assert throttle.allow(1)


def test_long_silence_gives_one_burst_only() -> None:
    throttle = Throttle(rate=5, burst=2, now=0)
    assert [throttle.allow(1_000_000) for _ in range(3)] == [True, True, False]


def test_bucket_is_full_again_when_nothing_was_taken_lately() -> None:
    throttle = Throttle(rate=1, burst=2, now=0)
    assert throttle.is_full(0)
    throttle.allow(0)
    assert not throttle.is_full(0.5)
    assert throttle.is_full(1)


@given(steps, st.integers(1, 20), st.integers(1, 20))
def test_never_more_than_the_burst_and_the_rate(pauses: list[float], rate: int, burst: int) -> None:
    throttle = Throttle(rate, burst, 0.0)
    now, allowed = 0.0, 0
    for pause in pauses:
        now += pause
        allowed += throttle.allow(now)
    assert allowed <= burst + now * rate + 1e-6


@given(steps, st.integers(1, 20), st.integers(1, 20))
def test_who_waits_as_told_keeps_to_the_rate(pauses: list[float], rate: int, burst: int) -> None:
    throttle = Throttle(rate, burst, 0.0)
    now = 0.0
    for taken, pause in enumerate(pauses, 1):
        now += pause
        now += throttle.spend(now)
        assert taken <= burst + now * rate + 1e-6


@pytest.mark.parametrize("rate", [0.1, 1, 20])
def test_wait_is_until_the_token_is_there(rate: float) -> None:
    throttle = Throttle(rate, 1, 0.0)
    throttle.spend(0)
    assert throttle.spend(0) == pytest.approx(1 / rate)


def test_buckets_that_are_full_again_are_forgotten() -> None:
    shared = Shared(rate=1, burst=1)
    for second in range(10_000):
        throttle = shared.of(f"10.0.0.{second}", second)
        assert throttle is not None
        throttle.allow(second)
    assert len(shared) <= 1024


def test_a_crowd_of_places_does_not_make_each_newcomer_dearer(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    is_full = Throttle.is_full

    def counted(throttle: Throttle, now: float) -> bool:
        nonlocal looks
        looks += 1
        return is_full(throttle, now)

    monkeypatch.setattr(Throttle, "is_full", counted)
    shared = Shared(rate=1, burst=1)
    for number in range(20_000):
        throttle = shared.of(f"10.0.0.{number}", 0)
        assert throttle is not None
        throttle.allow(0)
    assert looks < 2 * 20_000
