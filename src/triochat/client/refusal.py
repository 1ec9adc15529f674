"""How a chat that could not go on is reported."""

from triochat.client.events import Cause, Refused
from triochat.errors import Failure


class NameRefused(Failure):
    """The server does not take this name; another one may do."""


def check(refused: Refused | None, failure: str | None) -> None:
    """Raise what *refused* (by the server) or *failure* (of the connection) stand for, if anything."""
    if refused is not None:
        raise (NameRefused if refused.cause is Cause.NAME else Failure)(refused.text)
    if failure is not None:
        raise Failure(failure)
