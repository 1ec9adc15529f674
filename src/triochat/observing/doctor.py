"""What an experienced operator would notice, in plain English. Pure: facts in, findings out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triochat.observations import Finding, Level

_STALL_WARN, _STALL_BAD = 0.25, 2.0
_COMMIT_WARN, _COMMIT_BAD = 0.1, 1.0
_FREE_WARN, _FREE_BAD = 2 << 30, 256 << 20
_SHARE_WARN = 0.8
_DAY = 86_400
_CERTIFICATE_WARN = 14 * _DAY
_BACKUP_WARN = 7 * _DAY
_NAMED = 5
_ORDER: dict[Level, int] = {"BAD": 0, "WARN": 1, "OK": 2}


@dataclass(frozen=True, slots=True)
class Door:
    """A way in. *kind* as in the settings, or `metrics`; *where* is its address."""

    kind: str
    where: str
    loopback: bool
    plain: bool
    """Whether plain text is spoken there."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What findings are made of. Times in seconds (*now* and dates since the epoch), sizes in bytes."""

    now: float
    uptime: float
    worst_turn: float
    commit_p99: float
    commits: int
    store_faulty: bool
    durability: str
    disk_free: int | None
    parked: Sequence[str]
    """Who does not keep up, such as `Bob #9`."""
    connections: int
    most_connections: int
    descriptors: int | None
    most_descriptors: int
    refused: int
    refused_lately: bool
    """Whether somebody was turned away within the last minute."""
    delayed: int
    waiting: int
    most_waiting: int
    missed_log_lines: int
    certificate_until: float | None
    no_password: Sequence[str]
    """Accounts that nothing can log in to."""
    accounts: int
    doors: Sequence[Door]
    console_password: bool
    last_backup: float | None
    errors: int
    last_error: str
    last_error_at: float


def findings(facts: Facts) -> list[Finding]:
    """The worst first."""
    return sorted(_all(facts), key=lambda finding: _ORDER[finding.level])


def _all(facts: Facts) -> Iterator[Finding]:
    yield _loop(facts)
    yield from _store(facts)
    yield _followers(facts)
    yield from _limits(facts)
    yield from _certificate(facts)
    yield from _accounts(facts)
    yield from _doors(facts)
    yield from _backup(facts)
    yield _log(facts)


def _level(value: float, warn: float, bad: float) -> Level:
    return "BAD" if value >= bad else "WARN" if value >= warn else "OK"


def _loop(facts: Facts) -> Finding:
    level = _level(facts.worst_turn, _STALL_WARN, _STALL_BAD)
    text = f"worst stall {_duration(facts.worst_turn)} in the last hour."
    if level != "OK":
        text += " Everybody waited meanwhile: slow shows what took long."
    return Finding(level, "event loop", text)


def _store(facts: Facts) -> Iterator[Finding]:
    if facts.store_faulty:
        yield Finding("BAD", "store", "nothing can be stored, and senders are told so. The log says why.")
    if facts.durability == "memory":
        text = "everything is kept in memory only, and gone after a restart. Set storage.durability to full."
        yield Finding("WARN", "store", text)
        return
    level = _level(facts.commit_p99, _COMMIT_WARN, _COMMIT_BAD)
    text = f"99 of 100 commits took less than {_duration(facts.commit_p99)}."
    if not facts.commits:
        text = "nothing was stored yet."
    elif level != "OK":
        text += " The disk is slow to sync: messages are late by that. Is it shared with something busy?"
    yield Finding(level, "commits", text)
    if facts.durability == "normal":
        yield Finding("OK", "store", "a power cut may take the last moments (storage.durability is normal).")
    if facts.disk_free is not None:
        free = facts.disk_free
        level = "BAD" if free < _FREE_BAD else "WARN" if free < _FREE_WARN else "OK"
        text = f"{_size(free)} free."
        if level != "OK":
            text += " When it is full, nothing can be stored: make room, or keep less (history.keep_days)."
        yield Finding(level, "disk", text)


def _followers(facts: Facts) -> Finding:
    if not facts.parked:
        return Finding("OK", "readers", "everybody keeps up.")
    text = f"{_number(len(facts.parked), 'session')} not keeping up: {_names(facts.parked)}."
    return Finding("WARN", "readers", f"{text} They catch up from the log; list parked=yes shows them.")


def _limits(facts: Facts) -> Iterator[Finding]:
    hit = False
    if facts.connections >= _SHARE_WARN * facts.most_connections:
        hit = True
        text = f"{facts.connections:,} of {facts.most_connections:,}. Raise limits.connections before it is full."
        yield Finding("WARN", "connections", text)
    if facts.descriptors is not None and facts.descriptors >= _SHARE_WARN * facts.most_descriptors:
        hit = True
        text = (
            f"{facts.descriptors:,} of {facts.most_descriptors:,} in use. Raise the limit (ulimit -n, LimitNOFILE)."
        )
        yield Finding("WARN", "descriptors", text)
    if facts.waiting >= _SHARE_WARN * facts.most_waiting:
        hit = True
        text = f"{facts.waiting:,} entries wait to be stored: more is said than the disk takes."
        yield Finding("WARN", "journal", text)
    if facts.refused:
        hit = True
        text = f"{_number(facts.refused, 'connection')} turned away since the start: banned, too many, or too fast."
        yield Finding("WARN" if facts.refused_lately else "OK", "limits", text)
    if facts.delayed:
        hit = True
        text = f"{_number(facts.delayed, 'line')} read late since the start, as the sender was too fast."
        yield Finding("OK", "limits", text)
    if not hit:
        yield Finding("OK", "limits", "none was hit.")


def _certificate(facts: Facts) -> Iterator[Finding]:
    if facts.certificate_until is None:
        return
    left = facts.certificate_until - facts.now
    if left <= 0:
        text = "it has expired, and clients refuse it. Renew it, then type reload."
        yield Finding("BAD", "certificate", text)
    elif left < _CERTIFICATE_WARN:
        text = f"it expires in {_number(int(left // _DAY), 'day')}. Renew it, then type reload."
        yield Finding("WARN", "certificate", text)
    else:
        yield Finding("OK", "certificate", f"it holds for {_number(int(left // _DAY), 'day')}.")


def _accounts(facts: Facts) -> Iterator[Finding]:
    if facts.no_password:
        many = len(facts.no_password)
        text = f"{_number(many, 'account has', 'accounts have')} no password: {_names(facts.no_password)}."
        yield Finding("WARN", "accounts", f"{text} Set one with: triochat user passwd NAME")
    elif facts.accounts:
        everybody = f"all {facts.accounts:,}" if facts.accounts > 1 else "the only one"
        yield Finding("OK", "accounts", f"{everybody} can be logged in to.")


def _doors(facts: Facts) -> Iterator[Finding]:
    exposed = [door for door in facts.doors if not door.loopback]
    for door in exposed:
        if door.kind == "metrics":
            text = f"the metrics at {door.where} can be read by whoever reaches that port."
            yield Finding("WARN", "ports", text)
        elif door.plain:
            text = f"{door.where} ({door.kind}) takes plain text from other machines: it can be read on the way."
            yield Finding("WARN", "ports", text)
    if not facts.console_password:
        text = "the console wants no password: everybody on this machine is an operator."
        yield Finding("WARN", "console", text)
    if not exposed:
        yield Finding("OK", "ports", "only this machine can connect.")
    elif tls := [door.where for door in exposed if not door.plain]:
        yield Finding("OK", "ports", f"other machines can connect, with TLS: {', '.join(tls)}.")


def _backup(facts: Facts) -> Iterator[Finding]:
    if facts.durability == "memory":
        return
    if facts.last_backup is None:
        yield Finding("WARN", "backup", "there was none by the console yet. Type: backup FILE")
        return
    age = facts.now - facts.last_backup
    text = f"the last one by the console was {_duration(age)} ago."
    yield Finding("WARN" if age > _BACKUP_WARN else "OK", "backup", text)


def _log(facts: Facts) -> Finding:
    if facts.errors:
        ago = _duration(max(0.0, facts.now - facts.last_error_at))
        text = f"{_number(facts.errors, 'error')} since the start, the last one {ago} ago: {facts.last_error}"
        return Finding("WARN" if facts.now - facts.last_error_at < _DAY else "OK", "log", text)
    if facts.missed_log_lines:
        text = f"{_number(facts.missed_log_lines, 'line')} dropped, as nobody took them."
        return Finding("WARN", "log", text)
    return Finding("OK", "log", "no errors since the start.")


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _number(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _duration(seconds: float) -> str:
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    for size, unit in ((_DAY, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return _number(int(seconds // size), unit)
    return f"{seconds:.1f} s"


def _size(count: int) -> str:
    for shift, unit in ((30, "GB"), (20, "MB")):
        if count >= 1 << shift:
            return f"{count / (1 << shift):,.1f} {unit}"
    return f"{count:,} bytes"
