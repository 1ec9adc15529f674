"""Trio as a guest on Tk's main loop. One thread, two schedulers."""

import tkinter
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import outcome
import trio

T = TypeVar("T")

_COMMAND = "triochat_trio"


def run(root: tkinter.Tk, main: Callable[[], Awaitable[T]]) -> T:
    """Run the Trio function *main* with the main loop of *root* around it, until it returns."""
    jobs: deque[Callable[[], object]] = deque()
    finished: list[outcome.Outcome[T]] = []

    def next_job() -> None:
        jobs.popleft()()

    def soon(job: Callable[[], object]) -> None:
        # `after idle` alone would let a busy Trio starve timers, `after 0` alone would starve drawing. Tkinter hands
        # calls of other threads to the main one.
        jobs.append(job)
        root.tk.call("after", "idle", "after", "0", _COMMAND)

    def done(result: outcome.Outcome[T]) -> None:
        finished.append(result)
        root.quit()

    def begin() -> None:
        trio.lowlevel.start_guest_run(
            main, run_sync_soon_threadsafe=soon, run_sync_soon_not_threadsafe=soon, done_callback=done
        )

    tk: Any = root.tk
    tk.createcommand(_COMMAND, next_job)
    # From inside the main loop: before it runs, Trio's thread could not reach us.
    root.after(0, begin)
    root.mainloop()
    tk.deletecommand(_COMMAND)
    return finished[0].unwrap()
