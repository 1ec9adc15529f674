"""Who may use the console: its password, or the names and passwords of operators; compared in constant time, guessed
slowly. No clock."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_FORGET_AFTER = 600.0
_MAX_DELAY = 15.0
_MAX_ADDRESSES = 1024


@dataclass(frozen=True, slots=True)
class Grant:
    """Who has come in: an operator's *name* and *role* (see triochat.managing.ROLES); "" for who knows the console's
    own password, and may do everything."""

    name: str = ""
    role: str = "admin"


OWNER = Grant()
Operators = Callable[[str, str], Awaitable[Grant | None]]
"""What the operator with this name and password may do; None when there is no such, after as much work."""


class Login:
    """The console's password, and how often each address got it wrong.

    An operator with a name gives `NAME PASSWORD` in its place.

    Wrong passwords make every later attempt from the same address wait, right ones included, and never shut an
    address out: on a loopback console everybody has the same address, and a guesser must not lock out its owner.
    """

    def __init__(
        self,
        password: str | None,
        verify: Callable[[str], Awaitable[bool]] | None = None,
        operators: Operators | None = None,
    ) -> None:
        """*password* None means that somebody switched it off by hand, unless *verify* tells which one is right: for
        a password of which only a slow hash is known. *operators* knows those who have names."""
        self._digest = None if password is None else _digest(password)
        self._verify = verify
        self._operators = operators
        self._failures: dict[str, tuple[int, float]] = {}
        self.right = self.wrong = 0
        """Passwords given since the start."""

    @property
    def required(self) -> bool:
        """Whether a password must be given at all."""
        return self._digest is not None or self._verify is not None

    def delay(self, address: str, now: float) -> float:
        """Seconds that the next attempt from *address* has to wait before it is answered."""
        count, last = self._failures.get(address, (0, now))
        if not count or now - last >= _FORGET_AFTER:
            return 0.0
        pause: float = min(2.0 ** min(count - 1, 10), _MAX_DELAY)
        return max(0.0, last + pause - now)

    async def attempt(self, password: str, address: str, now: float) -> Grant | None:
        """Who gives this *password*, or `NAME PASSWORD`; None when it is wrong, which is remembered. The time it
        takes tells nothing about either."""
        grant = OWNER if await self.check(password) else None
        name, space, rest = password.partition(" ")
        if grant is None and space and self._operators is not None:
            grant = await self._operators(name, rest)
        if grant is not None:
            self._failures.pop(address, None)
            self.right += 1
            return grant
        self.wrong += 1
        count, last = self._failures.pop(address, (0, now))
        if now - last >= _FORGET_AFTER:
            count = 0
        while len(self._failures) >= _MAX_ADDRESSES:
            del self._failures[next(iter(self._failures))]  # the one that has been quiet for longest
        self._failures[address] = (count + 1, now)
        return None

    def failures(self, address: str) -> int:
        """How many wrong passwords in a row *address* has given."""
        return self._failures.get(address, (0, 0.0))[0]

    async def check(self, password: str) -> bool:
        """Whether *password* is right, in a time that does not depend on how much of it is."""
        if self._verify is not None:
            return await self._verify(password)
        return self.matches(password)

    def matches(self, password: str) -> bool:
        """The same at once, where the password itself is known."""
        return self._digest is None or hmac.compare_digest(self._digest, _digest(password))


def _digest(password: str) -> bytes:
    # Digests have one length, so not even the password's length shows in the time taken.
    return hashlib.sha256(password.encode("utf-8", "replace")).digest()
