"""S8: names that nobody can tell apart. Invisible and look-alike characters let people pose as others, or as nobody
(mumble #2462, freenet/river #489), and bytes that are no text broke what came behind (ergo #1575, #1596)."""

import unicodedata
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.harness import Chat, Person, numerics
from triochat.domain.names import Names

INVISIBLE = {
    "zero width space": "\u200b",
    "zero width non-joiner": "\u200c",
    "zero width joiner": "\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "combining grapheme joiner": "\u034f",
    "Hangul filler": "\u3164",
    "half-width Hangul filler": "\uffa0",
    "Hangul choseong filler": "\u115f",
    "Khmer inherent vowel": "\u17b4",
    "Mongolian variation selector": "\u180b",
    "Mongolian vowel separator": "\u180e",
    "variation selector": "\ufe0f",
    "variation selector 17": "\U000e0100",
    "tag letter": "\U000e0061",
    "braille blank": "\u2800",
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "right-to-left override": "\u202e",
    "right-to-left isolate": "\u2067",
    "right-to-left mark": "\u200f",
    "line separator": "\u2028",
    "C1 control": "\u009b",
    "invisible times": "\u2062",
    "private use": "\ue000",
    "unassigned": "\u0378",
}
LOOKALIKES = {
    "Cyrillic": "\u0410lice",
    "all Cyrillic but l": "\u0410l\u0456\u0441\u0435",
    "full width": "\uff21\uff4c\uff49\uff43\uff45",
    "mathematical": "\U0001d400lice",
    "Greek": "\u0391lice",
    "dotless": "Al\u0131ce",
}
PLACES = {"at the end": "Alice{}", "in the middle": "Ali{}ce", "in front": "{}Alice", "alone": "{}"}

Mapping = Literal["ascii", "precis"]


def town(casemapping: Mapping) -> tuple[Chat, Person]:
    """Alice is here, in #alice, and Mallory, who envies her."""
    chat = Chat(casemapping=casemapping)
    alice = chat.user("Alice")
    alice.types("JOIN #Alice")
    mallory = chat.user("Mallory", "draft/relaymsg echo-message")
    mallory.types("JOIN #own")
    return chat, mallory


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("casemapping", ["ascii", "precis"])
@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE)
def test_what_nobody_sees_is_in_no_name(character: str, casemapping: Mapping, place: str) -> None:
    """S8: not of people, of accounts, of rooms, nor of those who are relayed."""
    chat, mallory = town(casemapping)
    name = PLACES[place].replace("{}", character)
    for line in (f"NICK {name}", f"REGISTER {name} * sesame", f"RENAME #own #{name}", f"RELAYMSG #own {name}/irc :x"):
        mallory.sends(line)
    mallory.sends(f"JOIN #{name}")
    visitor = chat.line_connect()
    visitor.types(name)
    assert visitor.client.registration is not None
    assert {user.nick for user in chat.world.users.values()} == {"Alice", "Mallory"}
    assert set(chat.world.rooms) == {"#lobby", "#alice", "#own"}
    assert len(chat.world.accounts) == 0
    assert not any(" PRIVMSG #own " in line for line in mallory.sees())


@pytest.mark.parametrize("imitation", LOOKALIKES.values(), ids=LOOKALIKES)
@pytest.mark.parametrize("casemapping", ["ascii", "precis"])
def test_nobody_is_called_like_somebody_who_is_here(imitation: str, casemapping: Mapping) -> None:
    """S8: not even by way of an account, whose owner would then get the name from whoever has it."""
    chat, mallory = town(casemapping)
    mallory.sends(f"NICK {imitation}", f"REGISTER {imitation} * sesame", f"NICK {imitation}", "NICK Alice")
    visitor = chat.line_connect()
    visitor.types(imitation)
    assert visitor.client.registration is not None
    assert {user.nick for user in chat.world.users.values()} == {"Alice", "Mallory"}
    assert len(chat.world.accounts) == 0


@pytest.mark.parametrize("imitation", LOOKALIKES.values(), ids=LOOKALIKES)
def test_nobody_is_called_like_an_account_or_a_service(imitation: str) -> None:
    """S8: the name of an account is its owner's also while the owner is away, and NickServ is nobody."""
    chat = Chat(casemapping="precis")
    chat.account("Alice")
    mallory = chat.user("Mallory")
    for name in (imitation, "NickServ", "N\u0456ckServ", "\u0421hanServ"):
        assert numerics(mallory.types(f"NICK {name}"))[0] in ("432", "433"), name
    mallory.types(f"REGISTER {imitation} * sesame")
    assert [account.name for account in chat.world.accounts] == ["Alice"]


@pytest.mark.parametrize(("name", "imitation"), [("Bob", "\u0412ob"), ("Helen", "\u041delen"), ("Mike", "\u041cike")])
def test_capitals_that_look_alike_only_as_capitals_are_found(name: str, imitation: str) -> None:
    """S8: names are compared in lower case, but they are read as they are written."""
    chat = Chat(casemapping="precis")
    owner = chat.user(name)
    assert numerics(chat.user("Mallory").types(f"NICK {imitation}")) == ["433"]
    assert numerics(owner.types(f"NICK {name.upper()}")) == ["NICK"]
    owner.types("QUIT")
    assert chat.user(imitation).user.nick == imitation


@pytest.mark.parametrize("mark", ["\u0301", "\u0336", "\u20e3", "\u0903"])
def test_a_name_does_not_begin_with_what_stands_on_the_letter_before(mark: str) -> None:
    """S8: an accent alone would change what is printed in front of the name."""
    names = Names("precis")
    assert names.nick_error(f"{mark}Alice", 32) is not None
    assert names.nick_error(mark, 32) is not None
    assert names.nick_error(f"e{mark}", 32) is None or not unicodedata.category(mark).startswith("Mn")


@given(st.text(min_size=1, max_size=12))
def test_names_of_people_are_ascii_unless_the_settings_say_otherwise(name: str) -> None:
    """S8: so that nothing needs to be compared by its looks."""
    if Names().nick_error(name, 32) is None:
        assert name.isascii() and name.isprintable()


texts = st.binary(max_size=30).filter(lambda data: not {0, 10, 13} & set(data))


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize(
    "line",
    [
        lambda data: b"PRIVMSG #Alice :" + data,
        lambda data: b"NICK " + data,
        lambda data: b"TOPIC #Alice :" + data,
        lambda data: b"@+x=" + data + b" TAGMSG #Alice",
        lambda data: b"JOIN #" + data,
    ],
)
@given(data=texts.filter(lambda data: not _is_text(data)))
def test_what_is_no_text_is_refused_and_reaches_nobody(line: Callable[[bytes], bytes], data: bytes) -> None:
    """S8 (ergo #1575): bytes that are not UTF-8 would break clients that speak WebSocket."""
    chat, mallory = town("ascii")
    mallory.types("CAP REQ message-tags", "JOIN #Alice")
    others = [person for person in chat._people.values() if person is not mallory]
    for person in others:
        person.sees()
    (answer,) = mallory.types(line(data))
    assert " FAIL " in answer and " INVALID_UTF8 " in answer
    assert [person.sees_bytes() for person in others] == [b""] * len(others)
