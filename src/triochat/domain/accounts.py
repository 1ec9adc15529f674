"""Accounts: names that belong to somebody who can prove it.

Passwords are never kept, only what checks them; hashing takes long and is somebody else's work (ports.Passwords).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import msgspec

from triochat.domain.entry import Record
from triochat.domain.names import Names

KIND = "account"
"""The kind of records that accounts are kept as."""
CASEMAPPING_KIND = "server"


class Credentials(NamedTuple):
    """What checks one password: an argon2id hash, and the keys of SCRAM-SHA-256 (RFC 5802, RFC 7677) in base64."""

    argon2: str
    salt: str
    iterations: int
    stored_key: str
    server_key: str


@dataclass(frozen=True, slots=True)
class Account:
    """One account. *created* is seconds since the epoch. *certificates* are SHA-256 fingerprints of client
    certificates that stand for the password, *suspended* is why nobody may log in (None: they may), *persistent*
    whether its user stays when the last connection ends (None: as the server has it)."""

    name: str
    created: int
    credentials: Credentials | None = None
    certificates: tuple[str, ...] = ()
    email: str | None = None
    suspended: str | None = None
    persistent: bool | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Account).decode


class Accounts:
    """All accounts, by name."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._accounts: dict[str, Account] = {}
        self._looks: dict[str, Account] = {}
        self._certificates: dict[str, str] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._accounts.values())

    def __len__(self) -> int:
        return len(self._accounts)

    def find(self, name: str) -> Account | None:
        """The account called *name*."""
        return self._accounts.get(self._names.fold(name))

    def owner_of(self, nick: str) -> Account | None:
        """The account to which *nick*, or a name that looks like it, belongs."""
        if not self._looks:
            return None
        return next((self._looks[look] for look in self._names.looks(nick) if look in self._looks), None)

    def with_certificate(self, fingerprint: str) -> Account | None:
        """The account whose owner shows this certificate."""
        key = self._certificates.get(fingerprint)
        return self._accounts.get(key) if key is not None else None

    def put(self, account: Account) -> None:
        """Add *account*, or put it in the place of the one of the same name."""
        self.drop(account.name)
        key = self._names.fold(account.name)
        self._accounts[key] = account
        for look in self._names.looks(account.name):
            self._looks[look] = account
        for fingerprint in account.certificates:
            self._certificates[fingerprint] = key

    def drop(self, name: str) -> None:
        """There is no account of this name any more."""
        account = self._accounts.pop(self._names.fold(name), None)
        if account is not None:
            for look in self._names.looks(account.name):
                if self._looks.get(look) is account:
                    del self._looks[look]
            for fingerprint in account.certificates:
                self._certificates.pop(fingerprint, None)

    def records(self, account: Account) -> tuple[Record, ...]:
        """What keeps *account*, and under which casemapping its name is one."""
        kept = Record(KIND, self._names.fold(account.name), _encode(account).decode())
        return kept, Record(CASEMAPPING_KIND, "casemapping", self._names.casemapping)

    def removal(self, name: str) -> Record:
        """The record that keeps that there is no such account."""
        return Record(KIND, self._names.fold(name), None)


def read(text: str) -> Account:
    """The account that a record's value stands for."""
    return _decode(text)


def changed(account: Account, **changes: object) -> Account:
    """*account* with other values."""
    return replace(account, **changes)  # type: ignore[arg-type]
