"""A console session over memory streams, with a clock that jumps: what is shown, and what each key does."""

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from admin.operator import CTRL_C, PROMPT, Operator, at_console, watching
from admin.small_server import SmallServer, message, user
from triochat_admin.console import Console
from triochat_admin.login import Login
from triochat_admin.peer import Limits

GREETING = "triochat 1.0 on mercury – 3 users in 2 rooms, up 2h14m. Type help."
WILL_ECHO, WONT_ECHO, WONT_TIMING_MARK = "\xff\xfb\x01", "\xff\xfc\x01", "\xff\xfc\x06"


# Getting in.


async def test_the_password_is_hidden_in_telnet_and_opens_the_console(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer(), "secret") as operator:
        assert await operator.until("Password: ") == f"triochat admin console\r\n{WILL_ECHO}Password: "
        await operator.type("secret\r\0")
        assert await operator.until("\n") == f"{WONT_ECHO}\r\n"
        assert await operator.until() == f"{GREETING}\r\n{PROMPT}"


async def test_nothing_about_users_is_shown_before_the_password(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server, "secret") as operator:
        await operator.type("list\nkick Bob\nshutdown\n")
        shown = await operator.rest()
    assert shown.count("Wrong password.") == 3
    assert "Bob" not in shown
    assert "mercury" not in shown
    assert server.done == []


async def test_three_wrong_passwords_end_it_and_slow_the_next_ones(
    caplog: pytest.LogCaptureFixture, autojump_clock: MockClock
) -> None:
    console = Console(SmallServer(), Login("secret"))
    for _ in range(2):
        async with at_console(SmallServer(), console=console) as operator:
            await operator.type("a\nb\nc\nd\n")
            assert (await operator.rest()).count("Wrong password.") == 3
    # 1 + 2 seconds in the first connection, 4 + 8 + 15 in the second.
    assert trio.current_time() >= 30
    assert caplog.messages[-1] == "admin console: wrong password from 192.0.2.1:4711 (6 in a row)"
    async with at_console(SmallServer(), console=console) as operator:
        await operator.until("Password: ")
        assert "Type help." in await operator.do("secret")


async def test_no_password_in_time_ends_it(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer(), "secret") as operator:
        await operator.type("half a passw")
        assert "No password within 60 seconds. Bye." in await operator.rest()


async def test_a_password_that_was_switched_off_is_not_asked_for(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        assert await operator.until() == f"{GREETING}\r\n{PROMPT}"


@pytest.mark.parametrize("password", ["secret", None])
@pytest.mark.parametrize(
    "request_", ["GET / HTTP/1.1\r\n", "POST /x HTTP/1.1\r\n", "list / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n"]
)
async def test_http_is_refused_and_nothing_in_it_obeyed(
    password: str | None, request_: str, autojump_clock: MockClock
) -> None:
    server = SmallServer()
    async with at_console(server, password) as operator:
        await operator.type(f"{request_}Host: localhost\r\n\r\nsecret\r\nkick Bob\r\nsay #lobby hi\r\n")
        shown = await operator.rest()
    head, _, body = shown[shown.index("HTTP/1.1 400 Bad Request\r\n") :].partition("\r\n\r\n")
    assert f"Content-Length: {len(body)}" in head
    assert server.done == []


async def test_a_tls_hello_is_hung_up_on(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.type(b"\x16\x03\x01\x02\x00\x01\x00\n\n")
        assert (await operator.rest()).endswith(PROMPT)


async def test_consoles_are_limited(autojump_clock: MockClock) -> None:
    console = Console(SmallServer(), Login(None), Limits(consoles=1))
    async with at_console(SmallServer(), console=console) as first:
        await first.until()
        async with at_console(SmallServer(), console=console) as second:
            assert await second.rest() == "All 1 consoles are in use. Try again later.\r\n"
        assert "2 rooms." in await first.do("rooms")
    async with at_console(SmallServer(), console=console) as third:
        await third.until()


# Obeying.


async def test_commands_are_obeyed_and_mistakes_explained(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        assert (await operator.do("list")).endswith("3 users.")
        assert (
            await operator.do("kick Bob being rude")
            == "Kicked 1: Bob #9 (127.0.0.1). Connection closed in 3.0 ms, name free."
        )
        assert await operator.do("kick Bob again") == "Nobody is called Bob."
        assert await operator.do("kikc Bob") == "No command kikc. Did you mean: kick"
        assert await operator.do("") == ""
        assert await operator.do("say #nope hi") == "There is no room or user #nope."
        assert '{"count": 1, "hit": ["Alice #7"], "took_ms": 3.0, ' in await operator.do("kick Alice --json")
        assert await operator.do("kick Alice --json") == '{"count": 0, "hit": [], "error": "Nobody is called Alice."}'
        await operator.type("quit\n")
        assert await operator.rest() == "Bye.\r\n"
    assert server.done[0] == ("kick", [9], "being rude", "console 192.0.2.1:4711")


@pytest.mark.parametrize(
    ("reply", "kicked"), [("yes\n", 4), ("YES\n", 4), ("\n", 0), ("no\n", 0), (CTRL_C, 0), ("\x04", 0)]
)
async def test_a_wide_kick_wants_a_yes(reply: bytes | str, kicked: int, autojump_clock: MockClock) -> None:
    server = SmallServer(*(user(i, f"user{i}") for i in range(4)))
    async with at_console(server) as operator:
        await operator.until()
        await operator.do("kick 127.0.0.1", end="Enter to stop: ")
        await operator.type(reply)
        shown = await operator.until()
        assert ("Kicked 4: " in shown) == bool(kicked)
        assert ("Nothing done." in shown) == (not kicked)
    assert len(server.users) == 4 - kicked


async def test_shutdown_is_answered_before_it_begins(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        await operator.type("shutdown\n")
        await operator.until("will be told.\r\n")
        await operator.until()
        assert server.done == [("shutdown", "", "console 192.0.2.1:4711")]


async def test_ctrl_d_leaves(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        await operator.type(b"\x04")
        assert await operator.rest() == "\r\nBye.\r\n"


async def test_ctrl_c_in_telnet_drops_the_line_and_is_answered_before_anything_is_shown(
    autojump_clock: MockClock,
) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        await operator.type(b"kick Bo" + CTRL_C)
        assert await operator.until() == f"{WONT_TIMING_MARK}\r\n{PROMPT}"
        assert (await operator.do("rooms")).endswith("2 rooms.")


async def test_a_timing_mark_alone_brings_the_prompt_back(autojump_clock: MockClock) -> None:
    """Telnet has thrown away what it received before the mark, perhaps the prompt."""
    async with at_console(SmallServer()) as operator:
        await operator.until()
        await operator.type(CTRL_C[:2])
        await operator.until()
        await operator.type(CTRL_C[2:])
        assert await operator.until() == f"{WONT_TIMING_MARK}\r\n{PROMPT}"


async def test_a_line_without_end_gets_one_sentence(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        await operator.type(b"x" * 100_000)
        assert await operator.until() == f"\r\nThat line is too long: 4,096 bytes at most.\r\n{PROMPT}"
        await operator.type("\n")
        assert (await operator.do("rooms")).endswith("2 rooms.")


async def test_bytes_that_are_no_utf8(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer()) as operator:
        await operator.until()
        await operator.type(b"kick Zo\xeb\n")
        assert (await operator.until()).startswith("Nobody is called Zo\ufffd.")


async def test_half_a_line_and_a_close_does_nothing(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        await operator.type("kick Bob")
    assert server.done == []


async def test_input_that_ends_is_obeyed_to_its_end(autojump_clock: MockClock) -> None:
    """`printf 'list\\nrooms\\n' | nc -N` shows both answers."""
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(Console(SmallServer(), Login(None)).serve, theirs, "192.0.2.1", 4711)
        await ours.send_all(b"list\nrooms\n")
        await ours.send_eof()
        shown = await Operator(ours, nursery.cancel_scope).rest()
    assert "3 users." in shown
    assert "2 rooms." in shown


async def test_an_answer_has_a_greatest_size(autojump_clock: MockClock) -> None:
    async with at_console(SmallServer(), limits=Limits(answer_bytes=100)) as operator:
        await operator.until()
        assert (await operator.do("help")).endswith("Ask for less, such as limit=100.")


# Watching.


@pytest.mark.parametrize("stop", [b"\n", b"q\n", b"q", b"\x03", CTRL_C, b"\x04"])
async def test_monitor_shows_events_until_it_is_stopped(stop: bytes, autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await watching(server, operator)
        for text in ("a", "bc", "def"):
            server.publish(message("Alice", text))
            assert f"«{len(text)} char{'s' if len(text) > 1 else ''}»  -> 2 readers" in await operator.until("\r\n")
        await operator.type(stop)
        assert "stopped. 3 events shown, 0 not shown.\r\n" in await operator.until()
        assert server.monitors == []
        assert (await operator.do("rooms")).endswith("2 rooms.")


async def test_another_command_stops_a_monitor_and_is_obeyed(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await watching(server, operator)
        assert "stopped. 0 events shown" in await operator.do("rooms")
        assert (await operator.until()).endswith(f"2 rooms.\r\n{PROMPT}")


async def test_telnet_negotiation_does_not_stop_a_monitor(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await watching(server, operator)
        await operator.type(b"\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x1f\x00\x50\x00\x18\xff\xf0")
        await trio.testing.wait_all_tasks_blocked()
        assert len(server.monitors) == 1


async def test_a_flood_is_bounded_and_what_is_left_out_is_told(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await watching(server, operator)
        for _ in range(328):
            server.publish(message("Alice", "x"))
        await trio.testing.wait_all_tasks_blocked()
        await operator.type("\n")
        shown = await operator.until(f"\n{PROMPT}")
        assert shown.count("Alice") == 11
        assert "… 317 events not shown\r\n" in shown
        assert shown.endswith(f"stopped. 11 events shown, 317 not shown.\r\n{PROMPT}")


async def test_a_monitor_is_no_idle_console(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await watching(server, operator)
        await trio.sleep(10_000)
        server.publish(message("Alice", "still here?"))
        assert "11 chars" in await operator.until("\r\n")


async def test_the_contents_are_shown_only_when_asked_and_that_is_noted(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await watching(server, operator, "monitor --content")
        server.publish(message("Alice", "psst"))
        assert "«psst»" in await operator.until("\r\n")
    assert server.done == [("read along", "monitor --content", "console 192.0.2.1:4711")]


async def test_monitor_as_json_shows_nothing_else(autojump_clock: MockClock) -> None:
    server = SmallServer()
    async with at_console(server) as operator:
        await operator.until()
        await operator.type("monitor --json\n")
        await trio.testing.wait_all_tasks_blocked()
        server.publish(message("Alice", "x"))
        assert (await operator.until("\r\n")).startswith(
            '{"time_ms": 1700000000114, "kind": "message", "name": "Alice"'
        )
        await operator.type("\n")
        assert await operator.until() == PROMPT
