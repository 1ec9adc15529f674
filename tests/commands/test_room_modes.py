"""MODE for rooms and for oneself."""

import pytest

from commands.harness import Chat, Person, numerics
from triochat.domain.limits import Limits

ALICE = ":Alice!u@192.0.2.1"
BOB = ":Bob!u@192.0.2.1"


@pytest.fixture
def people() -> tuple[Person, Person]:
    """Alice, operator of #a, and Bob in it."""
    return two_in_a_room(Chat())


def two_in_a_room(chat: Chat) -> tuple[Person, Person]:
    alice, bob = chat.user("Alice"), chat.user("Bob")
    alice.types("JOIN #a")
    bob.types("JOIN #a")
    alice.sees()
    return alice, bob


def test_modes_of_a_room_are_shown(people: tuple[Person, Person]) -> None:
    alice, bob = people
    alice.types("MODE #a +kl sesame 5")
    bob.sees()
    assert bob.types("MODE #A") == [":irc.test 324 Bob #a +ntkl sesame 5", ":irc.test 329 Bob #a 1700000000"]
    assert alice.chat.user("Eve").types("MODE #a")[0] == ":irc.test 324 Eve #a +ntkl * 5"


def test_changes_are_told_to_all_members_as_they_were_made(people: tuple[Person, Person]) -> None:
    alice, bob = people
    change = f"{ALICE} MODE #a +mv-t+b Bob spam!*@*"
    assert alice.types("MODE #a m+vm-t+b bob SPAM") == [change.replace("spam", "SPAM")]
    assert bob.sees() == [change.replace("spam", "SPAM")]
    assert bob.types("NAMES #a")[0] == ":irc.test 353 Bob = #a :@Alice +Bob"


@pytest.mark.parametrize(
    "change", ["+n", "-m", "-v Bob", "-k x", "-l", "-b nobody", "+o Alice", ":", "+", "-", "+-+"]
)
def test_change_that_changes_nothing_is_told_to_nobody(people: tuple[Person, Person], change: str) -> None:
    alice, bob = people
    assert alice.types(f"MODE #a {change}") == []
    assert bob.sees() == []


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("MODE", "461 Bob MODE :Not enough parameters"),
        ("MODE #none", "403 Bob #none :No such channel"),
        ("MODE #none +m", "403 Bob #none :No such channel"),
        ("MODE #a +m", "482 Bob #a :You're not channel operator"),
        ("MODE #a +o Bob", "482 Bob #a :You're not channel operator"),
        ("MODE #other +m", "482 Bob #other :You're not channel operator"),
        ("MODE #a +z", "472 Bob z :is unknown mode char to me"),
        ("MODE #a +:", "472 Bob * :is unknown mode char to me"),
        ("MODE #a e", "482 Bob #a :You're not channel operator"),
        ("MODE #own +o nobody", "401 Bob nobody :No such nick/channel"),
        ("MODE #own +o :", "401 Bob * :No such nick/channel"),
        ("MODE #own +o Alice", "441 Bob Alice #own :They aren't on that channel"),
        ("MODE #own +o", "696 Bob #own o * :Mode o needs a name"),
        ("MODE #own +k", "696 Bob #own k * :Mode k needs a value"),
        ("MODE #own +k :two words", "525 Bob #own :Key is not well-formed"),
        ("MODE #own +k a,b", "525 Bob #own :Key is not well-formed"),
        ("MODE #own +k :", "525 Bob #own :Key is not well-formed"),
        (f"MODE #own +k {'x' * 33}", "525 Bob #own :Key is not well-formed"),
        ("MODE #own +l", "696 Bob #own l * :Mode l needs a value"),
        ("MODE #own +l many", "696 Bob #own l many :A limit is a whole number above 0"),
        ("MODE #own +l 0", "696 Bob #own l 0 :A limit is a whole number above 0"),
        ("MODE #own +l -5", "696 Bob #own l -5 :A limit is a whole number above 0"),
        ("MODE #own +l ٣", "696 Bob #own l ٣ :A limit is a whole number above 0"),
        ("MODE #own +l :", "696 Bob #own l * :A limit is a whole number above 0"),
        ("MODE #own +b :a b", "696 Bob #own b * :This is no mask: use nick!user@host"),
        ("MODE #own +b ::a", None),
        (f"MODE #own +b {'x' * 200}", "696 Bob #own b * :This is no mask: use nick!user@host"),
        ("MODE nobody", "401 Bob nobody :No such nick/channel"),
        ("MODE :", "401 Bob * :No such nick/channel"),
        ("MODE Alice", "502 Bob :Can't change mode for other users"),
        ("MODE Alice +i", "502 Bob :Can't change mode for other users"),
        ("MODE Bob +o", ""),  # only OPER gives that
        ("MODE Bob +z", "501 Bob :Unknown MODE flag"),
    ],
)
def test_mode_is_refused_with_the_reason(people: tuple[Person, Person], line: str, reply: str | None) -> None:
    alice, bob = people
    alice.types("JOIN #other")
    bob.types("JOIN #own")
    alice.sees()
    expected = [f"{BOB} MODE #own +b *!*@:a"] if reply is None else [f":irc.test {reply}"] if reply else []
    assert bob.types(line) == expected
    assert alice.sees() == []


def test_good_changes_beside_bad_ones_are_made(people: tuple[Person, Person]) -> None:
    alice, bob = people
    assert alice.types("MODE #a +zmol nobody 4") == [
        ":irc.test 472 Alice z :is unknown mode char to me",
        ":irc.test 401 Alice nobody :No such nick/channel",
        f"{ALICE} MODE #a +ml 4",
    ]
    assert bob.sees() == [f"{ALICE} MODE #a +ml 4"]


@pytest.mark.parametrize(
    ("letter", "item", "end", "words"),
    [
        ("b", "367", "368", "ban list"),
        ("e", "348", "349", "exception list"),
        ("I", "346", "347", "invite exception list"),
    ],
)
def test_mask_lists_are_kept_and_shown(
    people: tuple[Person, Person], letter: str, item: str, end: str, words: str
) -> None:
    alice, _ = people
    alice.types(f"MODE #a +{letter}{letter} spam@* *.example.org", f"MODE #a +{letter} *!SPAM@*")
    assert alice.types(f"MODE #a {letter}") == [
        f":irc.test {item} Alice #a *!spam@* Alice!u@192.0.2.1 1700000000",
        f":irc.test {item} Alice #a *!*@*.example.org Alice!u@192.0.2.1 1700000000",
        f":irc.test {end} Alice #a :End of channel {words}",
    ]
    assert alice.types(f"MODE #a -{letter} *!Spam@*") == [f"{ALICE} MODE #a -{letter} *!spam@*"]
    assert len(alice.types(f"MODE #a {letter}")) == 2


def test_everybody_may_read_the_bans_only(people: tuple[Person, Person]) -> None:
    _, bob = people
    assert bob.types("MODE #a b") == [":irc.test 368 Bob #a :End of channel ban list"]
    assert numerics(bob.types("MODE #a I")) == ["482"]


def test_full_mask_list_takes_no_more() -> None:
    alice, _ = two_in_a_room(Chat(limits=Limits(list_modes=1)))
    assert alice.types("MODE #a +bb one two") == [
        ":irc.test 478 Alice #a b :Channel list is full",
        f"{ALICE} MODE #a +b one!*@*",
    ]


def test_key_given_back_when_removed(people: tuple[Person, Person]) -> None:
    alice, _ = people
    alice.types("MODE #a +k sesame")
    assert alice.types("MODE #a -k whatever") == [f"{ALICE} MODE #a -k sesame"]
    assert numerics(alice.chat.user("Carol").types("JOIN #a"))[0] == "JOIN"


def test_limit_is_set_changed_and_removed(people: tuple[Person, Person]) -> None:
    alice, _ = people
    assert alice.types("MODE #a +l 007", "MODE #a +l 7", "MODE #a +l 8", "MODE #a -l") == [
        f"{ALICE} MODE #a +l 7",
        f"{ALICE} MODE #a +l 8",
        f"{ALICE} MODE #a -l",
    ]


def test_half_operator_gives_voice_but_no_rank(people: tuple[Person, Person]) -> None:
    alice, bob = people
    carol = alice.chat.user("Carol")
    carol.types("JOIN #a")
    alice.types("MODE #a +h Bob")
    bob.sees()
    assert bob.types("MODE #a +vo Carol Carol") == [
        ":irc.test 482 Bob #a :You're not channel operator",
        f"{BOB} MODE #a +v Carol",
    ]
    assert bob.types("MODE #a -o Alice") == [":irc.test 482 Bob #a :You're not channel operator"]


def test_anybody_with_a_rank_may_give_it_up(people: tuple[Person, Person]) -> None:
    alice, bob = people
    alice.types("MODE #a +h Bob")
    bob.sees()
    assert bob.types("MODE #a -h Bob") == [f"{BOB} MODE #a -h Bob"]
    assert numerics(bob.types("MODE #a +m")) == ["482"]


def test_only_so_many_changes_at_once(people: tuple[Person, Person]) -> None:
    """MODES=20 in the greeting is kept."""
    alice, _ = people
    (line,) = alice.types(f"MODE #a +{'b' * 25} {' '.join(f'm{i}' for i in range(25))}")
    assert line.split(" ")[3] == "+" + "b" * 20


def test_own_mode_is_set_shown_and_hides(people: tuple[Person, Person]) -> None:
    alice, bob = people
    assert bob.types("MODE bob") == [":irc.test 221 Bob +"]
    assert bob.types("MODE Bob +ix") == [":Bob MODE Bob +i", ":irc.test 501 Bob :Unknown MODE flag"]
    assert bob.types("MODE Bob +i", "MODE Bob") == [":irc.test 221 Bob +i"]
    assert bob.types("MODE Bob -i") == [":Bob MODE Bob -i"]
    assert alice.sees() == []
