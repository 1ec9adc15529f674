"""Accounts from the operator's side: what `triochat user` asks for, on a running server or on its files.

A request and its answer are plain values, fit for JSON.
"""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from triochat.commands.registrar import AccountProblem, Keep, Registrar
from triochat.domain import keeping, mail, presence
from triochat.domain.accounts import Account
from triochat.domain.entry import Change, Forgetting
from triochat.domain.markers import Markers
from triochat.domain.user import User
from triochat.domain.world import World
from triochat.managing import AccountRow
from triochat.operations import OperationError
from triochat.ports import StoreFault

_log = logging.getLogger("triochat.admin")


class AccountDesk:
    """Does what requests say. *end_user* ends the connections of somebody who is here."""

    def __init__(
        self,
        world: World,
        markers: Markers,
        registrar: Registrar,
        keep: Keep,
        end_user: Callable[[User, str], None] | None = None,
    ) -> None:
        self._world = world
        self._markers = markers
        self._registrar = registrar
        self._keep = keep
        self._end_user = end_user
        self._actions: dict[str, Callable[[Mapping[str, Any]], Awaitable[Sequence[Account]]]] = {
            "add": self._add,
            "list": self._list,
            "passwd": self._passwd,
            "remove": self._remove,
            "resume": self._resume,
            "suspend": self._suspend,
        }

    async def do(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """`{"do": "add", "name": …, "password": …}` and the like; the answer has `accounts` that it was about, or an
        `error`, one sentence."""
        action = self._actions.get(str(request.get("do")))
        if action is None:
            return {"error": f"There is no action {request.get('do')}."}
        try:
            accounts = await action(request)
        except AccountProblem as problem:
            return {"error": f"{problem}."}
        except StoreFault as fault:
            return {"error": f"The change could not be stored: {fault}."}
        if request["do"] != "list":
            _log.info("account %s: %s", accounts[0].name, request["do"])
        return {"count": len(accounts), "accounts": [_row(account) for account in accounts]}

    async def _add(self, request: Mapping[str, Any]) -> Sequence[Account]:
        holder = self._world.users.get(self._world.fold(_text(request, "name")))
        account = await self._registrar.add(_text(request, "name"), _text(request, "password"))
        if holder is not None and holder.account is None:
            _log.info("somebody who is not logged in uses the name %s at the moment", account.name)
        return [account]

    async def _list(self, request: Mapping[str, Any]) -> Sequence[Account]:
        return sorted(self._registrar.accounts, key=lambda account: self._world.fold(account.name))

    async def _passwd(self, request: Mapping[str, Any]) -> Sequence[Account]:
        return [await self._registrar.set_password(_text(request, "name"), _text(request, "password"))]

    async def _suspend(self, request: Mapping[str, Any]) -> Sequence[Account]:
        reason = _readable("reason", str(request.get("reason") or ""))
        if any(c in "\0\r\n" for c in reason):  # it will stand in lines of the wire
            raise AccountProblem("INVALID_PARAMS", "A reason is one line without NUL")
        account = await self._registrar.change(_text(request, "name"), suspended=reason)
        why = f": {account.suspended}" if account.suspended else ""
        self._send_away(account, f"Your account is suspended{why}")
        return [account]

    async def _resume(self, request: Mapping[str, Any]) -> Sequence[Account]:
        return [await self._registrar.change(_text(request, "name"), suspended=None)]

    async def _remove(self, request: Mapping[str, Any]) -> Sequence[Account]:
        account = self._registrar.find(_text(request, "name"))
        folded = self._world.fold(account.name)
        await self._registrar.remove(account.name, [Forgetting(mail.logs_of(folded))])
        self._send_away(account, "Your account was removed")
        # Mail may have come until they were sent away. Who is still here has no connection, and no server runs.
        left: list[Change] = [Forgetting(mail.logs_of(folded))]
        left += [record for user in self._users_of(account) for record in presence.removal(user)]
        left += [keeping.record(room) for room in self._world.disown(account.name)]
        left += self._markers.forget_account(folded)
        left += self._world.metadata.forget_account(folded)
        try:
            await self._keep(left)
        except StoreFault as fault:  # the account is gone; the next start takes the rest away
            _log.warning("what belonged to %s could not all be removed: %s", account.name, fault)
        return [account]

    def _send_away(self, account: Account, reason: str) -> None:
        if self._end_user is not None:
            for user in self._users_of(account):
                self._end_user(user, reason)

    def _users_of(self, account: Account) -> list[User]:
        return [user for user in self._world.users.values() if user.account == account.name]


class ConsoleAccounts:
    """Implements managing.Accounts with an AccountDesk; *audit* keeps who did what to which account."""

    def __init__(self, desk: AccountDesk, world: World, audit: Callable[[str, str, str, str, int], None]) -> None:
        self._desk = desk
        self._world = world
        self._audit = audit

    def all(self) -> Sequence[AccountRow]:
        """See managing.Accounts."""
        here = self._connections()
        rows = [
            AccountRow(
                account.name,
                time.strftime("%Y-%m-%d", time.gmtime(account.created)),
                account.suspended,
                account.credentials is not None,
                len(account.certificates),
                here[account.name],
            )
            for account in self._world.accounts
        ]
        return sorted(rows, key=lambda row: self._world.fold(row.name))

    def _connections(self) -> Counter[str]:
        users = (user for user in self._world.users.values() if user.account is not None)
        here: Counter[str] = Counter()
        for user in users:
            here[user.account or ""] += len(user.sessions)
        return here

    async def create(self, name: str, password: str, by: str) -> None:
        """See managing.Accounts."""
        await self._do(by, "create", {"do": "add", "name": name, "password": password})

    async def reset(self, name: str, password: str, by: str) -> None:
        """See managing.Accounts."""
        await self._do(by, "reset", {"do": "passwd", "name": name, "password": password})

    async def suspend(self, name: str, reason: str, by: str) -> int:
        """See managing.Accounts."""
        return await self._do(by, "suspend", {"do": "suspend", "name": name, "reason": reason})

    async def resume(self, name: str, by: str) -> None:
        """See managing.Accounts."""
        await self._do(by, "resume", {"do": "resume", "name": name})

    async def delete(self, name: str, by: str) -> int:
        """See managing.Accounts."""
        return await self._do(by, "delete", {"do": "remove", "name": name})

    async def _do(self, by: str, action: str, request: Mapping[str, Any]) -> int:
        """How many connections the account had. Raises OperationError."""
        name = str(request["name"])
        known = self._world.accounts.find(name)
        count = self._connections()[known.name] if known is not None else 0
        answer = await self._desk.do(request)
        if "error" in answer:
            raise OperationError(answer["error"])
        self._audit(by, f"account {action}", name, str(request.get("reason", "")), count)
        return count


def _text(request: Mapping[str, Any], key: str) -> str:
    value = request.get(key)
    if not isinstance(value, str) or not value:
        raise AccountProblem("INVALID_PARAMS", f"The {key} is missing")
    return _readable(key, value)


def _readable(key: str, text: str) -> str:
    """*text*, which came from a shell or a file, when it can be stored. Raises AccountProblem."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise AccountProblem("INVALID_PARAMS", f"The {key} is not UTF-8") from None
    return text


def _row(account: Account) -> dict[str, Any]:
    created = time.strftime("%Y-%m-%d", time.gmtime(account.created))
    return {
        "name": account.name,
        "created": created,
        "suspended": account.suspended is not None,
        "password": account.credentials is not None,
        "certificates": len(account.certificates),
    }
