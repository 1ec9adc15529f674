"""MARKREAD (https://ircv3.net/specs/extensions/read-marker), and AWAY before one is in
(https://ircv3.net/specs/extensions/pre-away)."""

import pytest

from commands.harness import Chat, Person, at_once, numerics
from triochat.desk import AccountDesk
from triochat.domain import markers
from triochat.domain.markers import Markers

EARLY, LATE = "timestamp=2019-01-04T14:33:26.123Z", "timestamp=2020-01-04T14:33:26.123Z"


def reader(chat: Chat, caps: str = "draft/read-marker") -> Person:
    """One connection of Ann's."""
    return chat.user("Ann", caps, account="Ann")


def test_who_joins_learns_where_it_was_before_the_end_of_the_names() -> None:
    ann = reader(Chat())
    seen = ann.types("JOIN #channel")
    assert seen.index(":irc.test MARKREAD #channel *") < seen.index(":irc.test 366 Ann #channel :End of /NAMES list")
    ann.types(f"MARKREAD #channel {EARLY}", "PART #channel")
    assert f":irc.test MARKREAD #channel {EARLY}" in ann.types("JOIN #channel")
    plain = ann.chat.user("Bob")
    assert "MARKREAD" not in numerics(plain.types("JOIN #channel"))


def test_marker_only_moves_on() -> None:
    ann = reader(Chat())
    ann.types(f"MARKREAD Bob {LATE}")
    assert ann.types(f"MARKREAD BOB {EARLY}") == [f":irc.test MARKREAD BOB {LATE}"]
    assert ann.types(f"MARKREAD bob {LATE}") == [f":irc.test MARKREAD bob {LATE}"]


def test_nobody_has_read_the_future() -> None:
    ann = reader(Chat())
    assert ann.types("MARKREAD #a timestamp=2099-01-01T00:00:00.000Z") == [
        ":irc.test MARKREAD #a timestamp=2023-11-14T22:13:20.000Z"
    ]


def test_all_ones_clients_learn_of_it_and_nobody_else() -> None:
    chat = Chat()
    first, second, plain, bob = (
        reader(chat),
        reader(chat),
        reader(chat, "batch"),
        chat.user("Bob", "draft/read-marker"),
    )
    for person in (first, second, plain, bob):
        person.types("JOIN #a")
    for person in (first, second, plain, bob):
        person.sees()
    first.types(f"MARKREAD #a {EARLY}")
    assert second.sees() == [f":irc.test MARKREAD #a {EARLY}"]
    assert plain.sees() == bob.sees() == []
    assert bob.types("MARKREAD #a") == [":irc.test MARKREAD #a *"]
    first.types(f"MARKREAD #a {EARLY}")
    assert second.sees() == []  # nothing has changed


@pytest.mark.parametrize(
    "line",
    [
        ":",
        ":#a b",
        "::#a",
        "x" * 100,
        "#a *",
        "#a yesterday",
        "#a timestamp=",
        "#a timestamp=2019-13-04T14:33:26.123Z",
        f"{'x' * 100} {EARLY}",
    ],
)
def test_what_is_no_time_and_no_target(line: str) -> None:
    (told,) = reader(Chat()).types(f"MARKREAD {line}")
    assert " FAIL MARKREAD INVALID_PARAMS " in told
    assert len(told) < 200


def test_a_guests_markers_last_as_long_as_the_guest() -> None:
    chat = Chat()
    bob = chat.user("Bob")
    bob.types(f"MARKREAD #a {EARLY}")
    assert bob.types("NICK Rob", "MARKREAD #a")[-1] == f":irc.test MARKREAD #a {EARLY}"
    bob.types("QUIT")
    again = chat.user("Rob")
    assert again.types("MARKREAD #a") == [":irc.test MARKREAD #a *"]
    assert chat.journal.store.records(markers.KIND) == {}


def restored(chat: Chat) -> Markers:
    """What a server knows that starts with the records of *chat*."""
    found = Markers()
    for key, value in chat.journal.store.records(markers.KIND).items():
        found.restore(key, value)
    return found


@pytest.mark.parametrize(("as_guest", "before", "after"), [(LATE, EARLY, LATE), (EARLY, LATE, LATE)])
def test_what_a_guest_has_read_stays_read_after_logging_in(as_guest: str, before: str, after: str) -> None:
    chat = Chat()
    reader(chat).types(f"MARKREAD #a {before}", "QUIT")
    guest = chat.user("Guest", "draft/read-marker")
    guest.types("JOIN #a,#b", f"MARKREAD #a {as_guest}")
    assert f":irc.test MARKREAD #a {after}" in guest.types("ACCOUNT LOGIN Ann sesame")
    assert guest.types("MARKREAD #a", "MARKREAD #b") == [f":irc.test MARKREAD #a {after}", ":irc.test MARKREAD #b *"]
    account = markers.Owner("ann", None)
    assert restored(chat).get(account, "#a") == chat.server.markers.get(account, "#a")
    guest.types("ACCOUNT LOGOUT")
    assert guest.types("MARKREAD #a") == [":irc.test MARKREAD #a *"]


def test_an_accounts_markers_survive_connection_and_process() -> None:
    chat = Chat()
    ann = reader(chat)
    ann.types(f"MARKREAD #a {EARLY}", f"MARKREAD #a {LATE}", f"MARKREAD Bob {EARLY}", "QUIT")
    assert reader(chat).types("MARKREAD #a") == [f":irc.test MARKREAD #a {LATE}"]
    chat.server.markers = restored(chat)
    again = reader(chat)
    assert again.types("MARKREAD #a", "MARKREAD Bob") == [
        f":irc.test MARKREAD #a {LATE}",
        f":irc.test MARKREAD Bob {EARLY}",
    ]


def test_account_that_is_removed_takes_its_markers_along() -> None:
    chat = Chat()
    reader(chat).types(f"MARKREAD #a {EARLY}", "QUIT")
    desk = AccountDesk(chat.world, chat.server.markers, chat.server.registrar, chat.journal.keep)
    at_once(desk.do({"do": "remove", "name": "ann"}))
    assert chat.journal.store.records(markers.KIND) == {}
    assert reader(chat).types("MARKREAD #a") == [":irc.test MARKREAD #a *"]


def test_so_many_markers_and_the_oldest_are_forgotten() -> None:
    chat = Chat()
    ann = reader(chat)
    for number in range(1001):
        ann.sends(f"MARKREAD #{number} {EARLY}")
    ann.sees()
    assert ann.types("MARKREAD #0", "MARKREAD #1") == [
        ":irc.test MARKREAD #0 *",
        f":irc.test MARKREAD #1 {EARLY}",
    ]
    assert len(chat.journal.store.records(markers.KIND)) == 1000


# -- AWAY before one is in --


def test_one_may_come_in_away() -> None:
    chat = Chat()
    watching = chat.user("Watcher", "away-notify")
    watching.types("JOIN #a")
    watching.sees()
    bob = chat.connect()
    assert bob.types("CAP REQ draft/pre-away", "NICK Bob", "AWAY :asleep")[1:] == [
        ":irc.test 306 Bob :You have been marked as being away"
    ]
    bob.types("USER b 0 * :B", "CAP END", "JOIN #a")
    assert watching.sees() == [":Bob!b@192.0.2.1 JOIN #a", ":Bob!b@192.0.2.1 AWAY :asleep"]
    assert watching.types("PRIVMSG Bob :hi") == [":irc.test 301 Watcher Bob :asleep"]


def test_coming_in_and_back_before_that() -> None:
    bob = Chat().connect()
    bob.types("CAP REQ draft/pre-away", "AWAY :asleep")
    assert numerics(bob.types("AWAY")) == ["305"]
    bob.types("NICK Bob", "USER b 0 * :B", "CAP END")
    assert bob.user.away is None


def test_only_for_those_who_asked() -> None:
    assert Chat().connect().types("AWAY :asleep") == [":irc.test 451 * :You have not registered"]
