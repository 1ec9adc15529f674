"""PRIVMSG, NOTICE and TAGMSG: who gets what, and what senders are told."""

import pytest

from commands.harness import Chat, Person, numerics
from triochat.domain.limits import Limits

ALICE = ":Alice!u@192.0.2.1"


@pytest.fixture
def people() -> tuple[Person, Person, Person]:
    """Alice and Bob in #a, Carol outside."""
    chat = Chat()
    alice, bob, carol = chat.user("Alice"), chat.user("Bob"), chat.user("Carol")
    alice.types("JOIN #a")
    bob.types("JOIN #a")
    alice.sees()
    return alice, bob, carol


@pytest.mark.parametrize("command", ["PRIVMSG", "NOTICE"])
@pytest.mark.parametrize(
    "text", ["Hello everyone!", ":) colon first", " spaces  kept ", "日本 😀", "\x01ACTION waves\x01"]
)
def test_message_reaches_everybody_in_the_room_but_the_sender(
    people: tuple[Person, Person, Person], command: str, text: str
) -> None:
    alice, bob, carol = people
    assert alice.types(f"{command} #A :{text}") == []
    assert bob.sees() == [f"{ALICE} {command} #a :{text}"]
    assert carol.sees() == []


def test_message_to_a_person_reaches_that_person_only(people: tuple[Person, Person, Person]) -> None:
    alice, bob, carol = people
    assert alice.types("PRIVMSG carol :psst") == []
    assert carol.sees() == [f"{ALICE} PRIVMSG Carol :psst"]
    assert bob.sees() == []


def test_message_to_oneself_arrives_and_is_echoed_besides() -> None:
    note = f"{ALICE} PRIVMSG Alice :note"
    assert Chat().user("Alice").types("PRIVMSG Alice :note") == [note]
    assert Chat().user("Alice", "echo-message").types("PRIVMSG Alice :note") == [note, note]


def test_message_to_several_targets_goes_to_each_once(people: tuple[Person, Person, Person]) -> None:
    alice, bob, carol = people
    assert alice.types("PRIVMSG #a,Carol,nobody,Carol :hi") == [":irc.test 401 Alice nobody :No such nick/channel"]
    assert bob.sees() == [f"{ALICE} PRIVMSG #a :hi"]
    assert carol.sees() == [f"{ALICE} PRIVMSG Carol :hi"]


def test_too_many_targets_and_nothing_is_sent() -> None:
    chat = Chat(limits=Limits(targets=1))
    alice, bob = chat.user("Alice"), chat.user("Bob")
    assert alice.types("PRIVMSG Bob,Alice :x") == [":irc.test 407 Alice Bob :Too many targets, nothing was sent"]
    assert bob.sees() == []


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        ("", "411 Alice :No recipient given (PRIVMSG)"),
        (" ,, :x", "411 Alice :No recipient given (PRIVMSG)"),
        (" #a", "412 Alice :No text to send"),
        (" #a :", "412 Alice :No text to send"),
        (" nobody :x", "401 Alice nobody :No such nick/channel"),
        (" #none :x", "403 Alice #none :No such channel"),
        (" #b :x", "404 Alice #b :You are not in this room, and it takes no messages from outside"),
        (" @#none :x", "403 Alice #none :No such channel"),
        (" # :x", "403 Alice # :No such channel"),
    ],
)
def test_message_is_refused_with_the_reason_and_a_notice_silently(
    people: tuple[Person, Person, Person], words: str, reply: str
) -> None:
    alice, bob, carol = people
    carol.types("JOIN #b")
    assert alice.types(f"PRIVMSG{words}") == [f":irc.test {reply}"]
    assert alice.types(f"NOTICE{words}") == []
    assert bob.sees() == []


def test_moderated_room_and_ban_silence(people: tuple[Person, Person, Person]) -> None:
    alice, bob, _ = people
    alice.types("MODE #a +m")
    assert bob.types("PRIVMSG #a :x")[-1] == ":irc.test 404 Bob #a :This room is moderated, and you have no voice"
    alice.types("MODE #a -m+b Bob")
    assert bob.types("PRIVMSG #a :x")[-1] == ":irc.test 404 Bob #a :You are banned from speaking in this room"
    alice.sees()
    assert alice.types("MODE #a +v Bob") == [f"{ALICE} MODE #a +v Bob"]
    assert bob.types("PRIVMSG #a :x") == [f"{ALICE} MODE #a +v Bob"]


def test_open_room_hears_outsiders(people: tuple[Person, Person, Person]) -> None:
    alice, bob, carol = people
    alice.types("MODE #a -n")
    bob.sees()
    assert carol.types("PRIVMSG #a :hi from outside") == []
    assert bob.sees() == [":Carol!u@192.0.2.1 PRIVMSG #a :hi from outside"]


def test_away_person_is_answered_for_messages_but_not_for_notices(people: tuple[Person, Person, Person]) -> None:
    alice, bob, _ = people
    bob.types("AWAY :at lunch")
    assert alice.types("PRIVMSG Bob :hi") == [":irc.test 301 Alice Bob :at lunch"]
    assert alice.types("NOTICE Bob :hi") == []


def test_message_that_would_not_arrive_whole_is_refused(people: tuple[Person, Person, Person]) -> None:
    """The others see it with the sender's name in front, in a line of 512 bytes."""
    alice, bob, _ = people
    room = 512 - len(f"{ALICE} PRIVMSG #a :\r\n")
    assert alice.types(f"PRIVMSG #a :{'x' * room}") == []
    assert len(bob.sees_bytes()) == 512
    assert alice.types(f"PRIVMSG #a :{'x' * (room + 3)}") == [
        ":irc.test 417 Alice :Your message is 3 bytes too long and was not sent"
    ]
    assert bob.sees() == []


@pytest.mark.parametrize("target", ["#a", "Bob"])
def test_length_is_counted_in_bytes(people: tuple[Person, Person, Person], target: str) -> None:
    alice, bob, _ = people
    assert numerics(alice.types(f"PRIVMSG {target} :{'日' * 160}")) == ["417"]
    assert bob.sees() == []
    assert alice.types(f"PRIVMSG {target} :{'日' * 150}") == []
    assert len(bob.sees()) == 1


def test_sender_is_told_when_a_line_could_not_be_stored(people: tuple[Person, Person, Person]) -> None:
    alice, bob, _ = people
    alice.chat.journal.broken = True
    assert alice.types("PRIVMSG #a :lost?") == [
        ":irc.test FAIL PRIVMSG MESSAGE_NOT_STORED "
        ":Your message could not be stored and was not sent. Try again in a moment."
    ]
    assert bob.sees() == []


# -- tags --


def test_client_tags_travel_to_those_who_can_read_tags() -> None:
    chat = Chat()
    alice, bob, carol = chat.user("Alice", "message-tags"), chat.user("Bob", "message-tags"), chat.user("Carol")
    for person in (alice, bob, carol):
        person.types("JOIN #a")
    for person in (alice, bob, carol):
        person.sees()
    alice.types("@+reply=m1;+x=a\\:b\\s;time=forged;account=admin;+ PRIVMSG #a :hi")
    (line,) = bob.sees()
    tags, _, message = line.partition(" ")
    assert tags.split(";")[1:] == ["+reply=m1", "+x=a\\:b\\s"]
    assert tags.startswith("@msgid=m")
    assert message == f"{ALICE} PRIVMSG #a :hi"
    assert carol.sees() == [message]


def test_tags_of_a_client_that_did_not_ask_for_tags_are_dropped() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice"), chat.user("Bob", "message-tags")
    alice.types("@+typing=active PRIVMSG Bob :hi")
    assert "typing" not in bob.sees()[0]


def test_tagmsg_is_seen_by_those_who_can_read_tags_and_kept_nowhere() -> None:
    chat = Chat()
    alice, bob, carol = chat.user("Alice", "message-tags"), chat.user("Bob", "message-tags"), chat.user("Carol")
    for person in (alice, bob, carol):
        person.types("JOIN #a")
    for person in (alice, bob, carol):
        person.sees()
    stored = chat.journal.store.newest()
    assert alice.types("@+typing=active TAGMSG #a") == []
    assert bob.sees()[0].endswith(f";+typing=active {ALICE} TAGMSG #a")
    assert carol.sees() == []
    assert alice.types("@+typing=active TAGMSG Bob,Carol") == []
    assert bob.sees()[0].endswith(f"{ALICE} TAGMSG Bob")
    assert carol.sees() == []
    assert chat.journal.store.newest() == stored


@pytest.mark.parametrize(
    ("caps", "line", "reply"),
    [
        ("message-tags", "TAGMSG", ":irc.test 461 Alice TAGMSG :Not enough parameters"),
        ("message-tags", "@time=x TAGMSG Alice", f"@msgid=m2 {ALICE} TAGMSG Alice"),
        ("message-tags", "@+a TAGMSG nobody", ":irc.test 401 Alice nobody :No such nick/channel"),
        ("message-tags", "@+a TAGMSG #none", ":irc.test 403 Alice #none :No such channel"),
        ("message-tags", "@+a TAGMSG ,", ":irc.test 411 Alice :No recipient given (TAGMSG)"),
        ("", "@+a TAGMSG nobody", ":irc.test 421 Alice TAGMSG :Unknown command"),
    ],
)
def test_tagmsg_edge_cases(caps: str, line: str, reply: str) -> None:
    alice = Chat().user("Alice", caps)
    assert alice.types(line) == [reply]


# -- order --


def test_pong_comes_when_the_message_before_it_is_on_its_way() -> None:
    chat = Chat(held=True)
    alice, bob = chat.connect(), chat.connect()
    for person, nick in ((alice, "Alice"), (bob, "Bob")):
        person.types(f"NICK {nick}", "USER u 0 * :x", "JOIN #a")
        chat.deliver()
    alice.sees(), bob.sees()
    assert alice.types("PRIVMSG #a :first", "PING barrier") == []
    chat.deliver()
    assert bob.sees() == [f"{ALICE} PRIVMSG #a :first"]
    assert alice.sees() == [":irc.test PONG irc.test barrier"]


@pytest.mark.parametrize("target", ["Alice", "Bob", "#a"])
def test_replies_keep_their_place_behind_what_was_sent_before(target: str) -> None:
    chat = Chat(held=True)
    alice, bob = chat.connect(), chat.connect()
    for person, nick in ((alice, "Alice"), (bob, "Bob")):
        person.types("CAP REQ echo-message", f"NICK {nick}", "USER u 0 * :x", "CAP END", "JOIN #a")
        chat.deliver()
    alice.sees(), bob.sees()
    assert alice.types(f"PRIVMSG {target} :one", "PING a", f"PRIVMSG {target} :two", "PING b") == []
    chat.deliver()
    times = 2 if target == "Alice" else 1  # its echo, and to oneself also its delivery
    assert alice.sees() == [
        *[f"{ALICE} PRIVMSG {target} :one"] * times,
        ":irc.test PONG irc.test a",
        *[f"{ALICE} PRIVMSG {target} :two"] * times,
        ":irc.test PONG irc.test b",
    ]


def test_all_members_see_the_same_order() -> None:
    chat = Chat(held=True)
    people = [chat.connect() for _ in range(3)]
    for number, person in enumerate(people):
        person.types("CAP REQ echo-message", f"NICK P{number}", "USER u 0 * :x", "CAP END", "JOIN #a,#b")
    chat.deliver()
    for person in people:
        person.sees()
    for number in (0, 1, 2, 1, 0):
        people[number].types(f"PRIVMSG #a :from {number}", f"PRIVMSG #b :also {number}")
    people[2].types("PART #a :done")
    people[0].types("PRIVMSG #a :after")
    chat.deliver()
    first, second, third = (person.sees() for person in people)
    assert first == second
    assert third == first[:-1]
    assert len(first) == 12
