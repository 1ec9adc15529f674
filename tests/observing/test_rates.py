"""How much a second."""

from triochat.observing.rates import Rates


def test_rates_are_of_the_last_minute() -> None:
    rates = Rates()
    assert rates.per_second(0.0, (5, 7)) == [0.0, 0.0]
    rates.sample(0.0, (0, 0))
    assert rates.per_second(10.0, (20, 0)) == [2.0, 0.0]
    for second in range(1, 200):
        rates.sample(float(second), (10 * second, 0))
    assert rates.per_second(199.0, (1990, 120)) == [10.0, 2.0]
