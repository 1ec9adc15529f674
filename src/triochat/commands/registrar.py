"""Keeping accounts: what REGISTER, `triochat user` and the console do is the same, and is done here.

Every change is durable before it counts: it is true when the method returns, and not at all when it raises.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from triochat.domain.accounts import Account, Accounts, changed
from triochat.domain.entry import Change
from triochat.domain.limits import Limits
from triochat.domain.names import Names
from triochat.domain.policy import AccountPolicy
from triochat.ports import Passwords, StoreFault

Keep = Callable[[Sequence[Change]], Awaitable[None]]
"""Makes changes durable, or raises StoreFault."""


class AccountProblem(Exception):
    """It cannot be done: *code* as in https://ircv3.net/specs/extensions/account-registration, and a sentence."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Registrar:
    """The only one who changes accounts."""

    def __init__(
        self,
        accounts: Accounts,
        names: Names,
        passwords: Passwords,
        keep: Keep,
        policy: AccountPolicy,
        limits: Limits,
        now: Callable[[], int],
    ) -> None:
        self.accounts = accounts
        self.policy = policy
        self.passwords = passwords
        self._names = names
        self._keep = keep
        self._limits = limits
        self._now = now
        self._under_way: set[str] = set()
        """Names that are being registered, by what they look like."""
        self._changing: set[str] = set()
        """Accounts that are being changed, by folded name."""

    async def add(self, name: str, password: str, email: str | None = None) -> Account:
        """A new account. Raises AccountProblem."""
        reason = self._names.nick_error(name, self._limits.nick_length)
        if reason is not None:
            raise AccountProblem("BAD_ACCOUNT_NAME", f"This is no name for an account: {reason}")
        if self._names.is_service(name):
            raise AccountProblem("BAD_ACCOUNT_NAME", f"{name} is a part of this server")
        self.check_password(password)
        looks = self._names.looks(name)
        if self.accounts.owner_of(name) is not None or not self._under_way.isdisjoint(looks):
            raise AccountProblem("ACCOUNT_EXISTS", f"There is an account {name} already")
        self._under_way.update(looks)
        try:
            credentials = await self.passwords.make(password)
            account = Account(name, self._now(), credentials, email=email)
            await self._put(account)
        finally:
            self._under_way.difference_update(looks)
        return account

    async def check(self, name: str, password: str) -> Account | None:
        """The account when *password* is its own, else None. Suspended ones are returned, too."""
        account = self.accounts.find(name)
        credentials = account.credentials if account is not None else None
        if len(password.encode()) > self.policy.password_max_bytes:
            credentials = None
        if not await self.passwords.check(credentials, password):
            return None
        known = self.accounts.find(name)  # it may have been suspended, or removed, meanwhile, or be another one
        return known if known is not None and known.credentials == credentials else None

    async def set_password(self, name: str, password: str) -> Account:
        """Another password. Raises AccountProblem."""
        self.check_password(password)
        self.find(name)
        credentials = await self.passwords.make(password)
        return await self.change(name, credentials=credentials)

    async def change(self, name: str, **changes: object) -> Account:
        """Other values for an account. Raises AccountProblem."""
        async with self._alone(name):
            account = changed(self.find(name), **changes)
            await self._put(account)
            return account

    async def remove(self, name: str, also: Sequence[Change] = ()) -> Account:
        """The account is no more, with the changes *also*; its name is free. Raises AccountProblem."""
        async with self._alone(name):
            account = self.find(name)
            await self._store([self.accounts.removal(account.name), *also])
            self.accounts.drop(account.name)
            return account

    @asynccontextmanager
    async def _alone(self, name: str) -> AsyncIterator[None]:
        """One change of an account after another: each builds on what the one before it left, and none brings back
        what another took away."""
        key = self._names.fold(name)
        while key in self._changing:
            await self._keep(())  # what changes it is in this order, too
        self._changing.add(key)
        try:
            yield
        finally:
            self._changing.discard(key)

    def find(self, name: str) -> Account:
        """The account called *name*; raises AccountProblem."""
        account = self.accounts.find(name)
        if account is None:
            raise AccountProblem("ACCOUNT_UNKNOWN", f"There is no account {name}")
        return account

    def check_password(self, password: str) -> None:
        """Raise AccountProblem when nobody should have this password."""
        least, most = self.policy.password_min_length, self.policy.password_max_bytes
        if len(password) < least:
            raise AccountProblem("WEAK_PASSWORD", f"A password has at least {least} characters")
        if len(password.encode()) > most:
            raise AccountProblem("UNACCEPTABLE_PASSWORD", f"A password has at most {most} bytes")
        if any(c in "\0\r\n" for c in password):
            raise AccountProblem("UNACCEPTABLE_PASSWORD", "A password is one line without NUL")

    async def _put(self, account: Account) -> None:
        await self._store(self.accounts.records(account))
        self.accounts.put(account)

    async def _store(self, changes: Sequence[Change]) -> None:
        try:
            await self._keep(changes)
        except StoreFault:
            raise AccountProblem(
                "TEMPORARILY_UNAVAILABLE", "Accounts cannot be stored now, try again later"
            ) from None
