"""Whatever clients send: no exception, an answer where one is due, and nothing malformed for anybody."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.checks import only, well_formed
from commands.harness import Chat, Person, at_once
from commands.soundness import sound
from triochat.commands.server import Operator
from triochat.commands.table import COMMANDS
from triochat.domain.limits import Limits
from triochat.domain.policy import AccountPolicy
from triochat.proto.caps import NAMES

ALL_CAPS = (
    "message-tags server-time echo-message batch multi-prefix userhost-in-names extended-join away-notify "
    "invite-notify draft/chathistory draft/multiline"
)
MAY_BE_SILENT = {
    "ACCEPT",
    "BATCH",
    "MONITOR",
    "SETNAME",
    "NOTICE",
    "PONG",
    "PRIVMSG",
    "TAGMSG",
    "MODE",
    "JOIN",
    "NICK",
    "CAP",
}

names = st.sampled_from(
    ["Alice", "BOB", "carol", "Nobody", "Eve", "Eve2", "Op", "#a", "#A", "#b", "#lobby", "#none", "#", "#b c", "0"]
)
ODD = (
    " : :: , ,,#a, * ? \\ \\* ! @ !@ a!b@c + - +- +b -k +l +o-v+kl +beI bbb +i +s -1 00 >1 < ² ٣ = ; %s{0} 302 LS "
    "99999999999999999999 REQ END LIST sasl LATEST BETWEEN AROUND msgid=m3 msgid= timestamp= \x01 \x1b[2J \u202e 😀 "
    "timestamp=2023-11-14T22:13:20.001Z timestamp=0000-00-00T00:00:00.000Z e\u0301 +1 -1 draft/multiline "
    "PLAIN SCRAM-SHA-256 EXTERNAL LOGIN LOGOUT PASSWORD PERSIST CERT ADD SHOW ON OFF sesame AEV2ZQBzZXNhbWU= c=biws "
    "+q -q +f -f +u +U +C +R +M a:bob m:a:eve m:*!*@* m: a: m:m:x +swoiBRT m1 m2 *bob* !*bob* C<60 T>60 C> ~#a @#a "
    "%tcna \u0435ve ＢＯＢ ﷺ \U00010400 \u0378 \u200d x@y.example"
)
long = ["日" * 60, "x" * 200, "x" * 500, "#" + "x" * 300]
odd = st.sampled_from([*ODD.split(" "), *long, "batch -batch", ":x y z", " ", "\x01ACTION x\x01", "\u2028"])
texts = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
params = st.lists(names | odd | texts, max_size=15)
tags = st.sampled_from(
    ["", "", "", "@+x=y ", "@+x ", "@a=b;+c=\\:\\s\\ ", "@; ", "@ ", "@+typing=active;time=1 ", "@batch=1 "]
)
commands = st.sampled_from(sorted(COMMANDS)) | st.sampled_from(["FOO", "001", "", "join", ":src", ":src JOIN", "É"])


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A command with parameters of odd kinds; the last one behind a colon or not."""
    words = draw(params)
    if words and draw(st.booleans()):
        words[-1] = f":{words[-1]}"
    return draw(tags) + " ".join([draw(commands), *words])


STATES = (
    "connected",
    "named",
    "negotiating",
    "in PLAIN",
    "in SCRAM",
    "in SCRAM, half way",
    "guest",
    "logged in",
    "in a room",
    "owner of a room",
    "operator of the server",
    "without a password",
)
EVERY_CAP = [f"CAP REQ {name}" for name in NAMES]
"""One at a time, however many there will be."""


def somebody(state: str, *, caps: bool, casemapping: Literal["ascii", "precis"]) -> list[Person]:
    """Somebody in this state, and others around: Bob, who owns #a, and an operator who sees everything."""
    chat = Chat(
        casemapping=casemapping,
        operators={"admin": Operator("admin", password="sesame")},
        limits=Limits(login_attempts=0),
        policy=AccountPolicy(password_min_length=1, registration=state != "guest"),
    )
    bob, op = chat.user("Bob", account="Bob"), chat.user("Op", account="Op")
    for person in (bob, op):
        person.types(*EVERY_CAP)
    bob.types(
        "JOIN #a", "MODE #a +q Bob", "PRIVMSG #a :first", "PRIVMSG Op :psst", "MODE #a -n", "ACCOUNT PERSIST ON"
    )
    op.types("OPER admin sesame", "MODE Op +sw", "JOIN #a", "MONITOR + Eve,Eve2")
    eve = chat.connect()
    chat.account("Eve")
    if caps:
        eve.types(*EVERY_CAP)
        assert eve.client.session.caps == chat.server.offered
    if state in ("named", "in PLAIN", "in SCRAM", "in SCRAM, half way"):
        eve.types("NICK Eve2")
    if state == "negotiating":
        eve.types("CAP LS 302", "NICK Eve", "USER e 0 * :E")
    if state.startswith("in PLAIN"):
        eve.types("AUTHENTICATE PLAIN")
    if state.startswith("in SCRAM"):
        eve.types("AUTHENTICATE SCRAM-SHA-256")
    if state == "in SCRAM, half way":
        eve.types("AUTHENTICATE biwsbj1FdmUscj14")  # n,,n=Eve,r=x
    if STATES.index(state) >= STATES.index("guest"):
        guest = state == "guest"
        eve.types(*([] if guest else ["PASS Eve:sesame"]), "NICK Eve", "NICK Eve2", "USER e 0 * :E", "CAP END")
        assert (eve.user.account is None) == guest
    if state in ("in a room", "owner of a room", "operator of the server", "without a password"):
        eve.types("JOIN #b,#a", "PRIVMSG Bob :hello", "ACCOUNT PERSIST ON")
    if state == "owner of a room":
        eve.types(f"MODE #b +q {eve.client.nick}", "MODE #b +ui")
    if state == "operator of the server":
        eve.types("OPER admin sesame", f"MODE {eve.client.nick} +swB")
    if state == "without a password":
        at_once(chat.server.registrar.change("Eve", credentials=None))
        eve.session.certificate = "ab" * 32
    people = [eve, bob, op]
    for person in people:
        well_formed(person.sees_bytes())
    return people


def company() -> list[Person]:
    """Alice, operator of #a with every capability; Bob in it with none; Eve, who has not registered."""
    chat = Chat()
    alice, bob, eve = chat.user("Alice", ALL_CAPS), chat.user("Bob"), chat.connect()
    alice.types("JOIN #a", "PRIVMSG #a :first")
    bob.types("JOIN #a,#lobby")
    chat.line_user("Carol")
    alice.sees(), bob.sees()
    return [alice, bob, eve]


@settings(max_examples=300)
@given(lines(), st.integers(0, 2))
def test_any_command_with_any_parameters_leads_to_well_formed_lines_only(line: str, who: int) -> None:
    people = company()
    people[who].sends(line)
    for person in people:
        well_formed(person.sees_bytes())


@pytest.mark.parametrize("state", STATES)
@settings(max_examples=60)
@given(st.lists(lines(), min_size=1, max_size=6), st.booleans(), st.sampled_from(["ascii", "precis"]))
def test_any_commands_in_any_state_lead_to_well_formed_lines_only(
    state: str, script: list[str], caps: bool, casemapping: Literal["ascii", "precis"]
) -> None:
    people = somebody(state, caps=caps, casemapping=casemapping)
    for line in script:
        people[0].sends(line)
    for person in people:
        well_formed(person.sees_bytes())
    sound(people[0].chat)


@pytest.mark.parametrize("command", sorted(COMMANDS))
@settings(max_examples=40)
@given(
    params,
    st.sampled_from(STATES),
    st.booleans(),
    st.booleans(),
)
def test_every_command_with_any_parameters_in_any_state(
    command: str, words: list[str], state: str, caps: bool, colon: bool
) -> None:
    people = somebody(state, caps=caps, casemapping="ascii")
    if words and colon:
        words = [*words[:-1], f":{words[-1]}"]
    people[0].sends(" ".join([command, *words]))
    for person in people:
        well_formed(person.sees_bytes())
    sound(people[0].chat)


@settings(max_examples=150)
@given(st.sampled_from(sorted(COMMANDS.keys() - MAY_BE_SILENT)), params)
def test_commands_that_ask_are_always_answered(command: str, words: list[str]) -> None:
    alice, bob, _ = company()
    line = " ".join([command, *words])
    for person in (alice, bob):
        assert person.types(line) != []


@settings(max_examples=100)
@given(params)
def test_notice_is_never_answered(words: list[str]) -> None:
    _, bob, _ = company()
    line = " ".join(["NOTICE", *words]).encode()
    if len(line) <= 510:
        assert [seen for seen in bob.types(line) if " NOTICE Bob " not in seen] == []


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), lines()), max_size=15))
def test_any_conversation_leaves_everybody_with_well_formed_lines(script: list[tuple[int, str]]) -> None:
    people = company()
    for who, line in script:
        people[who].sends(line)
    for person in people:
        well_formed(person.sees_bytes())
    world = people[0].chat.world
    assert all(room in user.rooms for room in world.rooms.values() for user in room.members)
    assert all(user in room.members for user in world.users.values() for room in user.rooms)


@settings(max_examples=100)
@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_are_survived(chunks: list[bytes]) -> None:
    alice, bob, eve = company()
    for person in (alice, eve):
        person.sends_bytes(b"\n".join(chunks) + b"\n")
    for person in (alice, bob, eve):
        well_formed(person.sees_bytes())


# -- text that would be more than text --

hostile = st.text(
    st.sampled_from("\r\n\0 :,@!#\x01\x1baé日") | st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40
)
TEMPLATES = (
    *(
        "PRIVMSG #a :{}",
        "PRIVMSG Bob :{}",
        "PRIVMSG {} :x",
        "NOTICE #a :{}",
        "@+x={} PRIVMSG #a :x",
        "@+{} TAGMSG #a",
    ),
    *("TOPIC #a :{}", "PART #a :{}", "KICK #a Bob :{}", "KICK #a {}", "QUIT :{}", "AWAY :{}", "NICK {}", "JOIN {}"),
    *("JOIN #b {}", "MODE #a +b {}", "MODE #a +k {}", "MODE #a +o {}", "MODE #a {}", "INVITE {} #a", "INVITE Bob {}"),
    *("WHO {}", "WHOIS {}", "NAMES {}", "LIST {}", "PING {}", "PING :{}", "CAP REQ :{}", "CAP {}", "ISON {}", "{}"),
    *(
        "USERHOST {}",
        "HELP {}",
        "MOTD {}",
        "CHATHISTORY LATEST {} * 1",
        "CHATHISTORY {}",
        "USER {} 0 * :{}",
        "PASS {}",
    ),
)


@settings(max_examples=400)
@given(st.sampled_from(TEMPLATES), hostile)
def test_text_ends_no_line_and_shifts_no_parameter(template: str, text: str) -> None:
    people = company()
    alice, _, eve = people
    for person in (alice, eve):
        person.sends_bytes(f"{template.replace('{}', text)}\r\n".encode())
    for person in people:
        seen = well_formed(person.sees_bytes())
        for message in seen:
            if message.command.isdigit():
                assert message.source == "irc.test"
                assert message.params[0] in (person.client.nick, "Alice", "*")


@settings(max_examples=150)
@given(st.sampled_from(["PRIVMSG #a", "NOTICE #a", "TOPIC #a", "PART #a", "KICK #a Bob", "QUIT"]), hostile)
def test_text_arrives_as_it_was_sent_or_not_at_all(command: str, text: str) -> None:
    alice, bob, _ = company()
    alice.sends(f"{command} :{text}".replace("\n", "").encode())
    verb = command.split(" ")[0]
    sent = text.replace("\n", "")
    refused = "\0" in sent or "\r" in sent
    for params_ in only(well_formed(bob.sees_bytes()), verb):
        assert not refused
        if sent:
            assert params_[-1] == (f"Quit: {sent}" if verb == "QUIT" else sent)


@given(hostile, hostile)
def test_registration_text_ends_no_line_and_shifts_no_parameter(username: str, realname: str) -> None:
    chat = Chat()
    bob = chat.user("Bob", "extended-join userhost-in-names")
    bob.sends("JOIN #a")
    dave = chat.connect()
    dave.sends_bytes(f"NICK Dave\nUSER {username} 0 * :{realname}\nUSER fallback 0 * :x\nJOIN #a\n".encode())
    bob.sends("WHO #a", "WHOIS Dave", "NAMES #a", "USERHOST Dave")
    seen = well_formed(bob.sees_bytes())
    assert [params_[5] for params_ in only(seen, "352")] == ["Bob", "Dave"]
    assert all(len(params_[3].split(" ")) == 2 for params_ in only(seen, "353")[-1:])
    well_formed(dave.sees_bytes())
