"""METADATA (draft/metadata-3: https://github.com/ircv3/ircv3-specifications/pull/613).

What people would notice; the specification's examples are in tests/specifications."""

import pytest

from commands.checks import well_formed
from commands.harness import NOON, Chat, Identity, Person, at_once, numerics
from triochat.domain.limits import Limits
from triochat.domain.markers import Markers
from triochat.domain.names import Names
from triochat.domain.world import World
from triochat.restoring import restore

CAPS = "batch draft/metadata-3"
USAGE = "Use METADATA target GET|LIST|SET|CLEAR|SUB|UNSUB|SUBS|SYNC"
NOBODY = "There is nobody and nothing of this name that you may see"
KEY_RULE = "A key is of a-z, 0-9, and _ . / -, at most 64 characters"
OWN = "You may change your own metadata, and that of your rooms"


def batch(lines: list[str], kind: str) -> list[str]:
    """What is inside *lines*, which are one batch of *kind*."""
    first, *inside, last = lines
    reference = first.split(" ")[2][1:]
    assert first == f":irc.test BATCH +{reference} {kind}"
    assert last == f":irc.test BATCH -{reference}"
    assert all(line.startswith(f"@batch={reference} ") for line in inside)
    return [line.partition(" ")[2] for line in inside]


def pair(room: str = "#a") -> tuple[Person, Person]:
    """Alice, who tends *room*, and Bob in it."""
    chat = Chat()
    alice, bob = chat.user("Alice", CAPS), chat.user("Bob", CAPS)
    alice.types(f"JOIN {room}")
    bob.types(f"JOIN {room}")
    alice.sees()
    return alice, bob


# -- looking and changing --


def test_what_one_sets_others_can_look_up() -> None:
    alice, bob = pair()
    url = "url * :http://www.example.com"
    assert alice.types("METADATA * SET url :http://www.example.com") == [f":irc.test 761 Alice Alice {url}"]
    looked_up = bob.types("METADATA alice GET blargh url")
    assert batch(looked_up, "metadata Alice") == [
        ":irc.test 766 Bob Alice blargh :Key not set",
        f":irc.test 761 Bob Alice {url}",
    ]
    assert batch(bob.types("METADATA Alice LIST"), "metadata Alice") == [f":irc.test 761 Bob Alice {url}"]
    assert batch(bob.types("METADATA * LIST"), "metadata Bob") == []


def test_no_value_and_an_empty_one_remove_the_key() -> None:
    alice = Chat().user("Alice", CAPS)
    gone = [":irc.test 766 Alice Alice url :Key not set"]
    for line in ("METADATA * SET url", "METADATA * SET url :"):
        alice.types("METADATA * SET url :x")
        assert alice.types(line) == gone
        assert batch(alice.types("METADATA * LIST"), "metadata Alice") == []
    assert alice.types("METADATA * SET url") == gone  # as often as one likes


def test_clear_tells_each_key_that_is_gone() -> None:
    alice = Chat().user("Alice", CAPS)
    alice.types("METADATA * SET url :x", "METADATA * SET color :red")
    assert batch(alice.types("METADATA * CLEAR"), "metadata Alice") == [
        ":irc.test 766 Alice Alice url :Key not set",
        ":irc.test 766 Alice Alice color :Key not set",
    ]
    assert batch(alice.types("METADATA * CLEAR"), "metadata Alice") == []


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("METADATA", f"INVALID_PARAMS * :{USAGE}"),
        ("METADATA *", f"INVALID_PARAMS * :{USAGE}"),
        ("METADATA #a SNEEZE", f"INVALID_PARAMS SNEEZE :{USAGE}"),
        ("METADATA #a :: hi!", f"INVALID_PARAMS * :{USAGE}"),
        ("METADATA #a GET", "INVALID_PARAMS GET :Too few parameters"),
        ("METADATA * LIST x", "INVALID_PARAMS LIST :Too many parameters"),
        ("METADATA * SET url two words", "INVALID_PARAMS SET :Too many parameters"),
        ("METADATA $a:user SET url :x", f"INVALID_TARGET $a:user :{NOBODY}"),
        ("METADATA nobody LIST", f"INVALID_TARGET nobody :{NOBODY}"),
        ("METADATA Bob SUBS", "INVALID_TARGET Bob :You can change your own subscriptions only: use *"),
        ("METADATA * SET $url$ :x", f"INVALID_KEY $url$ :{KEY_RULE}"),
        ("METADATA * SET Url :x", f"INVALID_KEY Url :{KEY_RULE}"),
        ("METADATA Bob SET url :x", f"KEY_NO_PERMISSION Bob url :{OWN}"),
        ("METADATA Bob CLEAR", f"KEY_NO_PERMISSION Bob * :{OWN}"),
    ],
)
def test_what_cannot_be_done_is_said(line: str, answer: str) -> None:
    alice, _ = pair()
    assert alice.types(line) == [f":irc.test FAIL METADATA {answer}"]


def test_a_wrong_key_among_others_is_a_warning_in_its_place() -> None:
    alice = Chat().user("Alice", CAPS)
    unset, warning, other = batch(alice.types("METADATA * GET url $url foo"), "metadata Alice")
    assert unset == ":irc.test 766 Alice Alice url :Key not set"
    assert warning.startswith(":irc.test WARN METADATA INVALID_KEY $url :")
    assert other == ":irc.test 766 Alice Alice foo :Key not set"


def test_values_and_keys_are_limited() -> None:
    chat = Chat(limits=Limits(metadata_keys=2, metadata_value=10))
    alice = chat.user("Alice", CAPS)
    assert alice.types("METADATA * SET a :ééééé") == [":irc.test 761 Alice Alice a * :ééééé"]
    assert alice.types("METADATA * SET b :éééééé") == [
        ":irc.test FAIL METADATA INVALID_VALUE b :A value has at most 10 bytes"
    ]
    alice.types("METADATA * SET b :x")
    assert alice.types("METADATA * SET c :x") == [
        ":irc.test FAIL METADATA LIMIT_REACHED * 2 :There may be 2 keys, and they are all taken"
    ]
    assert alice.types("METADATA * SET b :y") == [":irc.test 761 Alice Alice b * :y"]


def test_the_limits_are_announced() -> None:
    person = Chat(limits=Limits(metadata_keys=7, metadata_subs=8, metadata_value=9)).connect()
    listed = " ".join(person.types("CAP LS 302"))
    limits = "before-connect,max-subs=8,max-keys=7,max-key-bytes=64,max-value-bytes=9"
    assert f"draft/metadata-3={limits} " in listed


def test_the_longest_of_everything_fits_a_line() -> None:
    identity = Identity("s" * 63, "TestNet", "", "triochat-1", "today")
    chat = Chat(identity=identity, casemapping="precis")
    alice = chat.user("é" * 32, CAPS)
    room = f"#{'é' * 31}"
    alice.types(f"JOIN {room}")
    alice.sends(f"METADATA * SUB {'k' * 64}")
    longest = chat.server.longest_value
    for target in ("*", room):
        value = "v" * longest
        alice.sends(f"METADATA {target} SET {'k' * 64} :{value}", f"METADATA {target} LIST")
        answers = [m for m in well_formed(alice.sees_bytes()) if m.command == "761"]
        assert [answer.params[-1] for answer in answers] == [value] * 2
    assert alice.types(f"METADATA * SET k :{'v' * (longest + 1)}")[0].split(" ")[3] == "INVALID_VALUE"


def test_too_many_changes_have_to_wait() -> None:
    chat = Chat(limits=Limits(metadata_rate=0.2))
    alice = chat.user("Alice", CAPS)
    answers = alice.types(*(f"METADATA * SET k{i} :x" for i in range(31)))
    assert numerics(answers) == ["761"] * 30 + ["FAIL"]
    assert answers[-1] == (":irc.test FAIL METADATA RATE_LIMITED * k30 5 :Too many changes, try again in 5 seconds")
    chat.clock += 5
    assert numerics(alice.types("METADATA * SET k30 :x")) == ["761"]


def test_who_did_not_ask_for_it_has_no_such_command() -> None:
    alice = Chat().user("Alice", "batch")
    assert alice.types("METADATA * LIST") == [":irc.test 421 Alice METADATA :Unknown command"]


def test_the_answer_to_a_label_is_one_batch_around_the_other() -> None:
    alice = Chat().user("Alice", f"{CAPS} labeled-response")
    alice.types("METADATA * SET url :x")
    opening, inside, closing = alice.types("@label=l METADATA * LIST")
    assert opening.startswith("@label=l :irc.test BATCH +") and closing.startswith(":irc.test BATCH -")
    assert inside.endswith(" 761 Alice Alice url * :x")
    assert alice.types("@label=m METADATA * SET url :y") == ["@label=m :irc.test 761 Alice Alice url * :y"]


# -- rooms --


def test_operators_say_what_a_room_is() -> None:
    alice, bob = pair()
    assert numerics(bob.types("METADATA #a SET url :http://a.example")) == ["FAIL"]
    assert alice.types("METADATA #A SET url :http://a.example") == [":irc.test 761 Alice #a url * :http://a.example"]
    assert batch(bob.types("METADATA #a GET url"), "metadata #a") == [":irc.test 761 Bob #a url * :http://a.example"]
    assert batch(alice.types("METADATA #a CLEAR"), "metadata #a") == [":irc.test 766 Alice #a url :Key not set"]


@pytest.mark.parametrize("mode", ["+s", "+i", "+k secret", "+b Eve!*@*"])
@pytest.mark.parametrize("question", ["GET url", "LIST", "SYNC"])
def test_a_closed_room_tells_outsiders_nothing(mode: str, question: str) -> None:
    alice, _ = pair()
    alice.types("METADATA #a SET url :hush", f"MODE #a {mode}")
    eve = alice.chat.user("Eve", CAPS)
    eve.types("METADATA * SUB url")
    answer = eve.types(f"METADATA #a {question}")
    assert answer == [f":irc.test FAIL METADATA INVALID_TARGET #a :{NOBODY}"]
    if mode == "+s":
        assert eve.types(f"METADATA #b {question}") == [answer[0].replace("#a", "#b")]  # as if there were none


def test_an_open_room_can_be_looked_at_before_one_goes_in() -> None:
    alice, _ = pair()
    alice.types("METADATA #a SET url :x")
    eve = alice.chat.user("Eve", CAPS)
    assert batch(eve.types("METADATA #a LIST"), "metadata #a") == [":irc.test 761 Eve #a url * :x"]


def test_a_room_that_ends_takes_its_metadata_along() -> None:
    alice = Chat().user("Alice", CAPS)
    alice.types("JOIN #a", "METADATA #a SET url :x", "PART #a", "JOIN #a")
    assert batch(alice.types("METADATA #a LIST"), "metadata #a") == []


# -- subscribing --


def subscribed(person: Person) -> list[str]:
    inside = batch(person.types("METADATA * SUBS"), "metadata-subs")
    assert set(numerics(inside)) <= {"772"}
    return [key for line in inside for key in line.split(" ")[3:]]


def test_subscribing_and_unsubscribing() -> None:
    client = Chat().user("modernclient", CAPS)
    assert subscribed(client) == []
    assert client.types("METADATA * SUB avatar website foo bar foo")[0] == (
        ":irc.test 770 modernclient avatar website foo bar"
    )
    assert subscribed(client) == ["avatar", "website", "foo", "bar"]
    assert client.types("METADATA * UNSUB foo bar never") == [":irc.test 771 modernclient foo bar never"]
    assert subscribed(client) == ["avatar", "website"]
    assert client.types("METADATA * SUB avatar website") == [":irc.test 770 modernclient avatar website"]


def test_invalid_keys_are_skipped() -> None:
    client = Chat().user("modernclient", CAPS)
    ok, warning, later = client.types("METADATA * SUB foo $url bar")
    assert ok == ":irc.test 770 modernclient foo bar"
    assert warning.startswith(":irc.test WARN METADATA INVALID_KEY $url :")
    assert later.startswith(":irc.test 774 modernclient *ALL 0 :")
    assert numerics(client.types("METADATA * UNSUB $url foo")) == ["771", "WARN"]


def test_the_first_key_that_is_too_many_ends_it() -> None:
    client = Chat(limits=Limits(metadata_subs=3)).user("modernclient", CAPS)
    client.types("METADATA * SUB avatar website")
    ok, failed, _ = client.types("METADATA * SUB foo website avatar")
    assert ok == ":irc.test 770 modernclient foo"
    assert failed.startswith(":irc.test FAIL METADATA LIMIT_REACHED website 3 :")
    assert subscribed(client) == ["avatar", "website", "foo"]


def test_many_keys_take_several_lines() -> None:
    client = Chat().user("modernclient", CAPS)
    keys = [f"{'k' * 10}{i}" for i in range(25)] + ["k" * 60 + str(i) for i in range(10)]
    client.sends(f"METADATA * SUB {' '.join(keys[:25])}", f"METADATA * SUB {' '.join(keys[25:30])}")
    client.sends(f"METADATA * SUB {' '.join(keys[30:])}", "METADATA * SUBS")
    assert [key for m in well_formed(client.sees_bytes()) if m.command == "772" for key in m.params[1:]] == keys


def test_who_takes_the_capability_back_is_unsubscribed() -> None:
    client = Chat().user("modernclient", CAPS)
    client.types("METADATA * SUB avatar", "CAP REQ -draft/metadata-3", "CAP REQ draft/metadata-3")
    assert subscribed(client) == []


def test_subscribers_in_the_same_room_are_told_of_changes() -> None:
    alice, bob = pair()
    bob.types("METADATA * SUB url")
    alice.types("METADATA * SET url :x", "METADATA * SET color :red", "METADATA * SET url :x", "METADATA * SET url")
    alice.types("METADATA #a SET url :y")
    assert bob.sees() == [
        ":irc.test 761 Bob Alice url * :x",
        ":irc.test 766 Bob Alice url :Key not set",
        ":irc.test 761 Bob #a url * :y",
    ]


def test_strangers_are_told_only_of_those_whom_they_watch() -> None:
    alice, _ = pair()
    eve = alice.chat.user("Eve", CAPS)
    eve.types("METADATA * SUB url")
    alice.types("METADATA * SET url :x")
    assert eve.sees() == []
    online, *known = eve.types("MONITOR + Alice,Bob")
    assert online.startswith(":irc.test 730 Eve :Alice!")
    assert batch(known[:3], "metadata Alice") == [":irc.test 761 Eve Alice url * :x"]
    assert batch(known[3:], "metadata Bob") == []
    alice.types("METADATA * SET url :y", "METADATA #a SET url :z")
    assert eve.sees() == [":irc.test 761 Eve Alice url * :y"]


def test_those_who_come_online_are_shown_to_their_watchers() -> None:
    chat = Chat()
    eve, old = chat.user("Eve", CAPS), chat.user("Old")
    eve.types("METADATA * SUB url", "MONITOR + Alice")
    old.types("MONITOR + Alice")
    alice = chat.connect()
    alice.types(f"CAP REQ :{CAPS}", "METADATA * SET url :x", "NICK Alice", "USER u 0 * :A", "CAP END")
    online, *known = eve.sees()
    assert online.startswith(":irc.test 730 Eve :Alice!")
    assert batch(known, "metadata Alice") == [":irc.test 761 Eve Alice url * :x"]
    assert numerics(old.sees()) == ["730"]
    alice.types("NICK Alicia")
    eve.types("MONITOR + Alec")
    alice.types("NICK Alec")
    assert ":irc.test 761 Eve Alec url * :x" in [line.partition(" ")[2] for line in eve.sees()]


def test_the_hidden_in_an_auditorium_stay_hidden() -> None:
    alice, bob = pair()
    eve = alice.chat.user("Eve", CAPS)
    for person in (alice, bob):
        person.types("METADATA * SUB url")
    alice.types("MODE #a +u")
    eve.types("JOIN #a", "METADATA * SET url :x")
    assert ":irc.test 761 Alice Eve url * :x" in alice.sees()
    assert not any("Eve" in line for line in [*bob.sees(), *bob.types("METADATA #a SYNC")])


def test_joining_tells_how_things_stand() -> None:
    alice, _ = pair()
    alice.types("METADATA * SET url :x", "METADATA #a SET url :y", "METADATA #a SET color :red")
    eve = alice.chat.user("Eve", CAPS)
    eve.types("METADATA * SUB url")
    joined = eve.types("JOIN #a")
    assert numerics(joined[:-4]) == ["JOIN", "353", "366"]
    assert batch(joined[-4:], "metadata #a") == [
        ":irc.test 761 Eve #a url * :y",
        ":irc.test 761 Eve Alice url * :x",
    ]
    assert batch(eve.types("METADATA #a SYNC"), "metadata #a") == [
        ":irc.test 761 Eve #a url * :y",
        ":irc.test 761 Eve Alice url * :x",
    ]


def test_subscribing_tells_how_things_stand() -> None:
    alice, bob = pair()
    alice.types("METADATA * SET display-name :A", "METADATA #a SET display-name :Cool", "METADATA * SET url :x")
    dan = alice.chat.user("Dan", CAPS)
    dan.types("METADATA * SET display-name :D")
    bob.types("METADATA * SET url :own", "METADATA * SUB url", "MONITOR + Dan")
    ok, *known = bob.types("METADATA * SUB display-name url")
    assert ok == ":irc.test 770 Bob display-name url"
    assert batch(known, "metadata *ALL") == [
        ":irc.test 761 Bob #a display-name * :Cool",
        ":irc.test 761 Bob Alice display-name * :A",
        ":irc.test 761 Bob Dan display-name * :D",
    ]
    everything = batch(bob.types("METADATA *ALL SYNC"), "metadata *ALL")
    assert len(everything) == 5 and ":irc.test 761 Bob Bob url * :own" in everything


def crowd(count: int) -> Chat:
    """Operator Alice in #a, and with her *count* others with a value each."""
    chat = Chat(limits=Limits(metadata_rate=0))
    chat.user("Alice", CAPS).types("JOIN #a")
    for i in range(count):
        chat.user(f"u{i}", CAPS).sends("JOIN #a", f"METADATA * SET url :{i}")
    return chat


def test_where_there_is_much_the_client_asks_later_and_gets_all() -> None:
    chat = crowd(501)
    eve = chat.user("Eve", f"{CAPS} labeled-response")
    assert eve.types("METADATA * SUB url")[-1] == ":irc.test 774 Eve *ALL 0 :Ask for it with METADATA SYNC"
    assert eve.types("JOIN #a")[-1] == ":irc.test 774 Eve #a 0 :Ask for it with METADATA SYNC"
    values = batch(eve.types("METADATA #a SYNC"), "metadata #a")
    assert values == [f":irc.test 761 Eve u{i} url * :{i}" for i in range(501)]
    (later,) = eve.types("@label=x METADATA #a SYNC")
    assert later == "@label=x :irc.test 774 Eve #a 0 :Ask for it with METADATA SYNC, and without a label"


# -- coming in --


def test_setting_and_subscribing_before_connecting() -> None:
    client = Chat().connect()
    client.types("CAP LS 302")
    client.types("CAP REQ :batch message-tags draft/metadata-3")
    assert client.types("METADATA * SUB display-name") == [":irc.test 770 * display-name"]
    assert client.types("METADATA * SET display-name :a b c") == [":irc.test 761 * * display-name * :a b c"]
    assert batch(client.types("METADATA * SYNC"), "metadata *") == [":irc.test 761 * * display-name * :a b c"]
    assert numerics(client.types("METADATA abc LIST")) == ["FAIL"]
    client.types("NICK abc", "USER u s e r")
    greeting = client.types("CAP END")
    start = next(i for i, line in enumerate(greeting) if " BATCH +" in line)
    mine = [":irc.test 761 abc abc display-name * :a b c"]
    assert batch(greeting[start : start + 3], "metadata abc") == mine
    assert not {"375", "422", "376"} & set(numerics(greeting[:start]))
    assert numerics(greeting[start + 3 :])[0] in ("375", "422")
    assert batch(client.types("METADATA * LIST"), "metadata abc") == mine
    assert subscribed(client) == ["display-name"]


def test_an_empty_batch_says_that_nothing_is_set() -> None:
    client = Chat().connect()
    client.types(f"CAP REQ :{CAPS}", "NICK abc", "USER u s e r")
    greeting = client.types("CAP END")
    start = next(i for i, line in enumerate(greeting) if " BATCH +" in line)
    assert batch(greeting[start : start + 2], "metadata abc") == []


def test_whois_shows_metadata_to_those_who_know_it() -> None:
    alice, bob = pair()
    alice.types("METADATA * SET display-name :Alice Liddell")
    assert ":irc.test 760 Bob Alice display-name * :Alice Liddell" in bob.types("WHOIS Alice")
    assert "760" not in numerics(alice.chat.user("Old").types("WHOIS Alice"))


# -- accounts --


def test_metadata_of_an_account_stays_and_that_of_a_guest_goes_with_them() -> None:
    chat = Chat()
    for person in (chat.user("Alice", CAPS, account="Alice"), chat.user("Bob", CAPS)):
        person.types("METADATA * SET url :x", "QUIT")
    assert batch(chat.user("Alice", CAPS, account="Alice").types("METADATA * LIST"), "metadata Alice") == [
        ":irc.test 761 Alice Alice url * :x"
    ]
    assert batch(chat.user("Bob", CAPS).types("METADATA * LIST"), "metadata Bob") == []


def test_a_restart_keeps_metadata_of_accounts_and_of_rooms() -> None:
    chat = Chat()
    alice = chat.user("Alice", CAPS, account="Alice")
    alice.types("METADATA * SET url :x", "METADATA * SET color :red", "METADATA * SET color", "JOIN #a")
    alice.types("METADATA #a SET url :y")
    world = World(Limits(), Names())
    at_once(restore(world, Markers(), chat.journal.store, NOON))
    room, user = world.rooms["#a"], alice.user
    assert room.metadata == {"url": "y"}
    assert world.metadata.of(user) == {"url": "x"}


def test_logging_in_shows_what_belongs_to_the_account() -> None:
    chat = Chat()
    chat.user("Alice", CAPS, account="Alice").types("METADATA * SET url :mine", "QUIT")
    alice, bob = chat.user("guest", CAPS), chat.user("Bob", CAPS)
    for person in (alice, bob):
        person.types("JOIN #a", "METADATA * SUB url color")
    alice.types("METADATA * SET url :guest", "METADATA * SET color :red")
    bob.sees()
    alice.types("ACCOUNT LOGIN Alice sesame")
    assert bob.sees() == [":irc.test 761 Bob guest url * :mine"]
    alice.types("ACCOUNT LOGOUT")
    assert bob.sees()[:2] == [
        ":irc.test 766 Bob guest url :Key not set",
        ":irc.test 766 Bob guest color :Key not set",
    ]
    assert batch(alice.types("METADATA * LIST"), "metadata guest") == []


def test_all_who_are_one_account_show_the_same() -> None:
    chat = Chat()
    one = chat.user("Alice", CAPS, account="Alice")
    two = chat.user("Alice_", CAPS, account="Alice")
    bob = chat.user("Bob", CAPS)
    bob.types("METADATA * SUB url")
    two.types("METADATA * SUB url")
    for person in (one, two, bob):
        person.types("JOIN #a")
    bob.sees(), two.sees()
    one.types("METADATA * SET url :x")
    for person, nick in ((bob, "Bob"), (two, "Alice_")):
        assert sorted(person.sees()) == [
            f":irc.test 761 {nick} Alice url * :x",
            f":irc.test 761 {nick} Alice_ url * :x",
        ]


def test_what_another_session_brings_along_is_told() -> None:
    chat = Chat()
    first = chat.user("Alice", CAPS, account="Alice")
    first.types("METADATA * SUB url")
    second = chat.connect()
    second.types("PASS Alice:sesame", f"CAP REQ :{CAPS}", "METADATA * SET url :x", "NICK Alice", "USER u 0 * :A")
    second.types("CAP END")
    assert first.sees() == [":irc.test 761 Alice Alice url * :x"]
