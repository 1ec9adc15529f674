"""KLINE, UNKLINE and REHASH: what operators do on the wire by the same surface as at the console (see operations).

Nobody can be asked here whether they mean it: what would hit many is refused, and done at the console.
"""

from collections.abc import Sequence

from triochat.commands.context import Client
from triochat.commands.operators import actor, check_operator
from triochat.domain.errors import Refused
from triochat.operations import OperationError, Operations
from triochat.proto import numerics as n
from triochat.proto.message import Message

_MOST_HIT = 3
_LONGEST_MINUTES = 100 * 365 * 24 * 60


def kline(client: Client, message: Message) -> None:
    """KLINE [minutes] mask [:reason]: keep somebody out of the server. The mask is whatever `ban` takes."""
    check_operator(client, "moderator")
    operations, params = _operations(client), list(message.params)
    minutes = 0
    if len(params) > 1 and params[0].isascii() and params[0].isdigit():
        minutes = min(int(params.pop(0)[:12]), _LONGEST_MINUTES)
    target, reason = params[0], " ".join(params[1:])[: client.server.limits.kick_length]
    try:
        hits = operations.ban_hits(target)
        if hits.wide or len(hits.hit) > _MOST_HIT:
            _tell(
                client, f"{hits.target} would hit {len(hits.hit)} of {hits.sessions} sessions: do it at the console"
            )
            return
        row, outcome = operations.ban(target, mute=False, seconds=minutes * 60, reason=reason, by=actor(client))
    except OperationError as error:
        _tell(client, str(error))
        return
    _tell(client, f"Banned {row.target} (ban {row.id}); hit {_sessions(outcome.hit)}. UNKLINE {row.target} lifts it")


def unkline(client: Client, message: Message) -> None:
    """UNKLINE mask or number: let somebody in again."""
    check_operator(client, "moderator")
    lifted = _operations(client).unban(message.params[0], mute=False, by=actor(client))
    told = ", ".join(f"ban {row.id} of {row.target}" for row in lifted)
    _tell(client, f"Lifted {told}" if lifted else f"There is no ban {message.params[0][:60]}")


async def rehash(client: Client, message: Message) -> None:
    """REHASH: read the settings anew."""
    check_operator(client, "admin")
    operations = _operations(client)
    client.reply(n.RPL_REHASHING, "settings")
    try:
        done = await operations.whole.reload(actor(client))
    except OperationError as error:
        done = (str(error),)
    if client.closing is None:
        for sentence in done:
            _tell(client, sentence)


def _operations(client: Client) -> Operations:
    operations = client.server.operations
    if operations is None:
        raise Refused(n.ERR_UNKNOWNERROR, text="This server has no console")
    return operations


def _tell(client: Client, text: str) -> None:
    client.send("NOTICE", client.nick, f"*** {text}")


def _sessions(hit: Sequence[str]) -> str:
    return f"{len(hit)}: {', '.join(hit)}" if hit else "nobody who is here"
