"""What the command line decided, as plain values."""

from dataclasses import dataclass, field

from triochat.client.address import Address
from triochat.client.remembered import Visit
from triochat.client.settings import Settings

DEFAULT_ROOM = "#lobby"


@dataclass(frozen=True, slots=True)
class Options:
    """*address* says whether to encrypt; nothing falls back to plain text."""

    address: Address
    room: str = DEFAULT_ROOM
    password: str | None = field(default=None, repr=False)
    trusted: str | None = None
    """The fingerprint of the only certificate to accept."""
    settings: Settings = field(default_factory=Settings)
    visit: Visit | None = None
    """What is remembered when we were let in; without it, nothing."""
