"""Becoming somebody: what follows when a client has proved, or gives up, an account."""

from triochat.commands.context import Client
from triochat.commands.values import change_account
from triochat.domain.accounts import Account
from triochat.domain.entry import Submission
from triochat.domain.user import User
from triochat.proto import numerics as n
from triochat.proto.caps import Cap


def log_in(client: Client, account: Account) -> None:
    """*client* has proved that *account* is its own: 900, and others are told (account-notify)."""
    user = client.session.user
    if client.registration is not None:
        client.registration.account = account.name
    client.reply(n.RPL_LOGGEDIN, _mask(client), account.name, text=f"You are now logged in as {account.name}")
    if user is not None and user.account != account.name:
        change_account(client, user, account.name)
        _tell(client, user)
        _regain_rooms(client, user)


def log_out(client: Client) -> None:
    """The user is nobody in particular any more."""
    user = client.user
    change_account(client, user, None)
    client.reply(n.RPL_LOGGEDOUT, _mask(client))
    _tell(client, user)


def refused_login(client: Client) -> bool:
    """Count a wrong password; True when it was one too many and the connection is being closed."""
    client.failed_logins += 1
    most = client.server.limits.login_attempts
    if most and client.failed_logins >= most:
        client.close("Too many wrong passwords")
        return True
    return False


def _tell(client: Client, user: User) -> None:
    """https://ircv3.net/specs/extensions/account-notify, and extended-monitor for those who share no room."""
    entry = client.server.journal.new_entry(user.source, "ACCOUNT", (user.account or "*",), account=user.account)
    client.submit_about(user, entry, Cap.ACCOUNT_NOTIFY)


def _regain_rooms(client: Client, user: User) -> None:
    """Founders who log in inside their rooms get their rank there."""
    for room in user.rooms:
        held = room.members[user]
        if room.is_founder(user) and "q" not in held:
            room.set_member_modes(user, held + "q")
            server = client.server
            entry = server.journal.new_entry(server.identity.name, "MODE", (room.name, "+q", user.nick), room.logs)
            client.submit(Submission(entry, room.audiences, origin=client.session.sink, echo=True))


def _mask(client: Client) -> str:
    user, registration = client.session.user, client.registration
    if user is not None:
        return user.source
    username = registration.username if registration is not None else None
    return f"{client.nick}!{username or '*'}@{client.session.address.removeprefix(':') or '*'}"
