"""SEARCH (https://codeberg.org/emersion/soju/src/branch/master/doc/ext/search.md)."""

from collections.abc import Sequence

import pytest

from commands.checks import only, well_formed
from commands.harness import Chat, Person
from triochat.domain.entry import Entry
from triochat.domain.policy import HistoryPolicy
from triochat.journal.memory import MemoryStore
from triochat.ports import Span, StoreFault

CAPS = "soju.im/search batch message-tags server-time draft/message-redaction"


class Unsearchable(MemoryStore):
    """A store whose disk is gone."""

    async def search(self, spans: Sequence[Span], text: str, **wanted: object) -> list[Entry]:  # type: ignore[override]
        raise StoreFault("disk is gone")


@pytest.fixture
def chat() -> Chat:
    """Somebody has said things in #chan, which Jackie is in."""
    chat = Chat()
    jackie, bill = chat.user("jackie", CAPS), chat.user("bill")
    jackie.types("JOIN #chan", "PRIVMSG #chan :Be what you want", "PRIVMSG #chan :Want what you be")
    bill.types("JOIN #chan", "PRIVMSG #chan :That was fast!", "NOTICE #chan :Fasting is hard.")
    return chat


def jackie(chat: Chat) -> Person:
    (person,) = [p for p in chat._people.values() if p.user.nick == "jackie"]
    person.sees()
    return person


def found(person: Person, attributes: str) -> list[str]:
    """The texts in the batch that answers."""
    person.sees()
    messages = well_formed("".join(f"{x}\r\n" for x in person.types(f"SEARCH {attributes}")).encode())
    begin, *lines, end = messages
    reference = begin.params[0].removeprefix("+")
    assert (begin.command, begin.params[1:]) == ("BATCH", ["soju.im/search"])
    assert (end.command, end.params) == ("BATCH", [f"-{reference}"])
    assert all(line.tags["batch"] == reference and line.tags["msgid"] and line.tags["time"] for line in lines)
    return [line.params[1] for line in lines]


def test_the_examples_of_the_specification(chat: Chat) -> None:
    person = jackie(chat)
    assert found(person, "from=jackie;in=#chan") == ["Be what you want", "Want what you be"]
    assert found(person, "text=fast;in=#chan;limit=2") == ["That was fast!", "Fasting is hard."]
    assert found(person, "before=2010-01-01T00:00:00.000Z;in=#chan") == []


def test_a_text_of_several_words_is_written_as_in_tags(chat: Chat) -> None:
    person = jackie(chat)
    assert found(person, r"text=want\sWHAT;limit=1") == ["Want what you be"]
    assert found(person, ":text=you want") == ["Be what you want", "Want what you be"]


def test_times_are_included(chat: Chat) -> None:
    person = jackie(chat)
    (line,) = [x for x in person.types(r"SEARCH text=want;from=jackie;limit=1") if "PRIVMSG" in x]
    at = line.split("time=")[1].split(" ")[0].split(";")[0]
    assert found(person, f"after={at};before={at}") == ["Want what you be"]
    assert found(person, f"after={at};limit=2") == ["Want what you be", "That was fast!"]
    assert found(person, f"before={at};limit=1") == ["Want what you be"]


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        ("in=#nowhere", "in"),
        ("in=", "in"),
        ("in=#other;text=x", "in"),
        ("in=bill", "in"),
        ("text=", "text"),
        ("text=!!!", "text"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("after=yesterday", "after"),
        ("before=2010-13-01T00:00:00.000Z", "before"),
        ("regex=.*", "regex"),
    ],
)
def test_what_cannot_be_looked_for_is_told(chat: Chat, attributes: str, name: str) -> None:
    chat.user("Eve").types("JOIN #other")
    (line,) = jackie(chat).types(f"SEARCH {attributes}")
    assert line.startswith(f":irc.test FAIL SEARCH INVALID_PARAMS {name} :")


def test_without_the_capability_there_is_no_such_command(chat: Chat) -> None:
    (line,) = chat.user("Eve").types("SEARCH text=x")
    assert line.split(" ")[1] == "421"


def test_a_server_without_history_does_not_offer_it() -> None:
    chat = Chat(history=HistoryPolicy(enabled=False))
    assert "soju.im/search" not in " ".join(chat.connect().types("CAP LS 302"))
    assert "soju.im/search" in " ".join(Chat().connect().types("CAP LS 302"))


def test_a_fault_of_the_store_is_an_internal_error(chat: Chat) -> None:
    chat.journal.history = Unsearchable()
    person = jackie(chat)
    assert only(well_formed(f"{person.types('SEARCH text=x')[0]}\r\n".encode()), "FAIL")[0][:2] == [
        "SEARCH",
        "INTERNAL_ERROR",
    ]


def test_nobody_finds_what_was_said_where_they_are_not(chat: Chat) -> None:
    eve = chat.user("Eve", CAPS)
    assert found(eve, "text=want") == []
    eve.types("JOIN #chan", "PART #chan")
    assert found(eve, "text=want") == []
    chat.user("Ann", CAPS, account="Ann").types("PRIVMSG Ann :my want")
    assert found(eve, "text=want") == []
    eve.types("JOIN #chan")
    assert len(found(eve, "text=want")) == 2


def test_a_room_of_the_same_name_has_no_past(chat: Chat) -> None:
    person = jackie(chat)
    for someone in list(chat._people.values()):
        someone.types("PART #chan")
    person.types("JOIN #chan", "PRIVMSG #chan :want anew")
    assert found(person, "text=want") == found(person, "in=#chan") == ["want anew"]


def test_own_private_messages_are_found_and_nobody_elses() -> None:
    chat = Chat()
    ann, bob = chat.user("Ann", CAPS, account="Ann"), chat.user("Bob", CAPS, account="Bob")
    eve = chat.user("Eve", CAPS, account="Eve")
    ann.types("PRIVMSG Bob :our secret", "PRIVMSG Eve :another secret")
    assert found(ann, "text=secret") == ["our secret", "another secret"]
    assert found(bob, "text=secret") == ["our secret"]
    assert found(bob, "in=Ann") == ["our secret"]
    assert found(bob, "in=Eve") == []
    assert found(eve, "from=Ann") == ["another secret"]


def test_what_was_taken_back_is_not_found(chat: Chat) -> None:
    person = jackie(chat)
    (line,) = [x for x in person.types("SEARCH text=want;limit=1") if "PRIVMSG" in x]
    person.types(f"REDACT #chan {line.split('msgid=')[1].split(';')[0].split(' ')[0]}")
    assert found(person, "text=want") == ["Be what you want"]


def test_a_limit_above_the_servers_is_the_servers() -> None:
    chat = Chat(history=HistoryPolicy(max_batch=3))
    person = chat.user("ann", CAPS)
    person.types("JOIN #a", *(f"PRIVMSG #a :word {number}" for number in range(5)))
    assert found(person, "text=word;limit=100") == found(person, "text=word") == ["word 2", "word 3", "word 4"]
    assert found(person, "text=word;limit=0") == []


def test_without_batches_the_lines_come_bare(chat: Chat) -> None:
    eve = chat.user("Eve", "soju.im/search")
    eve.types("JOIN #chan")
    assert [line.split(" :", 1)[1] for line in eve.types("SEARCH from=bill")] == [
        "That was fast!",
        "Fasting is hard.",
    ]


def test_the_answer_takes_a_label(chat: Chat) -> None:
    eve = chat.user("Eve", f"{CAPS} labeled-response")
    first, last = eve.types("@label=7 SEARCH text=nothing")
    assert first.startswith("@label=7 :irc.test BATCH +")
    assert last.startswith(":irc.test BATCH -")
