"""Lines that a client sends again after a broken connection are said once (capability triochat/resend)."""

import pytest

from commands.harness import SERVER, Chat, Person

ID = "a-random-id-of-this-line"
CAPS = "message-tags echo-message triochat/resend"


@pytest.fixture
def chat() -> Chat:
    return Chat()


def ann(chat: Chat, caps: str = CAPS) -> Person:
    """Ann, in #a."""
    person = chat.user("Ann", caps)
    person.types("JOIN #a")
    return person


def bob(chat: Chat) -> Person:
    """Bob, who is there as well."""
    person = chat.user("Bob", "message-tags")
    person.types("JOIN #a")
    return person


def test_line_is_said_once_however_often_it_is_sent(chat: Chat) -> None:
    first, other = ann(chat), bob(chat)
    first.sees()
    echo = first.types(f"@+triochat/id={ID};+x=1 PRIVMSG #a :hello")
    (heard,) = other.sees()
    assert heard.startswith("@msgid=") and heard.endswith(" PRIVMSG #a :hello")
    assert ID not in heard and "+x=1" in heard
    first.vanishes()
    other.sees()
    second = ann(chat)
    other.sees()
    again = second.types(f"@+triochat/id={ID};+triochat/again PRIVMSG #a :hello")
    assert again[0].partition(";")[0].partition(" ")[0] == echo[0].partition(";")[0].partition(" ")[0]
    assert again[0].endswith(":Ann!u@192.0.2.1 PRIVMSG #a :hello") and len(again) == 1
    assert other.sees() == []


def test_line_that_had_not_arrived_is_said_when_it_is_sent_again(chat: Chat) -> None:
    person, other = ann(chat), bob(chat)
    person.sees()
    (echo,) = person.types(f"@+triochat/id={ID};+triochat/again PRIVMSG #a :hello")
    assert other.sees() == [echo]


def test_two_lines_with_the_same_words_are_two(chat: Chat) -> None:
    person, other = ann(chat), bob(chat)
    person.sends(f"@+triochat/id={ID}1 PRIVMSG #a :hello", f"@+triochat/id={ID}2 PRIVMSG #a :hello")
    assert len(other.sees()) == 2


def test_line_that_could_not_be_stored_can_be_sent_again(chat: Chat) -> None:
    person, other = ann(chat), bob(chat)
    person.sees()
    chat.journal.broken = True
    (refusal,) = person.types(f"@+triochat/id={ID} PRIVMSG #a :hello")
    assert refusal.startswith(f":{SERVER} FAIL PRIVMSG MESSAGE_NOT_STORED")
    assert other.sees() == []
    chat.journal.broken = False
    person.types(f"@+triochat/id={ID};+triochat/again PRIVMSG #a :hello")
    assert len(other.sees()) == 1


def test_private_line_between_guests_is_said_once(chat: Chat) -> None:
    person, other = ann(chat), bob(chat)
    person.types(f"@+triochat/id={ID} PRIVMSG Bob :psst")
    other.sees()
    (echo,) = person.types(f"@+triochat/id={ID};+triochat/again PRIVMSG Bob :psst")
    assert echo.endswith(":Ann!u@192.0.2.1 PRIVMSG Bob :psst")
    assert other.sees() == []


def test_label_goes_with_the_answer(chat: Chat) -> None:
    person = ann(chat, f"{CAPS} labeled-response batch")
    person.types(f"@label=1;+triochat/id={ID} PRIVMSG #a :hello")
    (echo,) = person.types(f"@label=2;+triochat/id={ID};+triochat/again PRIVMSG #a :hello")
    assert echo.startswith("@label=2;msgid=")


@pytest.mark.parametrize("id", ["short", "x" * 65, "sixteen letters, no", ""])
def test_what_is_no_id_is_refused(chat: Chat, id: str) -> None:
    person, other = ann(chat), bob(chat)
    person.sees()
    escaped = id.replace(" ", "\\s")
    (refusal,) = person.types(f"@+triochat/id={escaped} PRIVMSG #a :hello")
    assert refusal.startswith(f":{SERVER} FAIL PRIVMSG INVALID_ID")
    assert other.sees() == []


def test_several_targets_have_no_id(chat: Chat) -> None:
    person, other = ann(chat), bob(chat)
    person.sees()
    assert " INVALID_ID " in person.types(f"@+triochat/id={ID} PRIVMSG #a,Bob :hello")[0]
    assert other.sees() == []


def test_without_the_capability_the_tag_means_nothing_and_is_shown_to_nobody(chat: Chat) -> None:
    person, other = ann(chat, "message-tags"), bob(chat)
    person.types(f"@+triochat/id={ID} PRIVMSG #a :hello", f"@+triochat/id={ID} PRIVMSG #a :hello")
    lines = other.sees()
    assert len(lines) == 2 and not any(ID in line for line in lines)


def test_notice_is_refused_silently_as_ever(chat: Chat) -> None:
    person = ann(chat)
    assert person.types(f"@+triochat/id={ID} NOTICE #nowhere :hello") == []
