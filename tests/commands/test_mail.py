"""Private messages that are kept for people with accounts; REDACT
(https://ircv3.net/specs/extensions/message-redaction); what else of the past is shown."""

import re

import pytest

from commands.checks import well_formed
from commands.harness import NOON, Chat, Person, at_once
from triochat.commands.server import Operator
from triochat.desk import AccountDesk
from triochat.domain.policy import HistoryPolicy

CAPS = "draft/chathistory draft/message-redaction message-tags batch server-time echo-message"
EVER = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z"


@pytest.fixture
def chat() -> Chat:
    chat = Chat(operators={"admin": Operator("admin", password="sesame")})
    for name in ("Ann", "Bob"):
        chat.account(name)
    return chat


def enter(chat: Chat, nick: str, account: str = "", caps: str = CAPS) -> Person:
    """Somebody who is in."""
    return chat.user(nick, caps, account=account)


def said(lines: list[str]) -> list[str]:
    """The texts of the messages in an answer."""
    return [m.params[-1] for m in well_formed("".join(f"{x}\r\n" for x in lines).encode()) if m.command == "PRIVMSG"]


def past(person: Person, target: str) -> list[str]:
    """What the log of *target* holds for this person."""
    person.sees()
    return said(person.types(f"CHATHISTORY LATEST {target} * 50"))


def targets(person: Person) -> list[str]:
    """With whom this person has history, by CHATHISTORY TARGETS."""
    person.sees()
    return [
        line.split(" ")[4]
        for line in person.types(f"CHATHISTORY TARGETS {EVER} 50")
        if " CHATHISTORY TARGETS " in line
    ]


def msgid(person: Person, line: str) -> str:
    """The id of a message that this person sends."""
    person.sees()
    found = re.search(r"msgid=([^; ]+)", " ".join(person.types(line)))
    assert found is not None
    return found[1]


# -- private history --


def test_both_find_their_conversation(chat: Chat) -> None:
    ann, bob = enter(chat, "Ann", "Ann"), enter(chat, "Bob", "Bob")
    ann.types("PRIVMSG Bob :one")
    bob.types("PRIVMSG ann :two", "NOTICE Ann :three")
    assert past(ann, "Bob") == past(ann, "bOB") == past(bob, "Ann") == ["one", "two"]
    assert targets(ann) == ["Bob"] and targets(bob) == ["Ann"]


def test_conversation_is_known_by_the_accounts_and_not_by_the_names(chat: Chat) -> None:
    ann, bob = enter(chat, "Ann", "Ann"), enter(chat, "bobby", "Bob")
    ann.types("PRIVMSG bobby :one")
    bob.types("QUIT")
    assert past(ann, "Bob") == ["one"]
    again = enter(chat, "robert", "Bob")
    assert past(again, "Ann") == ["one"]
    assert past(ann, "robert") == ["one"]


def test_targets_are_names_by_which_the_conversation_is_found(chat: Chat) -> None:
    ann, bob = enter(chat, "Ann", "Ann"), enter(chat, "bobby", "Bob")
    bob.types("PRIVMSG Ann :one")
    bob.types("NICK robert")
    assert targets(ann) == ["robert"] and past(ann, "robert") == ["one"]
    bob.types("QUIT")
    assert targets(ann) == ["Bob"] and past(ann, "Bob") == ["one"]


def test_who_has_an_account_finds_what_guests_wrote_and_guests_find_nothing(chat: Chat) -> None:
    ann, guest = enter(chat, "Ann", "Ann"), enter(chat, "Guest")
    guest.types("PRIVMSG Ann :one")
    ann.types("PRIVMSG Guest :two")
    assert past(ann, "Guest") == ["one", "two"]
    guest.sees()
    assert guest.types("CHATHISTORY LATEST Ann * 5") == [
        ":irc.test FAIL CHATHISTORY INVALID_TARGET LATEST Ann :There is no history of this that you may read"
    ]
    assert targets(guest) == []


def test_between_guests_nothing_is_kept(chat: Chat) -> None:
    eve, fay = enter(chat, "Eve"), enter(chat, "Fay")
    eve.types("PRIVMSG Fay :one")
    assert fay.sees() != []
    assert at_once(chat.journal.store.logs("=")) == []


def test_a_later_owner_of_the_name_finds_nothing(chat: Chat) -> None:
    """Neither of what was written to the guest of that name, nor by it."""
    ann, guest = enter(chat, "Ann", "Ann"), enter(chat, "Carol")
    guest.types("PRIVMSG Ann :one")
    ann.types("PRIVMSG Carol :two")
    guest.types("QUIT")
    carol = enter(chat, "Carol", "Carol")
    assert past(carol, "Ann") == []
    assert targets(carol) == []


def test_account_that_is_removed_takes_its_copies_along(chat: Chat) -> None:
    ann, bob = enter(chat, "Ann", "Ann"), enter(chat, "Bob", "Bob")
    ann.types("PRIVMSG Bob :one")
    desk = AccountDesk(chat.world, chat.server.markers, chat.server.registrar, chat.journal.keep)
    bob.types("QUIT")
    assert at_once(desk.do({"do": "remove", "name": "Bob"}))["count"] == 1
    new = enter(chat, "Bob", "Bob")
    assert past(new, "Ann") == [] and targets(new) == []
    assert past(ann, "Bob") == ["one"]


def test_names_of_others_logs_are_no_way_in(chat: Chat) -> None:
    """A log's name is built of two names; neither may hold what divides them."""
    ann = enter(chat, "Ann", "Ann")
    enter(chat, "Bob", "Bob").types("PRIVMSG Ann :one")
    for target in ("=bob/ann", "bob/ann", "/", "ann/../bob", "=", "Bob/", "*", "Bob Ann", "#lobby"):
        assert past(ann, target) == []


def test_messages_to_oneself_are_kept_once(chat: Chat) -> None:
    ann = enter(chat, "Ann", "Ann")
    ann.types("PRIVMSG Ann :note")
    assert past(ann, "Ann") == ["note"]
    assert targets(ann) == ["Ann"]


def test_nothing_is_kept_where_the_settings_say_so() -> None:
    chat = Chat(history=HistoryPolicy(direct_messages=False))
    ann, bob = enter(chat, "Ann", "Ann"), enter(chat, "Bob", "Bob")
    ann.types("PRIVMSG Bob :one")
    assert bob.sees() != []
    assert past(ann, "Bob") == []


def test_without_history_there_is_no_command() -> None:
    chat = Chat(history=HistoryPolicy(enabled=False))
    person = chat.connect()
    assert "chathistory" not in " ".join(person.types("CAP LS 302"))
    assert chat.user("Bob").types("CHATHISTORY LATEST #lobby * 1") == [
        ":irc.test 421 Bob CHATHISTORY :Unknown command"
    ]


def test_targets_come_in_the_order_of_silence_and_with_a_limit(chat: Chat) -> None:
    ann, bob = enter(chat, "Ann", "Ann"), enter(chat, "Bob", "Bob")
    ann.types("JOIN #a", "PRIVMSG #a :x", "PRIVMSG Bob :x", "JOIN #b", "PRIVMSG #b :x")
    bob.types("PRIVMSG Ann :x")
    assert targets(ann) == ["#a", "#b", "Bob"]
    lines = ann.types(f"CHATHISTORY TARGETS {EVER} 2")
    assert [line.split(" ")[4] for line in lines[1:-1]] == ["#a", "#b"]


# -- REDACT --


@pytest.fixture
def room(chat: Chat) -> tuple[Person, Person, Person]:
    """Op, who tends #a; Ann, who is logged in; Guest. All know REDACT and have looked."""
    people = enter(chat, "Op"), enter(chat, "Ann", "Ann"), enter(chat, "Guest")
    for person in people:
        person.types("JOIN #a")
    for person in people:
        person.sees()
    return people


def redacts(lines: list[str]) -> list[str]:
    """The REDACT lines without their tags."""
    return [line.partition(" ")[2] for line in lines if " REDACT " in line and " FAIL " not in line]


def test_who_knows_it_sees_what_is_taken_back_and_it_is_gone_from_history(
    room: tuple[Person, Person, Person],
) -> None:
    op, ann, guest = room
    plain = op.chat.user("Plain", "draft/chathistory")
    plain.types("JOIN #a")
    id_ = msgid(ann, "PRIVMSG #a :an example")
    for person in (op, guest, plain):
        person.sees()
    told = f":Ann!u@192.0.2.1 REDACT #a {id_} :bad example"
    assert redacts(ann.types(f"REDACT #a {id_} :bad example")) == [told]
    assert redacts(op.sees()) == redacts(guest.sees()) == [told]
    assert plain.sees() == []
    assert past(op, "#a") == past(plain, "#a") == []


@pytest.mark.parametrize("who", ["op", "server operator"])
def test_who_tends_the_room_takes_back_what_others_said(room: tuple[Person, Person, Person], who: str) -> None:
    op, ann, guest = room
    id_ = msgid(ann, "PRIVMSG #a :spam")
    if who == "server operator":
        guest.types("OPER admin sesame")
    taker = op if who == "op" else guest
    assert len(redacts(taker.types(f"REDACT #a {id_}"))) == 1
    assert past(ann, "#a") == []


def test_others_may_not(room: tuple[Person, Person, Person]) -> None:
    op, ann, guest = room
    id_ = msgid(ann, "PRIVMSG #a :keep me")
    guest.sees()
    assert guest.types(f"REDACT #a {id_}") == [
        f":irc.test FAIL REDACT REDACT_FORBIDDEN #a {id_} :Only your own messages, or you tend the room"
    ]
    assert past(op, "#a") == ["keep me"]


def test_guest_takes_back_its_own_and_a_later_guest_of_the_name_does_not(room: tuple[Person, Person, Person]) -> None:
    op, _, guest = room
    first, second = msgid(guest, "PRIVMSG #a :one"), msgid(guest, "PRIVMSG #a :two")
    assert len(redacts(guest.types(f"REDACT #a {first}"))) == 1
    guest.types("QUIT")
    op.chat.server.wall_clock = lambda: NOON + 60
    again = enter(op.chat, "Guest")
    again.types("JOIN #a")
    assert " REDACT_FORBIDDEN " in again.types(f"REDACT #a {second}")[0]
    assert past(op, "#a") == ["two"]


def test_guest_who_was_there_all_the_time_cannot_take_a_name_and_what_was_said_under_it(
    room: tuple[Person, Person, Person],
) -> None:
    op, _, guest = room
    other = enter(op.chat, "Other")
    other.types("JOIN #a")
    id_ = msgid(guest, "PRIVMSG #a :mine")
    guest.types("QUIT")
    other.types("NICK Guest")
    assert other.user.source == guest.user.source
    assert " REDACT_FORBIDDEN " in other.types(f"REDACT #a {id_}")[-1]
    assert past(op, "#a") == ["mine"]


def test_account_takes_back_from_another_name_and_another_day(room: tuple[Person, Person, Person]) -> None:
    op, ann, _ = room
    id_ = msgid(ann, "PRIVMSG #a :one")
    ann.types("QUIT")
    op.chat.server.wall_clock = lambda: NOON + 60
    again = enter(op.chat, "other", "Ann")
    again.types("JOIN #a")
    assert len(redacts(again.types(f"REDACT #a {id_}"))) == 1


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("REDACT #a nothing", "FAIL REDACT UNKNOWN_MSGID #a nothing :There is no such message, or not any more"),
        ("REDACT #none m1", "FAIL REDACT INVALID_TARGET #none :There is nothing here that you may take back"),
        ("REDACT #b m1", "FAIL REDACT INVALID_TARGET #b :There is nothing here that you may take back"),
        ("REDACT Ann m1", "FAIL REDACT INVALID_TARGET Ann :There is nothing here that you may take back"),
        ("REDACT #a", "461 Guest REDACT :Not enough parameters"),
    ],
)
def test_what_cannot_be_taken_back(room: tuple[Person, Person, Person], line: str, reply: str) -> None:
    op, _, guest = room
    op.types("JOIN #b")
    assert guest.types(line) == [f":irc.test {reply}"]


def test_what_is_no_message_cannot_be_taken_back(room: tuple[Person, Person, Person]) -> None:
    op, _, _ = room
    (line,) = op.types("TOPIC #a :tea")
    assert (
        "FAIL REDACT UNKNOWN_MSGID #a"
        in op.types(f"REDACT #a {line.split('msgid=')[1].split(';')[0].split(' ')[0]}")[0]
    )


def test_message_can_be_taken_back_once(room: tuple[Person, Person, Person]) -> None:
    _, ann, _ = room
    id_ = msgid(ann, "PRIVMSG #a :x")
    ann.types(f"REDACT #a {id_}")
    assert " UNKNOWN_MSGID " in ann.types(f"REDACT #a {id_}")[0]


def test_message_of_an_earlier_room_of_the_name_is_out_of_reach(room: tuple[Person, Person, Person]) -> None:
    op, _, _ = room
    id_ = msgid(op, "PRIVMSG #a :x")
    for person in room:
        person.types("PART #a")
    op.types("JOIN #a")
    assert " UNKNOWN_MSGID " in op.types(f"REDACT #a {id_}")[0]


def test_private_message_goes_from_both_copies(chat: Chat) -> None:
    ann, bob = enter(chat, "Ann", "Ann"), enter(chat, "Bob", "Bob")
    id_ = msgid(ann, "PRIVMSG Bob :one")
    bob.sees()
    told = f":Ann!u@192.0.2.1 REDACT Bob {id_}"
    assert redacts(ann.types(f"REDACT Bob {id_}")) == [told]
    assert redacts(bob.sees()) == [told]
    assert past(ann, "Bob") == past(bob, "Ann") == []


def test_partner_may_not_take_back_what_was_written_to_it(chat: Chat) -> None:
    ann, bob = enter(chat, "Ann", "Ann"), enter(chat, "Bob", "Bob")
    id_ = msgid(ann, "PRIVMSG Bob :one")
    bob.sees()
    assert " REDACT_FORBIDDEN " in bob.types(f"REDACT Ann {id_}")[0]
    assert past(bob, "Ann") == ["one"]


def test_private_message_goes_although_the_partner_is_not_here(chat: Chat) -> None:
    ann, bob = enter(chat, "Ann", "Ann"), enter(chat, "Bob", "Bob")
    id_ = msgid(ann, "PRIVMSG Bob :one")
    bob.types("QUIT")
    ann.sees()
    assert len(redacts(ann.types(f"REDACT Bob {id_}"))) == 1
    assert past(enter(chat, "Bob", "Bob"), "Ann") == []


def test_message_that_cannot_be_erased_stays(room: tuple[Person, Person, Person]) -> None:
    op, ann, _ = room
    id_ = msgid(ann, "PRIVMSG #a :x")
    op.sees()
    ann.chat.journal.broken = True
    (told,) = ann.types(f"REDACT #a {id_}")
    assert " MESSAGE_NOT_STORED " in told
    assert op.sees() == []
    ann.chat.journal.broken = False
    assert past(op, "#a") == ["x"]


def test_redacting_is_for_clients_that_negotiated_it(chat: Chat) -> None:
    bob = chat.user("Bob", account="Bob")
    bob.types("JOIN #a")
    assert bob.types("REDACT #a m1") == [":irc.test 421 Bob REDACT :Unknown command"]


# -- what else of the past is shown --


def test_events_are_played_back_to_those_who_asked(chat: Chat) -> None:
    op, ann = enter(chat, "Op"), enter(chat, "Ann", "Ann", f"{CAPS} draft/event-playback extended-join")
    op.types("JOIN #a")
    ann.types("JOIN #a")
    op.types("TOPIC #a :tea", "PRIVMSG #a :said", "MODE #a +m", "KICK #a Ann :out")
    ann.types("JOIN #a")
    op.types("NICK Op2", "PART #a :bye")
    ann.sees()
    messages = well_formed(("\r\n".join(ann.types("CHATHISTORY LATEST #a * 50")) + "\r\n").encode())
    assert [m.command for m in messages[1:-1]] == [
        "JOIN",
        "JOIN",
        "TOPIC",
        "PRIVMSG",
        "MODE",
        "KICK",
        "JOIN",
        "NICK",
        "PART",
    ]
    assert all(m.tags["batch"] and m.tags["time"] and m.tags["msgid"] for m in messages[1:-1])
    other = enter(chat, "Other")
    other.types("JOIN #a")
    assert said(other.types("CHATHISTORY LATEST #a * 50")) == ["said"]


@pytest.mark.parametrize(
    ("caps", "shown"),
    [("server-time", ["2", "3"]), ("", []), ("server-time draft/chathistory", []), ("draft/chathistory", [])],
)
def test_earlier_lines_are_shown_to_clients_that_cannot_ask(caps: str, shown: list[str]) -> None:
    chat = Chat(history=HistoryPolicy(on_join=2))
    op = chat.user("Op")
    op.types("JOIN #a", *(f"PRIVMSG #a :{number}" for number in range(4)))
    late = chat.user("Late", caps)
    seen = late.types("JOIN #a")
    assert said(seen) == shown
    names = next(i for i, line in enumerate(seen) if " 366 " in line)
    assert all(seen.index(line) > names for line in seen if " PRIVMSG " in line)
    assert all(line.startswith("@time=2023-11-14T22:13:20.") for line in seen if " PRIVMSG " in line)


def test_earlier_lines_are_not_those_of_an_earlier_room(chat: Chat) -> None:
    op, late = chat.user("Op"), chat.user("Late", "server-time")
    op.types("JOIN #a", "PRIVMSG #a :secret", "PART #a", "JOIN #a", "PRIVMSG #a :new")
    assert said(late.types("JOIN #a")) == ["new"]


def test_reactions_are_kept_and_other_tags_are_not(chat: Chat) -> None:
    op, ann = enter(chat, "Op"), enter(chat, "Ann", "Ann", f"{CAPS} draft/event-playback")
    for person in (op, ann):
        person.types("JOIN #a")
    op.types("@+draft/react=x TAGMSG #a", "@+typing=active TAGMSG #a")
    ann.sees()
    (kept,) = [line for line in ann.types("CHATHISTORY LATEST #a * 9") if " TAGMSG " in line]
    assert "+draft/react=x" in kept
