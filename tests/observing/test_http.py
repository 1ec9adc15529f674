"""Requests for metrics over streams in memory, with a clock that jumps."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from triochat.observing.answer import Answer
from triochat.observing.http import HttpDoor


def broken() -> Answer:
    raise RuntimeError("a planted bug")


def door() -> HttpDoor:
    return HttpDoor(
        {
            "/metrics": lambda: Answer(200, b"triochat_users 3\n", "text/plain; version=0.0.4"),
            "/healthz": lambda: Answer(503, b"The store accepts no entries.\n"),
            "/broken": broken,
        }
    )


@asynccontextmanager
async def served(http: HttpDoor) -> AsyncIterator[trio.abc.Stream]:
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(http.serve, theirs)
        yield ours
        await ours.aclose()


async def rest(stream: trio.abc.Stream) -> str:
    data = b""
    while more := await stream.receive_some():
        data += more
    return data.decode()


async def ask(request: str | bytes, http: HttpDoor | None = None) -> str:
    async with served(http or door()) as stream:
        await stream.send_all(request if isinstance(request, bytes) else request.encode())
        return await rest(stream)


async def test_metrics_are_answered_and_the_connection_ends(autojump_clock: MockClock) -> None:
    answer = await ask("GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")
    head, _, body = answer.partition("\r\n\r\n")
    assert head.split("\r\n")[0] == "HTTP/1.1 200 OK"
    assert {"Content-Type: text/plain; version=0.0.4", "Content-Length: 17", "Connection: close"} <= set(
        head.split("\r\n")
    )
    assert body == "triochat_users 3\n"


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    [
        ("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "503 Service Unavailable", "The store accepts no entries.\n"),
        ("HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "200 OK", ""),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "404 Not Found", "Here are /metrics and /healthz.\n"),
        ("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi", "405 Method Not Allowed", "Only GET"),
        ("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n", "500 Internal Server Error", "Internal error"),
        ("list\r\nquit\r\n\r\n", "400 Bad Request", "This is no HTTP request.\n"),
        (f"GET /metrics HTTP/1.1\r\nX: {'x' * 40_000}\r\n\r\n", "431 Request Header Fields Too Large", "The request"),
        ("GET /metrics HTTP/1.0\r\n\r\n", "200 OK", "triochat_users 3\n"),
    ],
)
async def test_every_request_has_its_answer(
    request_: str, status: str, body: str, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await ask(request_)
    assert answer.startswith(f"HTTP/1.1 {status}\r\n")
    assert answer.partition("\r\n\r\n")[2].startswith(body)
    assert bool(body) == bool(answer.partition("\r\n\r\n")[2])


async def test_who_says_nothing_is_hung_up_on(autojump_clock: MockClock) -> None:
    before = trio.current_time()
    assert await ask("GET /metr") == ""
    assert trio.current_time() - before == 10


async def test_who_does_not_read_is_hung_up_on(autojump_clock: MockClock) -> None:
    ours, theirs = trio.testing.lockstep_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(door().serve, theirs)
        await ours.send_all(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
    assert trio.current_time() < 60


async def test_a_crowd_is_turned_away_and_leaves_nothing(autojump_clock: MockClock) -> None:
    http = door()
    async with trio.open_nursery() as nursery:
        for _ in range(16):
            nursery.start_soon(http.serve, trio.testing.memory_stream_pair()[1])
        await trio.testing.wait_all_tasks_blocked()
        assert await ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", http) == ""
    assert "200 OK" in await ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", http)


@given(data=st.lists(st.one_of(st.binary(max_size=60), st.sampled_from([b"GET /metrics HTTP/1.1\r\n", b"\r\n"]))))
def test_no_bytes_disturb_the_server(data: list[bytes]) -> None:
    failures: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = failures.append  # type: ignore[method-assign]

    async def main() -> None:
        async with served(door()) as stream:
            for piece in data:
                try:
                    await stream.send_all(piece)
                except trio.BrokenResourceError:
                    break

    logger = logging.getLogger("triochat.metrics")
    logger.addHandler(handler)
    try:
        trio.run(main, clock=MockClock(autojump_threshold=0))
    finally:
        logger.removeHandler(handler)
    assert failures == []
