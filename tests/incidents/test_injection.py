"""S1: a text that goes on as a second line. Oragono relayed a bare CR (oragono #610), matrix-appservice-irc the line
feed in a topic (CVE-2025-27146), and libraries such as irc3 (#34) and the irc crate (aatxe/irc #80) sent whatever
they were given."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from admin.operator import PROMPT, Operator
from client.session_steps import IRCV3, Play
from commands.checks import well_formed
from commands.harness import Chat, Person, at_once
from incidents.consoles import console_of
from incidents.hostile import BREAKS, steers
from net.chat import Peer, chat
from triochat.client.address import BadAddress, parse
from triochat.commands.server import Operator as Oper
from triochat.desk import AccountDesk
from triochat.domain.limits import Limits
from triochat.logs import EventLog, LineWriter
from triochat.proto.caps import NAMES

FORGED = "XYZZY forged"
"""Stands behind the break. It is no command, so that nobody else sees anything of a sender's second line."""

# What Eve types. {} is a text with a break in it, {t} the same as a tag's value, escaped where it can be.
FIELDS: dict[str, Sequence[str]] = {
    "nick": ("NICK {}",),
    "real name": ("SETNAME :{}", "WHOIS Eve", "WHO Eve"),
    "away message": ("AWAY :{}", "PRIVMSG Eve :x"),
    "message": ("PRIVMSG #a :{}",),
    "notice": ("NOTICE #a :{}",),
    "action": ("PRIVMSG #a :\x01ACTION {}\x01",),
    "private message": ("PRIVMSG Bob :{}", "NOTICE Carol :{}"),
    "message to the operators": ("PRIVMSG @#a :{}",),
    "target of a message": ("PRIVMSG {} :x", "PRIVMSG #{} :x"),
    "message of several lines": (
        "BATCH +r draft/multiline #a",
        "@batch=r PRIVMSG #a :{}",
        "@batch=r PRIVMSG #a :x",
        "BATCH -r",
    ),
    "batch": ("BATCH +{} draft/multiline #a", "@batch={t} PRIVMSG #a :x", "BATCH -{}"),
    "topic": ("TOPIC #a :{}", "TOPIC #a"),
    "reason of PART": ("PART #a :{}",),
    "reason of QUIT": ("QUIT :{}",),
    "reason of KICK": ("KICK #a Bob :{}",),
    "who is kicked": ("KICK #a {} :x",),
    "reason of KILL": ("KILL Bob :{}",),
    "tag": ("@+x={} PRIVMSG #a :x", "@+x={t} PRIVMSG #a :x", "@+{}=x TAGMSG #a", "@+typing={t} TAGMSG Bob"),
    "label": ("@label={} PING x", "@label={t} PING x", "@label={t} PRIVMSG #a :x"),
    "own id of a line": ("@+triochat/id=0123456789abcdef{t} PRIVMSG #a :x",),
    "name of a room": ("JOIN #{}", "PART #{}", "JOIN #a,#{}"),
    "key": ("MODE #a +k {}", "JOIN #k {}"),
    "mask": ("MODE #a +b {}", "MODE #a +e *!{}@*", "MODE #a b"),
    "invitation": ("INVITE {} #a", "INVITE Carol #{}"),
    "new name of a room": ("RENAME #a #{} :x",),
    "reason of RENAME": ("RENAME #a #b :{}",),
    "reason of REDACT": ("PRIVMSG #a :oops", "REDACT #a {msgid} :{}"),
    "relayed name": ("RELAYMSG #a {}/bridge :x",),
    "relayed text": ("RELAYMSG #a ann/bridge :{}",),
    "metadata": ("METADATA * SET avatar :{}", "METADATA * SET {} :x", "METADATA #a SET url :{}", "METADATA {} LIST"),
    "read marker": ("MARKREAD {} timestamp=2020-01-01T00:00:00.000Z", "MARKREAD #a timestamp={}"),
    "watched name": ("MONITOR + {}", "MONITOR L", "MONITOR S"),
    "accepted name": ("ACCEPT {}",),
    "name of an account": ("REGISTER {} * secret", "ACCOUNT LOGIN {} x", "ACCOUNT {}", "NICKSERV IDENTIFY {} x"),
    "words to a service": ("PRIVMSG NickServ :{}", "PRIVMSG ChanServ :REGISTER #{}"),
    "operator": ("OPER {} x",),
    "shown address": ("CHGHOST Bob {} host.example", "CHGHOST Bob user {}"),
    "words to operators": ("WALLOPS :{}",),
    "search": ("SEARCH text={t}", "SEARCH in=#{t};text=x", "SEARCH from={t};text=x", "SEARCH {}=x"),
    "history": ("CHATHISTORY LATEST {} * 5", "CHATHISTORY LATEST #a msgid={} 5", "CHATHISTORY {} #a * 5"),
    "questions": ("WHO {}", "WHO #a %tn,{}", "WHOIS {}", "WHOWAS {}", "LIST {}", "NAMES {}", "ISON {}", "MOTD {}"),
    "own words": ("PING {}", "PING :{}", "CAP REQ :{}", "CAP {}", "HELP {}", "VERIFY {} x", "AUTHENTICATE {}"),
    "command": ("{}", "{} #a :x"),
}
# What somebody at the plain door types.
TYPED: dict[str, Sequence[str]] = {
    "line": ("{}",),
    "line with a slash": ("//{}",),
    "action": ("/me {}",),
    "private message": ("/msg Bob {}", "/msg {} x"),
    "topic": ("/topic {}", "/topic"),
    "name": ("/nick {}",),
    "reason": ("/quit {}",),
    "unknown word": ("/{} x",),
    "words to a service": ("/msg NickServ IDENTIFY {} x",),
}
# How others read later what Eve left.
LATER = (
    "JOIN #a",
    "TOPIC #a",
    "NAMES #a",
    "MODE #a",
    "MODE #a b",
    "LIST",
    "WHO *",
    "WHOIS Eve",
    "WHOWAS Eve",
    "CHATHISTORY LATEST #a * 50",
    "SEARCH text=forged",
    "METADATA Eve LIST",
    "METADATA #a LIST",
)


class Street:
    """Eve, who may do everything, and those who see what she does: Alice with every capability, Bob with none, Carol
    with nc, and the operator's log."""

    def __init__(self) -> None:
        self.log = io.StringIO()
        self.chat = Chat(operators={"eve": Oper("eve", password="sesame")}, limits=Limits(login_attempts=0))
        self.writer = LineWriter(self.log, most_waiting=10_000, name="event-log")
        events = EventLog(self.writer, as_json=False, show_messages=True, quiet=False)
        self.chat.fan_out.observers.append(events.observe)
        self.eve, self.alice = self.chat.user("Eve", account="Eve"), self.chat.user("Alice")
        self.bob, self.carol = self.chat.user("Bob"), self.chat.line_user("Carol")
        for person in (self.eve, self.alice):
            person.types(*(f"CAP REQ {name}" for name in NAMES))
        self.eve.types("JOIN #a,#lobby", "MODE #a +q Eve", "OPER eve sesame")
        self.alice.types("JOIN #a,#lobby", "MONITOR + Eve", "METADATA * SUB avatar url")
        self.bob.types("JOIN #a,#lobby")
        self.readers = [self.alice, self.bob, self.carol]
        for person in (self.eve, *self.readers):
            person.sees()

    def goes_through(self, who: Person, lines: Sequence[str], end: str) -> list[int]:
        """Have *who* type *lines* with *end* in the texts. Returns how many lines each of the others sees of it. Each
        of these, and of those that they get when they look later, must be a whole one."""
        in_tag = {"\r": "\\r", "\n": "\\n"}.get(end, end)
        for line in lines:
            msgid = f"m{self.chat.journal.next_seq - 1}"
            text = line.replace("{msgid}", msgid).replace("{t}", f"one{in_tag}XYZZY\\sforged")
            who.sends_bytes(text.replace("{}", f"one{end}{FORGED}").encode() + b"\r\n")
        counts = [self._seen(reader) for reader in self.readers if reader is not who]
        self._seen(who)
        self.alice.sends(*LATER)
        self.bob.sends(*LATER)
        self.carol.sends("/users", "/topic", "/join")
        for reader in self.readers:
            self._seen(reader)
        return counts

    def _seen(self, reader: Person) -> int:
        if reader is not self.carol:
            return len(well_formed(reader.sees_bytes()))
        lines = reader.sees()
        assert all(line.splitlines() == [line] and not steers(line) for line in lines), lines
        return len(lines)

    def told(self) -> list[str]:
        """The operator's log."""
        with self.writer:
            pass
        assert self.log.getvalue().splitlines() == self.log.getvalue().split("\n")[:-1]
        return self.log.getvalue().splitlines()


@pytest.mark.parametrize("end", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("field", FIELDS)
def test_no_field_carries_a_second_line(field: str, end: str) -> None:
    """S1 (oragono #610, CVE-2025-27146): with a break in any field nobody sees more lines than without one."""
    harmless, hostile = Street(), Street()
    expected = harmless.goes_through(harmless.eve, FIELDS[field], "-")
    seen = hostile.goes_through(hostile.eve, FIELDS[field], end)
    assert all(count <= most for count, most in zip(seen, expected, strict=True))
    assert len(hostile.told()) <= len(harmless.told())


@pytest.mark.parametrize("end", BREAKS.values(), ids=BREAKS)
@pytest.mark.parametrize("field", TYPED)
def test_nothing_typed_at_the_plain_door_carries_a_second_line(field: str, end: str) -> None:
    """S1: the same for people with `nc`, but that LF ends what they type: what follows is a line of theirs."""
    harmless, hostile = Street(), Street()
    typed = TYPED[field] if end != "\n" else [line.replace("{}", "one") for line in TYPED[field]]
    expected = harmless.goes_through(harmless.carol, typed, "-")
    seen = hostile.goes_through(hostile.carol, typed, end)
    assert all(count <= most for count, most in zip(seen, expected, strict=True))
    assert len(hostile.told()) <= len(harmless.told())


@pytest.mark.parametrize("end", BREAKS.values(), ids=BREAKS)
def test_no_name_given_on_the_way_in_carries_a_second_line(end: str) -> None:
    """S1: nick, user name, real name, PASS and the name at the plain door."""
    street = Street()
    newcomer, typist = street.chat.connect(), street.chat.line_connect()
    text = f"one{end}{FORGED}"
    for line in ("PASS {}", "NICK {}", "USER {} 0 * :{}", "NICK Dave", "USER d 0 * :{}"):
        newcomer.sends_bytes(f"{line.replace('{}', text)}\r\n".encode())
    newcomer.sends("USER d 0 * :Dave", "JOIN #a,#lobby")
    well_formed(newcomer.sees_bytes())
    typist.sends_bytes(f"{text}\r\n".encode())
    assert not any(steers(line) for line in typist.sees())
    for reader in (street.alice, street.bob):
        reader.sends(*LATER, "WHOIS Dave", "USERHOST Dave", "WHO #a")
        for message in well_formed(reader.sees_bytes()):
            assert message.command != "XYZZY"
    assert "Dave" in {user.nick for user in street.chat.world.users.values()}


@pytest.mark.parametrize("end", BREAKS.values(), ids=BREAKS)
async def test_no_console_argument_carries_a_second_line(end: str, autojump_clock: MockClock) -> None:
    """S1: what an operator says at the console is one line to everybody, and a break in it no second command of
    somebody else's making."""
    async with chat() as c:
        ann, bob = await c.irc("ann", join="#a"), await c.irc("bob", join="#a")
        await ann.sync()
        async with console_of(c) as operator:
            for line in ("say #a {}", "announce {}", "say bob {}", "kick bob {}"):
                await _enter(operator, line.replace("{}", f"one{end}{FORGED}"))
        seen = await ann.sync()
        well_formed("".join(f"{line}\r\n" for line in seen).encode())
        assert [line.split(" ")[1] for line in seen] == ["NOTICE", "NOTICE", "QUIT"]
        assert all(message.startswith(":") for message in (*seen, *(await _to_the_end(bob))[:-1]))


@pytest.mark.parametrize("end", BREAKS.values(), ids=BREAKS)
async def test_no_name_or_reason_given_at_the_console_carries_a_second_line(
    end: str, autojump_clock: MockClock
) -> None:
    """S1: the same for what changes names and rooms, or is announced."""
    async with chat() as c:
        ann, bob = await c.irc("ann", join="#a"), await c.irc("bob", join="#a")
        async with console_of(c) as operator:
            for line in ("shutdown in=1h {}", "rename bob {}", "move bob #{}", "move ann #new", "close #new {}"):
                await _enter(operator, line.replace("{}", f"one{end}{FORGED}"))
        told = []
        for peer in (ann, bob):
            seen = await peer.sync()
            commands = {message.command for message in well_formed("".join(f"{s}\r\n" for s in seen).encode())}
            assert commands <= {"JOIN", "PART", "NICK", "MODE", "NOTICE", "KICK", "353", "366"}
            assert all(line.startswith(":") for line in seen)
            told += seen
        assert any("NOTICE #new :This room is closed: one" in line for line in told)


async def _enter(operator: Operator, line: str) -> None:
    """Type *line*, which may be several commands, and wait for the last prompt."""
    await operator.type(f"{line}\n")
    await trio.testing.wait_all_tasks_blocked()
    await operator.until(PROMPT)


async def _to_the_end(peer: Peer) -> list[str]:
    lines = await peer.rest()
    well_formed("".join(f"{line}\r\n" for line in lines).encode())
    return lines


@pytest.mark.parametrize("end", ["\r", "\n", "\0"], ids=["CR", "LF", "NUL"])
def test_no_argument_of_triochat_user_carries_a_second_line(end: str) -> None:
    """S1: the reason of a suspension is shown on the wire to who logs in; so it is one line, like names and
    passwords."""
    town = Chat()
    town.account("Ann")
    ann = town.user("Ann", account="Ann")
    desk = AccountDesk(
        town.world,
        town.server.markers,
        town.server.registrar,
        town.journal.keep,
        lambda user, reason: town.server.end_user(user, "irc.test", reason),
    )
    text = f"one{end}{FORGED}"
    for request in (
        {"do": "suspend", "name": "Ann", "reason": text},
        {"do": "add", "name": text, "password": "sesame"},
        {"do": "add", "name": "Bob", "password": text},
        {"do": "passwd", "name": "Ann", "password": text},
    ):
        assert "error" in at_once(desk.do(request))
    well_formed(ann.sees_bytes())
    assert ann.gone is None
    assert [account.name for account in town.world.accounts] == ["Ann"]


@pytest.mark.parametrize("end", ["%0d%0a", "%0A", "%00", "%20", "%C2%85", "\r\n", "%1B]0;x%07"])
def test_no_link_makes_the_client_say_a_second_command(end: str) -> None:
    """S1 on the client's side: an `irc://` link comes from anywhere, and its room goes into a JOIN."""
    for link in (f"irc://chat.example/%23a{end}QUIT", f"ircs://chat.example:6697/a{end}QUIT"):
        try:
            room = parse(link).room
        except BadAddress as problem:
            assert not steers(str(problem))
        else:
            assert room is None or (room.isprintable() and " " not in room)


values = st.text(st.sampled_from("\r\n\0 \\:;ab\u2028"), max_size=12)


@given(values, values, values)
def test_nothing_that_a_server_says_makes_the_client_send_a_line_of_its_choice(
    msgid: str, reference: str, room: str
) -> None:
    """S1 on the client's side: tags can hold line ends, and history is asked for by the msgid."""
    play = Play(IRCV3)
    play.connect()
    play.enter_room()
    play.hear(*(f":irc PONG irc :{line.removeprefix('PING ')}" for line in play.sent() if line.startswith("PING ")))
    escaped = msgid.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n").replace(" ", "\\s")
    play.hear(
        f"@msgid={escaped.replace(';', '')};time=2026-11-22T12:00:00.000Z :Alice!a@h PRIVMSG #lobby :hi",
        f":irc BATCH +{reference} chathistory #lobby",
        f":Alice!a@h INVITE Bob {room}",
        f":irc PING :{reference}",
    )
    play.chat.lost(datetime(2026, 11, 22, 12, 1, tzinfo=UTC))
    play.sent()
    play.connect()
    play.enter_room()
    play.chat.enter("hello", datetime(2026, 11, 22, 12, 2, tzinfo=UTC))
    for line in play.sent():
        assert "\r" not in line and "\n" not in line
        assert line.split(" ")[0] in ("CAP", "NICK", "USER", "JOIN", "PING", "CHATHISTORY", "PRIVMSG")


def test_a_separator_within_a_message_ends_no_line_of_the_client() -> None:
    """S1: U+0085 and U+2028 are line ends to `str.splitlines`, and to nobody on the wire."""
    play = Play()
    play.connect()
    play.enter_room()
    for end in ("\u0085", "\u2028", "\u2029", "\x0b", "\x0c"):
        (shown,) = play.hear(f":Alice!a@h PRIVMSG #lobby :one{end}:Bob!b@h PRIVMSG #lobby :two")
        assert shown.splitlines() == [shown] and not steers(shown)
