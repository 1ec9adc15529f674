"""How the window holds out: 50,000 lines of history, and 1,000 incoming lines a second. Needs a display.

    PYTHONPATH=tests xvfb-run python tests/benchmarks/gui.py

Every 5 ms Tk is asked for a sign of life, and a key is pressed with it: the longest time between two answers is what
a person who types would feel. Nothing is asserted.
"""

import tkinter as tk
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter, thread_time

import trio

from client.scripted_server import ScriptedServer
from triochat.client.conversation import Past
from triochat.client.line import Kind, Line
from triochat.client.settings import Settings
from triochat.window import guest
from window.driving import BOB, Driver

HISTORY = 50_000
LINES_PER_SECOND = 1_000
SECONDS = 5
STEP_MILLISECONDS = 5


def milliseconds(work: Callable[[], object], root: tk.Tk) -> float:
    """How long *work* takes with the drawing that follows from it."""
    began = perf_counter()
    work()
    root.update_idletasks()
    return (perf_counter() - began) * 1000


class Pulse:
    """Presses a key in each of Tk's turns that it gets, and notes when that was."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._keys = 0
        self.times: list[float] = []
        self.worked: list[float] = []
        self.on = True
        self._beat()

    def _beat(self) -> None:
        if self.on:
            self.times.append(perf_counter())
            self.worked.append(thread_time())
            text = self._driver.page.writing.text
            self._keys += 1
            text.event_generate("<BackSpace>" if self._keys % 2 else "<x>")
            self._driver.root.after(STEP_MILLISECONDS, self._beat)


def gaps_of(times: list[float]) -> list[float]:
    """Milliseconds between them."""
    return [(after - before) * 1000 for before, after in pairwise(times)]


async def history(driver: Driver) -> None:
    room = driver.page.model.current
    assert room is not None
    model = driver.page.model
    lines = [
        model.numbered(
            Line(Kind.SAID, f"line {number} of a history that is as long as it may be", name=f"user{number % 50}")
        )
        for number in range(HISTORY - 10)
    ]
    room.past = Past.BEGINNING
    taken = milliseconds(lambda: room.add_earlier(lines), driver.root)
    print(f"{len(room.lines):,} lines into the model: {taken:.0f} ms")
    messages = driver.page.messages
    messages.feed._conversation = None
    print(f"opening the room: {milliseconds(driver.page.refresh, driver.root):.1f} ms")
    pages = [milliseconds(lambda: messages.page(-1), driver.root) for _ in range(300)]
    print(f"300 pages up: median {median(pages):.1f} ms, worst {max(pages):.1f} ms")
    places = [str(number / 100) for number in range(100)]
    drags = [milliseconds(lambda place=place: messages._dragged("moveto", place), driver.root) for place in places]
    print(f"100 places by the scroll bar: median {median(drags):.1f} ms, worst {max(drags):.1f} ms")
    print(f"back to the newest line: {milliseconds(messages.to_newest, driver.root):.1f} ms")


async def flood(driver: Driver, server: ScriptedServer) -> None:
    pulse = Pulse(driver)
    at_once = LINES_PER_SECOND // 100
    began = trio.current_time()
    for number in range(SECONDS * 100):
        lines = (f":user{number % 50}!u@h PRIVMSG #lobby :line {number} {part} of many" for part in range(at_once))
        await server.send(*lines)
        await trio.sleep_until(began + (number + 1) / 100)
    took = trio.current_time() - began
    pulse.on = False
    gaps, worked = gaps_of(pulse.times), gaps_of(pulse.worked)
    over = sum(gap > 50 for gap in gaps)
    rate = SECONDS * LINES_PER_SECOND / took
    print(
        f"{rate:.0f} lines a second: {len(gaps)} keys, median gap {median(gaps):.1f} ms, worst {max(gaps):.1f} ms, "
        f"{over} over 50 ms; of that, our own work: worst {max(worked):.1f} ms"
    )
    await driver.reads(f"line {SECONDS * 100 - 1} {at_once - 1} of many")


async def run(driver: Driver) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(driver.run, BOB, True)
        server = await driver.enter_lobby()
        await flood(driver, server)
        await history(driver)
        await flood(driver, server)
        driver.window.quit()
        await server.stream.aclose()


def main() -> None:
    root = tk.Tk(className="Triochat")
    try:
        driver = Driver(root, Settings())
        guest.run(root, lambda: run(driver))
    finally:
        root.destroy()


if __name__ == "__main__":
    main()
