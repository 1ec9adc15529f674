"""What the views of a terminal and the chat behind them have of each other."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from triochat.client.chat import Chat
from triochat.client.line import Line

T = TypeVar("T")


class Hands(Protocol):
    """What a view hands on of what the person does. Called from asyncio."""

    @property
    def chat(self) -> Chat: ...

    def enter(self, text: str) -> bool:
        """Do what the typed *text* says; False: leave it where it is."""

    def do(self, what: Callable[[Chat, datetime], T]) -> T:
        """Have *what* done, and bring its effects to the server and onto the screen."""

    def interrupt(self) -> None:
        """Ctrl-C on an empty line."""

    def calm(self) -> None:
        """Something else was done since."""

    def leave(self) -> None:
        """The person wants to go."""


class View(Protocol):
    """What a person sees of the chat. Its coroutines belong to asyncio."""

    async def run(self) -> None:
        """Be there until `close` is called or the terminal is gone."""

    def close(self) -> None: ...

    def show(self, lines: Sequence[Line]) -> None:
        """Show *lines* soon, in order, and the state of the model."""

    def warn(self, text: str) -> None:
        """Say *text* now; it matters for a moment."""

    @property
    def unsent(self) -> str:
        """What stands where one types."""

    @property
    def is_behind(self) -> bool:
        """More lines wait than should; whoever brings more waits for `caught_up`."""

    async def caught_up(self) -> None: ...
