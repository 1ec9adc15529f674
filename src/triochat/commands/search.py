"""SEARCH: lines by their words, from the rooms that one is in and one's own private messages
(https://codeberg.org/emersion/soju/src/branch/master/doc/ext/search.md)."""

from triochat.commands.context import Client
from triochat.commands.history import Log, find_log, send_entries
from triochat.commands.times import BadTime, milliseconds
from triochat.domain import mail
from triochat.domain.errors import Refused
from triochat.domain.renames import under
from triochat.domain.words import has_words
from triochat.ports import Span, StoreFault
from triochat.proto import numerics as n
from triochat.proto.caps import Cap
from triochat.proto.message import Message, parse_tags

_ATTRIBUTES = ("in", "from", "after", "before", "text", "limit")


class _BadAttribute(Exception):
    """The attribute *name* cannot be used; *str(error)* says why."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


async def search(client: Client, message: Message) -> None:
    """SEARCH attribute=value;attribute=value, written as message tags are."""
    server, history = client.server, client.server.journal.history
    if not client.has(Cap.SEARCH):
        raise Refused(n.ERR_UNKNOWNCOMMAND, "SEARCH")
    try:
        wanted = parse_tags(message.params[0])
        for name in wanted:
            if name not in _ATTRIBUTES:
                raise _BadAttribute(name, f"There are the attributes {', '.join(_ATTRIBUTES)}")
        text = wanted.get("text", "")
        if "text" in wanted and not has_words(text):
            raise _BadAttribute("text", "This has no word in it")
        after_ms, before_ms = _time(wanted, "after"), _time(wanted, "before")
        limit = _limit(wanted.get("limit"), server.history.max_batch)
        await server.journal.barrier()  # what the client said just before belongs to the answer
        logs = {log.log: log for log in await _logs(client, wanted.get("in"))}
        # Not beyond what was handed out: what the store has already, but nobody has seen, comes live in a moment.
        end = server.journal.handed_out + 1
        found = await history.search(
            [Span(log.log, log.after, end) for log in logs.values()],
            text,
            sender=wanted.get("from", ""),
            after_ms=after_ms,
            before_ms=before_ms,
            limit=limit,
        )
    except _BadAttribute as error:
        client.fail("SEARCH", "INVALID_PARAMS", error.name, text=str(error))
    except StoreFault:
        client.fail("SEARCH", "INTERNAL_ERROR", text="The search could not be run, try again later or look for less")
    else:
        names = {log: where.name for log, where in logs.items() if log[:1] == "#"}
        shown = [under(entry, names[log]) if (log := entry.logs[0]) in names else entry for entry in found]
        send_entries(client, shown, "soju.im/search")


async def _logs(client: Client, place: str | None) -> list[Log]:
    """The logs that the client may read, or the one of *place*."""
    if place is not None:
        log = find_log(client, place)
        if log is None:
            raise _BadAttribute("in", "There is no history of this that you may read")
        return [log]
    server, user = client.server, client.user
    logs = [log for room in user.rooms if (log := find_log(client, room.name)) is not None]
    if user.account is not None:
        names = await server.journal.history.logs(mail.logs_of(server.fold(user.account)))
        logs += [Log(name, name) for name in names]
    return logs


def _time(wanted: dict[str, str], name: str) -> int | None:
    if name not in wanted:
        return None
    try:
        return milliseconds(f"timestamp={wanted[name]}")
    except BadTime:
        raise _BadAttribute(name, "A time is YYYY-MM-DDThh:mm:ss.sssZ") from None


def _limit(text: str | None, most: int) -> int:
    if text is None:
        return most
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _BadAttribute("limit", "The limit is no number")
    return min(int(text), most)
