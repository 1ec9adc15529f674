"""What the client's model costs: CPU time and memory of many lines of a server in one room.

    python tests/benchmarks/model.py [LINES]

Prints microseconds for a line while the room fills, for one more line then, for a page of earlier ones, and bytes for
a line. Nothing is asserted.
"""

import sys
import tracemalloc
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from time import process_time

from triochat.client.chat import Chat
from triochat.client.lines import LINES_KEPT

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CAPS = "batch draft/chathistory echo-message message-tags server-time"
MORE, PAGES = 5_000, 20


def arrived() -> Chat:
    """Bob in #lobby, whose history is empty."""
    chat = Chat("Bob", "#lobby")
    chat.connected(NOW)
    begin = (f":irc CAP * LS :{CAPS}", f":irc CAP * ACK :{CAPS}", ":irc 001 Bob :Welcome", ":Bob!b@h JOIN #lobby")
    receive(chat, (line.encode() for line in (*begin, *page(()))))
    return chat


def said(number: int, tags: str = "") -> str:
    name = f"user{number % 50}"
    text = f"hello everybody, this is line {number} of a long day"
    return f"@msgid=18505d17af-{number};time=2026-11-22T12:00:00.000Z{tags} :{name}!x@h PRIVMSG #lobby :{text}"


def page(lines: Iterable[str]) -> list[str]:
    return [":irc BATCH +h chathistory #lobby", *lines, ":irc BATCH -h"]


def receive(chat: Chat, lines: Iterable[bytes]) -> None:
    for line in lines:
        chat.receive(line, NOW)
    chat.take_lines()


def scroll_up(chat: Chat) -> None:
    (room,) = chat.model.conversations
    for number in range(PAGES):
        chat.earlier(room, NOW)
        chat.take_outgoing()
        older = (said(-number * 100 - index - 1, ";batch=h") for index in reversed(range(100)))
        receive(chat, (line.encode() for line in page(older)))


def measured(what: str, count: int, work: Callable[[], None]) -> None:
    start = process_time()
    work()
    print(f"{what:<32}{(process_time() - start) / count * 1e6:9.1f} µs")


def main(count: int) -> None:
    lines = [said(number).encode() for number in range(count + MORE)]
    chat = arrived()
    measured(f"each of the first {count:,} lines", count, lambda: receive(chat, lines[:count]))
    measured(f"each of {MORE:,} more", MORE, lambda: receive(chat, lines[count:]))

    chat = arrived()
    receive(chat, lines[: LINES_KEPT // 2])
    measured("each page of 100 earlier lines", PAGES, lambda: scroll_up(chat))

    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    chat = arrived()
    receive(chat, (said(number).encode() for number in range(count)))
    after, _ = tracemalloc.get_traced_memory()
    print(f"{'memory for each':<32}{(after - before) / count:9.0f} bytes")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
