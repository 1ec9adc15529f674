"""No line is longer than 512 bytes without its tags, however long the names and texts in it are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.checks import only, well_formed
from commands.harness import Chat, Identity, Person
from triochat.domain.limits import Limits

LIMITS = Limits()
IPV6 = "2001:db8:1111:2222:3333:4444:5555:6666"
SERVER = "s" * 63
IDENTITY = Identity(SERVER, "N" * 200, "é" * 300, "triochat-1", "today", ("ü" * 600, "short"))


def longest(prefix: str, filler: str = "x") -> str:
    """A room name of the most bytes that start with *prefix*."""
    room = f"#{prefix}"
    while len((room + filler).encode()) <= LIMITS.channel_length:
        room += filler
    return room


def long_user(chat: Chat, letter: str, caps: str = "") -> Person:
    """Somebody whose name, user name, real name and address are as long as can be."""
    nick = letter * LIMITS.nick_length
    return chat.user(nick, caps, address=IPV6, username="ü" * 50, realname="日" * 120)


@pytest.fixture
def people() -> tuple[Person, Person]:
    """Two with the longest of everything, in a room with the longest of names; the second has all capabilities."""
    chat = Chat(identity=IDENTITY)
    one = long_user(chat, "a")
    other = long_user(
        chat, "b", "extended-join away-notify invite-notify userhost-in-names multi-prefix echo-message"
    )
    other.types(f"JOIN {longest('r')}")
    one.sends(f"JOIN {longest('r')}", f"JOIN {longest('own', '日')}")
    return one, other


def checked(*people: Person) -> None:
    """All that they saw is well-formed, and they saw something."""
    for person in people:
        assert well_formed(person.sees_bytes())


def test_greeting_and_the_servers_own_texts() -> None:
    chat = Chat(identity=IDENTITY)
    person = chat.connect(IPV6)
    person.sends(f"NICK {'a' * 32}", "CAP LS 302", f"USER {'ü' * 50} 0 * :{'日' * 120}", "CAP END")
    seen = well_formed(person.sees_bytes())
    assert len(only(seen, "005")) >= 2
    person.sends("MOTD", "INFO", "VERSION", "TIME", "LUSERS", "HELP")
    checked(person)


def test_names_with_everything_name_everybody() -> None:
    chat = Chat(identity=IDENTITY)
    room = longest("crowd")
    people = [
        chat.user(f"{number:x<32}".replace("0", "o").replace("1", "i"), address=IPV6, username="ü" * 50)
        for number in ("A", "B", "C", "D", "E", "F", "G", "H")
    ]
    for person in people:
        person.sends(f"JOIN {room}")
    people[0].sends(f"MODE {room} +hv {people[0].user.nick} {people[0].user.nick}")
    watcher = long_user(chat, "z", "userhost-in-names multi-prefix")
    watcher.sends(f"NAMES {room}")
    shown = [name for reply in only(well_formed(watcher.sees_bytes()), "353") for name in reply[3].split(" ")]
    assert shown == [f"@%+{people[0].user.source}", *(person.user.source for person in people[1:])]


def test_whois_names_all_rooms(people: tuple[Person, Person]) -> None:
    one, other = people
    rooms = [longest(f"{number:02}", "日") for number in range(20)]
    for room in rooms:
        one.sends(f"JOIN {room}")
    one.sends(f"AWAY :{'é' * 200}")
    other.sees()
    other.sends(f"WHOIS {one.user.nick}")
    seen = well_formed(other.sees_bytes())
    shown = [room.lstrip("@%+") for reply in only(seen, "319") for room in reply[2].split(" ")]
    assert shown == [longest("r"), longest("own", "日"), *rooms]
    assert only(seen, "301") and only(seen, "311") and only(seen, "317")


def test_who_userhost_and_ison(people: tuple[Person, Person]) -> None:
    one, other = people
    for letter in "cdefg":
        long_user(one.chat, letter)
    nicks = " ".join(letter * 32 for letter in "abcdefg")
    other.sends(f"WHO {longest('r')}", "WHO *", f"USERHOST {nicks}", f"ISON {nicks} :{nicks}")
    seen = well_formed(other.sees_bytes())
    assert len(only(seen, "352")) == 2 + 7
    (ison,) = only(seen, "303")
    assert ison[1].split(" ") == nicks.split(" ")


def test_as_many_of_the_people_asked_for_as_fit_are_whole_names() -> None:
    chat = Chat(identity=IDENTITY)
    nicks = [f"{first}{second}" for first in "abcdefghijklm" for second in "abcdefghijklm"]
    for nick in nicks:
        chat.user(nick)
    asking = long_user(chat, "z")
    asking.sends(f"ISON {' '.join(nicks[:165])}")
    (reply,) = only(well_formed(asking.sees_bytes()), "303")
    shown = reply[1].split(" ")
    assert shown == nicks[: len(shown)] and 100 < len(shown) < 165


TEXTS = ["x" * 450, "é" * 225, "日" * 150, "😀" * 112]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(
    "command",
    ["TOPIC {room} :{text}", "PART {room} :{text}", "QUIT :{text}", "AWAY :{text}", "KICK {room} {other} :{text}"],
)
def test_relayed_texts(people: tuple[Person, Person], command: str, text: str) -> None:
    one, other = people
    room = longest("r")
    one.chat.world.rooms[room].set_member_modes(one.user, "o")
    one.sees(), other.sees()
    fixed = command.format(room=room, other=other.user.nick, text="")
    one.sends(fixed + text.encode()[: 510 - len(fixed)].decode(errors="ignore"))
    checked(one, other)
    for person in (one, other):
        person.sends(f"TOPIC {room}", f"LIST {room}", f"JOIN {room}", f"WHOIS {one.user.nick}")
        if person.gone is None:
            checked(person)


@pytest.mark.parametrize("command", ["PRIVMSG", "NOTICE"])
@pytest.mark.parametrize("text", TEXTS)
def test_messages_arrive_whole_or_not_at_all(people: tuple[Person, Person], command: str, text: str) -> None:
    one, other = people
    one.sees(), other.sees()
    room = longest("r")
    for size in range(1, len(text) + 1):
        if len(f"{command} {room} :{text[:size]}".encode()) > 510:
            break
        one.sends(f"{command} {room} :{text[:size]}", f"{command} {other.user.nick} :{text[:size]}")
    texts = [params[1] for params in only(well_formed(other.sees_bytes()), command)]
    assert texts and all(text.startswith(received) for received in texts)
    assert {len(received) for received in texts} == set(range(1, len(texts[-1]) + 1))
    told = well_formed(one.sees_bytes())
    assert bool(only(told, "417")) == (command == "PRIVMSG")


def test_mode_changes_are_all_told(people: tuple[Person, Person]) -> None:
    one, other = people
    room = longest("own", "日")
    other.sends(f"JOIN {room}")
    one.sees(), other.sees()
    masks = [f"{chr(97 + i)}{'日' * 6}" for i in range(17)]
    one.sends(f"MODE {room} +{'b' * 17} {' '.join(masks)}")
    for person in (one, other):
        changes = only(well_formed(person.sees_bytes()), "MODE")
        assert len(changes) > 1
        assert all(params[1] == "+" + "b" * (len(params) - 2) for params in changes)
        assert [mask for params in changes for mask in params[2:]] == [f"{mask}!*@*" for mask in masks]


def test_keys_that_come_and_go(people: tuple[Person, Person]) -> None:
    one, _ = people
    room = longest("own", "日")
    one.sees()
    one.sends(f"MODE {room} +k-k+k-k+k {' '.join(['日' * 20, 'x', '日' * 21, 'x', '日' * 22])}")
    one.sends(f"MODE {room}")
    checked(one)
    assert one.chat.world.rooms[room].key == "日" * 22


@pytest.mark.parametrize(("letter", "item"), [("b", "367"), ("e", "348"), ("I", "346")])
def test_mask_lists(people: tuple[Person, Person], letter: str, item: str) -> None:
    one, _ = people
    room = longest("own", "日")
    one.sees()
    for filler in ("x", "日"):
        size = 190 // len(filler.encode())
        one.sends(f"MODE {room} +{letter} {filler * size}")
    one.sends(f"MODE {room} {letter}")
    seen = well_formed(one.sees_bytes())
    assert [reply[2] for reply in only(seen, item)] == ["x" * 190 + "!*@*", "日" * 63 + "!*@*"]


@pytest.mark.parametrize(
    "command",
    [
        *(
            "PING {}",
            "CAP REQ :{}",
            "CAP REQ :batch {}",
            "CAP {}",
            "NICK {}",
            "JOIN {}",
            "JOIN #{}",
            "PART #{}",
            "{}",
        ),
        *("PRIVMSG {} :x", "WHO {}", "WHOIS {}", "NAMES #{}", "MODE {}", "MODE #{}", "TOPIC #{}", "INVITE {} #a"),
        *("KICK #{} x", "HELP {}", "MOTD {}", "USERHOST {}", "ISON {}", "LIST {}", "CHATHISTORY {} {} * 1"),
    ],
)
@pytest.mark.parametrize("word", ["x" * 480, "日" * 160, "batch " * 80])
def test_own_words_that_come_back(command: str, word: str) -> None:
    person = long_user(Chat(identity=IDENTITY), "a", "draft/chathistory")
    line = command.replace("{}", word).encode()[:510].decode(errors="ignore")
    person.sends(line)
    checked(person)


def test_capabilities_asked_for_again_and_again_are_all_acknowledged() -> None:
    person = long_user(Chat(identity=IDENTITY), "a")
    person.sends(f"CAP REQ :{'batch echo-message ' * 25}")
    (reply,) = only(well_formed(person.sees_bytes()), "CAP")
    assert reply[1:] == ["ACK", "batch echo-message"]


@pytest.mark.parametrize("reason", TEXTS)
def test_farewell_of_who_is_put_out_by_an_operator(reason: str) -> None:
    person = long_user(Chat(identity=IDENTITY), "a")
    lines = person.client.removed(reason)
    kill, error = well_formed(person.client.encode(lines))
    assert (kill.command, kill.params[0], error.command) == ("KILL", "a" * 32, "ERROR")


def test_farewell_with_a_long_reason() -> None:
    person = long_user(Chat(identity=IDENTITY), "a")
    person.sends(f"QUIT :{'日' * 166}")
    checked(person)


def test_texts_typed_at_the_plain_door_fit_the_lines_of_others() -> None:
    """There, a line may be much longer than 512 bytes."""
    chat = Chat(identity=IDENTITY)
    one = long_user(chat, "a", "extended-join")
    one.sends("JOIN #lobby")
    other = chat.line_user("b" * 32)
    for text in ("日" * 3000, "x" * 9000):
        other.sends(text, f"/me {text}", f"/topic {text}", f"/msg {'a' * 32} {text}", f"/nick {text}")
    checked(one)
    one.sends("TOPIC #lobby", "LIST")
    checked(one)
    other.sends(f"/quit {'日' * 3000}")
    checked(one)


acts = st.sampled_from(
    ["TOPIC #r", "AWAY", "PRIVMSG #r", "KICK #r x", "PART #r", "MODE #r +k", "MODE #r +b", "JOIN", "NICK", "CAP REQ"]
)
letters = st.text(st.sampled_from("xé日😀 :,"), min_size=1, max_size=480)


@settings(max_examples=80)
@given(st.lists(st.tuples(acts, letters), max_size=6))
def test_any_long_texts(script: list[tuple[str, str]]) -> None:
    chat = Chat(identity=IDENTITY)
    one, other = long_user(chat, "a"), long_user(chat, "b", "extended-join away-notify userhost-in-names")
    for person in (one, other):
        person.sends("JOIN #r")
    for command, text in script:
        fixed = f"{command} :"
        one.sends(fixed + text.encode()[: 510 - len(fixed)].decode(errors="ignore"))
    other.sends("JOIN #r", "NAMES #r", "WHO #r", f"WHOIS {'a' * 32}", "LIST", "TOPIC #r", "MODE #r b", "MODE #r")
    checked(one, other)
