"""Becoming somebody: what follows when a client has proved, or gives up, an account."""

from triochat.commands.barring import end_if_banned
from triochat.commands.context import Client
from triochat.commands.markers import marker_lines
from triochat.commands.naming import change_nick, guest_name
from triochat.commands.values import change_account
from triochat.domain.accounts import Account
from triochat.domain.entry import Submission
from triochat.domain.user import User
from triochat.proto import numerics as n
from triochat.proto.caps import Cap


def log_in(client: Client, account: Account) -> None:
    """*client* has proved that *account* is its own: 900, and others are told (account-notify)."""
    user = client.session.user
    client.server.tally.logins += 1
    if client.registration is not None:
        client.registration.account = account.name
    client.server.happened("account", client.nick, f"logged in as {account.name}")
    client.reply(n.RPL_LOGGEDIN, _mask(client), account.name, text=f"You are now logged in as {account.name}")
    if user is not None and user.account != account.name:
        former = user.account
        change_account(client, user, account.name)
        _tell(client, user, former)
        _bring_markers(client, user)
        _settle_rooms(client, user)
        world = client.server.world
        owner = world.accounts.owner_of(user.nick) if world.reserved else None
        if owner is not None and owner.name != account.name:
            change_nick(client, guest_name(client))  # the name was the former account's
        end_if_banned(client)


def shared_by_others(client: Client, account: Account) -> str | None:
    """Why this client may not log in to *account* now: its user is that of other connections, too, and they have not
    proved it. None when it may."""
    user = client.session.user
    if user is None or len(user.sessions) < 2 or user.account == account.name:
        return None
    return f"Other connections are {user.nick} as well: end them first, or connect anew as {account.name}"


def log_out(client: Client) -> None:
    """The user is nobody in particular any more."""
    user = client.user
    former = user.account
    client.server.happened("account", user.nick, f"logged out of {former}")
    change_account(client, user, None)
    client.reply(n.RPL_LOGGEDOUT, _mask(client))
    _tell(client, user, former)
    _settle_rooms(client, user)


def refused_login(client: Client) -> bool:
    """Count a wrong password; True when it was one too many and the connection is being closed."""
    client.failed_logins += 1
    client.server.happened("refused", client.nick, f"wrong password, from {client.session.address}")
    client.server.tally.failed_logins += 1
    most = client.server.limits.login_attempts
    if most and client.failed_logins >= most:
        client.close("Too many wrong passwords")
        return True
    return False


def _tell(client: Client, user: User, former: str | None) -> None:
    """https://ircv3.net/specs/extensions/account-notify, and extended-monitor for those who share no room. It is said
    by who had the *former* account (https://ircv3.net/specs/extensions/account-tag)."""
    told = (user.account or "*",)
    entry = client.server.journal.new_entry(user.source, "ACCOUNT", told, account=former, tags=user.tags)
    client.submit_about(user, entry, Cap.ACCOUNT_NOTIFY, echo=client.has(Cap.ACCOUNT_NOTIFY))


def _bring_markers(client: Client, user: User) -> None:
    """What is read is now what the account has read, and what its user has."""
    server = client.server
    assert user.account is not None
    changes = server.markers.bring(user, server.fold(user.account))
    if changes:
        client.submit(Submission(None, origin=client.session.sink, changes=changes))
    for room in user.rooms:
        client.send_lines(line for line in marker_lines(client, room.name) if not line.endswith(" *"))


def _settle_rooms(client: Client, user: User) -> None:
    """Founders have their rank by their account: who logs in gets it, who logs out loses it."""
    server, sink = client.server, client.session.sink
    for room in user.rooms:
        held, owns = room.members[user], room.is_founder(user)
        if owns == ("q" in held):
            continue
        room.set_member_modes(user, held + "q" if owns else held.replace("q", ""))
        change = ("+q" if owns else "-q", user.nick)
        entry = server.journal.new_entry(server.identity.name, "MODE", (room.name, *change), room.logs)
        changes = server.presence(user)
        client.submit(Submission(entry, room.audiences, origin=sink, echo=True, changes=changes))


def _mask(client: Client) -> str:
    user, registration = client.session.user, client.registration
    if user is not None:
        return user.source
    username = registration.username if registration is not None else None
    return f"{client.nick}!{username or '*'}@{client.session.address.removeprefix(':') or '*'}"
