"""RENAME (https://ircv3.net/specs/extensions/channel-rename): who sees what, and what becomes of all that belongs
to a room. The specification's examples are in tests/specifications."""

import pytest

from commands.checks import well_formed
from commands.harness import NOON, Chat, Person, at_once, numerics
from triochat.domain.limits import Limits
from triochat.domain.markers import Markers
from triochat.domain.names import Names
from triochat.domain.policy import AccountPolicy, HistoryPolicy
from triochat.domain.world import World
from triochat.restoring import restore

CAP = "draft/channel-rename"


@pytest.fixture
def alice() -> Person:
    """Operator of #foo, with the capability."""
    return inside(Chat())


def inside(chat: Chat, caps: str = CAP) -> Person:
    person = chat.user("Alice", caps)
    person.types("JOIN #foo", "TOPIC #foo :Topic of the renamed channel")
    return person


def member(chat: Chat, nick: str, caps: str = "") -> Person:
    person = chat.user(nick, caps)
    person.types("JOIN #foo")
    return person


# -- who sees what --


@pytest.mark.parametrize(("line", "reason"), [("RENAME #FOO #bar :Typo fix", "Typo fix"), ("RENAME #foo #bar", "")])
def test_who_knows_it_sees_a_rename(alice: Person, line: str, reason: str) -> None:
    bob = member(alice.chat, "Bob", CAP)
    alice.sees()
    seen = f":Alice!u@192.0.2.1 RENAME #foo #bar :{reason}"
    assert alice.types(line) == [seen]
    assert bob.sees() == [seen]


def test_to_others_it_looks_like_another_room() -> None:
    chat = Chat()
    alice, bob = inside(chat, ""), member(chat, "Bob", "extended-join")
    alice.sees()
    room = [
        ":irc.test 332 {} #bar :Topic of the renamed channel",
        ":irc.test 333 {} #bar Alice!u@192.0.2.1 1700000000",
        ":irc.test 353 {} = #bar :@Alice Bob",
        ":irc.test 366 {} #bar :End of /NAMES list",
    ]
    assert alice.types("RENAME #foo #bar :Changing the channel name") == [
        ":Alice!u@192.0.2.1 PART #foo :Changing the channel name",
        ":Alice!u@192.0.2.1 JOIN #bar",
        *(line.format("Alice") for line in room),
    ]
    assert bob.sees() == [
        ":Bob!u@192.0.2.1 PART #foo :Changing the channel name",
        ":Bob!u@192.0.2.1 JOIN #bar * :Real Name",
        *(line.format("Bob") for line in room),
    ]


def test_another_case_is_no_other_room_to_anybody(alice: Person) -> None:
    bob = member(alice.chat, "Bob")
    alice.sees()
    assert alice.types("RENAME #foo #Foo") == [":Alice!u@192.0.2.1 RENAME #foo #Foo :"]
    assert bob.sees() == []
    assert numerics(bob.types("TOPIC #foo", "NAMES #foo")) == ["332", "333", "353", "366"]
    assert bob.types("MODE #FOO")[0] == ":irc.test 324 Bob #Foo +nt"


def test_who_changes_the_case_learns_that_it_is_done() -> None:
    alice = inside(Chat(), "")
    assert alice.types("RENAME #foo #FOO") == [":irc.test NOTE RENAME DONE #FOO :The room is called #FOO now"]


def test_it_has_its_place_in_the_order() -> None:
    chat = Chat(held=True)
    alice, bob, old = chat.user("Alice", CAP), chat.user("Bob", CAP), chat.user("Old")
    for person in (alice, bob, old):
        person.sends("JOIN #foo")
    chat.deliver()
    bob.sees(), old.sees()
    alice.sends("PRIVMSG #foo :before", "RENAME #foo #bar", "PRIVMSG #bar :after")
    chat.deliver()
    assert [line.split(" ", 1)[1] for line in bob.sees()] == [
        "PRIVMSG #foo :before",
        "RENAME #foo #bar :",
        "PRIVMSG #bar :after",
    ]
    assert numerics(old.sees()) == ["PRIVMSG", "PART", "JOIN", "353", "366", "PRIVMSG"]


def test_the_answer_to_a_label_holds_all_of_it() -> None:
    alice = inside(Chat(), "labeled-response batch")
    first, *lines, last = alice.types("@label=x RENAME #foo #bar")
    assert first.startswith("@label=x :irc.test BATCH +") and last.startswith(":irc.test BATCH -")
    assert [line.split(" ")[2] for line in lines] == ["PART", "JOIN", "332", "333", "353", "366"]


# -- what is refused --


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("RENAME #foo", "461 Alice RENAME :Not enough parameters"),
        ("RENAME #none #bar", "403 Alice #none :No such channel"),
        ("RENAME #foo #taken", "FAIL RENAME CHANNEL_NAME_IN_USE #foo #taken :There is a room of this name already"),
        ("RENAME #foo #foo", "FAIL RENAME CANNOT_RENAME #foo #foo :This is its name already"),
        (
            "RENAME #foo %local",
            "FAIL RENAME CANNOT_RENAME #foo %local :This is no name for a room: a room's name begins with #",
        ),
        ("RENAME #lobby #bar", "482 Alice #lobby :You're not channel operator"),
    ],
)
def test_what_cannot_be_done_is_said(alice: Person, line: str, answer: str) -> None:
    alice.chat.user("Eve").types("JOIN #taken")
    alice.types("JOIN #lobby")
    assert alice.types(line) == [f":irc.test {answer}"]


def test_only_operators_rename_and_only_founders_where_there_are_any() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice", CAP, account="Alice"), chat.user("Bob", CAP)
    eve = chat.user("Eve", CAP)
    alice.types("JOIN #foo", "MODE #foo +q Alice")
    bob.types("JOIN #foo")
    assert eve.types("RENAME #foo #bar") == [":irc.test 442 Eve #foo :You're not on that channel"]
    assert bob.types("RENAME #foo #bar") == [":irc.test 482 Bob #foo :You're not channel operator"]
    alice.types("MODE #foo +o Bob")
    bob.sees()
    assert bob.types("RENAME #foo #bar") == [":irc.test 482 Bob #foo :You're not channel operator"]
    assert numerics(alice.types("RENAME #foo #bar")) == ["RENAME"]


def test_not_again_at_once(alice: Person) -> None:
    alice.types("RENAME #foo #bar")
    assert alice.types("RENAME #bar #baz") == [
        ":irc.test FAIL RENAME CANNOT_RENAME #bar #baz :This room got its name only now, try again in 60 seconds"
    ]
    alice.chat.clock += 60
    assert numerics(alice.types("RENAME #bar #baz")) == ["RENAME"]


def test_where_it_would_be_a_flood_it_is_refused(alice: Person) -> None:
    for i in range(708):  # each of them would have to be told the names of all
        alice.chat.user(f"u{i}").sends("JOIN #foo")
    alice.sees()
    assert alice.types("RENAME #foo #bar") == [
        ":irc.test FAIL RENAME CANNOT_RENAME #foo #bar "
        ":Too many people are here whose clients know nothing of new names"
    ]


# -- who looks for it by its former name --


def test_newcomers_are_led_to_it(alice: Person) -> None:
    alice.types("RENAME #foo #bar")
    knowing, old = alice.chat.user("Knowing", CAP), alice.chat.user("Old")
    assert knowing.types("JOIN #Foo") == [
        ":irc.test FAIL JOIN CHANNEL_RENAMED #Foo #bar :The room is called #bar now"
    ]
    link, joined, *_ = old.types("JOIN #Foo")
    assert link == ":irc.test 470 Old #Foo #bar :The room is called #bar now"
    assert joined == ":Old!u@192.0.2.1 JOIN #bar"


def test_the_former_name_is_free_for_those_inside_and_then_for_all(alice: Person) -> None:
    bob = member(alice.chat, "Bob")
    alice.types("RENAME #foo #bar")
    bob.sees()
    assert bob.types("JOIN #foo")[0] == ":Bob!u@192.0.2.1 JOIN #foo"
    assert numerics(bob.types("MODE #foo +m")) == ["MODE"]  # it is a new room, and Bob its operator
    assert alice.chat.user("Eve").types("JOIN #foo")[0] == ":Eve!u@192.0.2.1 JOIN #foo"


def test_after_a_day_and_when_the_room_has_ended_nobody_is_led_on(alice: Person) -> None:
    alice.types("RENAME #foo #bar")
    alice.chat.clock += 24 * 3600 + 1
    assert alice.chat.user("Eve").types("JOIN #foo")[0] == ":Eve!u@192.0.2.1 JOIN #foo"
    alice.types("RENAME #bar #baz", "PART #baz")
    assert alice.chat.user("Dan").types("JOIN #bar")[0] == ":Dan!u@192.0.2.1 JOIN #bar"


def test_from_one_name_to_the_next_one_is_led_to_the_last(alice: Person) -> None:
    alice.types("RENAME #foo #bar")
    alice.chat.clock += 60
    alice.types("RENAME #bar #baz")
    assert alice.chat.user("Eve").types("JOIN #foo")[1] == ":Eve!u@192.0.2.1 JOIN #baz"
    assert alice.chat.user("Dan", CAP).types("JOIN #bar")[0].startswith(":irc.test FAIL JOIN CHANNEL_RENAMED")


def test_nobody_else_takes_a_name_that_leads_on(alice: Person) -> None:
    alice.types("RENAME #foo #bar")
    eve = alice.chat.user("Eve", CAP)
    eve.types("JOIN #own")
    assert eve.types("RENAME #own #foo") == [
        ":irc.test FAIL RENAME CHANNEL_NAME_IN_USE #own #foo :There is a room of this name already"
    ]
    alice.chat.clock += 60
    assert numerics(alice.types("RENAME #bar #foo")) == ["RENAME"]  # back again


def test_a_secret_room_stays_secret(alice: Person) -> None:
    alice.types("MODE #foo +s", "RENAME #foo #bar")
    eve = alice.chat.user("Eve", CAP)
    assert eve.types("JOIN #foo")[0] == ":Eve!u@192.0.2.1 JOIN #foo"
    alice.chat.user("Dan", CAP)
    assert not any("#bar" in line for line in eve.types("LIST", "WHOIS Alice", "NAMES #bar", "PRIVMSG #bar :x")[:-3])


def test_the_invited_find_a_secret_room(alice: Person) -> None:
    dan = alice.chat.user("Dan")
    alice.types("MODE #foo +si", "INVITE Dan #foo", "RENAME #foo #bar")
    dan.sees()
    assert dan.types("JOIN #foo")[1] == ":Dan!u@192.0.2.1 JOIN #bar"


def test_being_led_on_opens_no_closed_room(alice: Person) -> None:
    alice.types("MODE #foo +i", "RENAME #foo #bar")
    assert numerics(alice.chat.user("Eve").types("JOIN #foo")) == ["470", "473"]


# -- what belongs to the room --

HISTORY = "draft/chathistory batch draft/channel-rename"


def said(person: Person, room: str) -> list[str]:
    """What CHATHISTORY tells of *room*, without source and batch."""
    person.sees()
    _, *lines, _ = person.types(f"CHATHISTORY LATEST {room} * 50")
    return [line.split(" ", 2)[2] for line in lines]


def test_the_log_goes_along_and_a_new_room_begins_one_of_its_own() -> None:
    alice = inside(Chat(), HISTORY)
    bob = member(alice.chat, "Bob", HISTORY)
    alice.types("PRIVMSG #foo :one", "RENAME #foo #bar", "PRIVMSG #bar :two")
    bob.types("JOIN #foo", "PRIVMSG #foo :other", "NOTICE #bar :three")
    assert said(alice, "#bar") == ["PRIVMSG #bar :one", "PRIVMSG #bar :two", "NOTICE #bar :three"]
    assert said(bob, "#foo") == ["PRIVMSG #foo :other"]
    alice.types("PART #bar", "JOIN #foo"), bob.types("PART #bar")
    assert said(alice, "#foo") == ["PRIVMSG #foo :other"]
    alice.types("JOIN #bar")
    assert said(alice, "#bar") == []  # a new room: what was said in the one before it is not for it
    bob.types("PART #foo"), alice.types("PART #foo", "JOIN #foo")
    assert said(alice, "#foo") == []


def test_events_are_played_back_under_the_present_name_and_the_rename_as_it_was() -> None:
    alice = inside(Chat(), f"{HISTORY} draft/event-playback")
    alice.types("MODE #foo +m", "RENAME #foo #bar :why")
    assert said(alice, "#bar") == [
        "JOIN #bar",
        "TOPIC #bar :Topic of the renamed channel",
        "MODE #bar +m",
        "RENAME #foo #bar :why",
    ]


def test_what_does_not_fit_a_line_with_the_longer_name_comes_in_two() -> None:
    chat = Chat()
    alice = inside(chat, HISTORY)
    text = "é" * 230
    alice.types(f"PRIVMSG #foo :{text}", f"RENAME #foo #{'b' * 63}")
    alice.sees()
    alice.sends(f"CHATHISTORY LATEST #{'b' * 63} * 1")
    lines = [m for m in well_formed(alice.sees_bytes()) if m.command == "PRIVMSG"]
    assert len(lines) == 2
    assert "".join(line.params[1] for line in lines) == text


def test_newcomers_see_earlier_lines_under_the_present_name() -> None:
    chat = Chat(history=HistoryPolicy(on_join=10))
    alice = inside(chat)
    alice.types("PRIVMSG #foo :one", "RENAME #foo #bar")
    assert chat.user("Bob", "server-time").types("JOIN #bar")[-1].endswith(" PRIVMSG #bar :one")


def test_a_message_is_taken_back_by_its_msgid_whatever_the_room_is_called() -> None:
    alice = inside(Chat(), f"{HISTORY} draft/message-redaction message-tags echo-message")
    (echo,) = alice.types("PRIVMSG #foo :oops")
    msgid = echo.partition("msgid=")[2].split(" ")[0]
    alice.types("RENAME #foo #bar")
    assert numerics(alice.types(f"REDACT #bar {msgid}")) == ["REDACT"]
    assert said(alice, "#bar") == []


def restored(chat: Chat) -> World:
    """The world after a restart."""
    world = World(Limits(), Names())
    world.accounts = chat.world.accounts
    at_once(restore(world, Markers(), chat.journal.store, NOON))
    return world


def test_a_restart_keeps_name_and_log() -> None:
    chat = Chat()
    alice = inside(chat, HISTORY)
    alice.types("METADATA #foo SET url :x", "PRIVMSG #foo :one", "RENAME #foo #bar", "JOIN #foo", "TOPIC #foo :new")
    world = restored(chat)
    assert {name: room.topic.text for name, room in world.rooms.items()} == {
        "#bar": "Topic of the renamed channel",
        "#foo": "new",
    }
    assert {name: room.log for name, room in world.rooms.items()} == {
        name: room.log for name, room in chat.world.rooms.items() if name != "#lobby"
    }
    assert len({room.log for room in world.rooms.values()}) == 2


def test_a_restart_finds_nothing_of_a_renamed_room_that_ended(alice: Person) -> None:
    alice.types("RENAME #foo #bar", "PART #bar")
    assert restored(alice.chat).rooms == {}


def test_who_stays_without_a_connection_is_in_the_room_after_a_restart() -> None:
    chat = Chat(policy=AccountPolicy(password_min_length=1, always_on="mandatory"))
    alice, bob = chat.user("Alice", CAP, account="Alice"), chat.user("Bob", CAP, account="Bob")
    for person in (alice, bob):
        person.types("JOIN #foo")
    bob.types("QUIT")
    alice.types("RENAME #foo #bar")
    world = restored(chat)
    assert world.users["bob"] in world.rooms["#bar"].members


def test_rooms_that_lead_there_still_do(alice: Person) -> None:
    alice.types("JOIN #full", "MODE #full +fi #foo", "RENAME #foo #bar")
    assert numerics(alice.chat.user("Eve").types("JOIN #full"))[:2] == ["470", "JOIN"]


def test_how_far_one_has_read_goes_along() -> None:
    chat = Chat()
    alice = chat.user("Alice", f"{CAP} draft/read-marker", account="Alice")
    alice.types("JOIN #foo", "MARKREAD #foo timestamp=2023-11-14T22:13:20.000Z", "RENAME #foo #bar")
    marker = ":irc.test MARKREAD #bar timestamp=2023-11-14T22:13:20.000Z"
    assert alice.types("MARKREAD #bar") == [marker]
    assert alice.types("MARKREAD #foo") == [":irc.test MARKREAD #foo *"]
    markers = Markers()
    at_once(restore(World(Limits(), Names()), markers, chat.journal.store, NOON))
    assert [record.key for record in markers.rename("#bar", "#baz") if record.value] == ["alice #baz"]
