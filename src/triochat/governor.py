"""Measures for the whole server, and limits set while it runs (see triochat.managing.Whole).

What is for a time has a task that ends it, in a nursery that ends before the connections do.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import msgspec
import trio

from triochat.commands.context import PLAIN_DOOR
from triochat.commands.server import Server
from triochat.domain.entry import Submission
from triochat.domain.limits import Limits
from triochat.errors import Failure
from triochat.managing import LimitRow, Measures
from triochat.net.server import ChatServer
from triochat.operations import OperationError
from triochat.proto.numerics import RPL_ISUPPORT
from triochat.proto.text import visible
from triochat.reloading import LIVE, Reload
from triochat.settings import Settings, fields_of
from triochat.settings_check import check

_log = logging.getLogger("triochat.admin")

_LIMITS = {name: (kind, meaning) for name, kind, _, meaning in fields_of(Limits)}
"""The type of each limit, and what it means."""
_TOLD_AT = (1800, 600, 60, 10)
"""Seconds before the end at which everybody is told of it once more."""


class _Timer:
    """Does something once, later, unless it is stopped or begun anew."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._scope: trio.CancelScope | None = None
        self.deadline: float | None = None

    @property
    def left(self) -> float | None:
        """Seconds until it happens; None = it will not."""
        return None if self.deadline is None else max(0.0, self.deadline - trio.current_time())

    def begin(self, seconds: float, then: Callable[[], None], marks: dict[float, Callable[[], None]]) -> None:
        """Do *then* in so many seconds, and before it each of *marks*, at so many seconds before the end."""
        self.stop()
        self.deadline = trio.current_time() + seconds
        self._scope = trio.CancelScope()
        self._nursery.start_soon(self._wait, self._scope, self.deadline, then, marks)

    async def _wait(
        self,
        scope: trio.CancelScope,
        deadline: float,
        then: Callable[[], None],
        marks: dict[float, Callable[[], None]],
    ) -> None:
        with scope:
            for before, do in sorted(marks.items(), reverse=True):
                await trio.sleep_until(deadline - before)
                do()
            await trio.sleep_until(deadline)
        if self._scope is scope:  # not stopped, and not begun anew
            self._scope = self.deadline = None
            then()

    def stop(self) -> None:
        """It will not happen."""
        if self._scope is not None:
            self._scope.cancel()
        self._scope = self.deadline = None


class Governor:
    """Implements managing.Whole."""

    def __init__(
        self,
        server: Server,
        chat: ChatServer,
        settings: Settings,
        nursery: trio.Nursery,
        *,
        stop: Callable[[str], None],
        load: Callable[[], Awaitable[Settings]] | None = None,
        renew: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        """*stop* begins the kind shutdown, *load* reads the settings anew and *renew* the certificate; both raise
        Failure, None = there is nothing to read."""
        self._server = server
        self._chat = chat
        self._stop = stop
        self._reload = Reload(server, chat, settings, self._adopt, load, renew)
        self.adopting: list[Callable[[Limits], None]] = [server.adopt, chat.adopt]
        """Told of limits that count from now on."""
        self._nursery = nursery
        self._lockdown, self._pause, self._shutdown = _Timer(nursery), _Timer(nursery), _Timer(nursery)
        self._reverting: dict[str, _Timer] = {}
        self._stopping_for = ""

    def measures(self) -> Measures:
        """See managing.Whole."""
        return Measures(
            lockdown=self._server.lockdown,
            lockdown_s=self._lockdown.left or 0.0,
            paused_s=self._pause.left or 0.0,
            draining=self._chat.draining,
            connections=len(self._chat.connections),
            stopping_s=self._shutdown.left,
            stopping_for=self._stopping_for,
        )

    def lockdown(self, level: int, seconds: float, by: str) -> Measures:
        """See managing.Whole."""
        self._note(by, "lockdown", str(level or "off"), f"for {seconds:g} s" if level else "")
        self._lockdown.stop()
        self._server.lockdown = level
        if level:
            self._lockdown.begin(seconds, self._end_lockdown, {})
        return self.measures()

    def _end_lockdown(self) -> None:
        self._server.lockdown = 0
        _log.warning("the lockdown has ended by itself")

    def pause(self, seconds: float, by: str) -> Measures:
        """See managing.Whole."""
        self._note(by, "pause", f"{seconds:g} s" if seconds else "off")
        self._pause.stop()
        if seconds:
            self._chat.hold()
            self._pause.begin(seconds, self._chat.release, {})
        else:
            self._chat.release()
        return self.measures()

    def drain(self, on: bool, by: str) -> Measures:
        """See managing.Whole."""
        if on is not self._chat.draining:
            self._note(by, "drain", "on" if on else "off")
        self._chat.draining = on
        return self.measures()

    def stop_in(self, seconds: float, reason: str, by: str) -> int:
        """See managing.Whole."""
        reason = reason[: self._server.limits.kick_length]
        told = self._announce_end(seconds, reason)
        self._note(by, "shutdown", f"in {seconds:g} s", reason, told)
        self._stopping_for = reason
        marks: dict[float, Callable[[], None]] = {
            mark: lambda mark=mark: self._announce_end(mark, reason)  # type: ignore[misc]
            for mark in _TOLD_AT
            if mark < seconds
        }
        farewell = f"Server is shutting down: {reason}" if reason else "Server is shutting down"
        self._shutdown.begin(seconds, lambda: self._stop(farewell), marks)
        return told

    def _announce_end(self, seconds: float, reason: str) -> int:
        why = f": {reason}" if reason else ""
        return self._server.announce(f"This server stops in {_spoken(seconds)}{why}")

    def cancel(self, by: str) -> int:
        """See managing.Whole."""
        if self._shutdown.deadline is None:
            raise OperationError("No shutdown is under way.")
        self._shutdown.stop()
        self._stopping_for = ""
        told = self._server.announce("This server does not stop after all")
        self._note(by, "cancel", "shutdown", count=told)
        return told

    # -- limits --

    def limits(self) -> Sequence[LimitRow]:
        """See managing.Whole."""
        return [self._row(name, self._server.limits) for name in _LIMITS]

    def _row(self, name: str, limits: Limits) -> LimitRow:
        _, meaning = _LIMITS[name]
        timer = self._reverting.get(name)
        usual = getattr(self._reload.settings.limits, name)
        return LimitRow(
            name, getattr(limits, name), usual, meaning, name in LIVE, timer.left if timer is not None else None
        )

    def check_limit(self, name: str, value: str) -> LimitRow:
        """See managing.Whole."""
        return self._row(*self._changed(name, value))

    def _changed(self, name: str, value: str) -> tuple[str, Limits]:
        """The whole name of the limit, and all limits as they would be. Raises OperationError."""
        hits = [name] if name in _LIMITS else [key for key in _LIMITS if key.startswith(name)]
        if len(hits) != 1:
            several = f"{visible(name)} could be: {', '.join(hits)}." if hits else f"No limit {visible(name)}."
            raise OperationError(f"{several} limits shows all.")
        (name,) = hits
        if name not in LIVE:
            raise OperationError(f"{name} cannot change while the server runs: set limits.{name} and restart.")
        try:
            number = msgspec.convert(value, _LIMITS[name][0], strict=False)
            limits = replace(self._server.limits, **{name: number})
            check(replace(self._reload.settings, limits=limits), "set")
        except msgspec.ValidationError:
            raise OperationError(f"{visible(value)} is no value for {name}: it wants a number.") from None
        except Failure as error:
            raise OperationError(str(error)) from None
        return name, limits

    def set_limit(self, name: str, value: str, seconds: float, by: str) -> LimitRow:
        """See managing.Whole."""
        name, limits = self._changed(name, value)
        lasting = f"for {seconds:g} s" if seconds else ""
        self._note(by, "set", f"{name} {getattr(limits, name):g}", lasting)
        timer = self._reverting.pop(name, None)
        if timer is not None:
            timer.stop()
        if seconds:
            timer = self._reverting[name] = _Timer(self._nursery)
            timer.begin(seconds, lambda: self._revert(name), {})
        self._adopt(limits)
        return self._row(name, limits)

    def _revert(self, name: str) -> None:
        self._reverting.pop(name, None)
        usual = getattr(self._reload.settings.limits, name)
        self._adopt(replace(self._server.limits, **{name: usual}))
        _log.warning("limits.%s is %g again", name, usual)

    def _adopt(self, limits: Limits) -> None:
        """These limits count from now on; clients are told again of those that they were told of."""
        server = self._server
        told = server.tokens
        for adopt in self.adopting:
            adopt(limits)
        if news := [feature for feature in server.tokens if feature not in told]:
            # To all alike, as to those without a name yet: one line for ten thousand, and nobody looks at that name.
            params = ("*", *news, RPL_ISUPPORT.text)
            entry = server.journal.new_entry(server.identity.name, RPL_ISUPPORT.code, params)
            clients = [session.sink for session in server.world.sessions.values() if session.door != PLAIN_DOOR]
            server.journal.submit(Submission(entry, recipients=clients))

    # -- settings --

    async def check_settings(self) -> Sequence[str]:
        """See managing.Whole."""
        return await self._reload.check()

    async def reload(self, by: str) -> Sequence[str]:
        """See managing.Whole."""
        self._note(by, "reload")
        done = await self._reload()
        for timer in self._reverting.values():
            timer.stop()  # all limits are as the settings say now
        self._reverting.clear()
        return done

    def _note(self, by: str, action: str, target: str = "", text: str = "", count: int | None = None) -> None:
        self._server.audit(by, action, target, text, count)
        _log.warning("%s: %s %s %s", by, action, visible(target), visible(text))


def _spoken(seconds: float) -> str:
    whole = round(seconds)
    count, unit = (whole // 60, "minute") if whole % 60 == 0 and whole else (whole, "second")
    return f"{count} {unit}{'s' if count != 1 else ''}"
