"""Python's garbage collector and tens of thousands of lines of history."""

import gc


def leave_histories_alone() -> None:
    """Have the collector look through all of them rarely: that takes up to a tenth of a second, in which no key is
    answered. What is new it still looks through often."""
    gc.freeze()
    gc.set_threshold(5_000, 1_000, 1_000)
