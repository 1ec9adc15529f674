"""What the two forms of the console, for people and for programs, share about one session."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import trio

from triochat.operations import OperationError, Operations
from triochat_admin.commands import COMMANDS
from triochat_admin.grammar import CONTENT, Answer, Call, Command, CommandFailed, Later, NotAllowed, UsageError, parse
from triochat_admin.login import OWNER, Grant, Login
from triochat_admin.peer import Limits, Peer
from triochat_admin.ration import Place
from triochat_admin.seats import Seats
from triochat_admin.text import size, visible

logger = logging.getLogger("triochat.admin")
_T = TypeVar("_T")


class Refused(Exception):
    """A line was not obeyed. *str(refused)* is one sentence, safe to print; *kind* is for programs."""

    def __init__(self, kind: str, sentence: str, data: object = None, count: int | None = None) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.data = data
        self.count = count


def internal_error() -> Refused:
    """What an operator is told of a bug; its details are in the log."""
    return Refused("internal", "internal error, see the server's log")


@contextmanager
def refusing() -> Iterator[None]:
    """Whatever goes wrong becomes Refused."""
    try:
        yield
    except UsageError as error:
        raise Refused("usage", str(error)) from None
    except NotAllowed as error:
        raise Refused("forbidden", str(error)) from None
    except CommandFailed as error:
        raise Refused("failed", str(error), error.data, error.count) from None
    except OperationError as error:
        raise Refused("failed", visible(str(error))) from None
    except Exception:
        logger.exception("admin console: a command failed")
        raise internal_error() from None


@dataclass(slots=True, eq=False)
class Session:
    """One operator at one connection. *name* is where it comes from, port included; *address* without. *grant* says
    who it is, once they have logged in."""

    peer: Peer
    operations: Operations
    login: Login
    limits: Limits
    name: str
    address: str
    place: Place
    """Where this one stands among all consoles."""
    seats: Seats
    """Of all consoles; this one takes one when it has logged in."""
    grant: Grant = OWNER

    @property
    def by(self) -> str:
        """Who acts, for the log and the audit."""
        return f"{self.grant.name}, console {self.name}" if self.grant.name else f"console {self.name}"

    async def admits(self, password: str) -> bool:
        """Whether *password* is right. Waits first when this address was wrong lately; a failure is logged."""
        await trio.sleep(self.login.delay(self.address, trio.current_time()))
        grant = await self.login.attempt(password, self.address, trio.current_time())
        if grant is not None:
            self.grant = grant
            logger.info("admin console: %s logged in", self.by)
            return True
        failures = self.login.failures(self.address)
        logger.warning("admin console: wrong password from %s (%d in a row)", self.name, failures)
        return False

    def understand(self, text: str) -> tuple[Command, Call]:
        """What *text*, which is not blank, asks for; raises Refused."""
        command, call = self.guard(lambda: parse(COMMANDS, text, self.operations, self.by, self.grant.role))
        if CONTENT in call.options:
            # What changes something, the operations note themselves; reading along changes nothing, and counts.
            self.operations.note(call.by, "read along", text)
        return command, call

    def guard(self, do: Callable[[], _T]) -> _T:
        """The result of *do*, which is synchronous; raises Refused, and nothing else whatever happens in it."""
        with refusing(), self.place.work():
            return do()

    async def finish_later(self, later: Later) -> Answer:
        """The answer of a command that waits; raises Refused, and nothing else but when it is cancelled."""
        with refusing():
            return await later.finish()

    async def finish_at_last(self, result: Answer | Later) -> Answer:
        """The answer, also of what waits; raises Refused."""
        return await self.finish_later(result) if isinstance(result, Later) else result

    def bounded(self, text: str) -> str:
        """*text*, unless it is more than one answer may be; then raises Refused."""
        if len(text) > self.limits.answer_bytes:
            sentence = f"The answer would have {size(len(text))}. Ask for less, such as limit=100."
            raise Refused("failed", sentence)
        return text

    def finish(self, afterwards: Callable[[], None] | None) -> None:
        """Do what an answer put off until it was sent. A failure is logged: the answer is gone already."""
        if afterwards:
            try:
                self.guard(afterwards)
            except Refused as refused:
                logger.error("admin console: %s", refused)
