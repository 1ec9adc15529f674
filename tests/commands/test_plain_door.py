"""People with nc: a name, then lines. They see no protocol, and no control characters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.harness import Chat, Person


@pytest.fixture
def people() -> tuple[Person, Person]:
    """Alice with an IRC client and Bob with nc, both in the lobby."""
    chat = Chat()
    alice = chat.user("Alice")
    alice.types("JOIN #lobby")
    bob = chat.line_user("Bob")
    alice.sees()
    return alice, bob


def test_a_name_is_all_it_takes() -> None:
    chat = Chat()
    alice = chat.user("Alice")
    alice.types("JOIN #lobby", "TOPIC #lobby :Welcome \x02all\x02")
    bob = chat.line_connect()
    assert bob.types("Bob") == [
        "You joined the chat. 2 here: Alice, Bob. /help shows what you can do.",
        "Topic: Welcome all",
    ]
    assert alice.sees()[-1] == ":Bob!Bob@192.0.2.1 JOIN #lobby"


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("Alice", "Alice is here already: choose another name. Your name?"),
        ("two words", "Erroneous nickname: use letters, digits, - and _, and begin with a letter. Your name?"),
        ("x" * 40, "Erroneous nickname: a name has at most 32 characters. Your name?"),
    ],
)
def test_bad_name_is_asked_again(name: str, reply: str) -> None:
    chat = Chat()
    chat.user("Alice")
    bob = chat.line_connect()
    assert bob.types(name) == [reply]
    assert bob.types("   ") == []
    assert bob.types("Bob")[0].startswith("You joined the chat. ")


def test_lines_go_both_ways(people: tuple[Person, Person]) -> None:
    alice, bob = people
    assert bob.types("Hello everyone!") == []
    assert alice.sees() == [":Bob!Bob@192.0.2.1 PRIVMSG #lobby :Hello everyone!"]
    alice.types(
        "PRIVMSG #lobby :Hi Bob", "PRIVMSG Bob :psst", "NOTICE #lobby :note", "PRIVMSG #lobby :\x01ACTION waves\x01"
    )
    assert bob.sees() == ["Alice: Hi Bob", "[Alice] psst", "-Alice- note", "* Alice waves"]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("//shrug", "PRIVMSG #lobby :/shrug"),
        ("  indented  ", "PRIVMSG #lobby :  indented"),
        (":)", "PRIVMSG #lobby ::)"),
        ("/me waves", "PRIVMSG #lobby :\x01ACTION waves\x01"),
        ("/msg alice psst", "PRIVMSG Alice :psst"),
        ("/nick Bobby", "NICK Bobby"),
        ("/topic New: topic", "TOPIC #lobby :New: topic"),
        ("/QUIT good night", "QUIT :Quit: good night"),
    ],
)
def test_words_do_what_they_say(people: tuple[Person, Person], typed: str, sent: str) -> None:
    alice, bob = people
    bob.types(typed)
    assert alice.sees() == [f":Bob!Bob@192.0.2.1 {sent}"]


@pytest.mark.parametrize(
    ("typed", "reply"),
    [
        ("/users", "2 here: Alice, Bob"),
        ("/who", "2 here: Alice, Bob"),
        ("/topic", "No topic is set."),
        ("/msg", "! Whom, and what? /msg NAME TEXT"),
        ("/msg Alice", "! Whom, and what? /msg NAME TEXT"),
        ("/msg nobody hi", "! nobody: No such nick/channel."),
        ("/msg #none hi", "! #none: No such channel."),
        ("/nick", "! No nickname given."),
        ("/nick alice", "! Alice is here already: choose another name."),
        ("/dance\x1b[2J now", "! There is no /dance␛[2J. /help shows what there is."),
        ("/ x", "! There is no /. /help shows what there is."),
        ("x" * 600, "! Your message is 125 bytes too long and was not sent."),
        (b"\xff", "! Message is not valid UTF-8: the line was not sent."),
        (b"a\0b", "! Message contains NUL or a bare CR: the line was not sent."),
        ("/quit", "Bye."),
        ("/quit \x1b[2J", "Disconnected: Quit: ␛[2J."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    people: tuple[Person, Person], typed: str | bytes, reply: str
) -> None:
    _, bob = people
    assert bob.types(typed) == [reply]


@pytest.mark.parametrize("typed", ["", "   ", "/me"])
def test_nothing_said_is_nothing_sent(people: tuple[Person, Person], typed: str) -> None:
    alice, bob = people
    assert bob.types(typed) == [] == alice.sees()


def test_help_names_the_words(people: tuple[Person, Person]) -> None:
    _, bob = people
    help_ = " ".join(bob.types("/help"))
    assert all(word in help_ for word in ("/users", "/msg", "/me", "/nick", "/topic", "/quit"))


def test_who_writes_to_somebody_away_is_told_who_is_away(people: tuple[Person, Person]) -> None:
    alice, bob = people
    alice.types("AWAY :at lunch")
    assert bob.types("/msg Alice hi") == ["* Alice is away: at lunch"]


def test_what_happens_in_the_room_is_told_in_words(people: tuple[Person, Person]) -> None:
    alice, bob = people
    carol = alice.chat.user("Carol")
    carol.types("JOIN #lobby", "TOPIC #lobby :New", "TOPIC #lobby :", "NICK Caro", "PART #lobby :tea", "JOIN #lobby")
    carol.types("QUIT :bye")
    assert bob.sees() == [
        "* Carol joined.",
        "* Carol set the topic: New",
        "* Carol removed the topic.",
        "* Carol is now Caro.",
        "* Caro left (tea).",
        "* Caro joined.",
        "* Caro left (Quit: bye).",
    ]


def test_kicked_plain_user_is_told_and_cannot_speak(people: tuple[Person, Person]) -> None:
    alice, bob = people
    alice.chat.world.rooms["#lobby"].set_member_modes(alice.user, "o")
    alice.types("MODE #lobby +m", "KICK #lobby Bob :enough")
    assert bob.sees() == ["* Alice set +m.", "* Alice put Bob out (enough)."]
    assert bob.types("hello?") == ["! You are not in this room, and it takes no messages from outside."]


def test_momentary_things_are_not_shown(people: tuple[Person, Person]) -> None:
    alice, bob = people
    alice.types("CAP REQ message-tags", "@+typing=active TAGMSG #lobby", "AWAY :x", "PRIVMSG Bob :\x01VERSION\x01")
    assert bob.sees() == []


def test_password_is_asked_in_words() -> None:
    bob = Chat(password="sesame").line_connect()
    assert bob.types("Bob") == [
        "This server wants a password: connect with triochat connect or an IRC client.",
        "Disconnected: Bad password.",
    ]


def test_line_that_could_not_be_stored_is_told(people: tuple[Person, Person]) -> None:
    alice, bob = people
    alice.chat.journal.broken = True
    assert bob.types("x") == ["! Your message could not be stored and was not sent. Try again in a moment."]
    assert alice.sees() == []


def test_crowd_is_not_listed_whole() -> None:
    chat = Chat()
    for number in range(60):
        chat.line_user(f"P{number:02}")
    (line,) = chat.line_user("zoe").types("/users")
    assert line.startswith("61 here: P00, P01,") and line.endswith("P49 and 11 more")


nasty = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), min_size=1, max_size=60)


@given(
    st.sampled_from(["PRIVMSG #lobby", "PRIVMSG Bob", "NOTICE #lobby", "TOPIC #lobby", "PART #lobby", "QUIT"]), nasty
)
def test_nothing_that_others_send_can_command_the_terminal(command: str, text: str) -> None:
    chat = Chat()
    alice = chat.user("Alice")
    alice.types("JOIN #lobby")
    bob = chat.line_user("Bob")
    bob.sees()
    alice.types(f"{command} :{text}")
    for line in bob.sees():
        assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in line)


@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40), max_size=6))
def test_whatever_is_typed_is_survived_and_shown_safely(typed: list[str]) -> None:
    chat = Chat()
    alice = chat.user("Alice")
    alice.types("JOIN #lobby")
    bob = chat.line_connect()
    bob.types("Bob")
    for line in bob.types(*typed, *(f"/{line}" for line in typed)):
        assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in line)
    for line in alice.sees_bytes().split(b"\r\n"):
        assert b"\n" not in line and b"\r" not in line
