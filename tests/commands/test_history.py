"""CHATHISTORY, and the earlier lines that plain-line users see."""

import pytest

from commands.harness import NOON, Chat, Person, Unreadable
from triochat.domain.policy import HistoryPolicy

CHATHISTORY_LIMIT = HistoryPolicy().max_batch

CAPS = "draft/chathistory batch message-tags server-time"


@pytest.fixture
def alice() -> Person:
    """Alice in #a, where ten lines `line 0` to `line 9` were said, with joins between them."""
    chat = Chat()
    alice, bob = chat.user("Alice", CAPS), chat.user("Bob")
    alice.types("JOIN #a")
    for number in range(10):
        bob.types("JOIN #a", f"PRIVMSG #a :line {number}", "PART #a")
    alice.sees()
    return alice


def asked(person: Person, request: str) -> list[str]:
    """The texts in the batch that answers CHATHISTORY *request*."""
    first, *lines, last = person.types(f"CHATHISTORY {request}")
    reference = first.split(" ")[2].removeprefix("+")
    assert first == f":irc.test BATCH +{reference} chathistory #a"
    assert last == f":irc.test BATCH -{reference}"
    assert all(
        line.startswith(f"@batch={reference};msgid=m") and ";time=2023-11-14T22:13:20." in line for line in lines
    )
    return [line.split(" :", 2)[2] for line in lines]


def lines(*numbers: int) -> list[str]:
    return [f"line {number}" for number in numbers]


def msgid(person: Person, number: int) -> str:
    """The msgid of `line *number*`."""
    found = person.types(f"CHATHISTORY LATEST #a * {CHATHISTORY_LIMIT}")
    (line,) = [line for line in found if line.endswith(f":line {number}")]
    return "msgid=" + line.split("msgid=")[1].split(";")[0]


def timestamp(person: Person, number: int) -> str:
    """The time of `line *number*`."""
    seq = int(msgid(person, number).removeprefix("msgid=m"))
    return f"timestamp=2023-11-14T22:13:20.{seq:03}Z"


def test_latest(alice: Person) -> None:
    assert asked(alice, "LATEST #A * 3") == lines(7, 8, 9)
    assert asked(alice, "latest #a * 100") == lines(*range(10))


@pytest.mark.parametrize("place", [msgid, timestamp])
def test_every_way_to_ask(alice: Person, place) -> None:  # type: ignore[no-untyped-def]
    three, six = place(alice, 3), place(alice, 6)
    assert asked(alice, f"LATEST #a {six} 2") == lines(8, 9)
    assert asked(alice, f"LATEST #a {six} 100") == lines(7, 8, 9)
    assert asked(alice, f"BEFORE #a {three} 2") == lines(1, 2)
    assert asked(alice, f"AFTER #a {three} 2") == lines(4, 5)
    assert asked(alice, f"AROUND #a {three} 3") == lines(2, 3, 4)
    assert asked(alice, f"BETWEEN #a {three} {six} 10") == lines(4, 5)
    assert asked(alice, f"BETWEEN #a {six} {three} 10") == lines(4, 5)
    assert asked(alice, f"BETWEEN #a {three} {six} 1") == lines(4)
    assert asked(alice, f"BETWEEN #a {six} {three} 1") == lines(5)


def test_reading_on_from_the_last_msgid_misses_nothing(alice: Person) -> None:
    texts: list[str] = asked(alice, "LATEST #a * 100")[:1]
    while more := asked(alice, f"AFTER #a {msgid(alice, len(texts) - 1)} 4"):
        texts += more
    assert texts == lines(*range(10))


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        ("LATEST #a * 0", []),
        ("AROUND #a timestamp=1999-01-01T00:00:00.000Z 4", lines(0, 1, 2, 3)),
        ("BEFORE #a timestamp=1999-01-01T00:00:00.000Z 4", []),
        ("AFTER #a timestamp=2099-12-31T23:59:59.999Z 4", []),
        ("AFTER #a timestamp=1999-01-01T00:00:00Z 1", lines(0)),
    ],
)
def test_edges_of_the_log(alice: Person, request_: str, found: list[str]) -> None:
    assert asked(alice, request_) == found


def test_no_more_than_the_limit_is_returned() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice", CAPS), chat.user("Bob")
    alice.types("JOIN #a")
    bob.types("JOIN #a", *(f"PRIVMSG #a :line {number}" for number in range(CHATHISTORY_LIMIT + 5)))
    alice.sees()
    assert asked(alice, "LATEST #a * 999999999") == lines(*range(5, CHATHISTORY_LIMIT + 5))


PLACE = "timestamp=2023-11-14T22:13:20.000Z"


@pytest.mark.parametrize(
    ("request_", "reply"),
    [
        ("", "461 Alice CHATHISTORY :Not enough parameters"),
        ("LATEST", "FAIL CHATHISTORY INVALID_PARAMS LATEST :Too few parameters"),
        ("BETWEEN #a * *", "FAIL CHATHISTORY INVALID_PARAMS BETWEEN :Too few parameters"),
        ("FOO #a * 1", "FAIL CHATHISTORY INVALID_PARAMS FOO :Unknown subcommand"),
        (":", "FAIL CHATHISTORY INVALID_PARAMS * :Unknown subcommand"),
        (
            "LATEST #none * 1",
            "FAIL CHATHISTORY INVALID_TARGET LATEST #none :There is no history of this that you may read",
        ),
        ("LATEST #b * 1", "FAIL CHATHISTORY INVALID_TARGET LATEST #b :There is no history of this that you may read"),
        (
            "LATEST Bob * 1",
            "FAIL CHATHISTORY INVALID_TARGET LATEST Bob :There is no history of this that you may read",
        ),
        ("LATEST #a * x", "FAIL CHATHISTORY INVALID_PARAMS LATEST x :The limit is no number"),
        ("LATEST #a * -1", "FAIL CHATHISTORY INVALID_PARAMS LATEST -1 :The limit is no number"),
        ("LATEST #a * ٣", "FAIL CHATHISTORY INVALID_PARAMS LATEST ٣ :The limit is no number"),
        ("BEFORE #a * 1", "FAIL CHATHISTORY INVALID_PARAMS BEFORE * :This needs a msgid= or timestamp= reference"),
        (
            "BEFORE #a msgid=nope 1",
            "FAIL CHATHISTORY MESSAGE_ERROR BEFORE #a msgid=nope :No message that is kept has",
        ),
        ("BEFORE #a msgid= 1", "FAIL CHATHISTORY INVALID_PARAMS BEFORE msgid= :A reference is"),
        ("LATEST #a * 2 5", "FAIL CHATHISTORY INVALID_PARAMS LATEST :Too many parameters"),
        (
            "BEFORE #a timestamp=yesterday 1",
            "FAIL CHATHISTORY INVALID_PARAMS BEFORE timestamp=yesterday :A time is timestamp=",
        ),
        (
            "BEFORE #a timestamp=2023-02-30T00:00:00.000Z 1",
            "FAIL CHATHISTORY INVALID_PARAMS BEFORE timestamp=2023-02-30T00:00:00.000Z :There is no",
        ),
        (
            "BEFORE #a timestamp=0000-01-01T00:00:00.000Z 1",
            "FAIL CHATHISTORY INVALID_PARAMS BEFORE timestamp=0000-01-01T00:00:00.000Z :There is no",
        ),
        (
            f"BETWEEN #a {PLACE} {PLACE} {PLACE}",
            f"FAIL CHATHISTORY INVALID_PARAMS BETWEEN {PLACE} :The limit is no number",
        ),
    ],
)
def test_request_that_cannot_be_met_is_answered_with_the_reason(alice: Person, request_: str, reply: str) -> None:
    alice.chat.user("Dave").types("JOIN #b")
    (line,) = alice.types(f"CHATHISTORY {request_}".strip())
    assert line.startswith(f":irc.test {reply}")


def test_history_is_for_clients_that_negotiated_it() -> None:
    bob = Chat().user("Bob")
    bob.types("JOIN #a")
    assert bob.types("CHATHISTORY LATEST #a * 1") == [":irc.test 421 Bob CHATHISTORY :Unknown command"]


def test_without_batches_the_lines_come_bare(alice: Person) -> None:
    carol = alice.chat.user("Carol", "draft/chathistory")
    carol.types("JOIN #a")
    assert carol.types("CHATHISTORY LATEST #a * 2") == [
        ":Bob!u@192.0.2.1 PRIVMSG #a :line 8",
        ":Bob!u@192.0.2.1 PRIVMSG #a :line 9",
    ]


def test_history_of_an_earlier_room_of_the_same_name_is_not_shown(alice: Person) -> None:
    alice.types("PART #a", "JOIN #a", "PRIVMSG #a :new room")
    assert asked(alice, "LATEST #a * 100") == ["new room"]
    assert asked(alice, "BEFORE #a timestamp=2099-01-01T00:00:00.000Z 100") == ["new room"]
    assert asked(alice, "AFTER #a timestamp=1999-01-01T00:00:00.000Z 100") == ["new room"]


def test_store_that_cannot_be_read_is_told(alice: Person) -> None:
    alice.chat.journal.history = Unreadable()
    assert alice.types("CHATHISTORY LATEST #a * 1") == [
        ":irc.test FAIL CHATHISTORY MESSAGE_ERROR LATEST #a :History cannot be read now, try again later"
    ]


def test_times_in_history_are_those_of_the_messages(alice: Person) -> None:
    (line,) = [line for line in alice.types("CHATHISTORY LATEST #a * 1") if "PRIVMSG" in line]
    seq = int(line.split("msgid=m")[1].split(";")[0])
    assert f"time=2023-11-14T22:13:20.{seq:03}Z" in line
    assert NOON == 1_700_000_000


def test_plain_line_users_see_the_last_twenty_lines_of_the_lobby() -> None:
    chat = Chat()
    alice = chat.user("Alice")
    alice.types("JOIN #lobby", *(f"PRIVMSG #lobby :line {number}" for number in range(25)))
    seen = chat.line_connect().types("Bob")
    assert [line for line in seen if line.startswith("Alice: ")] == [f"Alice: line {n}" for n in range(5, 25)]


def test_targets_are_the_rooms_with_something_said_in_the_time(alice: Person) -> None:
    alice.types("JOIN #silent")
    everything = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z"
    first, line, last = alice.types(f"CHATHISTORY TARGETS {everything} 10")
    assert first.split(" ")[1:2] + first.split(" ")[3:] == ["BATCH", "draft/chathistory-targets"]
    assert " CHATHISTORY TARGETS #a 2023-11-14T22:13:20." in line
    assert last.split(" ")[1] == "BATCH"
    earlier = "timestamp=2001-01-01T00:00:00.000Z timestamp=2000-01-01T00:00:00.000Z"
    assert len(alice.types(f"CHATHISTORY TARGETS {earlier} 10")) == 2
    (answer,) = alice.types("CHATHISTORY TARGETS yesterday today 10")
    assert "FAIL CHATHISTORY INVALID_PARAMS" in answer
