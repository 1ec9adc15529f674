"""What the command line decided, as plain values."""

from dataclasses import dataclass, field

from triochat.client.address import Address

DEFAULT_ROOM = "#lobby"


@dataclass(frozen=True, slots=True)
class Options:
    """*tls* is decided here; nothing falls back to plain text."""

    address: Address
    tls: bool
    room: str = DEFAULT_ROOM
    password: str | None = field(default=None, repr=False)
