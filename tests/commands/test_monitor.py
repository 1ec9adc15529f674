"""MONITOR, SETNAME, WHOWAS, and messages to a room's ranks."""

import pytest

from commands.harness import Chat
from triochat.domain.limits import Limits


def test_who_is_watched_is_told_of_coming_and_going() -> None:
    chat = Chat()
    alice = chat.user("Alice")
    assert alice.types("MONITOR + Bob,Cid") == [":irc.test 731 Alice :Bob,Cid"]
    bob = chat.user("Bob")
    (line,) = alice.sees()
    assert line.startswith(":irc.test 730 Alice :Bob!")
    bob.types("NICK Rob")
    assert alice.sees() == [":irc.test 731 Alice :Bob"]
    bob.types("NICK Bob")
    assert " 730 " in alice.sees()[0]
    bob.types("QUIT")
    assert alice.sees() == [":irc.test 731 Alice :Bob"]


def test_the_list_of_the_watched() -> None:
    alice = Chat().user("Alice")
    alice.types("MONITOR + Bob,Cid,*!*@*,Al?ce")
    assert alice.types("MONITOR L") == [":irc.test 732 Alice :Bob,Cid", ":irc.test 733 Alice :End of MONITOR list"]
    alice.types("MONITOR - bob")
    assert alice.types("MONITOR S") == [":irc.test 731 Alice :Cid"]
    alice.types("MONITOR C")
    assert alice.types("MONITOR L") == [":irc.test 733 Alice :End of MONITOR list"]


def test_the_list_is_limited() -> None:
    alice = Chat(limits=Limits(monitor=2)).user("Alice")
    assert alice.types("MONITOR + a,b,c,d") == [
        ":irc.test 734 Alice 2 c,d :Monitor list is full.",
        ":irc.test 731 Alice :a,b",
    ]


def test_a_watcher_that_left_is_forgotten() -> None:
    chat = Chat()
    alice = chat.user("Alice")
    alice.types("MONITOR + Bob")
    alice.types("QUIT")
    chat.user("Bob")
    assert not chat.server.watches.watchers("Bob")


def test_a_new_real_name_is_told_to_those_who_understand() -> None:
    chat = Chat()
    alice, bob, old = chat.user("Alice", "setname"), chat.user("Bob", "setname"), chat.user("Old")
    for person in (alice, bob, old):
        person.types("JOIN #a")
    bob.sees(), old.sees()
    (echo,) = alice.types("SETNAME :Alice in Chains")[-1:]
    assert echo.endswith(" SETNAME :Alice in Chains")
    assert bob.sees()[-1] == echo
    assert not any("SETNAME" in line for line in old.sees())
    (answer,) = alice.types("SETNAME :")
    assert "FAIL SETNAME INVALID_REALNAME" in answer


def test_whowas_knows_who_left_the_newest_first() -> None:
    chat = Chat()
    alice = chat.user("Alice")
    for _ in range(2):
        chat.user("Bob").types("QUIT")
    lines = alice.types("WHOWAS bob")
    assert [line.split(" ")[1] for line in lines] == ["314", "312", "314", "312", "369"]
    assert [line.split(" ")[1] for line in alice.types("WHOWAS Bob 1")] == ["314", "312", "369"]
    assert [line.split(" ")[1] for line in alice.types("WHOWAS Nobody")] == ["406", "369"]
    assert " 431 " in alice.types("WHOWAS")[0]


@pytest.mark.parametrize(("target", "readers"), [("@#a", ["Op"]), ("+#a", ["Op", "Voice"])])
def test_a_message_to_a_rank_reaches_those_of_it_and_above(target: str, readers: list[str]) -> None:
    chat = Chat()
    people = {name: chat.user(name) for name in ("Op", "Voice", "Plain", "Sender")}
    for person in people.values():
        person.types("JOIN #a")
    people["Op"].types("MODE #a +v Voice")
    for person in people.values():
        person.sees()
    people["Sender"].types(f"PRIVMSG {target} :hear ye")
    assert [name for name, person in people.items() if any("hear ye" in line for line in person.sees())] == readers
