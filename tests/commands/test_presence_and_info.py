"""WHO, WHOIS, USERHOST, ISON; MOTD, LUSERS, VERSION, TIME, INFO, HELP."""

import pytest

from commands.harness import Chat, Identity, Person, numerics
from triochat.commands.table import COMMANDS


@pytest.fixture
def alice() -> Person:
    """Alice, and Bob, operator of #a, who is away; Carol hides (+i) in #b."""
    chat = Chat()
    alice, bob, carol = chat.user("Alice"), chat.user("Bob", realname="Bob Builder"), chat.user("Carol")
    bob.types("JOIN #a", "AWAY :building")
    carol.types("JOIN #b", "MODE Carol +i")
    return alice


BOB_IN_WHO = ":irc.test 352 Alice #a u 192.0.2.1 irc.test Bob G@ :0 Bob Builder"
ALICE_IN_WHO = ":irc.test 352 Alice * u 192.0.2.1 irc.test Alice H :0 Real Name"


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ("#a", [BOB_IN_WHO]),
        ("#A", [BOB_IN_WHO]),
        ("#none", []),
        ("#b", []),
        ("bob", [BOB_IN_WHO]),
        ("b*", [BOB_IN_WHO]),
        ("*BUILD*", [BOB_IN_WHO]),
        ("192.0.2.?", [ALICE_IN_WHO, BOB_IN_WHO]),
        ("0", [ALICE_IN_WHO, BOB_IN_WHO]),
        ("*", [ALICE_IN_WHO, BOB_IN_WHO]),
        ("nobody", []),
    ],
)
def test_who(alice: Person, asked: str, lines: list[str]) -> None:
    assert alice.types(f"WHO {asked}") == [*lines, f":irc.test 315 Alice {asked} :End of WHO list"]


def test_who_is_hidden_is_found_by_those_who_share_a_room(alice: Person) -> None:
    alice.types("JOIN #b")
    assert " Carol H@ " in alice.types("WHO #b")[0]
    assert any(" Carol " in line for line in alice.types("WHO *"))


@pytest.mark.parametrize("line", ["WHO", "WHO :"])
def test_who_of_nothing_is_who_of_everybody(alice: Person, line: str) -> None:
    assert alice.types(line)[-1] == ":irc.test 315 Alice * :End of WHO list"


def test_whois(alice: Person) -> None:
    alice.chat.clock += 42
    assert alice.types("WHOIS irc.test bob") == [
        ":irc.test 311 Alice Bob u 192.0.2.1 * :Bob Builder",
        ":irc.test 319 Alice Bob :@#a",
        ":irc.test 312 Alice Bob irc.test :A test server",
        ":irc.test 301 Alice Bob :building",
        ":irc.test 317 Alice Bob 42 1700000000 :seconds idle, signon time",
        ":irc.test 318 Alice Bob :End of /WHOIS list",
    ]


def test_whois_shows_no_rooms_of_who_hides(alice: Person) -> None:
    assert "319" not in numerics(alice.types("WHOIS Carol"))
    alice.types("JOIN #b")
    assert ":irc.test 319 Alice Carol :@#b" in alice.types("WHOIS Carol")


@pytest.mark.parametrize(
    ("line", "replies"),
    [
        ("WHOIS", ["431 Alice :No nickname given"]),
        ("WHOIS :", ["431 Alice :No nickname given"]),
        ("WHOIS nobody", ["401 Alice nobody :No such nick/channel", "318 Alice nobody :End of /WHOIS list"]),
        ("WHOIS ,", ["401 Alice * :No such nick/channel", "318 Alice * :End of /WHOIS list"]),
        ("USERHOST", ["461 Alice USERHOST :Not enough parameters"]),
        ("USERHOST bob nobody ALICE", ["302 Alice :Bob=-u@192.0.2.1 Alice=+u@192.0.2.1"]),
        ("USERHOST nobody", ["302 Alice : "]),
        ("ISON", ["461 Alice ISON :Not enough parameters"]),
        ("ISON bob nobody :alice BOB", ["303 Alice :Bob Alice"]),
        ("ISON nobody", ["303 Alice : "]),
        ("MOTD", ["422 Alice :No message of the day"]),
        ("MOTD irc.test", ["422 Alice :No message of the day"]),
        ("MOTD other.test", ["402 Alice other.test :No such server"]),
        ("TIME", ["391 Alice irc.test :Tuesday November 14 2023 -- 22:13:20 +00:00"]),
        ("TIME *.net", ["402 Alice *.net :No such server"]),
        ("INFO x", ["402 Alice x :No such server"]),
        ("VERSION x", ["402 Alice x :No such server"]),
        ("HELP nothing", ["524 Alice NOTHING :No help available on this topic"]),
    ],
)
def test_question_and_answer(alice: Person, line: str, replies: list[str]) -> None:
    assert alice.types(line) == [f":irc.test {reply}" for reply in replies]


def test_version_repeats_the_tokens(alice: Person) -> None:
    first, *tokens = alice.types("VERSION *.test")
    assert first == ":irc.test 351 Alice triochat-1 irc.test :A test server"
    assert set(numerics(tokens)) == {"005"}


def test_info(alice: Person) -> None:
    assert numerics(alice.types("INFO")) == ["371", "371", "374"]


def test_lusers_counts_people_strangers_and_rooms_that_have_people(alice: Person) -> None:
    alice.chat.connect()
    alice.chat.user("Dave").types("QUIT")
    assert alice.types("LUSERS") == [
        ":irc.test 251 Alice :There are 2 users and 1 invisible on 1 servers",
        ":irc.test 252 Alice 0 :operator(s) online",
        ":irc.test 253 Alice 1 :unknown connection(s)",
        ":irc.test 254 Alice 2 :channels formed",
        ":irc.test 255 Alice :I have 3 clients and 1 servers",
        ":irc.test 265 Alice 3 4 :Current local users 3, max 4",
        ":irc.test 266 Alice 3 4 :Current global users 3, max 4",
    ]


def test_message_of_the_day() -> None:
    identity = Identity("irc.test", "TestNet", "", "triochat-1", "today", ("Be kind.", ""))
    assert Chat(identity=identity).user("Alice").types("MOTD") == [
        ":irc.test 375 Alice :- irc.test Message of the day -",
        ":irc.test 372 Alice :- Be kind.",
        ":irc.test 372 Alice :- ",
        ":irc.test 376 Alice :End of /MOTD command",
    ]


def test_help_lists_every_command(alice: Person) -> None:
    lines = alice.types("HELP")
    assert numerics(lines)[0] == "704" and numerics(lines)[-1] == "706"
    listed = [name for line in lines[2:-1] for name in line.split(" :", 1)[1].split(" ")]
    assert listed == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(alice: Person, name: str) -> None:
    start, blank, usage, end = alice.types(f"HELP {name.lower()}")
    assert blank == f":irc.test 705 Alice {name} :"
    assert start == f":irc.test 704 Alice {name} :** {COMMANDS[name].name} **"
    assert COMMANDS[name].name in usage.split(" :", 1)[1]
    assert len(end.split(" :", 1)[1]) > 5


def test_who_comes_in_while_away_is_announced_as_away() -> None:
    """https://ircv3.net/specs/extensions/away-notify: also when a user joins and has an away message set."""
    chat = Chat()
    alice, bob = chat.user("Alice", "away-notify"), chat.user("Bob")
    alice.types("JOIN #a")
    bob.types("AWAY :lunch", "JOIN #a")
    assert [line.split(" ")[1] for line in alice.sees()] == ["JOIN", "AWAY"]


def test_hidden_people_are_named_to_members_only() -> None:
    chat = Chat()
    alice, bob, eve = chat.user("Alice"), chat.user("Bob"), chat.user("Eve")
    alice.types("JOIN #a")
    bob.types("JOIN #a", "MODE Bob +i")
    assert "Bob" in " ".join(alice.types("NAMES #a"))
    assert "Bob" not in " ".join(eve.types("NAMES #a"))
