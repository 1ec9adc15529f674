"""S2: ways around the door. Oragono before 2.6.1 let REGISTER past the server's password (oragono #1634), Ergo before
2.19.1 suspended accounts past their suspension (GHSA-x6wg-9hcg-fc9v), Prosody other servers without a proof
(CVE-2021-32919)."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.harness import Chat, Person, at_once
from commands.test_sasl import PRINT, newcomer, plain, scram
from triochat.commands.server import Operator
from triochat.commands.table import COMMANDS
from triochat.desk import AccountDesk
from triochat.domain.limits import Limits
from triochat.proto.caps import NAMES

WHITELIST = {
    "AUTHENTICATE",
    "AWAY",
    "CAP",
    "METADATA",
    "NICK",
    "PASS",
    "PING",
    "PONG",
    "QUIT",
    "REGISTER",
    "USER",
    "VERIFY",
}
"""All that may be done before one is in. Whoever adds to it should know why."""

STATES: dict[str, Sequence[str]] = {
    "connected": (),
    "with a name": ("NICK Eve",),
    "with a user name": ("USER e 0 * :E",),
    "negotiating": ("CAP LS 302", "NICK Eve", "USER e 0 * :E"),
    "with every capability": (*(f"CAP REQ {name}" for name in NAMES), "NICK Eve", "USER e 0 * :E"),
    "in PLAIN": ("CAP LS", "NICK Eve", "AUTHENTICATE PLAIN"),
    "in SCRAM": ("CAP LS", "AUTHENTICATE SCRAM-SHA-256", "AUTHENTICATE biwsbj1FdmUscj14"),
    "logged in": ("CAP LS", "NICK Eve", "USER e 0 * :E", "AUTHENTICATE PLAIN", "AUTHENTICATE AEV2ZQBzZXNhbWU="),
    "without the server's password": ("PASS wrong", "NICK Eve"),
}
WORDS: Sequence[str] = (
    "",
    "#a",
    "Bob",
    "#a Bob",
    "#a :text",
    "Bob :text",
    "#a +o Eve",
    "eve sesame",
    "LATEST #a * 5",
)


def street(*, password: str | None = None) -> tuple[Chat, Person]:
    """Bob, who sees all that there is to see, and an account for Eve."""
    chat = Chat(password=password, operators={"eve": Operator("eve", password="sesame")})
    chat.account("Eve")
    bob = chat.connect()
    bob.types(
        f"PASS {password or 'x'}", *(f"CAP REQ {name}" for name in NAMES), "CAP END", "NICK Bob", "USER b 0 * :B"
    )
    bob.types("JOIN #a,#lobby", "MONITOR + Eve", "METADATA * SUB avatar")
    return chat, bob


def test_what_may_be_done_before_one_is_in_is_a_list() -> None:
    """S2: the list is written down twice, in the table of commands and here."""
    assert {name for name, command in COMMANDS.items() if command.before_registration} == WHITELIST


@pytest.mark.parametrize("state", STATES)
def test_before_one_is_in_every_other_command_is_refused_and_does_nothing(state: str) -> None:
    """S2: from every state, every command, with every kind of words."""
    chat, bob = street()
    eve = chat.connect()
    eve.types(*STATES[state])
    before = chat.journal.next_seq
    for command in sorted(COMMANDS.keys() - WHITELIST):
        for words in WORDS:
            (answer,) = eve.types(f"{command} {words}")
            assert answer.startswith(":irc.test 451 "), (command, words)
    assert eve.client.registration is not None
    assert (chat.journal.next_seq, bob.sees()) == (before, [])


attempts = st.sampled_from(
    (
        *(
            "PASS wrong",
            "PASS Eve:sesame",
            "PASS sesame",
            "PASS :",
            "PASS door2",
            "PASS DOOR",
            "NICK Eve",
            "NICK Eve2",
        ),
        *(
            "USER e 0 * :E",
            "CAP LS 302",
            "CAP LS",
            "CAP END",
            "CAP REQ :sasl",
            "CAP REQ :draft/metadata-3",
            "AWAY :x",
        ),
        *("AUTHENTICATE PLAIN", "AUTHENTICATE AEV2ZQBzZXNhbWU=", "AUTHENTICATE *", "AUTHENTICATE EXTERNAL"),
        *("REGISTER * * sesame", "REGISTER Eve2 * sesame", "REGISTER Mallory a@b.example sesame", "VERIFY Eve 1"),
        *("METADATA * SET avatar :x", "METADATA Bob LIST", "PING x", "PONG x", "JOIN #a", "PRIVMSG Bob :x"),
    )
)


@settings(max_examples=200)
@given(st.lists(attempts, max_size=12))
def test_nobody_comes_past_the_servers_password(script: list[str]) -> None:
    """S2 (oragono #1634): whatever one says, in whatever order, without the password one is not in, makes no account,
    and nobody notices."""
    chat, bob = street(password="door")
    eve = chat.connect()
    eve.types(*script)
    assert eve.client.registration is not None
    assert [user.nick for user in chat.world.users.values()] == ["Bob"]
    assert [account.name for account in chat.world.accounts] == ["Eve"]
    assert bob.sees() == []


def test_the_servers_password_cannot_be_guessed_by_way_of_register() -> None:
    """S2: REGISTER tells whether PASS was right; so it counts as an attempt."""
    chat = Chat(password="door", limits=Limits(login_attempts=3))
    eve = chat.connect()
    eve.types("NICK Eve")
    for guess in ("a", "b", "c"):
        assert eve.gone is None
        eve.types(f"PASS {guess}", "REGISTER * * sesame")
    assert eve.gone == "Too many wrong passwords"


# -- suspended accounts --


def _pass(chat: Chat, *lines: str) -> Person:
    person = chat.connect()
    person.types(*lines, "NICK Eve", "USER e 0 * :E")
    return person


def _sasl_before(log_in: Callable[[Person], object]) -> Callable[[Chat], Person]:
    def go(chat: Chat) -> Person:
        person = newcomer(chat, "Eve")
        log_in(person)
        person.types("CAP END")
        return person

    return go


def _sasl_after(log_in: Callable[[Person], object]) -> Callable[[Chat], Person]:
    def go(chat: Chat) -> Person:
        person = chat.user("Guest", "sasl")
        log_in(person)
        return person

    return go


def _external(person: Person) -> None:
    person.session.certificate = PRINT
    person.types("AUTHENTICATE EXTERNAL", "AUTHENTICATE +")


def _guest_says(line: str) -> Callable[[Chat], Person]:
    def go(chat: Chat) -> Person:
        person = chat.user("Guest")
        person.types(line)
        return person

    return go


def _typist_says(line: str) -> Callable[[Chat], Person]:
    def go(chat: Chat) -> Person:
        person = chat.line_user("Guest")
        person.types(line)
        return person

    return go


ROADS: dict[str, Callable[[Chat], Person]] = {
    "PASS with the name": lambda chat: _pass(chat, "PASS Eve:sesame"),
    "PASS under the name": lambda chat: _pass(chat, "PASS sesame"),
    "PLAIN on the way in": _sasl_before(lambda person: plain(person, "Eve")),
    "SCRAM on the way in": _sasl_before(lambda person: scram(person, "Eve")),
    "EXTERNAL on the way in": _sasl_before(_external),
    "PLAIN later": _sasl_after(lambda person: plain(person, "Eve")),
    "SCRAM later": _sasl_after(lambda person: scram(person, "Eve")),
    "EXTERNAL later": _sasl_after(_external),
    "ACCOUNT LOGIN": _guest_says("ACCOUNT LOGIN Eve sesame"),
    "ACCOUNT IDENTIFY": _guest_says("ACCOUNT IDENTIFY Eve sesame"),
    "NICKSERV": _guest_says("NICKSERV IDENTIFY Eve sesame"),
    "NS": _guest_says("NS LOGIN Eve sesame"),
    "a message to NickServ": _guest_says("PRIVMSG NickServ :IDENTIFY Eve sesame"),
    "a message to NickServ from nc": _typist_says("/msg NickServ IDENTIFY Eve sesame"),
}


@pytest.mark.parametrize("road", ROADS)
def test_a_suspended_account_comes_in_by_no_road(road: str) -> None:
    """S2 (GHSA-x6wg-9hcg-fc9v): each leads in with the right password, and none once the account is suspended."""
    for suspended, account in ((None, "Eve"), ("spam", None)):
        chat = Chat()
        chat.account("Eve")
        at_once(chat.server.registrar.change("Eve", suspended=suspended, certificates=(PRINT,)))
        person = ROADS[road](chat)
        user = person.session.user
        assert (user.account if user is not None else None) == account
        registration = person.client.registration
        assert registration is None or registration.account == account


def test_a_suspended_account_is_not_made_anew() -> None:
    """S2: REGISTER does not give it another password."""
    chat = Chat()
    chat.account("Eve")
    at_once(chat.server.registrar.change("Eve", suspended="spam"))
    for person in (chat.connect(), chat.user("Guest")):
        person.types("NICK Eve2", "REGISTER Eve * another")
    (account,) = chat.world.accounts
    assert account.suspended == "spam"
    assert at_once(chat.server.registrar.check("Eve", "another")) is None


@pytest.mark.parametrize("stays", [False, True])
def test_who_is_here_when_the_account_is_suspended_is_sent_away(stays: bool) -> None:
    """S2: all its connections end, and so does a user who would stay without one."""
    chat = Chat()
    first, second = chat.user("Eve", account="Eve"), chat.user("Eve", account="Eve")
    if stays:
        first.types("ACCOUNT PERSIST ON")
        first.vanishes(), second.vanishes()
        assert "eve" in chat.world.users
    desk = AccountDesk(
        chat.world,
        chat.server.markers,
        chat.server.registrar,
        chat.journal.keep,
        lambda user, reason: chat.server.end_user(user, "irc.test", reason),
    )
    assert at_once(desk.do({"do": "suspend", "name": "Eve", "reason": "spam"}))["count"] == 1
    assert (first.gone is None, second.gone is None) == (False, False)
    assert chat.world.users == {}
