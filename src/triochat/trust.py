"""What `triochat connect` and `triochat admin` remember of servers, in one text file: whose certificate was which,
and who wants encryption. And what a person is told of certificates.

Blocking: whoever has an event loop asks from a thread. Any number of clients may use the file at the same time.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

VARIABLE = "TRIOCHAT_KNOWN_SERVERS"
"""The environment variable that names another file."""
_VERIFIED = "verified"
_STS = "sts"
_HEADER = """\
# Servers that triochat connect has visited. A line that is deleted is forgotten.
# HOST:PORT  SHA-256 fingerprint of its certificate, or that it could be verified  first seen
# HOST  sts  port for encryption, which it wants always  until
"""
_PLACE = re.compile(r"\S+:[0-9]{1,5}")
_HEX_DIGITS = re.compile(r"[0-9A-Fa-f]{64}")


class Unusable(Exception):
    """What is remembered cannot be read. *str(error)* is a sentence."""


class NotRemembered(Exception):
    """Something new could not be added. *str(error)* is the reason, no sentence."""


@dataclass(frozen=True, slots=True)
class Known:
    """The certificate of a server. *fingerprint* is None when it was one that could be verified."""

    fingerprint: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Policy:
    """A host wants encryption, *until* then and by *port*."""

    port: int
    until: datetime


def fingerprint(certificate: bytes) -> str:
    """The SHA-256 fingerprint of a certificate (DER), as the server prints it, too."""
    return sha256(certificate).digest().hex(":").upper()


def first_visit(place: str, reason: str, shown: str) -> str:
    """What a person is told who meets a server at *place* (HOST:PORT) whose certificate cannot be verified for
    *reason*, and has the fingerprint *shown*."""
    first = f"First visit to {place}: its certificate cannot be verified ({reason})"
    return f"{first}; remembered as {shown}. Compare that with what the server printed."


def first_visit_forgotten(place: str, reason: str, shown: str, problem: str) -> str:
    """The same where it cannot be remembered, because of a *problem*."""
    first = f"First visit to {place}: its certificate cannot be verified ({reason})"
    return f"{first}, its fingerprint is {shown}, and that cannot be remembered ({problem})."


def doubt(place: str, known: "Known", reason: str, shown: str) -> str | None:
    """Why a server is not to be talked to of which *known* is known; None = it is the same one."""
    if known.fingerprint == shown:
        return None
    if known.fingerprint is None:
        return (
            f"The certificate of {place} could be verified when it was first seen on {known.since:%Y-%m-%d}, and "
            f"now it cannot ({reason}): somebody may be in between. If the server's owner confirms the fingerprint, "
            f"connect once with --trust {shown}"
        )
    return (
        f"The certificate of {place} is not the one first seen on {known.since:%Y-%m-%d}, {known.fingerprint}: "
        "either the server has a new one, or somebody is in between. If the server's owner confirms the new "
        f"fingerprint, connect once with --trust {shown}"
    )


def not_the_trusted(place: str, shown: str, trusted: str) -> str:
    """Why a server is not to be talked to that shows another certificate than the one of --trust."""
    return (
        f"The certificate of {place} has the fingerprint {shown}, not {trusted} as --trust says: somebody may be in "
        "between, and nothing was sent."
    )


def parse_fingerprint(text: str) -> str:
    """A SHA-256 fingerprint as people write it, with colons or without; raises ValueError with a sentence."""
    digits = text.strip().replace(":", "")
    if not _HEX_DIGITS.fullmatch(digits):
        raise ValueError(f"{text} is no SHA-256 fingerprint; that has 64 hexadecimal digits, with or without colons.")
    return bytes.fromhex(digits).hex(":").upper()


def default_path() -> Path:
    """The file of the person who runs this."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_config_dir("triochat", appauthor=False)) / "known-servers"


def utc_now() -> datetime:
    return datetime.now(UTC)


class KnownServers:
    """The file *path* as a table. A line that makes no sense is never skipped: every method raises Unusable then."""

    def __init__(self, path: Path | None = None, *, now: Callable[[], datetime] = utc_now) -> None:
        """Without *path* it is `default_path`. Neither has to exist."""
        # A link is followed, since the file is replaced when it changes.
        self.path = (path or default_path()).resolve()
        self._now = now

    def find(self, host: str, port: int) -> Known | None:
        """What is known of the server at *host* and *port*."""
        found = self._read().get(_place(host, port))
        return found if isinstance(found, Known) else None

    def admit(self, host: str, port: int, fingerprint: str) -> Known | None:
        """Remember *fingerprint* if nothing is known of this server; returns what was known. Of two clients that do
        this at once, only one finds nothing. Raises NotRemembered."""
        if known := self.find(host, port):
            return known
        with self._changing():
            if known := self.find(host, port):
                return known
            self._put(_place(host, port), fingerprint, _written(self._now()))
        return None

    def remember(self, host: str, port: int, fingerprint: str | None) -> None:
        """Remember *fingerprint*, or None for a certificate that was verified, instead of anything else that is
        known. Raises NotRemembered."""
        if (known := self.find(host, port)) and known.fingerprint == fingerprint:
            return
        with self._changing():
            self._put(_place(host, port), fingerprint or _VERIFIED, _written(self._now()))

    def forget(self, host: str, port: int, fingerprint: str) -> None:
        """Let nothing be known of this server, if it is *fingerprint* that is known. Raises NotRemembered."""
        with self._changing():
            if (known := self.find(host, port)) and known.fingerprint == fingerprint:
                self._put(_place(host, port))

    def policy(self, host: str) -> Policy | None:
        """Whether *host* wants encryption at present."""
        found = self._read().get(_host(host))
        return found if isinstance(found, Policy) and found.until > self._now() else None

    def remember_policy(self, host: str, policy: Policy | None) -> None:
        """Remember *policy*, or with None that there is none any more. Raises NotRemembered."""
        if policy is None and _host(host) not in self._read():
            return
        with self._changing():
            self._put(_host(host), *((_STS, str(policy.port), _written(policy.until)) if policy else ()))

    # -- the file

    def _read(self) -> dict[str, Known | Policy]:
        entries: dict[str, Known | Policy] = {}
        for number, line in enumerate(self._lines(), 1):
            key, *values = line.split() or ("#",)
            if key.startswith("#"):
                continue
            entry = None if key.lower() in entries else _entry(key, values)
            if entry is None:
                raise Unusable(
                    f"Line {number} of {self.path}, where known servers are remembered, makes no sense; correct or "
                    "delete it."
                )
            entries[key.lower()] = entry
        return entries

    def _lines(self) -> list[str]:
        try:
            return self.path.read_text("utf-8").split("\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unusable(f"Cannot read known servers from {self.path}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise Unusable(f"{self.path}, where known servers are remembered, is no text; correct it.") from None

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Nobody else changes the file meanwhile. The lock has a file of its own, as ours is replaced."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                if fcntl is not None:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
        except OSError as error:
            raise NotRemembered(f"{self.path}: {error.strerror}") from None

    def _put(self, key: str, *values: str) -> None:
        """Let *key* have the one line with *values*, or none, and all others stay as they are."""
        self._read()
        lines = [line for line in self._lines() if line.lower().split()[:1] != [key]]
        while lines and not lines[-1].strip():
            del lines[-1]
        new = [" ".join((key, *values))] if values else []
        _replace(self.path, "\n".join([*(lines or _HEADER.splitlines()), *new, ""]))


def _entry(key: str, values: list[str]) -> Known | Policy | None:
    try:
        match values:
            case [what, since] if _PLACE.fullmatch(key):
                return Known(None if what == _VERIFIED else parse_fingerprint(what), _read_time(since))
            case [kind, port, until] if kind == _STS and 0 < int(port) < 65536:
                return Policy(int(port), _read_time(until))
    except ValueError:
        pass
    return None


def _read_time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _written(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _host(host: str) -> str:
    """One spelling for each host."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.rstrip(".").lower()
    return f"[{address.compressed}]" if address.version == 6 else address.compressed


def _place(host: str, port: int) -> str:
    return f"{_host(host)}:{port}"


def _replace(path: Path, text: str) -> None:
    """The file is the old one or the new one, whatever happens."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
