"""How the window holds out: 50,000 lines of history, and 1,000 incoming lines a second. Needs a display.

    PYTHONPATH=tests xvfb-run python tests/benchmarks/gui.py

Every 5 ms Tk is asked for a sign of life, and a key is pressed with it: the longest time between two answers is what
a person who types would feel. It is told by the clock on the wall, and by the processor time that this program used
meanwhile: where the first is long and the second is not, the machine was busy with something else. Nothing is
asserted.
"""

import tkinter as tk
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter, thread_time

import trio

from client.scripted_server import ScriptedServer
from triochat.client.collecting import leave_histories_alone
from triochat.client.conversation import Past
from triochat.client.line import Kind, Line
from triochat.client.settings import Settings
from triochat.window import guest
from window.driving import BOB, Driver

HISTORY = 50_000
LINES_PER_SECOND = 1_000
SECONDS = 5
STEP_MILLISECONDS = 5
BAR_MILLISECONDS = 50


class Costs:
    """How long something took each time, by the wall and of our own processor time, in milliseconds."""

    def __init__(
        self, work: Callable[[int], object] | None = None, root: tk.Tk | None = None, times: int = 0
    ) -> None:
        """Do *work* so many times, with the drawing that follows from it."""
        self.wall: list[float] = []
        self.own: list[float] = []
        for number in range(times):
            wall, own = perf_counter(), thread_time()
            if work is not None and root is not None:
                work(number)
                root.update_idletasks()
            self.add(perf_counter() - wall, thread_time() - own)

    def add(self, wall: float, own: float) -> None:
        self.wall.append(wall * 1000)
        self.own.append(own * 1000)

    def __str__(self) -> str:
        over = sum(wall > BAR_MILLISECONDS for wall in self.wall)
        return (
            f"median {median(self.wall):.1f}, worst {max(self.wall):.1f} ms ({over} of {len(self.wall)} over "
            f"{BAR_MILLISECONDS} ms); own processor time: worst {max(self.own):.1f} ms"
        )


def measured(work: Callable[[int], object], root: tk.Tk, times: int = 1) -> Costs:
    """What *work* costs each time, with the drawing that follows from it."""
    costs = Costs()
    for number in range(times):
        wall, own = perf_counter(), thread_time()
        work(number)
        root.update_idletasks()
        costs.add(perf_counter() - wall, thread_time() - own)
    return costs


class Pulse:
    """Presses a key in each of Tk's turns that it gets, and notes when that was."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._keys = 0
        self._times: list[tuple[float, float]] = []
        self.on = True
        self._beat()

    @property
    def gaps(self) -> Costs:
        """From each sign of life to the next one."""
        costs = Costs()
        for before, after in pairwise(self._times):
            costs.add(after[0] - before[0], after[1] - before[1])
        return costs

    def _beat(self) -> None:
        if self.on:
            self._times.append((perf_counter(), thread_time()))
            text = self._driver.page.writing.text
            self._keys += 1
            text.event_generate("<BackSpace>" if self._keys % 2 else "<x>")
            self._driver.root.after(STEP_MILLISECONDS, self._beat)


async def history(driver: Driver) -> None:
    room = driver.page.model.current
    assert room is not None
    model = driver.page.model
    lines = [
        model.numbered(
            Line(Kind.SAID, f"line {number} of a history that is as long as it may be", name=f"user{number % 50}")
        )
        for number in range(HISTORY - len(room.lines))
    ]
    room.past = Past.BEGINNING
    print(f"{HISTORY:,} lines into the model: {measured(lambda _: room.add_earlier(lines), driver.root)}")
    root, page, messages = driver.root, driver.page, driver.page.messages
    other = model.with_person("Alice", page.hands.now())
    assert other is not None
    page.switch(other)
    print(f"to another room and back: {measured(lambda n: page.switch((room, other)[n % 2]), root, 41)}")
    print(f"300 pages up: {measured(lambda _: messages.page(-1), root, 300)}")
    print(f"100 places by the scroll bar: {measured(lambda n: driver.drag(n / 100), root, 100)}")
    print(f"back to the newest line: {measured(lambda _: messages.to_newest(), root)}")


async def flood(driver: Driver, server: ScriptedServer, bursts: int) -> None:
    """A flood, divided into so many *bursts* a second."""
    pulse = Pulse(driver)
    at_once = LINES_PER_SECOND // bursts
    began = trio.current_time()
    for number in range(SECONDS * bursts):
        lines = (f":user{number % 50}!u@h PRIVMSG #lobby :line {number} {part} of many" for part in range(at_once))
        await server.send(*lines)
        await trio.sleep_until(began + (number + 1) / bursts)
    took = trio.current_time() - began
    pulse.on = False
    rate = SECONDS * LINES_PER_SECOND / took
    print(f"{rate:.0f} lines a second, {at_once} at once, time between keys: {pulse.gaps}")
    await driver.reads(f"line {SECONDS * bursts - 1} {at_once - 1} of many")


async def run(driver: Driver) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(driver.run, BOB, True)
        server = await driver.enter_lobby()
        for bursts in (100, 1):
            await flood(driver, server, bursts)
        await history(driver)
        for bursts in (100, 1):
            await flood(driver, server, bursts)
        driver.window.quit()
        await server.stream.aclose()


def main() -> None:
    root = tk.Tk(className="Triochat")
    try:
        driver = Driver(root, Settings())
        leave_histories_alone()  # as `triochat gui` does
        guest.run(root, lambda: run(driver))
    finally:
        root.destroy()


if __name__ == "__main__":
    main()
