"""A secret room does not exist for those outside it: not one byte tells it from a room that is not there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.secrecy import COMES_UPON_IT, stranger, twins
from triochat.commands.table import COMMANDS
from triochat.proto.caps import NAMES

# JOIN may open the room, and then it is no secret any more. QUIT has no room.
ASKING = sorted(COMMANDS.keys() - {"JOIN", "QUIT"})


@pytest.mark.parametrize("command", ASKING)
def test_no_command_tells_a_secret_room_from_none(command: str) -> None:
    with_room, without = twins()
    for words in (
        "#lounge",
        "#LOUNGE",
        "#lounge :text",
        "#lounge +o Bob",
        "#lounge b",
        "#lounge Bob :reason",
        "#lounge,#open",
        "#open,#lounge,#none :text",
        "Bob #lounge",
        "LATEST #lounge * 10",
        "BETWEEN #lounge * * 10",
        "#l*",
        ">1",
        "Bob",
        "Bob Bob",
        "*",
        "",
    ):
        line = f"{command} {words}".rstrip()
        answers = [person.types(line) for person in (with_room, without)]
        assert answers[0] == answers[1], line


def test_newcomers_are_greeted_the_same() -> None:
    greetings = [
        stranger(secret=secret).chat.connect().types("NICK Dave", "USER d 0 * :D") for secret in (True, False)
    ]
    assert greetings[0] == greetings[1]


def test_nothing_is_seen_of_what_happens_inside() -> None:
    alice = stranger(secret=True)
    bob = alice.chat.connect()
    bob.types("NICK Mole", "USER m 0 * :M", "JOIN #burrow", "MODE #burrow +s", "NICK Mole2", "AWAY :x", "QUIT")
    assert alice.sees() == []


def test_invited_guest_who_joins_sees_it() -> None:
    alice = stranger(secret=True)
    room = alice.chat.world.rooms["#lounge"]
    alice.user.invited |= {room}
    assert alice.types("JOIN #lounge")[0] == ":Alice!u@192.0.2.1 JOIN #Lounge"
    assert ":irc.test 319 Alice Bob :@#Lounge" in alice.types("WHOIS Bob")


# -- the same for anything that may be asked --

CAPS = list(NAMES)
ASKED = (
    "#lounge #LOUNGE #Lounge #open #lounge,#open #open,#lounge,#none ~#lounge @#lounge +#lounge #l* *l* "
    "?lounge Bob Carol bob,carol Mole Alice nobody * ** a:bob +o -o +f -f +i +b b +k key +l 5 +q LATEST BEFORE "
    "AROUND BETWEEN TARGETS msgid=m5 m5 m6 m7 m8 m9 timestamp=2000-01-01T00:00:00.000Z "
    "timestamp=2100-01-01T00:00:00.000Z 10 >0 <9 C>0 T<9 !#lounge %tcuihsnfdlaor o LIST GET SET SUB SUBS SYNC "
    "CLEAR avatar url + - C S L text :some text : 0 REGISTER DROP SHOW"
)
words = st.lists(st.sampled_from(ASKED.split(" ")) | st.just("#lounge"), max_size=5)
lines = st.builds(
    lambda command, asked: " ".join([command, *asked]),
    st.sampled_from(sorted(COMMANDS.keys() - COMES_UPON_IT)),
    words,
)


@pytest.mark.parametrize("oper", [False, True])
@settings(max_examples=400)
@given(st.lists(lines, min_size=1, max_size=4), st.sampled_from([[], CAPS]))
def test_no_conversation_tells_a_secret_room_from_none(oper: bool, script: list[str], caps: list[str]) -> None:
    answers = []
    for secret in (True, False):
        alice = stranger(secret=secret)
        if caps:
            alice.types(*(f"CAP REQ {name}" for name in caps))
        if oper:
            alice.types("OPER admin sesame", "MODE Alice +sw")
        answers.append(alice.types(*script))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - COMES_UPON_IT))
@settings(max_examples=40)
@given(words, st.sampled_from([[], CAPS]))
def test_no_words_to_any_command_tell_a_secret_room_from_none(
    command: str, asked: list[str], caps: list[str]
) -> None:
    answers = []
    for secret in (True, False):
        alice = stranger(secret=secret)
        if caps:
            alice.types(*(f"CAP REQ {name}" for name in caps))
        answers.append(alice.types(" ".join([command, *asked])))
    assert answers[0] == answers[1]
