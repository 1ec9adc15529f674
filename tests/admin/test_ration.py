"""However many consoles do whatever at once, the chat has nearly all of the event loop."""

import math
import time

import trio
import trio.testing
from trio.testing import MockClock

from admin.operator import PROMPT, at_console
from admin.small_server import SmallServer
from triochat_admin.console import Console
from triochat_admin.login import Login
from triochat_admin.ration import Ration


class _LoopTurns(trio.abc.Instrument):
    """Counts the turns of the event loop."""

    count = 0

    def after_io_wait(self, timeout: float) -> None:
        self.count += 1


async def test_two_consoles_never_work_in_the_same_turn_of_the_loop(autojump_clock: MockClock) -> None:
    ration, turns, worked = Ration(), _LoopTurns(), list[int]()

    async def console() -> None:
        place = ration.place()
        for _ in range(10):
            await place.turn()
            worked.append(turns.count)

    trio.lowlevel.add_instrument(turns)
    async with trio.open_nursery() as nursery:
        for _ in range(10):
            nursery.start_soon(console)
    trio.lowlevel.remove_instrument(turns)
    assert len(set(worked)) == len(worked) == 100


async def test_who_types_by_hand_never_waits(autojump_clock: MockClock) -> None:
    place = Ration().place()
    waited = 0.0
    for _ in range(1000):
        await trio.sleep(1)
        began = trio.current_time()
        await place.turn(0.01)
        waited += trio.current_time() - began
    assert waited == 0


async def test_a_crowd_gets_a_fiftieth_of_the_loop(autojump_clock: MockClock) -> None:
    ration = Ration()
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        for _ in range(200):
            nursery.start_soon(ration.place().turn, 0.01)
    assert math.isclose(trio.current_time() - began, 199 * 0.01 / 0.02 - 2.5, abs_tol=2)


async def test_who_has_had_little_is_next(autojump_clock: MockClock) -> None:
    ration, waits = Ration(), list[float]()

    async def greedy() -> None:
        place = ration.place()
        for _ in range(20):
            await place.turn(0.01)

    async with trio.open_nursery() as nursery:
        for _ in range(20):
            nursery.start_soon(greedy)
        place = ration.place()
        for _ in range(5):
            began = trio.current_time()
            await place.turn(0.001)
            waits.append(trio.current_time() - began)
            await trio.sleep(25)
    assert max(waits[1:]) <= 0.01 / 0.02  # no longer than one of the others takes


async def test_nobody_waits_long_for_what_took_long(autojump_clock: MockClock) -> None:
    ration = Ration()
    await ration.place().turn(60)
    began = trio.current_time()
    await ration.place().turn()
    assert trio.current_time() - began <= 1


async def test_who_gives_up_waiting_leaves_the_others_their_turn(autojump_clock: MockClock) -> None:
    ration, order = Ration(), list[int]()

    async def console(number: int, patience: float) -> None:
        with trio.move_on_after(patience):
            await ration.place().turn(0.1)
            order.append(number)

    async with trio.open_nursery() as nursery:
        for number in range(10):
            nursery.start_soon(console, number, 0.5 if number % 2 else math.inf)
            await trio.testing.wait_all_tasks_blocked()
    assert order == [0, 2, 4, 6, 8]


async def test_what_is_measured_counts(autojump_clock: MockClock) -> None:
    place = Ration().place()
    began = trio.current_time()
    with place.work():
        end = time.perf_counter() + 0.06
        while time.perf_counter() < end:
            pass
    await place.turn()
    assert trio.current_time() - began >= (0.06 - 0.05) / 0.02


async def test_a_flood_at_one_console_does_not_silence_another(autojump_clock: MockClock) -> None:
    server = SmallServer()
    console = Console(server, Login(None))
    async with at_console(server, console=console) as flooding, at_console(server, console=console) as operator:
        await flooding.until()
        await operator.until()
        await flooding.type("status\n" * 500)
        assert (await operator.do("rooms")).endswith("2 rooms.")
        shown = await flooding.stream.receive_some(10_000_000)
        assert 1 <= shown.count(PROMPT.encode()) < 250


async def test_lines_typed_without_end_take_their_time(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as flooding:
        await flooding.until()
        began = trio.current_time()
        await flooding.type("\n" * 1000)
        for _ in range(1000):
            await flooding.until()
    assert trio.current_time() - began >= 1000 * 0.0001 / 0.02 - 2.5
