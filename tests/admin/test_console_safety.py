"""Whatever a peer does, or fails to do, nothing but the console notices."""

import logging
from collections.abc import Awaitable, Callable

import pytest
import trio
import trio.testing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from admin.operator import CTRL_C, PROMPT, at_console, watching
from admin.small_server import SmallServer, message
from triochat_admin.console import Console
from triochat_admin.login import Login
from triochat_admin.peer import Limits


async def test_consoles_beyond_the_limit_are_turned_away_and_a_crowd_unheard(
    autojump_clock: MockClock,
) -> None:
    console = Console(SmallServer(), Login(None), Limits(consoles=1))
    async with trio.open_nursery() as nursery:
        ends = [trio.testing.memory_stream_pair() for _ in range(5)]
        for _, theirs in ends:
            nursery.start_soon(console.serve, theirs, "192.0.2.1", 4711)
            await trio.testing.wait_all_tasks_blocked()
        said = [await ours.receive_some(4096) for ours, _ in ends]
        nursery.cancel_scope.cancel()
    assert said[0].endswith(b"> ")
    assert said[1:4] == [b"All 1 consoles are in use. Try again later.\r\n"] * 3
    assert said[4] == b""


async def test_strangers_at_the_prompt_do_not_keep_out_who_knows_the_password(autojump_clock: MockClock) -> None:
    console = Console(SmallServer(), Login("right"), Limits(consoles=2))
    async with trio.open_nursery() as nursery:

        async def come(address: str) -> trio.abc.Stream:
            ours, theirs = trio.testing.memory_stream_pair()
            nursery.start_soon(console.serve, theirs, address, 4711)
            await trio.testing.wait_all_tasks_blocked()
            return ours

        strangers = [await come("203.0.113.1") for _ in range(4)]
        operators = [await come("192.0.2.1") for _ in range(3)]
        said = []
        for operator in operators:
            await operator.send_all(b"right\n")
            await trio.testing.wait_all_tasks_blocked()
            said.append(bytes(await operator.receive_some(4096)).rpartition(b"\r\n")[2])
        gone = []
        for stranger in strangers:
            await stranger.receive_some(4096)
            with trio.move_on_after(1) as scope:
                assert await stranger.receive_some(4096) == b""
            gone.append(not scope.cancelled_caught)
        nursery.cancel_scope.cancel()
    assert said == [b"> ", b"> ", b""]
    assert gone == [True, True, True, False]


async def test_a_customers_many_ipv6_addresses_are_one_crowd(autojump_clock: MockClock) -> None:
    console = Console(SmallServer(), Login("right"), Limits(consoles=2))
    async with trio.open_nursery() as nursery:

        async def come(address: str) -> trio.abc.Stream:
            ours, theirs = trio.testing.memory_stream_pair()
            nursery.start_soon(console.serve, theirs, address, 4711)
            await trio.testing.wait_all_tasks_blocked()
            return ours

        operator = await come("2001:db8:1::1")
        for number in range(200):
            await come(f"2001:db8:2::{number:x}")
        await operator.send_all(b"right\n")
        await trio.testing.wait_all_tasks_blocked()
        said = bytes(await operator.receive_some(4096))
        nursery.cancel_scope.cancel()
    assert said.endswith(b"> ")


async def test_an_idle_console_is_closed(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        await operator.type("unfinished bytes are no sign of life")
        assert await operator.rest() == "Nothing heard for 30 minutes. Bye.\r\n"
    assert 1800 <= trio.current_time() < 1900


@pytest.mark.parametrize("before", [[], [b"list\n"], [b"monitor\n"]])
async def test_a_peer_that_does_not_read_is_cut(before: list[bytes], autojump_clock: MockClock) -> None:
    server = SmallServer()
    ours, theirs = trio.testing.lockstep_stream_pair()
    console = Console(server, Login(None))
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(console.serve, theirs, "192.0.2.1", 4711)
            if before:
                while not (await ours.receive_some(4096)).endswith(b"> "):
                    pass
            for data in before:
                await ours.send_all(data)
                if data == b"monitor\n":
                    await ours.receive_some(4096)
            await trio.testing.wait_all_tasks_blocked()
            for _ in range(1000):
                server.publish(message("Alice", "x"))
    assert server.monitors == []
    assert all(monitor.ended.is_set() for monitor in server.watchers)


async def test_a_bug_is_logged_and_the_console_goes_on(
    caplog: pytest.LogCaptureFixture, autojump_clock: MockClock
) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        server.broken = True
        assert await operator.do("status") == "internal error, see the server's log"
        assert await operator.do("shutdown") == "internal error, see the server's log"
        assert "internal error, see the server's log" in await operator.do("monitor")
        assert (await operator.do("rooms")).endswith("2 rooms.")
    assert [record.exc_info is not None for record in caplog.records] == [True, True, True]
    assert server.monitors == []


async def test_a_bug_at_the_greeting_is_survived(caplog: pytest.LogCaptureFixture, autojump_clock: MockClock) -> None:
    server = SmallServer()
    server.broken = True
    async with at_console(server) as operator:
        assert await operator.until() == f"triochat Type help.\r\n{PROMPT}"
    assert caplog.messages == ["admin console: a command failed"]


async def test_a_stop_of_the_server_is_told_and_ends_the_console_at_once(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        before = trio.current_time()
        operator.cancel.cancel()
        assert await operator.rest() == "\r\nThe server is stopping. Bye.\r\n"
        assert trio.current_time() == before


async def test_a_stop_waits_for_nobody(autojump_clock: MockClock) -> None:
    ours, theirs = trio.testing.lockstep_stream_pair()
    with trio.fail_after(1):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Console(SmallServer(), Login(None)).serve, theirs, "192.0.2.1", 4711)
            while not (await ours.receive_some(4096)).endswith(b"> "):
                pass
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()


async def test_a_stop_in_the_middle_of_a_line_adds_nothing_to_it(autojump_clock: MockClock) -> None:
    ours, theirs = trio.testing.lockstep_stream_pair()
    console = Console(SmallServer(), Login(None))
    shown = b""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(console.serve, theirs, "192.0.2.1", 4711)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            while data := await ours.receive_some(4096):
                shown += data
    assert shown.startswith(b"triochat 1.0")
    assert b"stopping" not in shown


async def test_a_stop_during_a_monitor_closes_the_subscription(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await watching(server, operator)
        operator.cancel.cancel()
        assert "The server is stopping." in await operator.rest()
    assert server.monitors == []


@pytest.mark.parametrize("monitor", [False, True])
async def test_a_peer_that_vanishes_leaves_nothing(monitor: bool, autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        if monitor:
            await watching(server, operator)
    assert server.monitors == []


_CHARACTER_MODE = b"rooms\r\n\xff\xfd\x01\xff\xfd\x03\xff\xfa\x1f\0\x28\0\x08\xff\xf0"
"""What a telnet sends that is offered to edit its lines here, and agrees."""
_KEYS = [b"\t", b"\x1b[A", b"\x1b[D", b"\x17", b"\r\0", b"ki\t", b"\xff\xfe\x01"]
_TYPED = [b"monitor\n", b"list\r\n", b"top\n", b"doctor\n", CTRL_C, b"\n", _CHARACTER_MODE, *_KEYS]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(_TYPED))))
def test_no_input_disturbs_the_server(data: list[bytes], caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()

    async def main() -> None:
        ours, theirs = trio.testing.memory_stream_pair()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Console(SmallServer(), Login(None)).serve, theirs, "192.0.2.1", 4711)
            for piece in data:
                await ours.send_all(piece)
                await trio.testing.wait_all_tasks_blocked()
            await ours.send_eof()
            while await ours.receive_some(65536):
                pass

    trio.run(main, clock=MockClock(autojump_threshold=0))
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


class _Rounds(trio.abc.Instrument):
    """Counts the turns of the event loop."""

    count = 0

    def before_io_wait(self, timeout: float) -> None:
        self.count += 1


async def test_what_many_consoles_show_at_once_is_spread_over_turns(autojump_clock: MockClock) -> None:
    """An event that two hundred consoles show must not hold up the chat for two hundred times as long."""
    server, rounds = SmallServer(), _Rounds()
    console = Console(server, Login(None), Limits(consoles=20))
    sent: list[int] = []

    def noting(pump: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def note() -> None:
            sent.append(rounds.count)
            await pump()

        return note

    trio.lowlevel.add_instrument(rounds)
    async with trio.open_nursery() as nursery:
        for _ in range(20):
            ours, theirs = trio.testing.memory_stream_pair()
            pump = theirs.send_stream.send_all_hook
            assert pump is not None
            theirs.send_stream.send_all_hook = noting(pump)
            nursery.start_soon(console.serve, theirs, "192.0.2.1", 4711)
            await ours.send_all(b"monitor\n")
        await trio.testing.wait_all_tasks_blocked()
        sent.clear()
        server.publish(message("Alice", "x"))
        await trio.testing.wait_all_tasks_blocked()
        assert len(sent) == len(set(sent)) == 20
        nursery.cancel_scope.cancel()
    trio.lowlevel.remove_instrument(rounds)
