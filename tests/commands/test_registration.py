"""Coming in: CAP, PASS, NICK, USER; staying: PING, PONG; going: QUIT."""

import pytest

from commands.harness import Chat, Identity, numerics
from triochat.domain.limits import Limits
from triochat.proto.caps import NAMES, Cap


def test_nick_and_user_register_in_either_order() -> None:
    chat = Chat()
    one, other = chat.connect(), chat.connect()
    assert one.types("NICK Alice") == []
    assert other.types("USER bob 0 * :Bob") == []
    assert one.types("USER alice 0 * :Alice A.")[0] == (
        ":irc.test 001 Alice :Welcome to the TestNet IRC Network Alice!alice@192.0.2.1"
    )
    assert numerics(other.types("NICK Bob"))[0] == "001"
    assert set(chat.world.users) == {"alice", "bob"}
    assert chat.server.unregistered == 0


def test_greeting_says_all_that_clients_wait_for() -> None:
    greeting = Chat().connect().types("NICK Alice", "USER a 0 * :A")
    assert list(dict.fromkeys(numerics(greeting))) == ["001", "002", "003", "004", "005", *greeting_end(motd=False)]
    assert greeting[3] == ":irc.test 004 Alice irc.test triochat-1 BRTiosw CIMRUbefhiklmnoqstuv Ibefhkloqv"
    tokens = " ".join(line for line in greeting if " 005 " in line)
    for token in (
        "CHANTYPES=#",
        "CASEMAPPING=ascii",
        "PREFIX=(qohv)~@%+",
        "CHANMODES=beI,k,fl,CMRUimnstu",
        "NETWORK=TestNet",
    ):
        assert f" {token} " in tokens
    assert all(line.endswith(" :are supported by this server") for line in greeting if " 005 " in line)


def greeting_end(*, motd: bool) -> list[str]:
    return ["251", "252", "253", "254", "255", "265", "266", *(["375", "372", "372", "376"] if motd else ["422"])]


def test_greeting_ends_with_the_message_of_the_day() -> None:
    identity = Identity("irc.test", "TestNet", "", "triochat-1", "today", ("Be kind.", "Have fun."))
    greeting = Chat(identity=identity).connect().types("NICK Alice", "USER a 0 * :A")
    assert numerics(greeting)[-11:] == greeting_end(motd=True)
    assert greeting[-3:-1] == [":irc.test 372 Alice :- Be kind.", ":irc.test 372 Alice :- Have fun."]


def test_capabilities_are_listed_and_registration_waits_for_cap_end() -> None:
    person = Chat().connect()
    listed = person.types("CAP LS 302")
    assert all(line.startswith(":irc.test CAP * LS * :") for line in listed[:-1])
    assert listed[-1].startswith(":irc.test CAP * LS :")
    words = " ".join(line.partition(" :")[2] for line in listed).split(" ")
    assert words[0] == "sasl=PLAIN,SCRAM-SHA-256"
    assert [word.partition("=")[0] for word in words] == list(NAMES)
    assert person.types("NICK Alice", "USER a 0 * :A") == []
    assert person.types("CAP REQ :server-time message-tags") == [":irc.test CAP Alice ACK :server-time message-tags"]
    assert numerics(person.types("CAP END"))[0] == "001"
    assert person.types("CAP LIST") == [":irc.test CAP Alice LIST :cap-notify message-tags server-time"]


def test_unknown_capability_refuses_the_request_whole() -> None:
    person = Chat().connect()
    assert person.types("CAP REQ :batch tls") == [":irc.test CAP * NAK :batch tls"]
    assert person.types("CAP LIST") == [":irc.test CAP * LIST :"]


def test_capability_can_be_dropped_later() -> None:
    alice = Chat().user("Alice", "echo-message batch")
    assert alice.types("CAP REQ -echo-message") == [":irc.test CAP Alice ACK -echo-message"]
    assert alice.session.caps == Cap.BATCH


def test_cap_notify_comes_with_version_302_only() -> None:
    chat = Chat()
    old, new = chat.connect(), chat.connect()
    old.types("CAP LS")
    new.types("CAP LS 302")
    assert old.session.caps == 0
    assert new.session.caps == Cap.CAP_NOTIFY


@pytest.mark.parametrize("line", ["CAP FOO", "CAP :", "CAP :L S"])
def test_unknown_cap_subcommand_is_told(line: str) -> None:
    assert numerics(Chat().connect().types(line)) == ["410"]


def test_cap_end_without_a_name_waits_for_the_name() -> None:
    person = Chat().connect()
    person.types("CAP LS 302")
    assert person.types("CAP END") == []
    assert numerics(person.types("NICK Alice", "USER a 0 * :A"))[0] == "001"


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("JOIN #a", ":irc.test 451 * :You have not registered"),
        ("PRIVMSG Alice :x", ":irc.test 451 * :You have not registered"),
        ("FOO bar", ":irc.test 421 * FOO :Unknown command"),
        ("NICK", ":irc.test 431 * :No nickname given"),
        ("NICK :", ":irc.test 431 * :No nickname given"),
        ("USER a 0 *", ":irc.test 461 * USER :Not enough parameters"),
        ("USER a 0 * :", ":irc.test 461 * USER :Not enough parameters"),
        ("USER : 0 * :A", ":irc.test 461 * USER :Not enough parameters"),
        ("PASS", ":irc.test 461 * PASS :Not enough parameters"),
        ("CAP", ":irc.test 461 * CAP :Not enough parameters"),
        ("PING", ":irc.test 409 * :No origin specified"),
        ("PING x", ":irc.test PONG irc.test x"),
        ("PONG x", None),
        ("PRIVMSG", ":irc.test 451 * :You have not registered"),
    ],
)
def test_before_registration(line: str, reply: str | None) -> None:
    assert Chat().connect().types(line) == ([reply] if reply is not None else [])


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("USER b 0 * :B", ":irc.test 462 Alice :You may not reregister"),
        ("PASS x", ":irc.test 462 Alice :You may not reregister"),
        ("CAP END", None),
        ("PING :two words", ":irc.test PONG irc.test :two words"),
        ("PING irc.test other", ":irc.test PONG irc.test irc.test"),
        ("NICK Alice", None),
        ("FOO", ":irc.test 421 Alice FOO :Unknown command"),
        ("foo\x1b[2J", ":irc.test 421 Alice * :Unknown command"),
    ],
)
def test_after_registration(line: str, reply: str | None) -> None:
    assert Chat().user("Alice").types(line) == ([reply] if reply is not None else [])


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("alice", "433 * alice :Alice is here already: choose another name"),
        ("1st", "432 * 1st :Erroneous nickname: use letters, digits, - and _, and begin with a letter"),
        ("#room", "432 * #room :Erroneous nickname: use letters, digits, - and _, and begin with a letter"),
        (":a b", "432 * a :Erroneous nickname: use letters, digits, - and _, and begin with a letter"),
        ("x" * 33, f"432 * {'x' * 33} :Erroneous nickname: a name has at most 32 characters"),
    ],
)
def test_bad_name_is_refused_with_the_reason(name: str, reply: str) -> None:
    chat = Chat()
    chat.user("Alice")
    assert chat.connect().types(f"NICK {name}") == [f":irc.test {reply}"]


def test_name_taken_while_negotiating_must_be_chosen_again() -> None:
    chat = Chat()
    slow = chat.connect()
    slow.types("CAP LS 302", "NICK Alice", "USER a 0 * :A")
    chat.user("Alice")
    assert slow.types("CAP END") == [":irc.test 433 * Alice :Alice is here already: choose another name"]
    assert numerics(slow.types("NICK Alice2"))[0] == "001"


def test_server_password_is_asked_for() -> None:
    chat = Chat(password="sesame")
    person = chat.connect()
    assert person.types("PASS wrong", "NICK Alice", "USER a 0 * :A") == [
        ":irc.test 464 Alice :Password incorrect: this server wants a password (PASS)",
        "ERROR :Closing link: 192.0.2.1 (Bad password)",
    ]
    assert person.gone == "Bad password" and chat.world.users == {}
    assert chat.connect().types("NICK Alice", "USER a 0 * :A")[0].startswith(":irc.test 464 Alice ")
    assert numerics(chat.connect().types("PASS sesame", "NICK Alice", "USER a 0 * :A"))[0] == "001"
    assert chat.server.unregistered == 0


def test_user_name_and_real_name_are_cut_and_cleaned() -> None:
    chat = Chat(limits=Limits(user_length=5, realname_length=4))
    alice = chat.connect()
    alice.types("NICK Alice", "USER @lo!ngname 0 * :Alice")
    assert alice.user.source == "Alice!longn@192.0.2.1"
    assert alice.user.realname == "Alic"


def test_address_that_begins_with_a_colon_shifts_no_parameters() -> None:
    chat = Chat()
    alice = chat.user("Alice", address="::1")
    assert alice.types("WHO Alice")[0] == ":irc.test 352 Alice * u 0::1 irc.test Alice H :0 Real Name"


def test_name_change_is_seen_once_by_everybody_who_shares_a_room() -> None:
    chat = Chat()
    alice, bob, carol = chat.user("Alice"), chat.user("Bob"), chat.user("Carol")
    for person in (alice, bob):
        person.types("JOIN #a,#b")
    bob.sees(), alice.sees()
    seen = [":Alice!u@192.0.2.1 NICK Alicia"]
    assert alice.types("NICK Alicia") == seen
    assert bob.sees() == seen
    assert carol.sees() == []
    assert bob.types("PRIVMSG Alice :x") == [":irc.test 401 Bob Alice :No such nick/channel"]
    assert bob.types("NAMES #a")[0] == ":irc.test 353 Bob = #a :@Alicia Bob"


def test_name_change_is_confirmed_to_who_is_in_no_room() -> None:
    assert Chat().user("Alice").types("NICK alice") == [":Alice!u@192.0.2.1 NICK alice"]


def test_taken_name_is_refused_after_registration_too() -> None:
    chat = Chat()
    chat.user("Bob")
    alice = chat.user("Alice")
    assert alice.types("NICK bob") == [":irc.test 433 Alice bob :Bob is here already: choose another name"]
    assert alice.user.nick == "Alice"


def test_quit_is_told_to_the_rooms_once_and_frees_the_name() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice"), chat.user("Bob")
    alice.types("JOIN #a,#b")
    bob.types("JOIN #a,#b")
    alice.sees()
    assert alice.types("QUIT :good night") == [
        ":Alice!u@192.0.2.1 QUIT :Quit: good night",
        "ERROR :Closing link: 192.0.2.1 (Quit: good night)",
    ]
    assert bob.sees() == [":Alice!u@192.0.2.1 QUIT :Quit: good night"]
    assert bob.types("NAMES #a")[0].endswith(" :Bob")
    chat.user("Alice")


def test_quit_without_a_reason() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice"), chat.user("Bob")
    alice.types("JOIN #a")
    bob.types("JOIN #a")
    assert alice.types("QUIT")[-1] == "ERROR :Closing link: 192.0.2.1 (Quit)"
    assert bob.sees()[-1] == ":Alice!u@192.0.2.1 QUIT :Quit"


def test_who_never_registered_leaves_no_trace() -> None:
    chat = Chat()
    person = chat.connect()
    person.types("NICK Alice", "QUIT :bye")
    assert person.gone == "Quit: bye"
    assert chat.server.unregistered == 0 and chat.world.users == {}


def test_lost_connection_is_a_quit() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice"), chat.user("Bob")
    alice.types("JOIN #a")
    bob.types("JOIN #a")
    alice.vanishes()
    assert bob.sees()[-1] == ":Alice!u@192.0.2.1 QUIT :Connection lost"


def test_pong_tells_the_lag() -> None:
    chat = Chat()
    alice = chat.user("Alice")
    alice.client.ping_sent = chat.clock
    chat.clock += 0.25
    alice.types("PONG irc.test")
    assert alice.session.lag_ms == 250
    chat.clock += 5
    alice.types("PONG again")
    assert alice.session.lag_ms == 250


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"PRIVMSG #a :\xff", ":irc.test FAIL PRIVMSG INVALID_UTF8 :Message is not valid UTF-8"),
        (b"@a=\xff :x PING \xff", ":irc.test FAIL PING INVALID_UTF8 :Message is not valid UTF-8"),
        (b"\xff\xfe", ":irc.test FAIL * INVALID_UTF8 :Message is not valid UTF-8"),
        (b"PING a\0b", ":irc.test 400 Alice PING :Message contains NUL or a bare CR"),
        (b"PING a\rJOIN #b", ":irc.test 400 Alice PING :Message contains NUL or a bare CR"),
        (b"@label=a\0 PING \xff", ":irc.test 400 Alice PING :Message contains NUL or a bare CR"),
        (b":source", ":irc.test 400 Alice * :Message has no command"),
        (b"@tags", ":irc.test 400 Alice * :Message has no command"),
        (b"PING " + b"x" * 506, ":irc.test 417 Alice :Input line was too long"),
        (b"@" + b"x" * 4096 + b" PING x", ":irc.test 417 Alice :Input line was too long"),
    ],
)
def test_line_that_is_no_message_is_answered_and_the_next_one_works(line: bytes, reply: str) -> None:
    alice = Chat().user("Alice")
    assert alice.types(line) == [reply]
    assert alice.types("PING ok") == [":irc.test PONG irc.test ok"]
