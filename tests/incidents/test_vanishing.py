"""S11: somebody vanishes at the wrong moment. InspIRCd could be crashed by way of its logins through a database
(CVE-2019-20917, CVE-2020-25269), ngIRCd when a notice during the login could not be written (CVE-2013-5580), ssh-chat
on a channel that was closed already (#81).

Each script is played again and again, and cut one step of any task later each time, until it is through. The store
and the check of passwords let others have their turn, as disks and threads do, so that there is something to be cut
in the middle of."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import count

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from cheap import CheapPasswords
from commands.test_sasl import Scram, encoded
from net.chat import Chat, Peer, chat
from triochat.domain.accounts import Account, Credentials
from triochat.domain.entry import Change, Entry
from triochat.journal.memory import MemoryStore
from triochat.net.connection import Connection
from triochat.ports import Span

PLAIN = encoded("\0Eve\0sesame")
EVE = ("NICK Eve", "USER e 0 * :Eve")
GUEST = ("NICK Evi", "USER e 0 * :Evi")
"""The same person without her account, and so under another name."""
MOST_STEPS = 2000

Script = Callable[[Peer, Peer], Awaitable[None]]
"""What Eve says, and Ann meanwhile."""


async def _elsewhere() -> None:
    """Wait for something that is done elsewhere, and that a cancellation comes too late for when it is done."""
    done = trio.Event()
    trio.lowlevel.spawn_system_task(_work, done)
    await done.wait()


async def _work(done: trio.Event) -> None:
    await trio.lowlevel.checkpoint()
    done.set()


class BusyStore(MemoryStore):
    """Takes a few turns for everything, as a disk does."""

    async def append(self, entries: Sequence[Entry], changes: Sequence[Change] = ()) -> None:
        await _elsewhere()
        await super().append(entries, changes)

    async def read(
        self, spans: Sequence[Span], limit: int, *, newest: bool = False, lines_only: bool = False
    ) -> list[Entry]:
        await _elsewhere()
        return await super().read(spans, limit, newest=newest, lines_only=lines_only)

    async def logs(self, prefix: str) -> list[str]:
        await _elsewhere()
        return await super().logs(prefix)

    async def locate(self, log: str, msgid: str) -> int | None:
        await _elsewhere()
        return await super().locate(log, msgid)


class BusyPasswords(CheapPasswords):
    """Take a few turns, as worker threads do."""

    async def make(self, password: str) -> Credentials:
        await _elsewhere()
        return await super().make(password)

    async def check(self, credentials: Credentials | None, password: str) -> bool:
        await _elsewhere()
        return await super().check(credentials, password)


# -- what is cut --


def lines(*script: str, until: str = "the end") -> Script:
    """Say all of this, line by line but without waiting, and then for the answer to the last."""

    async def play(eve: Peer, ann: Peer) -> None:
        for line in (*script, f"PING :{until}"):
            await eve.send(line)
        await eve.until("PONG", until)

    return play


async def scram(eve: Peer, ann: Peer) -> None:
    """The login that takes the most words."""
    client = Scram("Eve", "sesame")
    await eve.send("CAP LS 302", "CAP REQ sasl", *EVE, "AUTHENTICATE SCRAM-SHA-256")
    await eve.until("AUTHENTICATE +")
    await eve.send(client.first)
    challenge = await eve.line()
    assert challenge.startswith("AUTHENTICATE ")
    await eve.send(client.final(challenge))
    await eve.line()
    await eve.send("AUTHENTICATE +", "CAP END", "JOIN #x", "PING end")
    await eve.until("PONG", "end")


async def kicked(eve: Peer, ann: Peer) -> None:
    """Ann puts Eve out of the room while Eve talks and goes."""
    await lines(*GUEST, "JOIN #x,#lobby")(eve, ann)
    await ann.send("KICK #x Evi :out", "INVITE Evi #x")
    await eve.send("PRIVMSG #x :still here?", "JOIN #x", "PART #x", "QUIT :bye")
    await eve.rest()


SCRIPTS: dict[str, Script] = {
    "PASS": lines("PASS Eve:sesame", *EVE, "JOIN #x"),
    "PLAIN": lines("CAP LS 302", "CAP REQ sasl", *EVE, "AUTHENTICATE PLAIN", PLAIN, "CAP END", "JOIN #x"),
    "SCRAM": scram,
    "login later": lines(*GUEST, "JOIN #x", "@label=1 ACCOUNT LOGIN Eve sesame", "ACCOUNT LOGOUT", "PRIVMSG #x :hi"),
    "login with a label": lines(
        "CAP REQ :labeled-response batch", *GUEST, "CAP END", "JOIN #x", "@label=1 ACCOUNT LOGIN Eve sesame"
    ),
    "registering": lines("CAP LS", *GUEST, "REGISTER * * sesame1234", "CAP END", "JOIN #x", "ACCOUNT PASSWORD a b"),
    "entering rooms": lines("CAP REQ server-time", "CAP END", *GUEST, "JOIN #x,#y,#lobby", "MODE #y +i", "PART #x"),
    "history": lines(
        "CAP REQ :draft/chathistory batch server-time message-tags soju.im/search",
        "CAP END",
        *GUEST,
        "JOIN #x",
        "CHATHISTORY LATEST #x * 50",
        "@label=2 CHATHISTORY AROUND #x timestamp=2023-11-14T22:13:20.000Z 10",
        "SEARCH text=earlier",
    ),
    "taking back": lines(
        "CAP REQ :draft/message-redaction echo-message message-tags",
        "CAP END",
        *GUEST,
        "JOIN #x",
        "PRIVMSG #x :oops",
        "REDACT #x nothing",
        "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 10",
    ),
    "everything that is remembered of a session": lines(
        "CAP REQ :draft/metadata-3 batch message-tags draft/read-marker extended-monitor",
        "METADATA * SUB avatar",
        "METADATA * SET avatar :x",
        "CAP END",
        *GUEST,
        "JOIN #x",
        "MONITOR + ann,nobody",
        "MARKREAD #x timestamp=2023-11-14T22:13:20.000Z",
        "BATCH +r draft/multiline #x",
        "AWAY :soon back",
        "MODE Evi +iB",
    ),
    "being kicked": kicked,
}


# -- how it is cut --


def hang_up(c: Chat, eve: Peer) -> None:
    """Both directions at once."""
    assert isinstance(eve.stream, trio.StapledStream)
    eve.stream.send_stream.close()
    eve.stream.receive_stream.close()


def say_no_more(c: Chat, eve: Peer) -> None:
    """The end of what it sends; it still reads."""
    assert isinstance(eve.stream, trio.StapledStream)
    eve.stream.send_stream.close()


def be_cut(c: Chat, eve: Peer) -> None:
    """An operator ends the connection, whatever it is about to do."""
    for connection in list(c.door.connections.values()):
        user = connection.session.user
        if user is None or user.nick != "ann":
            connection.cut("Kicked")


ENDS = {"hangs up": hang_up, "says no more": say_no_more, "is cut": be_cut}


class EndAt(trio.abc.Instrument):
    """Does something just before a step of whichever task it is."""

    def __init__(self, step: int, end: Callable[[], None]) -> None:
        self.left = step
        self._end = end

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """See Instrument."""
        if not self.left:
            self._end()
        self.left -= 1


@pytest.mark.parametrize(
    ("script", "end"),
    [
        *((script, end) for script in SCRIPTS for end in ("hangs up", "is cut")),
        *((script, "says no more") for script in ("PLAIN", "being kicked")),
    ],
)
async def test_whoever_vanishes_at_any_moment_leaves_nothing_behind(
    script: str, end: str, autojump_clock: MockClock
) -> None:
    """S11 (CVE-2020-25269): no table holds anything of Eve, her name is free, and the others saw her come before they
    saw her go, once each."""
    for step in count():
        assert step < MOST_STEPS
        async with chat(store=BusyStore()) as c:
            c.server.registrar.passwords = BusyPasswords()
            c.server.registrar.accounts.put(Account("Eve", 0, await CheapPasswords().make("sesame")))
            ann = await c.irc("ann", join="#x")
            await ann.send("PRIVMSG #x :earlier", "PRIVMSG #x :earlier still")
            await ann.sync()
            through = await _play(c, ann, SCRIPTS[script], ENDS[end], step)
            await trio.sleep(60)
            seen = await ann.sync()
            _is_alone(c, seen)
            await _is_free(c)
            await ann.close()
            await trio.sleep(60)
            assert not c.world.users and not c.world.sessions and not c.door.connections
            assert set(c.world.rooms) == {"#lobby"} and len(c.world.rooms["#lobby"].audience) == 0
        if through:
            assert any(line.startswith(":Ev") and " JOIN #x" in line for line in seen)
            break


async def _play(c: Chat, ann: Peer, script: Script, end: Callable[[Chat, Peer], None], step: int) -> bool:
    """Play *script* on a new connection, and *end* it before that step. True when it was through by then."""
    eve = c.connect()
    instrument = EndAt(step, lambda: end(c, eve))
    trio.lowlevel.add_instrument(instrument)
    try:
        with trio.move_on_after(30):  # what was cut waits for answers that do not come
            await script(eve, ann)
    except (trio.ClosedResourceError, trio.BrokenResourceError, AssertionError, IndexError):
        pass  # it was cut in the middle of what it said, or of an answer
    await wait_all_tasks_blocked()
    trio.lowlevel.remove_instrument(instrument)
    await eve.close()
    return instrument.left >= 0


def _connection_of(c: Chat, nick: str) -> Connection:
    (found,) = (k for k in c.door.connections.values() if k.session.user is not None and k.session.user.nick == nick)
    return found


def _is_alone(c: Chat, seen: Sequence[str]) -> None:
    """Nothing is left of anybody but Ann, who has *seen* this."""
    connection = _connection_of(c, "ann")
    session = connection.session
    world, metadata, registrar = c.world, c.world.metadata, c.server.registrar
    assert list(c.door.connections.values()) == [connection] and not c.door._unplaced
    assert c.door._admission._total == 1 and c.door._admission._open == {"127.0.0.1": 1}
    assert list(world.users) == ["ann"] and list(world.sessions.values()) == [session]
    assert set(world.rooms) == {"#lobby", "#x"} and [user.nick for user in world.rooms["#x"].members] == ["ann"]
    assert {sink for room in world.rooms.values() for group in room.audience.groups.values() for sink in group} == {
        session.sink
    }
    assert +world.modes == {} and c.server.unregistered == 0
    assert not c.server.watches._watchers and not c.server.watches._watched
    assert not metadata._subscriptions and not metadata._throttles and not metadata._guests
    assert not any(owner.user is not None for owner in c.server.markers._times)
    assert not registrar._under_way and not registrar._changing
    assert c.journal.waiting == 0 and session.sink.pending == 0
    steps = [line.split(" ")[1] for line in seen if line.startswith(":Ev") or " KICK #x Evi " in line]
    here = False
    for step in steps:
        if step in ("JOIN", "QUIT", "PART", "KICK"):
            assert here != (step == "JOIN") or step == "QUIT", steps
            here = step == "JOIN"
    assert not here and steps.count("QUIT") <= 1


async def _is_free(c: Chat) -> None:
    """Somebody else can come in under the name at once."""
    eve = c.connect()
    await eve.send("PASS Eve:sesame", *EVE)
    assert " 001 Eve " in (await eve.until(" 001 "))[-1]
    await eve.close()
