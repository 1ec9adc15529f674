"""How fast people may send: alone, from one address, and by one account. Pure: time is handed in, in seconds.

Who sends faster is read later. A paste is only late by that. Who keeps sending although more and more waits is told
so, and in the end disconnected.
"""

from collections.abc import Sequence

from triochat.domain.limits import Limits
from triochat.domain.throttle import Shared, Throttle, network_of
from triochat.domain.user import Session

_BACKLOG = 16_384
"""Bytes that were waiting when they were read: less is no flood, but somebody who waits for answers."""
_WARNED_AFTER = 10.0
_WORK_PER_LINE = 0.001
"""Seconds of work that a line may cause before it counts as several."""


def wait(throttles: Sequence[Throttle], now: float) -> float:
    """Take a line's token of each, and return for how many seconds the line has to wait."""
    longest = 0.0
    for throttle in throttles:
        if (delay := throttle.spend(now)) > longest:
            longest = delay
    return longest


def charge(throttles: Sequence[Throttle], took: float, cost: float) -> None:
    """Take more of each for a line that *took* so many seconds of work, or is said to *cost* as much as so many."""
    lines = max(took / _WORK_PER_LINE, cost)
    if lines >= 1:
        for throttle in throttles:
            throttle.charge(lines)


class Gate(Throttle):
    """The bucket of one session, and how long it has been flooding. Small, as every connection has one."""

    __slots__ = ("_flooding", "_warned")

    def __init__(self, limits: Limits, now: float) -> None:
        """Only for limits with a `command_rate`."""
        super().__init__(limits.command_rate, limits.command_burst, now)
        self._flooding: float | None = None
        self._warned = False

    @property
    def flooding(self) -> bool:
        """Whether it has been sending too fast lately."""
        return self._flooding is not None

    def note(self, size: int, now: float) -> None:
        """So many bytes had been waiting when they were read."""
        if size < _BACKLOG:
            self._flooding, self._warned = None, False

    def delayed(self, size: int, limits: Limits, now: float) -> tuple[str, bool]:
        """A line of *size* bytes that had been waiting is read later. What is to be told about that, if anything,
        and whether it is the end."""
        if not limits.flood_time or size < _BACKLOG:
            return "", False
        if self._flooding is None:
            self._flooding = now
        lasted = now - self._flooding
        if lasted >= limits.flood_time:
            return (
                f"You sent more than {limits.command_rate:g} lines a second for {limits.flood_time:g} seconds",
                True,
            )
        if lasted >= min(_WARNED_AFTER, limits.flood_time / 2) and not self._warned:
            self._warned = True
            left = limits.flood_time - lasted
            text = f"You are sending more than {limits.command_rate:g} lines a second: they are read later. "
            return f"{text}Slow down, or you will be disconnected in {left:.0f} seconds", False
        return "", False


class Flood:
    """What sessions share."""

    def __init__(self, limits: Limits) -> None:
        rate, burst = limits.command_rate, limits.command_burst
        self._addresses = Shared(rate * limits.address_rate, burst * limits.address_rate)
        self._accounts = Shared(rate * limits.account_rate, burst * limits.account_rate)

    def throttles(self, gate: Gate, session: Session, now: float) -> Sequence[Throttle]:
        """The buckets of which each line of *session* takes."""
        account = session.user.account if session.user is not None else None
        shared = [self._addresses.of(network_of(session.address), now)]
        if account is not None:
            shared.append(self._accounts.of(account, now))
        return [gate, *(throttle for throttle in shared if throttle is not None)]
