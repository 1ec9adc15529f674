"""Whom the whole server keeps out (bans) or silent (mutes), in any room. Pure; times are seconds since the epoch.

A target is a name, an account, a client's certificate, a network of addresses, or a mask `nick!user@host`. What is
asked at each connection and at each line is answered by look-ups; only masks are tried one after the other.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

import msgspec

from triochat.domain import masks
from triochat.domain.entry import Record
from triochat.domain.names import Names

KIND = "ban"
"""The kind of their records."""
MOST = 10_000
_PREFIXES = {"account": "account:", "certificate": "certificate:"}
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_NARROW = {4: 16, 6: 32}
"""Networks with shorter prefixes are wide."""
_NARROW_MASK = 3
"""Masks with fewer characters that stand for themselves are wide."""

Kind = Literal["name", "account", "certificate", "network", "mask"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class BadTarget(ValueError):
    """Nobody can be meant by this; *str(error)* is a sentence."""


class Target(NamedTuple):
    """Who is meant. *value* is in the form in which it is kept and shown."""

    kind: Kind
    value: str

    def __str__(self) -> str:
        return _PREFIXES.get(self.kind, "") + self.value

    @property
    def wide(self) -> bool:
        """Whether it may mean very many, so that one should look twice."""
        if self.kind == "network":
            network = ipaddress.ip_network(self.value)
            return network.prefixlen < _NARROW[network.version]
        return self.kind == "mask" and len(self.value.translate({ord(c): None for c in "*?!@.:"})) < _NARROW_MASK


class Person(NamedTuple):
    """Somebody who may be meant; names folded. *address* is that of one connection, "" = of none, *certificate* the
    SHA-256 of what its client showed, in hex."""

    nick: str
    source: str
    account: str | None
    address: str
    certificate: str | None = None


class Ban(msgspec.Struct, frozen=True):
    """One ban, or mute. *until* 0 = for ever."""

    id: int
    mute: bool
    kind: Kind
    value: str
    reason: str
    by: str
    made: int
    until: int = 0

    @property
    def target(self) -> Target:
        """Who is meant."""
        return Target(self.kind, self.value)

    def over(self, now: int) -> bool:
        """Whether its time has passed."""
        return 0 < self.until <= now


def target_of(text: str, names: Names, longest: int) -> Target:
    """Who is meant by `10.0.0.5`, `10.0.0.0/8`, `2001:db8::1` (its /64), `account:alice`, `certificate:`
    and a SHA-256 fingerprint, `*!*@*.example.org` or `Bob`; *longest* as in Names.nick_error. Raises BadTarget."""
    prefix, colon, rest = text.partition(":")
    if colon and prefix.lower() == "account":
        if not rest:
            raise BadTarget("Name the account, such as account:alice.")
        return Target("account", rest)
    if colon and prefix.lower() == "certificate":
        return Target("certificate", _fingerprint_of(rest))
    if (network := _network_of(text)) is not None:
        return Target("network", str(network))
    if set("!@*?") & set(text):
        return Target("mask", masks.normalise(text))
    if "/" in text:
        raise BadTarget(f"{text} is no network, use something like 10.0.0.0/8 or 2001:db8::/32.")
    if names.nick_error(text, longest) is not None:
        raise BadTarget(f"{text} is no name, address, network, mask or account:NAME.")
    return Target("name", text)


def _fingerprint_of(text: str) -> str:
    """As it is kept; many programs show it in capitals, with colons."""
    fingerprint = text.replace(":", "").lower()
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise BadTarget("Give the SHA-256 fingerprint of the client's certificate, 64 hex digits, as show tells it.")
    return fingerprint


def _network_of(text: str) -> Network | None:
    try:
        network = ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None
    if isinstance(network, ipaddress.IPv6Network):
        if network.subnet_of(_MAPPED):
            inner = int(network.network_address) & 0xFFFF_FFFF
            return ipaddress.IPv4Network((inner, network.prefixlen - _MAPPED.prefixlen))
        if "/" not in text:
            return ipaddress.IPv6Network((network.network_address, 64), strict=False)  # one customer has that many
    return network


def address_of(text: str) -> Address | None:
    """The address that a connection comes from; None when it comes from somewhere else, such as a local socket."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


class _Index:
    """Bans by what they mean."""

    def __init__(self, names: Names) -> None:
        self._fold = names.fold
        self._names: dict[str, Ban] = {}
        self._accounts: dict[str, Ban] = {}
        self._certificates: dict[str, Ban] = {}
        self._masks: dict[str, Ban] = {}
        self._networks: dict[int, Ban] = {}
        self._prefixes: Counter[tuple[int, int]] = Counter()
        """How many networks have this version and this length of prefix: so few are looked up for an address."""

    def __len__(self) -> int:
        named = len(self._names) + len(self._accounts) + len(self._certificates)
        return named + len(self._masks) + len(self._networks)

    def put(self, ban: Ban) -> Ban | None:
        """Add *ban*; returns the one with the same target that it replaces."""
        former = self._remove(ban.target)
        if ban.kind == "network":
            network = ipaddress.ip_network(ban.value)
            self._networks[_key(network.version, network.prefixlen, int(network.network_address))] = ban
            self._prefixes[network.version, network.prefixlen] += 1
        else:
            self._table(ban.kind)[self._fold(ban.value)] = ban
        return former

    def remove(self, ban: Ban) -> None:
        self._remove(ban.target)

    def _remove(self, target: Target) -> Ban | None:
        if target.kind != "network":
            return self._table(target.kind).pop(self._fold(target.value), None)
        network = ipaddress.ip_network(target.value)
        former = self._networks.pop(_key(network.version, network.prefixlen, int(network.network_address)), None)
        if former is not None:
            self._prefixes[network.version, network.prefixlen] -= 1
            if not self._prefixes[network.version, network.prefixlen]:
                del self._prefixes[network.version, network.prefixlen]
        return former

    def _table(self, kind: Kind) -> dict[str, Ban]:
        tables = {"name": self._names, "account": self._accounts, "certificate": self._certificates}
        return tables.get(kind, self._masks)

    def of_address(self, text: str, now: int) -> Ban | None:
        """The ban of an address."""
        address = address_of(text) if self._networks else None
        if address is None:
            return None
        for version, length in self._prefixes:
            if version == address.version:
                bits = address.max_prefixlen - length
                ban = self._networks.get(_key(version, length, int(address) >> bits << bits))
                if ban is not None and not ban.over(now):
                    return ban
        return None

    def of(self, person: Person, now: int) -> Iterator[Ban]:
        """Those that mean *person*."""
        candidates = [self._names.get(person.nick), self.of_address(person.address, now)]
        if person.account is not None:
            candidates.append(self._accounts.get(person.account))
        if person.certificate is not None:
            candidates.append(self._certificates.get(person.certificate))
        candidates += [ban for mask, ban in self._masks.items() if masks.matches(mask, person.source, person.account)]
        return (ban for ban in candidates if ban is not None and not ban.over(now))


def _key(version: int, length: int, address: int) -> int:
    return (address << 9) | (length << 1) | (version == 6)


class Bans:
    """All bans and mutes of a server."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._by_id: dict[int, Ban] = {}
        self._bans, self._mutes = _Index(names), _Index(names)
        self._last_id = 0
        self.muting = False
        """Whether there is any mute: what is said need not be looked at while there is none."""

    def all(self) -> list[Ban]:
        """All, oldest first; also those whose time has passed and that were not dropped yet."""
        return list(self._by_id.values())

    @property
    def full(self) -> bool:
        """Whether there is no place for one more."""
        return len(self._by_id) >= MOST

    def add(
        self, target: Target, *, mute: bool, reason: str, by: str, now: int, until: int = 0
    ) -> tuple[Ban, Ban | None]:
        """A new one, and the one of the same target that it replaces."""
        ban = Ban(self._last_id + 1, mute, target.kind, target.value, reason, by, now, until)
        return ban, self.put(ban)

    def put(self, ban: Ban) -> Ban | None:
        """Take in *ban* as it is; returns the one that it replaces."""
        former = (self._mutes if ban.mute else self._bans).put(ban)
        if former is not None:
            self._by_id.pop(former.id, None)
        self._by_id[ban.id] = ban
        self._last_id = max(self._last_id, ban.id)
        self.muting |= ban.mute
        return former

    def lift(self, ban: Ban) -> None:
        """*ban* holds no longer."""
        if self._by_id.pop(ban.id, None) is not None:
            (self._mutes if ban.mute else self._bans).remove(ban)
            self.muting = len(self._mutes) > 0

    def drop_expired(self, now: int) -> list[Ban]:
        """Forget those whose time has passed; returns them."""
        over = [ban for ban in self._by_id.values() if ban.over(now)]
        for ban in over:
            self.lift(ban)
        return over

    def find(self, text: str, *, mute: bool) -> list[Ban]:
        """Those that *text* means: the number of one (`4`, `#4`), or a target as it was given or is shown."""
        number = text.removeprefix("#")
        if number.isascii() and number.isdigit() and len(number) < 19:
            ban = self._by_id.get(int(number))
            return [ban] if ban is not None and ban.mute is mute else []
        fold, network = self._names.fold, _network_of(text)
        wanted = {fold(text), fold(masks.normalise(text)) if set("!@*?") & set(text) else "", str(network or "")}
        if text.lower().startswith(_PREFIXES["certificate"]):
            wanted.add(_PREFIXES["certificate"] + text.partition(":")[2].replace(":", "").lower())
        return [ban for ban in self._by_id.values() if ban.mute is mute and fold(str(ban.target)) in wanted]

    def of_address(self, address: str, now: int) -> Ban | None:
        """The ban of those who connect from *address*."""
        return self._bans.of_address(address, now)

    def of(self, person: Person, now: int) -> Ban | None:
        """A ban that means *person*."""
        return next(self._bans.of(person, now), None)

    def mute_of(self, person: Person, now: int) -> Ban | None:
        """A mute that means *person*."""
        return next(self._mutes.of(person, now), None)

    def means(self, target: Target, person: Person) -> bool:
        """Whether *target* means *person*."""
        index = _Index(self._names)
        index.put(Ban(0, False, target.kind, target.value, "", "", 0))
        return next(index.of(person, 0), None) is not None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Ban).decode


def record(ban: Ban) -> Record:
    """What keeps *ban*."""
    return Record(KIND, str(ban.id), _encode(ban).decode())


def removal(ban: Ban) -> Record:
    """What forgets it."""
    return Record(KIND, str(ban.id), None)


def restore(bans: Bans, text: str) -> None:
    """Take in the ban of a record. Raises ValueError."""
    ban = _decode(text)
    if ban.kind == "network":
        ipaddress.ip_network(ban.value)
    bans.put(ban)
