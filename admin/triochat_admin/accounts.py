"""The command about registered names: account list, create, reset, suspend, resume, delete.

A password is never typed here, where it would be seen and remembered: the server makes one, it is shown once, and its
owner changes it.
"""

import secrets
from collections.abc import Callable

from triochat.managing import AccountRow
from triochat_admin import render
from triochat_admin.caution import Done, carefully
from triochat_admin.grammar import Answer, Call, CommandFailed, Later, UsageError, nearest
from triochat_admin.text import number, visible

_MOST_SHOWN = 200
_FILTERS: dict[str, Callable[[AccountRow], bool]] = {
    "nopassword": lambda row: not row.password and not row.certificates,
    "suspended": lambda row: row.suspended is not None,
    "here": lambda row: bool(row.here),
}


def account(call: Call) -> Done:
    """`account ACTION NAME`."""
    word = call.words[0].lower() if call.words else "list"
    if word not in _ACTIONS:
        hits = [name for name in _ACTIONS if name.startswith(word)]
        if len(hits) != 1:
            guess = nearest(word, tuple(_ACTIONS)) or f"There are: {', '.join(_ACTIONS)}"
            raise UsageError(f"account cannot {visible(word[:40])}. {guess}")
        word = hits[0]
    return _ACTIONS[word](call)


def _list(call: Call) -> Answer:
    rows = list(call.operations.accounts.all())
    for word in (*call.words[1:], *call.text.split()):
        chosen = _FILTERS.get(word.lower())
        rows = [row for row in rows if (chosen(row) if chosen else word.casefold() in row.name.casefold())]
    cells = (
        (row.name, row.created, _password(row), str(row.here) if row.here else "–", _state(row))
        for row in rows[:_MOST_SHOWN]
    )
    more = f" … {len(rows) - _MOST_SHOWN:,} more." if len(rows) > _MOST_SHOWN else ""
    shown = f"{render.table(('NAME', 'SINCE', 'LOGS IN BY', 'HERE', 'STATE'), cells)}\n" if rows else ""
    return Answer(f"{shown}{number(len(rows), 'account')}.{more}", rows)


def _password(row: AccountRow) -> str:
    ways = ("password",) * row.password + ("certificate",) * bool(row.certificates)
    return ", ".join(ways) or "nothing"


def _state(row: AccountRow) -> str:
    return "–" if row.suspended is None else f"suspended: {row.suspended}" if row.suspended else "suspended"


def _create(call: Call) -> Done:
    name, password = _name(call, "create"), _new_password()

    async def finish() -> Answer:
        await call.operations.accounts.create(name, password, call.by)
        text = f"Created the account {visible(name)}. Its password, shown this once: {password}"
        return Answer(text, {"count": 1, "name": name, "password": password}, 1)

    return carefully(call, f"This would create the account {visible(name)}.", lambda: Later(finish))


def _reset(call: Call) -> Done:
    row, password = _known(call, "reset"), _new_password()

    async def finish() -> Answer:
        await call.operations.accounts.reset(row.name, password, call.by)
        text = f"The password of {visible(row.name)} is, shown this once: {password}"
        return Answer(text, {"count": 1, "name": row.name, "password": password}, 1)

    return carefully(call, f"This would give {visible(row.name)} another password.", lambda: Later(finish))


def _suspend(call: Call) -> Done:
    row = _known(call, "suspend", "moderator")

    async def finish() -> Answer:
        count = await call.operations.accounts.suspend(row.name, call.text, call.by)
        text = f"Suspended {visible(row.name)}; ended {number(count, 'connection')}. account resume lifts it."
        return Answer(text, {"count": count, "name": row.name}, count)

    return carefully(call, f"This would suspend {_whom(row)}.", lambda: Later(finish), hit=(row.name,))


def _resume(call: Call) -> Done:
    row = _known(call, "resume", "moderator")

    async def finish() -> Answer:
        await call.operations.accounts.resume(row.name, call.by)
        return Answer(f"{visible(row.name)} may log in again.", {"count": 1, "name": row.name}, 1)

    return carefully(call, f"This would let {visible(row.name)} log in again.", lambda: Later(finish))


def _delete(call: Call) -> Done:
    row = _known(call, "delete")

    async def finish() -> Answer:
        count = await call.operations.accounts.delete(row.name, call.by)
        text = f"Deleted {visible(row.name)}; ended {number(count, 'connection')}. The name is free."
        return Answer(text, {"count": count, "name": row.name}, count)

    preview = f"This would delete {_whom(row)}, its private history, and its ownership of rooms, for ever."
    return carefully(call, preview, lambda: Later(finish), hit=(row.name,), ask=True)


def _whom(row: AccountRow) -> str:
    return f"{visible(row.name)}, who has {number(row.here, 'connection')}"


def _name(call: Call, action: str, role: str = "admin") -> str:
    call.require(role, f"account {action}")
    if len(call.words) < 2:
        raise UsageError(f"account {action} needs a name, such as account {action} Alice.")
    return call.words[1]


def _known(call: Call, action: str, role: str = "admin") -> AccountRow:
    name = _name(call, action, role)
    for row in call.operations.accounts.all():
        if row.name.casefold() == name.casefold():
            return row
    raise CommandFailed(f"There is no account {visible(name[:60])}.", {"count": 0}, 0)


def _new_password() -> str:
    return secrets.token_urlsafe(12)


_ACTIONS: dict[str, Callable[[Call], Done]] = {
    "list": _list,
    "create": _create,
    "reset": _reset,
    "suspend": _suspend,
    "resume": _resume,
    "delete": _delete,
}
