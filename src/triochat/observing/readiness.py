"""Telling a service manager that the server is ready, alive, or about to end: systemd's sd_notify(3) in its portable
form, which is a datagram to the socket that the environment names. Where there is none, nothing happens."""

import logging
import os
import socket
from collections.abc import Mapping

_log = logging.getLogger("triochat")


class ServiceManager:
    """What started the server, if it wants to hear from it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):
            self._address = f"\0{self._address[1:]}"
        mine = environment.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        microseconds = environment.get("WATCHDOG_USEC", "") if mine else ""
        self.wants_signs = bool(self._address) and microseconds.isdecimal()
        """Whether it restarts a server that gives no sign of life now and then."""

    def ready(self) -> None:
        """All doors are open."""
        self._tell("READY=1")

    def alive(self) -> None:
        """The event loop goes round."""
        if self.wants_signs:
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The kind shutdown has begun."""
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
                sock.setblocking(False)  # it must not hold up the chat
                sock.sendto(state.encode(), self._address)
        except OSError as error:
            _log.warning("cannot tell the service manager %s: %s", state, error.strerror)
