"""Who is called what: changing names, and giving them to their owners."""

from triochat.commands.barring import check_name
from triochat.commands.context import Client
from triochat.commands.values import tell_watchers
from triochat.domain.entry import Submission
from triochat.domain.user import User
from triochat.proto import numerics as n


def change_nick(client: Client, new: str) -> None:
    """The client's user takes another name. Raises Refused."""
    user, world = client.user, client.server.world
    check_name(client.server, new)
    claim(client, new, user.account, own=user)
    world.check_nick(new, own=user, account=user.account)
    if new != user.nick:
        give_name(client, user, new)


def guest_name(client: Client) -> str:
    """A name for somebody who has to give up theirs."""
    world, number = client.server.world, client.session.id
    while world.fold(name := f"Guest{number}") in world.users or world.accounts.owner_of(name) is not None:
        number += 1
    return name


def claim(client: Client, nick: str, account: str | None, own: User | None = None) -> None:
    """Whoever uses *nick* without being its owner gives it up for the owner, who has logged in to *account*."""
    world = client.server.world
    holder, owner = world.users.get(world.fold(nick)), world.accounts.owner_of(nick)
    if holder is None or holder is own or owner is None or account is None or not world.reserved:
        return
    if owner.name != account or holder.account == account:
        return
    name = guest_name(client)
    text = f"The name {holder.nick} belongs to an account, and its owner has come: you are {name} now"
    notice = client.server.journal.new_entry(client.server.identity.name, "NOTICE", (holder.nick, text))
    client.server.journal.submit(Submission(notice, recipients=holder.sinks))
    give_name(client, holder, name)


def give_name(client: Client, user: User, new: str) -> None:
    """*user*, who is this client's or another, is called *new* from now on; the name has been checked."""
    world = client.server.world
    source, old = user.source, user.nick
    client.server.past.remember(user, client.server.now())
    world.rename(user, new)
    logs = tuple(room.log for room in user.rooms if not room.hides(user))
    entry = client.server.journal.new_entry(source, "NICK", (new,), logs, user.account, user.tags)
    client.submit_about(user, entry, echo=True, changes=client.server.presence(user))
    if not world.names.same(old, new):
        client.tell_watchers(old, n.RPL_MONOFFLINE, old)
        client.tell_watchers(new, n.RPL_MONONLINE, user.source)
        tell_watchers(client, user)
