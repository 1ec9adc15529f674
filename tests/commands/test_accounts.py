"""What others see of an account, and what it lets one do: account-notify, account-tag, extended-join, WHOX, WHOIS,
account-extban, and the modes that ask for one."""

import pytest

from commands.harness import Chat, Person, numerics

ANN = ":Ann!u@192.0.2.1"
BOB = ":Bob!u@192.0.2.1"


@pytest.fixture
def chat() -> Chat:
    chat = Chat()
    chat.account("Ann")
    return chat


def here(chat: Chat, room: str = "#a", *, caps: str = "") -> tuple[Person, Person]:
    """Bob, operator of a room and a guest, and Ann in it, who is logged in; both have looked."""
    bob, ann = chat.user("Bob", caps), chat.user("Ann", caps, account="Ann")
    bob.types(f"JOIN {room}")
    ann.types(f"JOIN {room}")
    bob.sees(), ann.sees()
    return bob, ann


# -- what others see --


def test_logging_in_and_out_is_told_to_who_shares_a_room_and_asked(chat: Chat) -> None:
    bob, carol, dave = chat.user("Bob", "account-notify"), chat.user("Carol"), chat.user("Dave", "account-notify")
    ann = chat.user("guest", "account-notify")
    for person in (bob, carol, ann):
        person.types("JOIN #a")
    for person in (bob, carol, ann, dave):
        person.sees()
    seen = ann.types("ACCOUNT LOGIN Ann sesame")
    told = ":guest!u@192.0.2.1 ACCOUNT Ann"
    assert seen == [":irc.test 900 guest guest!u@192.0.2.1 Ann :You are now logged in as Ann", told]
    assert bob.sees() == [told]
    ann.types("ACCOUNT LOGOUT")
    assert bob.sees() == [":guest!u@192.0.2.1 ACCOUNT *"]
    assert carol.sees() == dave.sees() == []


def test_logging_in_twice_to_the_same_account_is_told_once(chat: Chat) -> None:
    bob, ann = here(chat, caps="account-notify")
    assert numerics(ann.types("ACCOUNT LOGIN ann sesame")) == ["900"]
    assert bob.sees() == []


def test_watchers_who_share_no_room_learn_of_the_account(chat: Chat) -> None:
    """https://ircv3.net/specs/extensions/extended-monitor."""
    bob, carol = chat.user("Bob", "extended-monitor account-notify"), chat.user("Carol", "account-notify")
    for person in (bob, carol):
        person.types("MONITOR + guest")
    guest = chat.user("guest")
    bob.sees(), carol.sees()
    guest.types("ACCOUNT LOGIN Ann sesame")
    assert bob.sees() == [":guest!u@192.0.2.1 ACCOUNT Ann"]
    assert carol.sees() == []


def test_messages_carry_the_account_of_who_sent_them(chat: Chat) -> None:
    bob, ann = here(chat, caps="account-tag")
    ann.types("PRIVMSG #a :hi", "PRIVMSG Bob :psst", "NOTICE Bob :n")
    assert bob.sees() == [
        f"@account=Ann {ANN} PRIVMSG #a :hi",
        f"@account=Ann {ANN} PRIVMSG Bob :psst",
        f"@account=Ann {ANN} NOTICE Bob :n",
    ]
    bob.types("PRIVMSG #a :from a guest")
    assert ann.sees()[-1] == f"{BOB} PRIVMSG #a :from a guest"


def test_accounts_stand_in_joins_for_those_who_asked(chat: Chat) -> None:
    watching, plain = chat.user("Watcher", "extended-join"), chat.user("Plain")
    for person in (watching, plain):
        person.types("JOIN #a")
    here(chat)
    assert watching.sees()[1:] == [f"{BOB} JOIN #a * :Real Name", f"{ANN} JOIN #a Ann :Real Name"]
    assert plain.sees() == [f"{BOB} JOIN #a", f"{ANN} JOIN #a"]


def test_who_tells_accounts_where_it_is_asked(chat: Chat) -> None:
    bob, _ = here(chat)
    assert bob.types("WHO #a %tcna,42")[:-1] == [
        ":irc.test 354 Bob 42 #a Bob 0",
        ":irc.test 354 Bob 42 #a Ann Ann",
    ]


def test_whois_tells_the_account(chat: Chat) -> None:
    bob, _ = here(chat)
    assert ":irc.test 330 Bob Ann Ann :is logged in as" in bob.types("WHOIS Ann")
    assert "330" not in numerics(bob.types("WHOIS Bob"))


# -- bans and mutes by account --


def test_the_token_names_the_extended_masks(chat: Chat) -> None:
    tokens = " ".join(line for line in chat.connect().types("NICK x", "USER x 0 * :x") if " 005 " in line)
    assert " ACCOUNTEXTBAN=a " in tokens
    assert " EXTBAN=,am " in tokens


@pytest.mark.parametrize("mask", ["a:Ann", "a:aNN", "a:A*"])
def test_account_is_banned_whatever_its_name_and_address(chat: Chat, mask: str) -> None:
    bob = chat.user("Bob")
    assert bob.types("JOIN #a", f"MODE #a +b {mask}")[-1] == f"{BOB} MODE #a +b {mask}"
    ann = chat.user("other", account="Ann", address="198.51.100.9")
    assert ann.types("JOIN #a") == [":irc.test 474 other #a :Cannot join channel (+b)"]
    assert chat.user("Annabell").types("JOIN #a") != []


def test_an_account_may_be_the_exception(chat: Chat) -> None:
    bob = chat.user("Bob")
    bob.types("JOIN #a", "MODE #a +be *!*@* a:Ann")
    assert numerics(chat.user("Ann", account="Ann").types("JOIN #a"))[0] == "JOIN"
    assert numerics(chat.user("Carol").types("JOIN #a")) == ["474"]


def test_an_account_may_be_invited_for_ever(chat: Chat) -> None:
    bob = chat.user("Bob")
    bob.types("JOIN #a", "MODE #a +iI a:Ann")
    assert numerics(chat.user("Ann", account="Ann").types("JOIN #a"))[0] == "JOIN"
    assert numerics(chat.user("Carol").types("JOIN #a")) == ["473"]


@pytest.mark.parametrize("mask", ["m:Ann!*@*", "m:Ann", "m:a:Ann"])
def test_who_is_muted_may_be_there_and_listen(chat: Chat, mask: str) -> None:
    bob, ann = here(chat)
    bob.types(f"MODE #a +b {mask}")
    ann.sees()
    muted = [":irc.test 404 Ann #a :You are banned from speaking in this room"]
    assert ann.types("PRIVMSG #a :hello?") == muted
    assert ann.types("NOTICE #a :hello?") == []
    bob.sees()
    ann.types("PART #a", "JOIN #a")
    assert ann.types("PRIVMSG #a :hello?") == muted
    bob.types("MODE #a +v Ann")
    assert ann.types("PRIVMSG #a :hello!")[-1:] != muted
    bob.types("MODE #a -v Ann", f"MODE #a -b {mask}")
    ann.sees()
    assert ann.types("PRIVMSG #a :hello!") == []


@pytest.mark.parametrize("exception", ["Ann!*@*", "a:Ann", "m:Ann!*@*", "m:a:Ann"])
def test_exceptions_hold_for_mutes(chat: Chat, exception: str) -> None:
    bob, ann = here(chat)
    bob.types("MODE #a +b m:*!*@*", f"MODE #a +e {exception}")
    ann.sees()
    assert ann.types("PRIVMSG #a :hello!") == []


def test_mute_does_not_reach_those_whom_it_does_not_name(chat: Chat) -> None:
    bob, ann = here(chat)
    bob.types("MODE #a +b m:a:Bea")
    ann.sees()
    assert ann.types("PRIVMSG #a :hello!") == []


# -- modes that ask for an account --


def test_room_for_people_who_are_logged_in(chat: Chat) -> None:
    bob = chat.user("Bob")
    bob.types("JOIN #a", "MODE #a +R")
    assert chat.user("Carol").types("JOIN #a") == [
        ":irc.test 477 Carol #a :Only people who are logged in may join this room"
    ]
    assert numerics(chat.user("Ann", account="Ann").types("JOIN #a"))[0] == "JOIN"
    dave = chat.user("Dave")
    bob.types("INVITE Dave #a")
    dave.sees()
    assert numerics(dave.types("JOIN #a"))[0] == "JOIN"


def test_room_where_people_speak_who_are_logged_in(chat: Chat) -> None:
    bob, ann = here(chat)
    carol = chat.user("Carol")
    carol.types("JOIN #a")
    bob.types("MODE #a +M")
    ann.sees(), carol.sees()
    assert ann.types("PRIVMSG #a :hi") == []
    refusal = ":irc.test 404 Carol #a :Only people who are logged in may speak here"
    assert carol.types("PRIVMSG #a :hi")[-1] == refusal
    bob.types("MODE #a +v Carol")
    assert carol.types("PRIVMSG #a :hi")[-1] != refusal


# -- who may write privately --


@pytest.fixture
def closed(chat: Chat) -> tuple[Person, Person, Person]:
    """Ann, whose mode +R is set; Bob, a guest; Carol, who is logged in."""
    ann, bob = chat.user("Ann", account="Ann"), chat.user("Bob")
    carol = chat.user("Carol", account="Carol")
    assert ann.types("MODE Ann +R") == [":Ann MODE Ann +R"]
    return ann, bob, carol


REFUSAL = ":irc.test 477 Bob Ann :Ann takes private messages from people who are logged in only"


def test_guests_cannot_write_to_who_does_not_want_it(closed: tuple[Person, Person, Person]) -> None:
    ann, bob, carol = closed
    assert bob.types("PRIVMSG Ann :hi") == [REFUSAL]
    assert bob.types("NOTICE Ann :hi") == []
    assert carol.types("PRIVMSG Ann :hi") == []
    assert ann.sees() == [":Carol!u@192.0.2.1 PRIVMSG Ann :hi"]


def test_who_was_accepted_may_write(closed: tuple[Person, Person, Person]) -> None:
    ann, bob, _ = closed
    assert ann.types("ACCEPT bob") == []
    assert bob.types("PRIVMSG Ann :hi") == []
    assert ann.types("ACCEPT *")[-2:] == [":irc.test 281 Ann bob", ":irc.test 282 Ann :End of /ACCEPT list"]
    ann.types("ACCEPT -BOB")
    assert bob.types("PRIVMSG Ann :hi") == [REFUSAL]
    assert ann.types("ACCEPT *") == [":irc.test 282 Ann :End of /ACCEPT list"]


def test_who_was_written_to_may_answer(closed: tuple[Person, Person, Person]) -> None:
    ann, bob, _ = closed
    ann.types("PRIVMSG Bob :question?")
    bob.sees()
    assert bob.types("PRIVMSG Ann :answer") == []


def test_accepting_nobody_is_told(closed: tuple[Person, Person, Person]) -> None:
    ann, _, _ = closed
    assert ann.types("ACCEPT nobody") == [":irc.test 401 Ann nobody :No such nick/channel"]
    assert ann.types("ACCEPT -nobody,-bob") == []


def test_no_ctcp_but_actions_in_private(chat: Chat) -> None:
    ann, bob = chat.user("Ann", account="Ann"), chat.user("Bob")
    ann.types("MODE Ann +T")
    assert bob.types("PRIVMSG Ann :\x01VERSION\x01") == [":irc.test 531 Bob Ann :Ann takes no CTCP messages"]
    assert bob.types("NOTICE Ann :\x01VERSION x\x01") == []
    assert bob.types("PRIVMSG Ann :\x01ACTION waves\x01", "PRIVMSG Ann :plain") == []
    assert len(ann.sees()) == 2
