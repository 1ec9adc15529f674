"""S3: what one may not see, and may not do. Ergo let people redact what others had said (GHSA-8cmp-fc56-7g44), read
the metadata of private rooms (ergo #2382), and learn of secret ones (ergo #2405)."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.harness import Chat, Person
from triochat.commands.server import Operator
from triochat.commands.table import COMMANDS
from triochat.domain.room import Room
from triochat.proto.caps import NAMES

SAID, TOPIC, VALUE = "hush-hush", "plans-for-monday", "https://example.org/plans"


class House(NamedTuple):
    """Bob's room, in which Carol is, or no such room at all."""

    chat: Chat
    bob: Person
    carol: Person
    msgid: str
    """Of what Bob said there."""

    @property
    def room(self) -> Room:
        return self.chat.world.rooms["#room"]


def house(modes: str, *, built: bool = True) -> House:
    """A room with these modes; *built* False: nobody ever opened it. Everything else is the same."""
    chat = Chat(operators={"oper": Operator("oper", password="sesame")})
    bob, carol = chat.user("Bob", account="Bob"), chat.user("Carol", account="Carol")
    for person in (bob, carol):
        person.types(*(f"CAP REQ {name}" for name in NAMES))
    msgid = "m0"
    if built:
        bob.types("JOIN #Room", f"TOPIC #Room :{TOPIC}", f"METADATA #Room SET url :{VALUE}")
        carol.types("JOIN #Room")
        bob.types(f"MODE #Room {modes}", "MODE #Room +b *!*@spam.example")
        msgid = f"m{chat.journal.next_seq}"
        bob.types(f"PRIVMSG #Room :{SAID}", f"@+typing=active;+x={SAID} TAGMSG #Room")
    # The ids of entries are counted over the whole server, and batches, too.
    chat.journal._seq, chat.server.batches = 1000, 1000
    bob.sees(), carol.sees()
    return House(chat, bob, carol, msgid)


def _guest(chat: Chat) -> Person:
    return _capable(chat.user("Eve"))


def _with_account(chat: Chat) -> Person:
    return _capable(chat.user("Eve", account="Eve"))


def _operator_of_the_server(chat: Chat) -> Person:
    person = _capable(chat.user("Eve", account="Eve"))
    person.types("OPER oper sesame", "MODE Eve +sw")
    return person


def _plain(chat: Chat) -> Person:
    return chat.line_user("Eve")


def _old_client(chat: Chat) -> Person:
    return chat.user("Eve")


def _capable(person: Person) -> Person:
    person.types(*(f"CAP REQ {name}" for name in NAMES))
    return person


OUTSIDERS: dict[str, Callable[[Chat], Person]] = {
    "guest": _guest,
    "somebody with an account": _with_account,
    "operator of the server": _operator_of_the_server,
    "somebody with nc": _plain,
    "client without capabilities": _old_client,
}
ROOMS = {"open": "+n", "closed": "+i", "with a key": "+k secret", "secret": "+s", "secret and closed": "+si"}

# What one may say of a room. {id} is the msgid of what Bob said in it.
ASKED: Sequence[str] = (
    *(
        "LIST",
        "LIST #room",
        "LIST *oo*",
        "LIST >0",
        "LIST T<9",
        "NAMES",
        "NAMES #room",
        "NAMES #open,#room",
        "LUSERS",
    ),
    *("WHO #room", "WHO #room %tcnuhfar,1", "WHO *", "WHO Bob", "WHOIS Bob", "WHOIS Carol", "WHOWAS Bob", "ISON Bob"),
    *("USERHOST Bob", "TOPIC #room", "TOPIC #room :mine", "MODE #room", "MODE #room b", "MODE #room +I", "MODE Bob"),
    *("MODE #room +o Eve", "MODE #room -s", "MODE #room +m", "MODE #room -k secret", "MODE #open +f #room"),
    *("INVITE Eve #room", "INVITE", "KICK #room Bob :out", "KICK #room Eve", "PART #room", "PART #open,#room :x"),
    *("PRIVMSG #room :hello", "NOTICE #room :hello", "PRIVMSG @#room :hello", "PRIVMSG #room,Bob,#none :hello"),
    *(
        "@+typing=active TAGMSG #room",
        "@label=1 PRIVMSG #room :x",
        "@label=2 TAGMSG #room",
        "@+draft/react=x TAGMSG @#room",
    ),
    *("@+triochat/id=0123456789abcdef;+triochat/again PRIVMSG #room :x",),
    *("BATCH +r draft/multiline #room", "@batch=r PRIVMSG #room :one", "@batch=r PRIVMSG #room :two", "BATCH -r"),
    *("CHATHISTORY LATEST #room * 50", "CHATHISTORY AROUND #room msgid={id} 50", "CHATHISTORY LATEST * * 5"),
    *("CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 50",),
    *("CHATHISTORY LATEST ~#room * 50", "CHATHISTORY BETWEEN #room msgid={id} timestamp=2100-01-01T00:00:00.000Z 9"),
    *(
        "SEARCH text=hush-hush",
        "SEARCH in=#room;text=hush",
        "SEARCH from=Bob",
        "SEARCH in=#room",
        "SEARCH text=monday",
    ),
    *("METADATA #room LIST", "METADATA #room GET url", "METADATA #room SET url :mine", "METADATA #room CLEAR"),
    *(
        "METADATA * SUB url",
        "METADATA #room SYNC",
        "METADATA *ALL SYNC",
        "METADATA Bob LIST",
        "METADATA #room SUB url",
    ),
    *(
        "MARKREAD #room",
        "MARKREAD #room timestamp=2023-01-01T00:00:00.000Z",
        "MONITOR + Bob,Carol,#room",
        "MONITOR S",
    ),
    *("REDACT #room {id}", "REDACT #room {id} :gone", "REDACT Bob {id}", "RELAYMSG #room ann/irc :x", "ACCEPT Bob"),
    *("RENAME #room #mine", "RENAME #room #ROOM", "CHANSERV REGISTER #room", "CHANSERV DROP #room", "WALLOPS :x"),
    *("PRIVMSG ChanServ :REGISTER #room", "JOIN 0", "WHOIS irc.test Bob", "PING #room", "HELP", "VERSION", "CHGHOST"),
)
OWN_NAME_IN_USE = ("RENAME #open #room", "JOIN #room", "JOIN #room secret")
"""What opens a room of this name, if there is none: whoever comes upon a room that way learns of it."""


def lines_for(person: Person, msgid: str) -> list[str]:
    """What this one can type of all that is asked."""
    asked = [line.replace("{id}", msgid) for line in ASKED]
    if not person.client.speaks_irc:
        typed = [f"/{line.partition(' ')[0].lower()} {line.partition(' ')[2]}" for line in asked]
        return [*typed, "/users", "/topic", "/join", "/msg Bob hi", "/msg #room hi", "/nick #room"]
    return asked


def state(room: Room) -> tuple[object, ...]:
    """All that somebody could have changed of a room."""
    lists = {letter: sorted(masks) for letter, masks in room.lists.items() if masks}
    members = {user.nick: modes for user, modes in room.members.items()}
    metadata = dict(room.metadata or {})
    return room.name, room.topic, sorted(room.flags), room.key, room.limit, room.forward, members, metadata, lists


def kept(house: House) -> list[tuple[str, ...]]:
    """What the room's log holds, as Bob reads it."""
    house.bob.sees()
    return [
        tuple(line.split(" ")[-3:])
        for line in house.bob.types("CHATHISTORY LATEST #Room * 100")
        if "BATCH" not in line
    ]


def test_every_command_is_asked_of_rooms() -> None:
    """S3: a command that is new belongs into the lists above, if it can say anything of a room."""
    asked = {next(word for word in line.split(" ") if word[0] != "@") for line in (*ASKED, *OWN_NAME_IN_USE)}
    about_others_only = {
        *(
            "ACCOUNT",
            "AUTHENTICATE",
            "AWAY",
            "CAP",
            "INFO",
            "KILL",
            "KLINE",
            "LINKS",
            "MOTD",
            "NICK",
            "NICKSERV",
            "OPER",
            "PASS",
        ),
        *("PONG", "QUIT", "REGISTER", "REHASH", "SETNAME", "TIME", "UNKLINE", "USER", "VERIFY"),
        *("CS", "NS", "HELPOP"),
    }
    assert COMMANDS.keys() - asked == about_others_only


# -- what outsiders see --


@pytest.mark.parametrize("outsider", OUTSIDERS)
@pytest.mark.parametrize("modes", ["+s", "+si", "+sk secret"])
def test_a_secret_room_does_not_exist_for_those_outside(modes: str, outsider: str) -> None:
    """S3 (ergo #2405): not one byte tells it from a room that nobody ever opened, by no command that there is."""
    answers = []
    for built in (True, False):
        place = house(modes, built=built)
        eve = OUTSIDERS[outsider](place.chat)
        eve.types("JOIN #open")
        answers.append([(line, eve.types(line)) for line in lines_for(eve, "m7")])
    assert answers[0] == answers[1]


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from(ASKED), max_size=8),
    st.lists(
        st.sampled_from(
            (
                *("PRIVMSG #Room :psst", "@+typing=active TAGMSG #Room", "TOPIC #Room :new", "MODE #Room +m"),
                *("METADATA #Room SET url :new", "KICK #Room Carol", "INVITE Carol #Room", "REDACT #Room m7"),
                *("RELAYMSG #Room ann/irc :x", "PART #Room", "JOIN #Room", "NOTICE @#Room :x", "MARKREAD #Room"),
            )
        ),
        max_size=6,
    ),
    st.sampled_from(sorted(OUTSIDERS.keys() - {"somebody with nc"})),
)
def test_nothing_that_happens_in_a_secret_room_is_seen_outside(
    asked: list[str], done: list[str], outsider: str
) -> None:
    """S3: Bob is busy in it, or somewhere else; Eve, who watches him, sees the same."""
    seen = []
    for built in (True, False):
        place = house("+s", built=built)
        eve = OUTSIDERS[outsider](place.chat)
        eve.types("JOIN #open", "MONITOR + Bob,Carol", "METADATA * SUB url")
        for step in range(max(len(asked), len(done))):
            if built:
                place.bob.sends(*done[step : step + 1], "MODE #Room +s")  # it may have ended, and begun anew
            place.chat.journal._seq = place.chat.server.batches = 2000 + 50 * step
            eve.sends(*(line.replace("{id}", "m7") for line in asked[step : step + 1]))
        seen.append(eve.sees())
    assert seen[0] == seen[1]


@pytest.mark.parametrize("outsider", OUTSIDERS)
@pytest.mark.parametrize("kind", ROOMS)
def test_what_is_said_in_a_room_is_for_those_inside(kind: str, outsider: str) -> None:
    """S3: whatever kind of room it is, no command shows what was said there to who is not in it; nor its metadata
    where one could not walk in, nor its topic and people where it is secret."""
    place = house(ROOMS[kind])
    eve = OUTSIDERS[outsider](place.chat)
    eve.types("JOIN #open")
    shown = "\n".join(eve.types(*lines_for(eve, place.msgid)))
    assert SAID not in shown.replace("SEARCH", "")
    if kind != "open":
        assert VALUE not in shown
    if kind.startswith("secret"):
        assert TOPIC not in shown and "#Room" not in shown


@pytest.mark.parametrize("kind", ["closed", "with a key", "secret and closed"])
def test_who_was_put_out_is_an_outsider(kind: str) -> None:
    """S3: a former member, who knows the msgid of what was said, reads nothing and takes nothing back."""
    place = house(ROOMS[kind])
    place.bob.types("KICK #Room Carol :out")
    place.carol.sees()
    before = state(place.room), kept(place)
    shown = "\n".join(place.carol.types(*lines_for(place.carol, place.msgid), "JOIN #Room", "JOIN #Room guess"))
    assert SAID not in shown and VALUE not in shown
    assert (state(place.room), kept(place)) == before


# -- what outsiders do --


@pytest.mark.parametrize("outsider", OUTSIDERS)
@pytest.mark.parametrize("kind", ROOMS)
def test_outsiders_change_nothing_in_a_room(kind: str, outsider: str) -> None:
    """S3 (GHSA-8cmp-fc56-7g44): no command of theirs changes the room, its log, or what those inside see; not even
    those of an operator of the server, who may end connections and no more."""
    place = house(ROOMS[kind])
    eve = OUTSIDERS[outsider](place.chat)
    eve.types("JOIN #open")
    before = state(place.room), kept(place)
    for line in lines_for(eve, place.msgid):
        place.bob.sees()
        eve.sends(line)
        assert state(place.room) == before[0], line
        assert not any("#Room" in seen for seen in place.bob.sees()), line
    assert kept(place) == before[1]


# -- what members do --

RANKS = ("outsider", "member", "v", "h", "o", "q")
# Each act, and the lowest rank that may do it, in a room without founders and in one with.
ACTS: dict[str, tuple[str, str, str]] = {
    "set the topic": ("TOPIC #Room :mine", "h", "h"),
    "kick a member": ("KICK #Room Dave", "h", "h"),
    "kick an operator": ("KICK #Room Carol", "o", "o"),
    "moderate": ("MODE #Room +m", "h", "h"),
    "close": ("MODE #Room +i", "h", "h"),
    "hide": ("MODE #Room +s", "h", "h"),
    "lock": ("MODE #Room +k new", "h", "h"),
    "limit": ("MODE #Room +l 1", "h", "h"),
    "ban": ("MODE #Room +b Dave", "h", "h"),
    "except": ("MODE #Room +e Dave", "h", "h"),
    "give voice": ("MODE #Room +v Dave", "h", "h"),
    "make a half-operator": ("MODE #Room +h Dave", "o", "o"),
    "make an operator": ("MODE #Room +o Dave", "o", "o"),
    "take an operator's rank": ("MODE #Room -o Carol", "o", "o"),
    "make a founder": ("MODE #Room +q Dave", "o", "q"),
    "rename": ("RENAME #Room #mine", "o", "q"),
    "set metadata": ("METADATA #Room SET url :mine", "o", "o"),
    "relay": ("RELAYMSG #Room ann/irc :x", "o", "o"),
    "take back what another said": ("REDACT #Room {id}", "h", "h"),
    "speak": ("PRIVMSG #Room :x", "member", "member"),
    "speak to the operators": ("PRIVMSG @#Room :x", "member", "member"),
    "type": ("@+draft/react=x TAGMSG #Room", "member", "member"),
}


@pytest.mark.parametrize("founded", [False, True])
@pytest.mark.parametrize("rank", RANKS)
@pytest.mark.parametrize("act", ACTS)
def test_each_rank_does_what_it_may_and_no_more(act: str, rank: str, founded: bool) -> None:
    """S3: rank by rank and act by act."""
    line, *lowest = ACTS[act]
    place = house("+n")
    dave, eve = place.chat.user("Dave", account="Dave"), _with_account(place.chat)
    dave.types("JOIN #Room")
    place.bob.types("MODE #Room +o Carol")
    if founded:
        place.bob.types("MODE #Room +q Bob")
    if rank != "outsider":
        eve.types("JOIN #Room")
    if rank in "vhoq":
        (user,) = (user for user in place.room.members if user.nick == "Eve")
        place.room.set_member_modes(user, rank)
    before = state(place.room), kept(place)
    place.bob.sees()
    eve.types(line.replace("{id}", place.msgid))
    told = place.bob.sees()
    room = next(room for room in place.chat.world.rooms.values() if room.log == "#room")
    changed = state(room) != before[0] or bool(told)
    if not changed:
        assert kept(place) == before[1]
    assert changed == (RANKS.index(rank) >= RANKS.index(lowest[founded]))
