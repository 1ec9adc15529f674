"""A telnet that sends every key, over streams in memory; and those that do not, which must notice nothing."""

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from admin.operator import CTRL_C, PROMPT, Operator, at_console
from admin.small_server import SmallServer, message, user
from triochat_admin.console import Console
from triochat_admin.login import Login
from triochat_admin.peer import Limits

DO_ECHO, DONT_ECHO, DO_SGA, DONT_SGA = b"\xff\xfd\x01", b"\xff\xfe\x01", b"\xff\xfd\x03", b"\xff\xfe\x03"
WILL_NAWS, WONT_NAWS = b"\xff\xfb\x1f", b"\xff\xfc\x1f"


def text(data: bytes) -> str:
    """*data* as a string in which telnet's bytes can be told."""
    return data.decode("utf-8", "surrogateescape")


IAC = text(b"\xff")
OFFER = text(b"\xff\xfb\x01\xff\xfb\x03\xff\xfd\x1f")
WONT_ECHO = text(b"\xff\xfc\x01")


def size(columns: int, rows: int) -> bytes:
    return b"\xff\xfa\x1f" + columns.to_bytes(2, "big") + rows.to_bytes(2, "big") + b"\xff\xf0"


async def in_character_mode(operator: Operator, columns: int = 100, rows: int = 30) -> None:
    """Be a telnet: answer the hiding of the password, give it, and agree to the offer."""
    await operator.until("Password: ")
    await operator.type(DO_ECHO + b"secret\r\n")
    await operator.until("\n")
    await operator.type(DONT_ECHO)
    await operator.until(PROMPT)
    await operator.type(DO_ECHO + DO_SGA + WILL_NAWS + size(columns, rows))
    await trio.testing.wait_all_tasks_blocked()


async def shown(operator: Operator) -> str:
    """All that has been shown so far."""
    await trio.testing.wait_all_tasks_blocked()
    with trio.move_on_after(0.001):
        return text(bytes(await operator.stream.receive_some(65536)))
    return ""


async def test_who_answers_as_telnet_is_offered_character_mode_behind_a_plain_prompt(
    autojump_clock: MockClock,
) -> None:
    async with at_console(SmallServer(), "secret") as operator:
        await operator.until("Password: ")
        await operator.type(DO_ECHO + b"secret\r\n")
        seen = await shown(operator)
        assert seen.index("Type help.") < seen.index(PROMPT)
        assert seen.count(OFFER) == 1
        await operator.type(DONT_ECHO + DO_ECHO + DO_SGA + WILL_NAWS + size(100, 30))
        await operator.type(b"rooms")
        assert await shown(operator) == "rooms"
        await operator.type(b"\r\0")
        assert "2 rooms." in await shown(operator)


async def test_keys_that_come_with_the_answers_are_keys(autojump_clock: MockClock) -> None:
    """Whoever types at once behind the prompt: telnet's answers and the first keys may arrive together."""
    async with at_console(SmallServer(), "secret") as operator:
        await operator.until("Password: ")
        await operator.type(DO_ECHO + b"secret\r\n")
        await operator.until(PROMPT)
        await operator.type(DONT_ECHO + DO_ECHO + DO_SGA + WILL_NAWS + size(100, 30) + b"roo\t")
        assert (await shown(operator)).endswith("> room\x1b[K")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
async def test_who_does_not_answer_sees_plain_text_only(end: bytes, autojump_clock: MockClock) -> None:
    """nc, expect, and scripts: the bytes around the password are all that is not text."""
    async with at_console(SmallServer(), "secret") as operator:
        for line in (b"secret", b"rooms", b"list"):
            await operator.type(line + end)
        seen = await shown(operator)
        assert seen.count(IAC) == 2
        assert seen.count(PROMPT) == 3
        await operator.type(b"quit" + end)
        assert (await operator.rest()).endswith("Bye.\r\n")


async def test_without_a_password_the_offer_waits_for_a_line_that_ends_as_telnets_do(
    autojump_clock: MockClock,
) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.type(b"rooms\n")
        assert IAC not in await shown(operator)
        await operator.type(b"rooms\r\n")
        assert (await shown(operator)).endswith(OFFER + PROMPT)
        await operator.type(b"rooms\r\n")
        assert OFFER not in await shown(operator)


@pytest.mark.parametrize("refusal", [DONT_ECHO + DONT_SGA + WONT_NAWS, DO_ECHO + DONT_SGA + WONT_NAWS])
async def test_who_refuses_stays_in_line_mode(refusal: bytes, autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.type(b"rooms\r\n")
        await shown(operator)
        await operator.type(refusal)
        assert await shown(operator) == (WONT_ECHO if refusal.startswith(DO_ECHO) else "")
        await operator.type(b"kick Bob\r\n")
        assert (await shown(operator)).startswith("Kicked 1: Bob #9 (127.0.0.1)")


async def test_history_and_completion_at_the_prompt(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer(), "secret") as operator:
        await in_character_mode(operator)
        await operator.type(b"rooms\r\0")
        await shown(operator)
        await operator.type(b"\x1b[A")
        assert (await shown(operator)).endswith("> rooms\x1b[K")
        await operator.type(b"\x15kick B\t")
        assert (await shown(operator)).endswith("> kick Bob \x1b[K")
        await operator.type(b"\r\0")
        assert "Kicked 1: Bob #9" in await shown(operator)


async def test_the_password_is_in_no_history(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer(), "secret") as operator:
        await in_character_mode(operator)
        await shown(operator)
        await operator.type(b"\x1b[A\x1b[A\x10")
        assert "secret" not in await shown(operator)


async def test_a_question_is_answered_at_a_prompt_of_its_own(autojump_clock: MockClock) -> None:
    server = SmallServer(*(user(i, f"user{i}") for i in range(4)))
    async with at_console(server, "secret") as operator:
        await in_character_mode(operator)
        await operator.type(b"kick 127.0.0.1\r\0yes\r\0rooms\r\0")  # typed ahead
        seen = await shown(operator)
    assert seen.index("Enter to stop: yes") < seen.index("Kicked 4: ") < seen.index("0 rooms.")


async def test_ctrl_c_and_ctrl_d_as_keys_and_as_telnet_sends_them(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer(), "secret") as operator:
        await in_character_mode(operator)
        await shown(operator)
        await operator.type(b"kick Bob\x03")
        assert (await shown(operator)).endswith("^C\r\n> ")
        await operator.type(b"kick Bob" + CTRL_C)
        assert "^C" in await shown(operator)
        await operator.type(b"\x04")
        assert (await operator.rest()).endswith("\r\nBye.\r\n")


@pytest.mark.parametrize("key", [b"q", b"\r\0", b"\x03", CTRL_C, b"\x1b[A"])
async def test_any_key_stops_a_monitor_and_is_swallowed(key: bytes, autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server, "secret") as operator:
        await in_character_mode(operator)
        await operator.type(b"monitor\r\0")
        await shown(operator)
        server.publish(message("Alice", "x"))
        assert "«1 char»" in await shown(operator)
        await operator.type(key)
        seen = await shown(operator)
        assert "stopped. 1 event shown, 0 not shown." in seen
        assert seen.endswith(PROMPT)
        await operator.type(b"rooms\r\0")
        assert "2 rooms." in await shown(operator)


# -- top --


async def test_top_draws_over_itself_and_fits_the_window(autojump_clock: MockClock) -> None:
    server = SmallServer(*(user(i, f"somebody{i}") for i in range(50)))
    async with at_console(server, "secret") as operator:
        await in_character_mode(operator, columns=40, rows=10)
        await shown(operator)
        await operator.type(b"top\r\0")
        await trio.sleep(1.5)
        first = await shown(operator)
        await trio.sleep(2)
        second = await shown(operator)
        assert first.count("\x1b[2J") == 1
        assert second.startswith("\x1b[H")
        assert "\x1b[2J" not in second
        rows = second.removesuffix("\x1b[J").split("\r\n")
        assert len(rows) <= 10
        assert all(len(row.removeprefix("\x1b[H").removesuffix("\x1b[K")) < 40 for row in rows)
        await operator.type(size(200, 50))
        await trio.sleep(2)
        assert (await shown(operator)).count("somebody") == 20
        await operator.type(b"q")
        assert (await shown(operator)).endswith(PROMPT)


async def test_top_at_a_plain_terminal_is_one_table_after_the_other(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        await operator.type(b"top every=5\n")
        await trio.sleep(7)
        seen = await shown(operator)
        assert "\x1b" not in seen
        assert seen.count("3 sessions, ") == 2
        await operator.type(b"\n")
        assert (await shown(operator)).endswith(PROMPT)


@pytest.mark.parametrize("line", ["top --once", "top --json"])
async def test_top_once_is_one_answer(line: str, autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        answer = await operator.do(line)
        assert answer.startswith('[{"id": 12' if "json" in line else "3 sessions, ")
        assert (await operator.do("rooms")).endswith("2 rooms.")


async def test_a_bug_while_looking_ends_top_and_not_the_console(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        await operator.type(b"top\n")
        await trio.sleep(1.5)
        server.broken = True
        await trio.sleep(2)
        assert "internal error, see the server's log" in await shown(operator)
        server.broken = False
        assert (await operator.do("rooms")).endswith("2 rooms.")


async def test_a_peer_that_does_not_read_its_top_is_cut(autojump_clock: MockClock) -> None:
    server = SmallServer()
    ours, theirs = trio.testing.lockstep_stream_pair()
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Console(server, Login(None)).serve, theirs, "192.0.2.1", 4711)
            while not (await ours.receive_some(4096)).endswith(b"> "):
                pass
            await ours.send_all(b"top every=1\n")
            await ours.receive_some(4096)
    looks = server.observations.looks
    await trio.sleep(10)
    assert server.observations.looks == looks


async def test_two_hundred_consoles_with_one_that_stops_reading(autojump_clock: MockClock) -> None:
    """The one is cut; the others go on, and what they are shown is theirs."""
    server = SmallServer()
    console = Console(server, Login(None), Limits(consoles=200))
    stuck, theirs = trio.testing.lockstep_stream_pair()
    async with trio.open_nursery() as nursery:
        ends = [trio.testing.memory_stream_pair() for _ in range(199)]
        nursery.start_soon(console.serve, theirs, "192.0.2.1", 1)
        for number, (_, end) in enumerate(ends):
            nursery.start_soon(console.serve, end, "192.0.2.2", number)
        while not (await stuck.receive_some(4096)).endswith(b"> "):
            pass
        await stuck.send_all(b"monitor\n")
        await stuck.receive_some(4096)
        for ours, _ in ends:
            await ours.send_all(b"monitor rate=5\n")
        await trio.testing.wait_all_tasks_blocked()
        assert console.open == 200
        for second in range(30):
            for _ in range(20):
                server.publish(message("Alice", "x"))
            await trio.sleep(1)
            assert console.open == 200 or second >= 9
        assert console.open == 199
        for ours, _ in ends:
            await ours.aclose()
    assert (console.open, server.monitors) == (0, [])
