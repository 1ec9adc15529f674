"""Labelled commands (https://ircv3.net/specs/extensions/labeled-response)."""

import pytest

from commands.harness import Chat, Person

CAPS = "labeled-response batch echo-message message-tags"


def labelled(person: Person, command: str) -> list[str]:
    return person.types(f"@label=abc {command}")


def test_one_line_carries_the_label_itself() -> None:
    alice = Chat().user("Alice", CAPS)
    (line,) = labelled(alice, "PING x")
    assert line == "@label=abc :irc.test PONG irc.test x"


def test_nothing_to_say_is_an_ack() -> None:
    alice = Chat().user("Alice", CAPS)
    assert labelled(alice, "PONG x") == ["@label=abc :irc.test ACK"]


def test_an_error_carries_the_label() -> None:
    alice = Chat().user("Alice", CAPS)
    (line,) = labelled(alice, "FROBNICATE")
    assert line.startswith("@label=abc :irc.test 421 ")


def test_several_lines_are_one_batch() -> None:
    alice = Chat().user("Alice", CAPS)
    first, *lines, last = labelled(alice, "JOIN #a")
    reference = first.split(" ")[3].removeprefix("+")
    assert first == f"@label=abc :irc.test BATCH +{reference} labeled-response"
    assert last == f":irc.test BATCH -{reference}"
    assert all(f"batch={reference}" in line.split(" ")[0] for line in lines)
    assert [line.split(" ")[2] for line in lines] == ["JOIN", "353", "366"]


def test_an_echo_carries_the_label_and_the_others_do_not() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice", CAPS), chat.user("Bob", CAPS)
    for person in (alice, bob):
        person.types("JOIN #a")
    alice.sees()
    (echo,) = labelled(alice, "PRIVMSG #a :hi")
    assert echo.startswith("@label=abc;msgid=")
    assert echo.endswith("PRIVMSG #a :hi")
    (copy,) = bob.sees()
    assert "label" not in copy


def test_a_line_that_cannot_be_stored_is_not_acknowledged() -> None:
    chat = Chat()
    alice = chat.user("Alice", CAPS)
    alice.types("JOIN #a")
    chat.journal.broken = True
    (answer,) = labelled(alice, "PRIVMSG #a :hi")
    assert answer.startswith("@label=abc :irc.test FAIL PRIVMSG MESSAGE_NOT_STORED ")


def test_history_needs_no_batch_around_its_batch() -> None:
    alice = Chat().user("Alice", CAPS + " draft/chathistory")
    alice.types("JOIN #a", "PRIVMSG #a :one", "PRIVMSG #a :two")
    first, *lines, last = labelled(alice, "CHATHISTORY LATEST #a * 10")
    assert first.startswith("@label=abc :irc.test BATCH +")
    assert first.endswith(" chathistory #a")
    assert len(lines) == 2
    assert last.startswith(":irc.test BATCH -")


@pytest.mark.parametrize(
    ("line", "numeric"),
    [
        (b"PRIVMSG #a :" + b"x" * 600, "417"),
        (b"PRIVMSG #a :x\0y", "400"),
        (b"PRIVMSG #a :x\ry", "400"),
        (b" ", "400"),
    ],
)
def test_a_line_that_cannot_be_read_is_answered_with_its_label(line: bytes, numeric: str) -> None:
    alice = Chat().user("Alice", CAPS)
    (answer,) = alice.types(b"@label=abc " + line)
    assert answer.startswith(f"@label=abc :irc.test {numeric} Alice ")


@pytest.mark.parametrize("tags", [b"label=a\rb", b"label=a\0b", b"label=\xff", b"label=a;+x=" + b"x" * 5000])
def test_a_label_that_cannot_be_read_is_not_repeated(tags: bytes) -> None:
    alice = Chat().user("Alice", CAPS)
    alice.sends(b"@" + tags + b" PRIVMSG #a :" + b"x" * 600)
    (answer,) = alice.sees()
    assert answer == ":irc.test 417 Alice :Input line was too long"


def test_a_label_that_is_no_utf8_is_not_repeated_as_another_one() -> None:
    alice = Chat().user("Alice", CAPS)
    (answer,) = alice.types(b"@label=\xff PRIVMSG #a :hi")
    assert answer.startswith(":irc.test FAIL PRIVMSG INVALID_UTF8 ")
    (answer,) = alice.types(b"@label=abc PRIVMSG #a :\xff")
    assert answer.startswith("@label=abc :irc.test FAIL PRIVMSG INVALID_UTF8 ")


def test_who_can_read_no_batch_gets_the_label_on_the_first_line() -> None:
    alice = Chat().user("Alice", "labeled-response message-tags")
    first, *lines = labelled(alice, "JOIN #a")
    assert first.startswith("@label=abc;msgid=")
    assert lines == [":irc.test 353 Alice = #a :@Alice", ":irc.test 366 Alice #a :End of /NAMES list"]


def test_without_the_capability_a_label_is_a_tag_like_any_other() -> None:
    alice = Chat().user("Alice", "message-tags")
    assert labelled(alice, "PING x") == [":irc.test PONG irc.test x"]


def test_a_label_that_is_too_long_is_ignored() -> None:
    alice = Chat().user("Alice", CAPS)
    assert alice.types(f"@label={'x' * 65} PING x") == [":irc.test PONG irc.test x"]
