"""Histograms and the log of slow operations."""

from triochat.domain.tally import Histogram, SlowLog


def test_a_histogram_counts_up_to_and_with_each_bound() -> None:
    histogram = Histogram((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 7.0):
        histogram.add(seconds)
    assert histogram.counts == [2, 1, 1]
    assert histogram.sum == 7.65


def test_quantiles_are_of_the_last_thousand() -> None:
    histogram = Histogram((1.0,))
    assert histogram.quantile(0.99) == 0.0
    for _ in range(1000):
        histogram.add(9.0)
    for hundredth in range(100, 0, -1):
        for _ in range(10):
            histogram.add(hundredth / 100)
    assert histogram.quantile(0.5) == 0.51
    assert histogram.quantile(0.99) == 1.0
    assert histogram.quantile(1.0) == 1.0
    assert sum(histogram.counts) == 2000


def test_the_slow_log_keeps_the_last_hundred_with_numbers_that_go_on() -> None:
    log = SlowLog(lambda: 1_700_000_000.5)
    for number in range(150):
        log.note("commit", f"{number} entries", 0.2)
    kept = list(log)
    assert (len(kept), log.count) == (100, 150)
    assert (kept[0].id, kept[-1].id, kept[-1].what) == (51, 150, "149 entries")
    assert kept[0].time_ms == 1_700_000_000_500
