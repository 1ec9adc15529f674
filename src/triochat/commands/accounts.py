"""REGISTER and VERIFY (https://ircv3.net/specs/extensions/account-registration), and ACCOUNT, for all that one does
with an account later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from triochat.commands.context import Client
from triochat.commands.login import log_in, log_out, refused_login, shared_by_others
from triochat.commands.naming import change_nick, guest_name
from triochat.commands.registrar import AccountProblem
from triochat.domain.accounts import Account
from triochat.domain.entry import Submission
from triochat.domain.errors import Refused
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import Message

_MOST_CERTIFICATES = 10
_USAGE = (
    "ACCOUNT LOGIN name password | LOGOUT | PASSWORD old new | CERT ADD | CERT REMOVE | PERSIST ON|OFF|DEFAULT | SHOW"
)


def register(client: Client, message: Message) -> Awaitable[None] | None:
    """REGISTER name|* email|* password."""
    server = client.server
    policy = server.policy
    name, email, password = message.params[:3]
    registration = client.registration
    own = client.session.user.nick if client.session.user is not None else registration and registration.wanted
    shown = own or "*" if name == "*" else name
    if server.lockdown:
        client.fail(
            "REGISTER", "TEMPORARILY_UNAVAILABLE", shown, text="No new accounts at the moment, try again later"
        )
        return None
    if not (policy.enabled and policy.registration):
        client.fail("REGISTER", "TEMPORARILY_UNAVAILABLE", shown, text="Accounts are made by the operators here")
        return None
    if registration is not None:
        if not policy.registration_before_connect:
            client.fail("REGISTER", "COMPLETE_CONNECTION_REQUIRED", "*", text="Come into the chat first")
            return None
        if not server.admits(registration.password):
            text = "This server wants a password (PASS) first"
            client.fail("REGISTER", "TEMPORARILY_UNAVAILABLE", shown, text=text)
            if registration.password is not None:
                refused_login(client)  # or it could be guessed here, without end
            return None
    account = (
        client.session.user.account if client.session.user is not None else registration and registration.account
    )
    if account:
        client.fail("REGISTER", "ALREADY_AUTHENTICATED", account, text=f"You are logged in as {account}")
        return None
    if not own:
        client.fail("REGISTER", "NEED_NICK", "*", text="Choose a name first (NICK)")
        return None
    name = own if name == "*" else name
    if not policy.registration_custom_name and not server.world.names.same(name, own):
        client.fail("REGISTER", "ACCOUNT_NAME_MUST_BE_NICK", name, text="Take the name that you want to register")
        return None
    holders = [server.world.users.get(server.fold(name)), *server.world.doubles(name)]
    if any(holder is not None and holder is not client.session.user for holder in holders):
        client.fail("REGISTER", "ACCOUNT_EXISTS", name, text=f"Somebody who is here uses the name {name}")
        return None
    address = None if email == "*" else email
    if (address is None and policy.registration_email_required) or (address is not None and not _is_email(address)):
        client.fail("REGISTER", "INVALID_EMAIL", name, text="An e-mail address is needed, such as ann@example.org")
        return None
    if not server.registrations.allow(client.session.address, server.clock()):
        text = "Enough accounts were made from your address for now, try again in an hour"
        client.fail("REGISTER", "TEMPORARILY_UNAVAILABLE", name, text=text)
        return None
    return _register(client, name, password, address, by_command=message.command == "REGISTER")


async def _register(client: Client, name: str, password: str, email: str | None, *, by_command: bool) -> None:
    try:
        account = await client.server.registrar.add(name, password, email)
    except AccountProblem as problem:
        client.fail("REGISTER", problem.code, name, text=str(problem))
        return
    if client.closing is not None:
        return
    text = f"Account {account.name} is registered"
    knows = client.has(Cap.ACCOUNT_REGISTRATION) or not client.has(Cap.CAP_NOTIFY)
    if knows or by_command:
        client.send("REGISTER", "SUCCESS", account.name, text)
    if not knows:  # the answer may be for a person, who typed it and whose client does not show it
        client.send("NOTICE", client.nick, f"{text}.")
    log_in(client, account)


def _is_email(text: str) -> bool:
    name, at, host = text.rpartition("@")
    return (
        bool(at and name and "." in host.strip(".") and len(text) <= 254) and text.isprintable() and " " not in text
    )


def verify(client: Client, message: Message) -> None:
    """VERIFY account code: nothing here waits for a code."""
    client.fail("VERIFY", "INVALID_CODE", message.params[0], text="No account waits for a code here")


def account(client: Client, message: Message) -> Awaitable[None] | None:
    """ACCOUNT LOGIN|LOGOUT|PASSWORD|CERT|PERSIST|SHOW: what one does with an account."""
    if not client.server.policy.enabled:
        raise Refused(n.ERR_UNKNOWNCOMMAND, "ACCOUNT")
    words = message.params if len(message.params) > 1 else " ".join(message.params).split()
    word, *rest = words or ["SHOW"]
    command = _SUBCOMMANDS.get(word.upper())
    if command is None:
        _fail(client, "INVALID_PARAMS", word, text=_USAGE)
        return None
    return command(client, rest)


async def _login(client: Client, words: list[str]) -> None:
    if len(words) == 1:
        words = [client.nick, *words]
    if len(words) != 2:
        _fail(client, "NEED_MORE_PARAMS", "LOGIN", text="ACCOUNT LOGIN name password")
        return
    found = await client.server.registrar.check(words[0], words[1])
    if client.closing is not None:
        return
    if found is None:
        _fail(client, "INVALID_CREDENTIALS", "LOGIN", text="Wrong name or password")
        refused_login(client)
    elif found.suspended is not None:
        why = f": {found.suspended}" if found.suspended else ""
        _fail(client, "SUSPENDED", "LOGIN", text=f"This account is suspended{why}")
    elif (reason := shared_by_others(client, found)) is not None:
        _fail(client, "OTHER_CONNECTIONS", "LOGIN", text=reason)
    else:
        log_in(client, found)


def _logout(client: Client, words: list[str]) -> None:
    own = _own(client)
    if own is None:
        return
    if len(client.user.sessions) > 1:
        text = "Other connections of yours are logged in under this name: end them first, or end this one"
        _fail(client, "OTHER_CONNECTIONS", "LOGOUT", text=text)
        return
    log_out(client)
    world = client.server.world
    if world.reserved and world.accounts.owner_of(client.nick) is not None:
        change_nick(client, guest_name(client))


async def _password(client: Client, words: list[str]) -> None:
    own = _own(client)
    if own is None:
        return
    if len(words) != 2:
        _fail(client, "NEED_MORE_PARAMS", "PASSWORD", text="ACCOUNT PASSWORD old new")
        return
    registrar = client.server.registrar
    if own.credentials is not None and await registrar.check(own.name, words[0]) is None:
        _fail(client, "INVALID_CREDENTIALS", "PASSWORD", text="The old password is wrong")
        refused_login(client)
        return
    await _change(client, "PASSWORD", registrar.set_password(own.name, words[1]), "The password is changed")


def _cert(client: Client, words: list[str]) -> Awaitable[None] | None:
    own = _own(client)
    if own is None:
        return None
    action = words[0].upper() if words else ""
    shown = client.session.certificate
    if shown is None or action not in ("ADD", "REMOVE"):
        text = "ACCOUNT CERT ADD, or REMOVE, over a TLS connection on which your client shows its certificate"
        _fail(client, "INVALID_PARAMS", "CERT", text=text)
        return None
    if action == "ADD" and client.server.world.accounts.with_certificate(shown) not in (None, own):
        _fail(client, "INVALID_PARAMS", "CERT", text="Another account has this certificate")
        return None
    others = tuple(known for known in own.certificates if known != shown)[-(_MOST_CERTIFICATES - 1) :]
    certificates = (*others, shown) if action == "ADD" else others
    text = "You can now log in by this certificate" if action == "ADD" else "This certificate is forgotten"
    return _change(client, "CERT", client.server.registrar.change(own.name, certificates=certificates), text)


def _persist(client: Client, words: list[str]) -> Awaitable[None] | None:
    own = _own(client)
    if own is None:
        return None
    values = {"ON": True, "OFF": False, "DEFAULT": None}
    if len(words) != 1 or words[0].upper() not in values:
        _fail(client, "INVALID_PARAMS", "PERSIST", text="ACCOUNT PERSIST ON, OFF or DEFAULT")
        return None
    if client.server.policy.always_on in ("disabled", "mandatory"):
        _fail(client, "INVALID_PARAMS", "PERSIST", text="This server decides that for everybody")
        return None
    wanted = values[words[0].upper()]
    stays = wanted or (wanted is None and client.server.policy.always_on == "opt-out")
    text = "You stay in the chat when your last connection ends" if stays else "You leave with your last connection"
    return _change(client, "PERSIST", _set_persistent(client, own, wanted), text)


async def _set_persistent(client: Client, own: Account, wanted: bool | None) -> Account:
    changed = await client.server.registrar.change(own.name, persistent=wanted)
    if client.closing is None:
        client.submit(Submission(None, changes=client.server.presence(client.user)))
    return changed


async def _change(client: Client, what: str, change: Awaitable[Account], text: str) -> None:
    try:
        await change
    except AccountProblem as problem:
        _fail(client, problem.code, what, text=str(problem))
    else:
        _note(client, "DONE", what, text)


def _show(client: Client, words: list[str]) -> None:
    own = _own(client)
    if own is None:
        return
    stays = "you stay when your last connection ends" if client.server.stays(client.user) else "you leave with it"
    sessions = len(client.user.sessions)
    text = f"{own.name}: {sessions} connection{'s' if sessions != 1 else ''}, {stays}"
    _note(client, "SHOW", own.name, text)


def _fail(client: Client, code: str, context: str, *, text: str) -> None:
    """A FAIL, or the same as a notice for clients that know no standard replies."""
    if client.has(Cap.STANDARD_REPLIES) or not client.speaks_irc:
        client.fail("ACCOUNT", code, context, text=text)
    else:
        client.send("NOTICE", client.nick, f"{text}.")


def _note(client: Client, code: str, context: str, text: str) -> None:
    """A NOTE, or the same as a notice."""
    if client.has(Cap.STANDARD_REPLIES):
        client.send("NOTE", "ACCOUNT", code, context, text)
    else:
        client.send("NOTICE", client.nick, f"{text}.")


def _own(client: Client) -> Account | None:
    """The account of this client, which is told when there is none."""
    name = client.user.account
    found = client.server.world.accounts.find(name) if name is not None else None
    if found is None:
        _fail(client, "ACCOUNT_REQUIRED", "*", text="Log in first: ACCOUNT LOGIN name password")
    return found


_SUBCOMMANDS: dict[str, Callable[[Client, list[str]], Awaitable[None] | None]] = {
    "CERT": _cert,
    "IDENTIFY": _login,
    "LOGIN": _login,
    "LOGOUT": _logout,
    "PASSWORD": _password,
    "PERSIST": _persist,
    "SHOW": _show,
}
