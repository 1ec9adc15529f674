"""Operators of the server: OPER, KILL, WALLOPS; and LINKS."""

from collections.abc import Mapping

import pytest

from cheap import CheapPasswords
from commands.harness import Chat, Person, at_once, numerics
from triochat.commands.server import Operator
from triochat.domain.limits import Limits
from triochat.domain.policy import AccountPolicy

HASH = at_once(CheapPasswords().make("hashed")).argon2
OPERATORS: Mapping[str, Operator] = {
    "admin": Operator("admin", password="sesame"),
    "root": Operator("root", password_hash=HASH),
}


@pytest.fixture
def chat() -> Chat:
    return Chat(operators=OPERATORS, limits=Limits(login_attempts=3))


def operator(chat: Chat, nick: str = "Op", caps: str = "") -> Person:
    """An operator who has looked."""
    person = chat.user(nick, caps)
    person.types("OPER admin sesame")
    return person


# -- OPER --


@pytest.mark.parametrize("line", ["OPER admin sesame", "OPER root hashed"])
def test_the_password_makes_an_operator(chat: Chat, line: str) -> None:
    alice, bob = chat.user("Alice"), chat.user("Bob")
    assert alice.types(line) == [":Alice MODE Alice +o", ":irc.test 381 Alice :You are now an IRC operator"]
    assert alice.types("MODE Alice") == [":irc.test 221 Alice +o"]
    assert ":irc.test 313 Bob Alice :is an operator of this server" in bob.types("WHOIS Alice")
    assert bob.types("WHO Alice")[0].split(" ")[8] == "H*"
    assert ":irc.test 252 Bob 1 :operator(s) online" in bob.types("LUSERS")


@pytest.mark.parametrize(
    "line",
    ["OPER admin wrong", "OPER root wrong", "OPER nobody sesame", "OPER Admin sesame", "OPER admin :", "OPER : :"],
)
def test_anything_else_is_refused(chat: Chat, line: str) -> None:
    alice = chat.user("Alice")
    assert numerics(alice.types(line)) in (["464"], ["461"])
    assert alice.types("MODE Alice") == [":irc.test 221 Alice +"]


def test_an_empty_password_in_the_settings_lets_nobody_in() -> None:
    chat = Chat(operators={"admin": Operator("admin", password=""), "root": Operator("root", password_hash="")})
    alice = chat.user("Alice")
    for line in ("OPER admin :", "OPER root :", "OPER admin x"):
        assert numerics(alice.types(line)) == ["464"]


def test_guessing_has_an_end(chat: Chat) -> None:
    alice = chat.user("Alice")
    alice.types("OPER admin a", "OPER root b", "OPER nobody c")
    assert alice.gone == "Too many wrong passwords"


def test_operators_who_listen_learn_of_tries(chat: Chat) -> None:
    op, bob = operator(chat), chat.user("Bob")
    assert op.types("MODE Op +s") == [":Op MODE Op +s"]
    assert bob.types("MODE Bob +s") == []
    bob.types("OPER admin wrong")
    assert op.sees() == [":irc.test NOTICE * :*** Bob!u@192.0.2.1 failed to become an operator"]
    bob.types("OPER admin sesame")
    assert op.sees() == [":irc.test NOTICE * :*** Bob!u@192.0.2.1 is now an operator, as admin"]


def test_an_operator_may_give_it_up_and_cannot_take_it_back(chat: Chat) -> None:
    op = operator(chat)
    assert op.types("MODE Op -o") == [":Op MODE Op -o"]
    assert op.types("MODE Op +o") == []
    assert numerics(op.types("WALLOPS :x")) == ["481"]


def test_who_is_no_operator_any_more_hears_no_server_notices(chat: Chat) -> None:
    op = operator(chat)
    op.types("MODE Op +s")
    assert op.types("MODE Op -o") == [":Op MODE Op -os"]
    chat.user("Bob").types("OPER admin wrong")
    assert op.sees() == []


# -- KILL --


def test_kill_ends_somebodys_connections(chat: Chat) -> None:
    op, bob, carol = operator(chat), chat.user("Bob"), chat.user("Carol")
    bob.types("JOIN #a")
    carol.types("JOIN #a")
    assert op.types("KILL bob :spam") == []
    assert bob.sees()[-2:] == [
        ":Op KILL Bob :Killed by Op: spam",
        "ERROR :Closing link: 192.0.2.1 (Killed by Op: spam)",
    ]
    assert carol.sees()[-1] == ":Bob!u@192.0.2.1 QUIT :Killed by Op: spam"
    assert "bob" not in chat.world.users


@pytest.mark.parametrize(
    ("line", "code"), [("KILL nobody", "401"), ("KILL :", "401"), ("KILL", "461"), ("KILL #lobby", "401")]
)
def test_nobody_to_kill(chat: Chat, line: str, code: str) -> None:
    assert numerics(operator(chat).types(line)) == [code]


@pytest.mark.parametrize("line", ["KILL Op", "KILL nobody", "WALLOPS :x"])
def test_who_is_no_operator_may_not(chat: Chat, line: str) -> None:
    operator(chat)
    assert chat.user("Bob").types(line) == [
        ":irc.test 481 Bob :Permission denied: you are not an operator of this server"
    ]


@pytest.mark.parametrize(
    ("role", "may"), [("viewer", False), ("moderator", True), ("admin", True), ("no such role", False)]
)
def test_an_operator_may_what_its_role_includes(role: str, may: bool) -> None:
    chat = Chat(operators={"op": Operator("op", "sesame", role=role)})
    op, bob = chat.user("Op"), chat.user("Bob")
    op.types("OPER op sesame")
    answer = op.types("KILL Bob :spam")
    assert (bob.gone is not None, numerics(answer)) == (may, [] if may else ["481"])
    assert numerics(op.types("REHASH")) == (["400"] if role == "admin" else ["481"])  # there is no console here


def test_who_is_taken_out_of_the_settings_may_nothing_any_more(chat: Chat) -> None:
    op = operator(chat)
    chat.server.operators = {}
    assert numerics(op.types("KILL Op", "KLINE Bob", "UNKLINE Bob")) == ["481", "481", "481"]


def test_kill_ends_all_connections_also_of_who_would_stay(chat: Chat) -> None:
    chat.server.policy = AccountPolicy(always_on="mandatory")
    op, watching = operator(chat), chat.user("Bob")
    watching.types("MONITOR + Ann")
    one, two = chat.user("Ann", account="Ann"), chat.user("Ann", account="Ann")
    for person in (one, two):
        person.types("JOIN #a")
    op.types("KILL Ann :enough")
    assert one.gone == two.gone == "Killed by Op: enough"
    assert "ann" not in chat.world.users
    assert ":irc.test 731 Bob :Ann" in watching.sees()


def test_kill_ends_who_has_no_connection(chat: Chat) -> None:
    chat.server.policy = AccountPolicy(always_on="mandatory")
    op, watching = operator(chat), chat.user("Bob")
    watching.types("MONITOR + Ann", "JOIN #a")
    ann = chat.user("Ann", account="Ann")
    ann.types("JOIN #a")
    ann.vanishes()
    assert "ann" in chat.world.users
    watching.sees()
    op.types("KILL Ann :enough")
    assert "ann" not in chat.world.users
    seen = watching.sees()
    assert seen[0] == ":Ann!u@192.0.2.1 QUIT :Killed by Op: enough"
    assert seen[1:] == [":irc.test 731 Bob :Ann"]


def test_operator_may_end_itself(chat: Chat) -> None:
    op = operator(chat)
    op.types("KILL Op :bye")
    assert op.gone == "Killed by Op: bye"
    assert chat.world.users == {}


# -- WALLOPS, LINKS --


def test_wallops_go_to_those_who_want_them(chat: Chat) -> None:
    op, bob, carol = operator(chat), chat.user("Bob"), chat.user("Carol")
    assert bob.types("MODE Bob +w") == [":Bob MODE Bob +w"]
    assert op.types("WALLOPS :restart at noon") == []
    assert bob.sees() == [":Op!u@192.0.2.1 WALLOPS :restart at noon"]
    assert carol.sees() == []
    op.types("MODE Op +w")
    assert op.types("WALLOPS :again") == [":Op!u@192.0.2.1 WALLOPS again"]


@pytest.mark.parametrize("line", ["WALLOPS", "WALLOPS :"])
def test_wallops_have_a_text(chat: Chat, line: str) -> None:
    assert operator(chat).types(line) == [":irc.test 461 Op WALLOPS :Not enough parameters"]


def test_links_are_this_server(chat: Chat) -> None:
    assert chat.user("Bob").types("LINKS") == [
        ":irc.test 364 Bob irc.test irc.test :0 A test server",
        ":irc.test 365 Bob * :End of /LINKS list",
    ]


# -- user modes that everybody begins with --


@pytest.mark.parametrize(("set_", "begun"), [("+i", "i"), ("iw", "iw"), ("+ix", "i"), ("", "")])
def test_everybody_begins_with_the_modes_of_the_settings(set_: str, begun: str) -> None:
    chat = Chat(policy=AccountPolicy(default_user_modes=set_))
    person = chat.connect()
    greeting = person.types("NICK Bob", "USER b 0 * :B")
    assert person.types("MODE Bob") == [f":irc.test 221 Bob +{begun}"]
    assert greeting[-1] == (f":Bob MODE Bob +{begun}" if begun else ":irc.test 422 Bob :No message of the day")
    person.types("QUIT")
    assert not +chat.world.modes


@pytest.mark.parametrize("set_", ["+o", "os", "+s"])
def test_nobody_begins_as_an_operator(set_: str) -> None:
    person = Chat(policy=AccountPolicy(default_user_modes=set_)).user("Bob")
    assert person.types("MODE Bob") == [":irc.test 221 Bob +"]
