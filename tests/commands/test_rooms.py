"""JOIN, PART, TOPIC, KICK and INVITE."""

import pytest

from commands.harness import Chat, Person, numerics
from triochat.domain.limits import Limits

ALICE = ":Alice!u@192.0.2.1"
BOB = ":Bob!u@192.0.2.1"
CAROL = ":Carol!u@192.0.2.1"


def three_in(room: str = "#a") -> tuple[Person, Person, Person]:
    """Alice, who is operator, Bob and Carol in one room; all that led there has been read."""
    chat = Chat()
    people = chat.user("Alice"), chat.user("Bob"), chat.user("Carol")
    for person in people:
        person.types(f"JOIN {room}")
    for person in people:
        person.sees()
    return people


# -- JOIN --


def test_join_shows_the_room_and_tells_the_members() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice"), chat.user("Bob")
    assert alice.types("JOIN #Dev") == [
        f"{ALICE} JOIN #Dev",
        ":irc.test 353 Alice = #Dev :@Alice",
        ":irc.test 366 Alice #Dev :End of /NAMES list",
    ]
    alice.types("TOPIC #dev :Work")
    alice.sees()
    assert bob.types("JOIN #dev") == [
        f"{BOB} JOIN #Dev",
        ":irc.test 332 Bob #Dev :Work",
        ":irc.test 333 Bob #Dev Alice!u@192.0.2.1 1700000000",
        ":irc.test 353 Bob = #Dev :@Alice Bob",
        ":irc.test 366 Bob #Dev :End of /NAMES list",
    ]
    assert alice.sees() == [f"{BOB} JOIN #Dev"]


def test_join_of_several_rooms_with_their_keys() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice"), chat.user("Bob")
    alice.types("JOIN #a,#b", "MODE #a +k one", "MODE #b +k two")
    replies = bob.types("JOIN #a,#b,#c one,wrong")
    assert [line for line in replies if " JOIN " in line] == [f"{BOB} JOIN #a", f"{BOB} JOIN #c"]
    assert ":irc.test 475 Bob #b :Cannot join channel (+k)" in replies


def test_join_of_a_room_one_is_in_changes_nothing() -> None:
    alice, bob, _ = three_in()
    assert bob.types("JOIN #A") == []
    assert alice.sees() == []


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("JOIN", "461 Bob JOIN :Not enough parameters"),
        ("JOIN lobby", "403 Bob lobby :No such channel: a room's name begins with #"),
        ("JOIN :", "403 Bob * :No such channel: a room's name begins with #"),
        ("JOIN :#a b", "403 Bob #a :No such channel: a room's name has no spaces, commas or invisible characters,"),
        (f"JOIN #{'x' * 64}", f"403 Bob #{'x' * 64} :No such channel: a room's name has at most 64 bytes"),
        ("JOIN #key", "475 Bob #key :Cannot join channel (+k)"),
        ("JOIN #key guess", "475 Bob #key :Cannot join channel (+k)"),
        ("JOIN #closed", "473 Bob #closed :Cannot join channel (+i)"),
        ("JOIN #nobob", "474 Bob #nobob :Cannot join channel (+b)"),
        ("JOIN #full", "471 Bob #full :Cannot join channel (+l)"),
    ],
)
def test_join_is_refused_with_the_reason(line: str, reply: str) -> None:
    chat = Chat()
    alice, bob = chat.user("Alice"), chat.user("Bob")
    alice.types("JOIN #key,#closed,#nobob,#full", "MODE #key +k x", "MODE #closed +i", "MODE #nobob +b bob")
    alice.types("MODE #full +l 1")
    (answer,) = bob.types(line)
    assert answer.startswith(f":irc.test {reply}")
    assert alice.sees() == []


def test_too_many_rooms() -> None:
    bob = Chat(limits=Limits(rooms_per_user=1)).user("Bob")
    assert bob.types("JOIN #a,#b")[-1] == ":irc.test 405 Bob #b :You have joined too many channels"


def test_join_0_leaves_all_rooms() -> None:
    chat = Chat()
    alice = chat.user("Alice")
    alice.types("JOIN #a,#b")
    assert alice.types("JOIN 0") == [f"{ALICE} PART #a", f"{ALICE} PART #b"]
    assert set(chat.world.rooms) == {"#lobby"}


# -- PART --


def test_part_is_the_last_that_is_seen_of_a_room() -> None:
    alice, bob, _ = three_in()
    assert bob.types("PART #A :so long") == [f"{BOB} PART #a :so long"]
    assert alice.types("PRIVMSG #a :gone?") == [f"{BOB} PART #a :so long"]
    assert bob.sees() == []


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("PART", "461 Bob PART :Not enough parameters"),
        ("PART #none", "403 Bob #none :No such channel"),
        ("PART :", "403 Bob * :No such channel"),
        ("PART #other", "442 Bob #other :You're not on that channel"),
    ],
)
def test_part_is_refused_with_the_reason(line: str, reply: str) -> None:
    chat = Chat()
    chat.user("Alice").types("JOIN #other")
    assert chat.user("Bob").types(line) == [f":irc.test {reply}"]


def test_part_of_several_rooms_leaves_those_it_can() -> None:
    bob = Chat().user("Bob")
    bob.types("JOIN #a,#b")
    assert bob.types("PART #a,#none,#b") == [
        f"{BOB} PART #a",
        ":irc.test 403 Bob #none :No such channel",
        f"{BOB} PART #b",
    ]


# -- TOPIC --


def test_topic_is_set_seen_and_cleared() -> None:
    alice, bob, _ = three_in()
    assert bob.types("TOPIC #a") == [":irc.test 331 Bob #a :No topic is set"]
    assert alice.types("TOPIC #a :Hello: all") == [f"{ALICE} TOPIC #a :Hello: all"]
    assert bob.sees() == [f"{ALICE} TOPIC #a :Hello: all"]
    assert bob.types("TOPIC #a") == [
        ":irc.test 332 Bob #a :Hello: all",
        ":irc.test 333 Bob #a Alice!u@192.0.2.1 1700000000",
    ]
    assert alice.types("TOPIC #a :") == [f"{ALICE} TOPIC #a :"]
    bob.sees()
    assert bob.types("TOPIC #a") == [":irc.test 331 Bob #a :No topic is set"]


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("TOPIC", "461 Bob TOPIC :Not enough parameters"),
        ("TOPIC #none", "403 Bob #none :No such channel"),
        ("TOPIC #other", "442 Bob #other :You're not on that channel"),
        ("TOPIC #other :mine", "442 Bob #other :You're not on that channel"),
        ("TOPIC #a :mine", "482 Bob #a :You're not channel operator"),
    ],
)
def test_topic_is_refused_with_the_reason(line: str, reply: str) -> None:
    _, bob, carol = three_in()
    carol.types("JOIN #other")
    assert bob.types(line) == [f":irc.test {reply}"]


def test_half_operators_and_everybody_when_the_mode_is_off_set_the_topic() -> None:
    alice, bob, carol = three_in()
    alice.types("MODE #a +h Bob")
    assert bob.types("TOPIC #a :half")[-1] == f"{BOB} TOPIC #a :half"
    alice.types("MODE #a -t")
    assert carol.types("TOPIC #a :any")[-1] == f"{CAROL} TOPIC #a :any"


def test_over_long_topic_is_cut() -> None:
    alice = Chat(limits=Limits(topic_length=5)).user("Alice")
    alice.types("JOIN #a")
    assert alice.types("TOPIC #a :1234567") == [f"{ALICE} TOPIC #a :12345"]


# -- KICK --


def test_kick_is_the_last_that_the_kicked_see() -> None:
    alice, bob, carol = three_in()
    assert alice.types("KICK #a Bob :no shouting") == [f"{ALICE} KICK #a Bob :no shouting"]
    alice.types("PRIVMSG #a :better")
    assert bob.sees() == [f"{ALICE} KICK #a Bob :no shouting"]
    assert carol.sees() == [f"{ALICE} KICK #a Bob :no shouting", f"{ALICE} PRIVMSG #a :better"]
    assert bob.types("PRIVMSG #a :hey")[0].startswith(":irc.test 404 Bob #a :")


def test_kick_of_several_and_the_default_reason() -> None:
    alice, _, _ = three_in()
    assert alice.types("KICK #a bob,nobody,CAROL") == [
        f"{ALICE} KICK #a Bob :Alice",
        ":irc.test 401 Alice nobody :No such nick/channel",
        f"{ALICE} KICK #a Carol :Alice",
    ]


def test_who_kicks_itself_first_kicks_nobody_else() -> None:
    alice, bob, _ = three_in()
    assert alice.types("KICK #a Alice,Bob") == [
        f"{ALICE} KICK #a Alice :Alice",
        ":irc.test 442 Alice #a :You're not on that channel",
    ]
    assert bob.types("NAMES #a")[-2] == ":irc.test 353 Bob = #a :Bob Carol"


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("KICK #a", "461 Bob KICK :Not enough parameters"),
        ("KICK #none Alice", "403 Bob #none :No such channel"),
        ("KICK #other Alice", "442 Bob #other :You're not on that channel"),
        ("KICK #a Alice", "482 Bob #a :You're not channel operator"),
        ("KICK #own Alice", "441 Bob Alice #own :They aren't on that channel"),
        ("KICK #own nobody", "401 Bob nobody :No such nick/channel"),
    ],
)
def test_kick_is_refused_with_the_reason(line: str, reply: str) -> None:
    _, bob, carol = three_in()
    carol.types("JOIN #other")
    bob.types("JOIN #own")
    assert bob.types(line) == [f":irc.test {reply}"]


def test_half_operator_does_not_kick_an_operator() -> None:
    alice, bob, _ = three_in()
    alice.types("MODE #a +h Bob")
    bob.sees()
    assert bob.types("KICK #a Alice,Carol") == [
        ":irc.test 482 Bob #a :Only an operator may act on an operator",
        f"{BOB} KICK #a Carol :Bob",
    ]


# -- INVITE --


def test_invitation_opens_a_closed_room() -> None:
    alice, _, _ = three_in()
    dave = alice.chat.user("Dave")
    alice.types("MODE #a +i")
    assert alice.types("INVITE dave #A") == [":irc.test 341 Alice Dave #a"]
    assert dave.sees() == [f"{ALICE} INVITE Dave #a"]
    assert numerics(dave.types("JOIN #a"))[0] == "JOIN"


@pytest.mark.parametrize("closed", ["+b Dave", "+k secret", "+l 3", "+R"])
def test_members_may_tell_of_a_room_and_let_nobody_in(closed: str) -> None:
    alice, bob, _ = three_in()
    dave = alice.chat.user("Dave")
    alice.types(f"MODE #a {closed}")
    assert bob.types("INVITE Dave #a")[-1] == ":irc.test 341 Bob Dave #a"
    assert dave.sees() == [f"{BOB} INVITE Dave #a"]
    assert numerics(dave.types("JOIN #a"))[0] in ("471", "474", "475", "477")
    alice.types("INVITE Dave #a")
    assert numerics(dave.types("JOIN #a"))[1] == "JOIN"


def test_who_invites_learns_that_the_guest_is_away() -> None:
    alice, _, _ = three_in()
    alice.chat.user("Dave").types("AWAY :asleep")
    assert alice.types("INVITE Dave #a")[-1] == ":irc.test 301 Alice Dave :asleep"


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("INVITE Dave", "461 Bob INVITE :Not enough parameters"),
        ("INVITE nobody #a", "401 Bob nobody :No such nick/channel"),
        ("INVITE Dave #none", "403 Bob #none :No such channel"),
        ("INVITE Dave #other", "442 Bob #other :You're not on that channel"),
        ("INVITE Alice #a", "443 Bob Alice #a :is already on channel"),
        ("INVITE Dave #closed", "482 Bob #closed :You're not channel operator"),
    ],
)
def test_invite_is_refused_with_the_reason(line: str, reply: str) -> None:
    alice, bob, carol = three_in()
    dave = alice.chat.user("Dave")
    carol.types("JOIN #other,#closed")
    bob.types("JOIN #closed")
    carol.types("MODE #closed +i")
    bob.sees()
    assert bob.types(line) == [f":irc.test {reply}"]
    assert dave.sees() == []


def test_kick_takes_rooms_and_people_in_pairs() -> None:
    chat = Chat()
    alice, bob, cid = chat.user("Alice"), chat.user("Bob"), chat.user("Cid")
    for person in (alice, bob, cid):
        person.types("JOIN #a,#b")
    alice.sees()
    assert [line.split(" ")[1:4] for line in alice.types("KICK #a,#b Bob,Cid :out")] == [
        ["KICK", "#a", "Bob"],
        ["KICK", "#b", "Cid"],
    ]
    (answer,) = alice.types("KICK #a,#b Bob :out")
    assert " 461 " in answer
