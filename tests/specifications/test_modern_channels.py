"""https://modern.ircdocs.horse/#channel-operations

Not here: channels that begin with `&`, which this server has not.
"""

import pytest

from commands.harness import Person
from specifications.example import person, play, server

DAN = ":dan-!d@localhost"


@pytest.fixture
def wiz() -> Person:
    """In #test and #Finnish, which it tends."""
    wiz = person(server(), "WiZ!jto@tolsun.oulu.fi")
    wiz.types("JOIN #test,#Finnish")
    return wiz


@pytest.fixture
def dan(wiz: Person) -> Person:
    return person(wiz.chat, "dan-!d@localhost")


def test_join(wiz: Person, dan: Person) -> None:
    """Section "JOIN message"."""
    play(
        f"""
        C: JOIN #test
        S: {DAN} JOIN #test
        S: 353 dan- = #test :@WiZ dan-
        S: 366 dan- #test :End of /NAMES list
        S wiz: {DAN} JOIN #test
        C wiz: TOPIC #Finnish :Hyvää päivää
        ...
        C: JOIN #Finnish
        S: {DAN} JOIN #Finnish
        S: 332 dan- #Finnish :Hyvää päivää
        S: 333 dan- #Finnish WiZ!jto@tolsun.oulu.fi 1700000000
        S: 353 dan- = #Finnish :@WiZ dan-
        S: 366 dan- #Finnish :End of /NAMES list
        ...
        """,
        dan,
        wiz=wiz,
    )


def test_join_of_several_channels_with_keys(wiz: Person, dan: Person) -> None:
    """Section "JOIN message", the command examples."""
    wiz.types("JOIN #foo,#bar", "MODE #foo +k fubar", "MODE #bar +k foobar")
    play(
        f"""
        C: JOIN #foo,#bar fubar
        S: {DAN} JOIN #foo
        ...
        S: 475 dan- #bar :Cannot join channel (+k)
        C: PART #foo
        S: {DAN} PART #foo
        C: JOIN #foo,#bar fubar,foobar
        S: {DAN} JOIN #foo
        ...
        S: {DAN} JOIN #bar
        ...
        S: 366 dan- #bar :End of /NAMES list
        C: JOIN 0
        S: {DAN} PART #foo
        S: {DAN} PART #bar
        """,
        dan,
    )


def test_part(wiz: Person, dan: Person) -> None:
    """Section "PART message"."""
    dan.types("JOIN #test,#Finnish")
    play(
        f"""
        C: PART #test
        S: {DAN} PART #test
        S wiz: {DAN} PART #test
        C: PART #Finnish,#test :Bye
        S: {DAN} PART #Finnish :Bye
        S wiz: {DAN} PART #Finnish :Bye
        S: 442 dan- #test :You're not on that channel
        C: PART #nowhere
        S: 403 dan- #nowhere :No such channel
        """,
        dan,
        wiz=wiz,
    )


def test_topic(wiz: Person, dan: Person) -> None:
    """Section "TOPIC message"."""
    dan.types("JOIN #test")
    play(
        """
        C: TOPIC #test :New topic
        S: :WiZ!jto@tolsun.oulu.fi TOPIC #test :New topic
        S dan: :WiZ!jto@tolsun.oulu.fi TOPIC #test :New topic
        C: TOPIC #test
        S: 332 WiZ #test :New topic
        S: 333 WiZ #test WiZ!jto@tolsun.oulu.fi 1700000000
        C dan: TOPIC #test :Mine
        S dan: 482 dan- #test :You're not channel operator
        C: TOPIC #test :
        S: :WiZ!jto@tolsun.oulu.fi TOPIC #test :
        S dan: :WiZ!jto@tolsun.oulu.fi TOPIC #test :
        C: TOPIC #test
        S: 331 WiZ #test :No topic is set
        """,
        wiz,
        dan=dan,
    )


def test_names(wiz: Person, dan: Person) -> None:
    """Section "NAMES message"; of several channels the end comes once."""
    wiz.types("MODE #Finnish +s")
    play(
        """
        C: NAMES #test
        S: 353 dan- = #test :@WiZ
        S: 366 dan- #test :End of /NAMES list
        C: NAMES #test,#42
        S: 353 dan- = #test :@WiZ
        S: 366 dan- #test,#42 :End of /NAMES list
        C: NAMES #Finnish
        S: 366 dan- #Finnish :End of /NAMES list
        C: NAMES
        S: 366 dan- * :End of /NAMES list
        """,
        dan,
    )


@pytest.mark.parametrize(
    ("words", "rooms"),
    [
        ("", ["#test", "#Finnish"]),
        (" #test,#42", ["#test"]),
        (" >3", []),
        (" C>60", []),
        (" T<60", ["#test"]),
        (" #test,#Finnish T<60", ["#test"]),
    ],
)
def test_list(wiz: Person, dan: Person, words: str, rooms: list[str]) -> None:
    """Section "LIST message"."""
    wiz.types("TOPIC #test :about this")
    found = "\n".join(f"S: 322 dan- {room} 1 :{'about this' if room == '#test' else '<SPACE>'}" for room in rooms)
    play(
        f"""
        C: LIST{words}
        S: 321 dan- Channel :Users  Name
        {found}
        S: 323 dan- :End of /LIST
        """,
        dan,
    )


def test_invite(wiz: Person, dan: Person) -> None:
    """Section "INVITE message"."""
    dan.types("JOIN #mine")
    play(
        f"""
        C: INVITE Wiz #mine
        S: 341 dan- WiZ #mine
        S wiz: {DAN} INVITE WiZ #mine
        C wiz: INVITE
        S wiz: 336 WiZ #mine
        S wiz: 337 WiZ :End of /INVITE list
        C: INVITE Wiz #nowhere
        S: 403 dan- #nowhere :No such channel
        C: INVITE Wiz #test
        S: 442 dan- #test :You're not on that channel
        C wiz: JOIN #mine
        ...
        C: INVITE Wiz #mine
        S: 443 dan- WiZ #mine :is already on channel
        ...
        """,
        dan,
        wiz=wiz,
    )


def test_kick(wiz: Person, dan: Person) -> None:
    """Section "KICK message"."""
    matthew, john = person(wiz.chat, "Matthew!m@host"), person(wiz.chat, "John!j@host")
    for somebody in (matthew, john, dan):
        somebody.types("JOIN #Finnish")
    play(
        """
        C: KICK #Finnish Matthew
        S: :WiZ!jto@tolsun.oulu.fi KICK #Finnish Matthew :<comment>
        S john: :WiZ!jto@tolsun.oulu.fi KICK #Finnish Matthew :<comment>
        C: KICK #Finnish John :Speaking English
        S: :WiZ!jto@tolsun.oulu.fi KICK #Finnish John :Speaking English
        S john: :WiZ!jto@tolsun.oulu.fi KICK #Finnish John :Speaking English
        C: KICK #Finnish John
        S: 441 WiZ John #Finnish :They aren't on that channel
        """,
        wiz,
        john=john,
    )
