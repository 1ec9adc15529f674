"""What the full-screen view costs with a long history: CPU time of whole frames, as the terminal would get them.

    python tests/benchmarks/screen.py [LINES] [COLUMNSxROWS]

Prints the mean and the worst of each step in milliseconds. Nothing is asserted.
"""

import asyncio
import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from time import process_time

from prompt_toolkit.application import create_app_session
from prompt_toolkit.application.current import set_app
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output.vt100 import Vt100_Output

from triochat.client.chat import Chat
from triochat.client.collecting import leave_histories_alone
from triochat.client.line import Kind, Line
from triochat.client.model import Link
from triochat.terminal.fullscreen import FullScreen
from triochat.terminal.keytable import Action

WORDS = (
    *("hello", "tea", "talk", "starts", "half", "past", "somebody", "knows", "the", "a", "of", "and", "or", "if"),
    *("日本語", "👨\u200d👩\u200d👧", "❤️", "שלום", "https://example.org/a/b?c=d"),
)
NAMES = ("Alice", "Bartholomew", "Zoë", "名前")
ROUNDS = 200


class Hands:
    """Nobody is connected; the chat's state is all there is."""

    def __init__(self) -> None:
        self.chat = Chat("Bob", "#lobby")

    def enter(self, text: str) -> bool:
        return True

    def do(self, what: Callable[[Chat, datetime], object]) -> object:
        return what(self.chat, datetime.now(UTC))

    def interrupt(self) -> None: ...

    def calm(self) -> None: ...

    def leave(self) -> None: ...


class Sink(io.StringIO):
    """Counts what a terminal would get."""

    size = 0

    def write(self, text: str) -> int:
        self.size += len(text)
        return len(text)


def line(random: Random, number: int) -> Line:
    words = random.choices(WORDS, k=random.randint(1, 25))
    time = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    return Line(Kind.SAID, " ".join(words), time, random.choice(NAMES), mention=number % 50 == 0)


async def main(count: int = 50_000, size: str = "120x40") -> None:
    columns, rows = map(int, size.split("x"))
    random = Random(1)
    hands, sink = Hands(), Sink()
    output = Vt100_Output(sink, lambda: Size(rows=rows, columns=columns), term="xterm-256color")
    model = hands.chat.model
    model.link = Link.ONLINE
    room = model.enter("#lobby", datetime.now(UTC))
    assert room is not None
    began = process_time()
    for number in range(count):
        model.tell(room, line(random, number))
    print(f"{count} lines into the model: {(process_time() - began) / count * 1e6:.1f} µs each")
    leave_histories_alone()  # as `triochat connect` does
    with create_app_session(input=DummyInput(), output=output):
        view = FullScreen(hands, "server", output=output)  # type: ignore[arg-type]
        with set_app(view.app):
            messages = view.deeds.messages

            def measure(name: str, step: Callable[[int], object], rounds: int = ROUNDS) -> None:
                costs, before = [], sink.size
                for number in range(rounds):
                    began = process_time()
                    step(number)
                    view.app.renderer.render(view.app, view.app.layout)
                    costs.append((process_time() - began) * 1000)
                mean = sum(costs) / rounds
                print(f"{name:<34}{mean:>7.1f}{max(costs):>8.1f}{(sink.size - before) // rounds:>9}")

            print(f"{'ms of CPU for a frame, ' + size:<34}{'mean':>7}{'worst':>8}{'bytes':>9}")
            measure("the first frame", lambda n: None, 1)
            measure("nothing changed", lambda n: None)
            measure("a key is typed", lambda n: view.writing.buffer.insert_text("x" if n % 60 else "\b"))
            measure("a line comes", lambda n: model.tell(room, line(random, count + n)))
            measure("a page up", lambda n: messages.page(1))
            measure("three rows up (the wheel)", lambda n: messages.scroll(3))
            measure("to the oldest line", lambda n: messages.go_to(room.lines[n].id))
            measure("a page down", lambda n: messages.page(-1))
            measure("to the mention before", lambda n: messages.go_to(messages.mention(-1) or room.lines[-1].id))
            measure("to the newest line", lambda n: messages.to_newest())
            measure("the user list on or off", lambda n: view.deeds.actions[Action.PEOPLE]())


if __name__ == "__main__":
    asyncio.run(
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000, sys.argv[2] if len(sys.argv) > 2 else "120x40")
    )
