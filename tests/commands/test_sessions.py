"""One user through several connections, and users who stay without any."""

import pytest

from commands.harness import Chat, Person, numerics
from triochat.domain.policy import AccountPolicy

ANN = ":Ann!u@192.0.2.1"
GONE = "Not connected, but can be written to"


@pytest.fixture
def chat() -> Chat:
    """Bob is in #a, and so is Ann, with one connection; both are fresh."""
    chat = Chat()
    bob = chat.user("Bob", "account-notify away-notify")
    bob.types("JOIN #a", "TOPIC #a :tea")
    chat.user("Ann", account="Ann").types("JOIN #a")
    return chat


def bob(chat: Chat) -> Person:
    """Bob, who has looked."""
    person = next(person for person in chat._people.values() if person.user.nick == "Bob")
    person.sees()
    return person


def ann(chat: Chat, caps: str = "") -> Person:
    """One more connection of Ann, whose greeting has been read."""
    return chat.user("Ann", caps, account="Ann")


def first_of(chat: Chat) -> Person:
    """Ann's first connection."""
    return next(person for person in chat._people.values() if person.client.registration is None)


def sessions(chat: Chat) -> list[Person]:
    """All of Ann's connections."""
    user = chat.world.users["ann"]
    people = [person for person in chat._people.values() if person.session in user.sessions]
    for person in people:
        person.sees()
    return people


def test_who_attaches_sees_where_it_is_and_nobody_else_sees_anything(chat: Chat) -> None:
    watching = bob(chat)
    second = chat.connect()
    seen = second.types("PASS Ann:sesame", "CAP REQ extended-join", "NICK ann", "USER other 0 * :Other", "CAP END")
    start = next(i for i, line in enumerate(seen) if " JOIN " in line)
    assert seen[start:] == [
        f"{ANN} JOIN #a Ann :Real Name",
        ":irc.test 332 Ann #a :tea",
        ":irc.test 333 Ann #a Bob!u@192.0.2.1 1700000000",
        ":irc.test 353 Ann = #a :@Bob Ann",
        ":irc.test 366 Ann #a :End of /NAMES list",
    ]
    assert numerics(seen)[2:4] == ["900", "001"] or "001" in numerics(seen)
    assert second.user is chat.world.users["ann"]
    assert watching.sees() == []


def test_all_connections_see_the_same(chat: Chat) -> None:
    ann(chat)
    first, second = sessions(chat)
    bob(chat).types("PRIVMSG #a :hi", "PRIVMSG Ann :psst")
    expected = [":Bob!u@192.0.2.1 PRIVMSG #a :hi", ":Bob!u@192.0.2.1 PRIVMSG Ann :psst"]
    assert first.sees() == second.sees() == expected


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("PRIVMSG #a :hello", "PRIVMSG #a :hello"),
        ("PRIVMSG Bob :hello", "PRIVMSG Bob :hello"),
        ("NOTICE Bob :hello", "NOTICE Bob :hello"),
        ("PART #a :bye", "PART #a :bye"),
        ("NICK Annie", "NICK Annie"),
    ],
)
def test_what_one_connection_does_the_other_sees(chat: Chat, line: str, seen: str) -> None:
    ann(chat)
    chat.world.accounts.drop("Annie")
    first, second = sessions(chat)
    first.types(line)
    assert second.sees() == [f"{ANN} {seen}"]


def test_what_one_connection_joins_the_other_is_in(chat: Chat) -> None:
    ann(chat)
    first, second = sessions(chat)
    first.types("JOIN #b")
    assert second.sees()[0] == f"{ANN} JOIN #b"
    first.vanishes()
    assert second.types("PRIVMSG #b :still here") == []
    assert second.user.rooms.keys() == {chat.world.rooms["#a"], chat.world.rooms["#b"]}


def test_own_modes_are_told_to_all_connections(chat: Chat) -> None:
    ann(chat)
    first, second = sessions(chat)
    assert first.types("MODE Ann +i") == second.sees() == [":Ann MODE Ann +i"]


def test_one_connection_that_ends_is_not_the_user_who_ends(chat: Chat) -> None:
    second = ann(chat)
    watching = bob(chat)
    second.types("QUIT :off")
    assert watching.sees() == []
    first = sessions(chat)[0]
    assert watching.types("PRIVMSG Ann :hi") == []
    assert first.sees() == [":Bob!u@192.0.2.1 PRIVMSG Ann :hi"]
    first.types("QUIT :home")
    assert watching.sees() == [f"{ANN} QUIT :Quit: home"]
    assert "ann" not in chat.world.users


def test_connection_that_ended_gets_nothing_any_more_though_its_join_was_still_under_way() -> None:
    chat = Chat()
    ann(chat)
    second = ann(chat)
    chat.held = True
    second.sends("JOIN #a")
    second.gone = "Connection lost"
    second.client.leave(second.gone)
    chat.deliver()
    second.sees()
    sessions(chat)[0].sends("PRIVMSG #a :alone now")
    chat.deliver()
    assert second.sees() == []
    assert second.sink not in chat.world.rooms["#a"].audience


def test_attaching_while_the_users_own_join_is_under_way() -> None:
    """The new connection follows the room once, and sees it once."""
    chat = Chat()
    first = ann(chat)
    chat.held = True
    first.sends("JOIN #a")
    second = chat.connect()
    second.sends("PASS Ann:sesame", "NICK Ann", "USER u 0 * :A")
    chat.deliver()
    assert [line for line in second.sees() if " JOIN " in line] == [f"{ANN} JOIN #a"]
    first.sees()
    first.sends("PRIVMSG #a :hi")
    chat.deliver()
    assert second.sees() == [f"{ANN} PRIVMSG #a :hi"]


def test_where_an_account_is_one_connection_the_name_is_taken() -> None:
    chat = Chat(policy=AccountPolicy(password_min_length=1, multi_session=False))
    ann(chat)
    second = chat.connect()
    assert numerics(second.types("PASS Ann:sesame", "NICK Ann", "USER u 0 * :A")) == ["900", "433"]


def test_guests_never_share_a_name() -> None:
    chat = Chat()
    chat.user("Bob")
    assert numerics(chat.connect().types("NICK Bob", "USER b 0 * :B")) == ["433"]


# -- without a connection --


@pytest.fixture
def staying() -> Chat:
    """Ann wants to stay, and is in #a with Bob."""
    chat = Chat()
    bob_ = chat.user("Bob", "account-notify away-notify")
    bob_.types("JOIN #a")
    chat.user("Ann", account="Ann").types("JOIN #a", "ACCOUNT PERSIST ON")
    return chat


def test_who_stays_is_away_and_can_be_written_to(staying: Chat) -> None:
    watching = bob(staying)
    sessions(staying)[0].vanishes()
    assert watching.sees() == [f"{ANN} AWAY :{GONE}"]
    assert watching.types("NAMES #a")[0] == ":irc.test 353 Bob = #a :@Bob Ann"
    assert watching.types("PRIVMSG Ann :when you are back") == [f":irc.test 301 Bob Ann :{GONE}"]
    assert ":irc.test 319 Bob Ann :#a" in watching.types("WHOIS Ann")


def test_who_comes_back_is_back_and_finds_what_was_written(staying: Chat) -> None:
    sessions(staying)[0].vanishes()
    watching = bob(staying)
    watching.types("PRIVMSG Ann :when you are back")
    back = ann(staying, "draft/chathistory")
    assert watching.sees() == [f"{ANN} AWAY"]
    assert back.user.away is None
    assert back.types("CHATHISTORY LATEST Bob * 1") == [":Bob!u@192.0.2.1 PRIVMSG Ann :when you are back"]
    assert watching.types("PRIVMSG #a :hi") == []
    assert back.sees() == [":Bob!u@192.0.2.1 PRIVMSG #a :hi"]


def test_who_was_away_with_words_keeps_them(staying: Chat) -> None:
    first = sessions(staying)[0]
    first.types("AWAY :on holiday")
    watching = bob(staying)
    first.vanishes()
    assert watching.sees() == []
    assert ann(staying).user.away == "on holiday"
    assert watching.sees() == []


def comes_in(chat: Chat, *away: str) -> Person:
    """One more connection of Ann, which says this of where she is on its way in."""
    person = chat.connect()
    person.types("CAP REQ draft/pre-away", "PASS Ann:sesame", *away, "NICK Ann", "USER u 0 * :A", "CAP END")
    assert person.client.registration is None
    return person


def test_connection_that_comes_back_with_nobody_at_it_says_so(staying: Chat) -> None:
    """https://ircv3.net/specs/extensions/pre-away: an automatic client need not make its user seem to be back."""
    sessions(staying)[0].vanishes()
    watching = bob(staying)
    comes_in(staying, "AWAY *")
    assert watching.sees() == []


def test_connection_that_comes_back_away_with_a_text_says_that(staying: Chat) -> None:
    sessions(staying)[0].vanishes()
    watching = bob(staying)
    comes_in(staying, "AWAY :in bed")
    assert watching.sees() == [f"{ANN} AWAY :in bed"]


# -- clients at which nobody is (AWAY *, https://ircv3.net/specs/extensions/pre-away) --


def test_who_is_at_one_client_is_not_away(chat: Chat) -> None:
    first = sessions(chat)[0]
    watching = bob(chat)
    phone = comes_in(chat, "AWAY *")
    assert phone.types("AWAY *")[-1] == ":irc.test 306 Ann :You have been marked as being away"
    assert chat.world.users["ann"].away is None
    assert watching.sees() == first.sees() == []


def test_who_is_at_no_client_is_away_until_one_is_used(chat: Chat) -> None:
    desk = sessions(chat)[0]
    watching = bob(chat)
    phone = comes_in(chat, "AWAY *")
    desk.vanishes()
    assert watching.sees() == [f"{ANN} AWAY :*"]
    phone.types("AWAY")
    assert watching.sees() == [f"{ANN} AWAY"]
    phone.types("AWAY *")
    assert watching.sees() == [f"{ANN} AWAY :*"]
    comes_in(chat)
    assert watching.sees() == [f"{ANN} AWAY"]


def test_absence_does_not_replace_a_text(chat: Chat) -> None:
    desk = sessions(chat)[0]
    phone = comes_in(chat, "AWAY *")
    watching = bob(chat)
    desk.types("AWAY :lunch")
    phone.types("AWAY *")
    desk.vanishes()
    assert watching.sees() == [f"{ANN} AWAY :lunch"]


def test_the_name_of_who_stays_is_not_free(staying: Chat) -> None:
    sessions(staying)[0].vanishes()
    assert numerics(staying.connect().types("NICK Ann", "USER u 0 * :A")) == ["433"]


def test_who_changes_its_mind_leaves_with_the_last_connection(staying: Chat) -> None:
    first = sessions(staying)[0]
    first.types("ACCOUNT PERSIST OFF")
    watching = bob(staying)
    first.types("QUIT :home")
    assert watching.sees() == [f"{ANN} QUIT :Quit: home"]


def test_who_logs_out_does_not_stay(staying: Chat) -> None:
    first = sessions(staying)[0]
    first.types("ACCOUNT LOGOUT")
    first.vanishes()
    assert list(staying.world.users) == ["bob"]


@pytest.mark.parametrize(
    ("mode", "word", "stays"),
    [
        ("disabled", None, False),
        ("opt-in", None, False),
        ("opt-in", "ON", True),
        ("opt-out", None, True),
        ("opt-out", "DEFAULT", True),
        ("opt-out", "OFF", False),
        ("mandatory", None, True),
    ],
)
def test_who_stays_is_decided_by_the_server_and_the_user(mode: str, word: str | None, stays: bool) -> None:
    policy = AccountPolicy(password_min_length=1, always_on=mode)  # type: ignore[arg-type]
    chat = Chat(policy=policy)
    first, guest = ann(chat), chat.user("Guest")
    if word is not None:
        (told,) = first.types(f"ACCOUNT PERSIST {word}")
        assert ("stay in the chat" in told) == stays
    first.vanishes(), guest.vanishes()
    assert list(chat.world.users) == (["ann"] if stays else [])


def test_who_is_watched_and_stays_is_not_told_to_be_gone(staying: Chat) -> None:
    watching = bob(staying)
    watching.types("MONITOR + Ann")
    sessions(staying)[0].vanishes()
    assert [line for line in watching.sees() if " 731 " in line] == []
    back = ann(staying)
    assert [line for line in watching.sees() if " 730 " in line] == []
    back.types("ACCOUNT PERSIST OFF", "QUIT")
    assert [line for line in watching.sees() if " 731 " in line] == [":irc.test 731 Bob :Ann"]
