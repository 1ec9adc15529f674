"""What people do at a chat server: strategies for whole conversations."""

import base64
from collections.abc import Sequence

from hypothesis import strategies as st

from commands.harness import Chat, Person
from commands.test_any_input import lines
from triochat.commands.server import Operator
from triochat.commands.table import COMMANDS
from triochat.domain.limits import Limits
from triochat.domain.modes import HALF_OPERATOR
from triochat.domain.policy import AccountPolicy
from triochat.proto.caps import NAMES

PEOPLE = ("Ann", "Bea", "Cid", "Dee", "Eli")
ACCOUNTS = ("Ann", "Bea")
ROOMS = ("#a", "#a", "#a", "#A", "#b", "#lobby", "#new")

people = st.sampled_from(PEOPLE)
rooms = st.sampled_from(ROOMS)
_ROOM_MODES = "+i,-i,+u,-u,+s,-s,+m,+R,+n,-n,+t,+U,+k key,-k key,+l 2,-l,+f #b,-f,+M,+C"
_MEMBER_MODES = "+o -o +v -v +h -h +q -q +b -b +e +I"
room_modes = st.sampled_from(_ROOM_MODES.split(","))
member_modes = st.sampled_from(_MEMBER_MODES.split(" "))
places = st.sampled_from(["*", "msgid=m3", "msgid=m9", "timestamp=2023-11-14T22:13:20.009Z"])
texts = st.sampled_from(["hello", "over\x02all", "\x01ACTION waves\x01", ":)", "日本"])


def words(template: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """*template* with something in each of its places."""
    return st.fixed_dictionaries(parts).map(lambda chosen: template.format(**chosen))


DEEDS = (
    "KICK {room} {name} :out",
    "MODE {room} +v {name}",
    "MODE {room} -v {name}",
    "MODE {room} +o {name}",
    "MODE {room} -o {name}",
    "MODE {room} +q {name}",
    "MODE {room} +b {name}!*@*",
    "MODE {room} -b {name}!*@*",
    "MODE {room} +i",
    "MODE {room} -ik *",
    "MODE {room} +u",
    "MODE {room} -u",
    "MODE {room} +k key",
    "MODE {room} +f #b",
    "INVITE {other} {room}",
    "TOPIC {room} :topic",
    "RENAME {room} #new",
    "RENAME {room} #a",
    "CHANSERV REGISTER {room}",
    "METADATA {room} SET url :x",
    "NAMES {room}",
    "PART {room}",
)
"""What the operators of a room do."""


def deed(text: str, choice: int, present: Sequence[Person]) -> tuple[Person, str] | None:
    """Who of those *present* is an operator somewhere, and the line that does there what *text* says; None if nobody
    is."""
    powers = [
        (person, room)
        for person in present
        if person.client.closing is None and person.session.user is not None and person.client.speaks_irc
        for room in person.user.rooms
        if room.rank(person.user) >= HALF_OPERATOR
    ]
    if not powers:
        return None
    person, room = powers[choice % len(powers)]
    members = list(room.members)
    name, other = members[choice // 7 % len(members)].nick, PEOPLE[choice % len(PEOPLE)]
    return person, text.format(room=room.name, name=name, other=other)


PLAUSIBLE = st.one_of(
    words("JOIN {room} key", room=rooms),
    words("JOIN {room}", room=rooms),
    words("JOIN {room},{other}", room=rooms, other=rooms),
    st.just("JOIN 0"),
    words("PART {room} :{text}", room=rooms, text=texts),
    words("PRIVMSG {target} :{text}", target=rooms | people, text=texts),
    words("@+x=1;label=7 NOTICE {target} :{text}", target=rooms | people, text=texts),
    words("@label=8 TAGMSG {target}", target=rooms | people),
    words("KICK {room} {name} :{text}", room=rooms, name=people, text=texts),
    words("INVITE {name} {room}", room=rooms, name=people),
    words("TOPIC {room} :{text}", room=rooms, text=texts),
    words("MODE {room} {mode}", room=rooms, mode=room_modes),
    words("MODE {room} {mode} {name}", room=rooms, mode=member_modes, name=people),
    words("MODE {name} {mode}", name=people, mode=st.sampled_from(["+i", "-i", "+R", "+B", "+w", "-o"])),
    words("RENAME {room} {other} :{text}", room=rooms, other=rooms, text=texts),
    words("NICK {name}", name=people),
    words("AWAY :{text}", text=texts),
    st.sampled_from(["AWAY", "AWAY *", "LIST", "INVITE", "OPER admin sesame", "QUIT :bye", "CAP LIST", "CAP END"]),
    words("SETNAME :{text}", text=texts),
    words("NAMES {room}", room=rooms),
    words("NAMES {room},{other}", room=rooms, other=rooms),
    words("WHO {target} %tcuhnfar,1", target=rooms | people),
    words("WHOIS {name}", name=people),
    words("MONITOR {sign} {name}", sign=st.sampled_from("+-"), name=people),
    words("CHGHOST {name} new host.example", name=people),
    words("KILL {name} :{text}", name=people, text=texts),
    words("CHATHISTORY LATEST {target} {place} 10", target=rooms | people, place=places),
    words("CHATHISTORY BETWEEN {target} {place} {other} 10", target=rooms, place=places, other=places),
    words("SEARCH in={room};text={text}", room=rooms, text=texts),
    words("REDACT {target} {id} :{text}", target=rooms | people, id=st.sampled_from(["m3", "m9", "m12"]), text=texts),
    words("MARKREAD {target} timestamp=2023-11-14T22:13:20.009Z", target=rooms | people),
    words("METADATA {target} SET url :{text}", target=rooms | people | st.just("*"), text=texts),
    words("METADATA * SUB {key}", key=st.sampled_from(["url", "avatar"])),
    words("RELAYMSG {room} far/away :{text}", room=rooms, text=texts),
    words("CHANSERV {verb} {room}", verb=st.sampled_from(["REGISTER", "DROP"]), room=rooms),
    words("NICKSERV {verb} sesame", verb=st.sampled_from(["IDENTIFY", "REGISTER", "DROP"])),
    words("REGISTER * * {password}", password=st.sampled_from(["sesame", "x"])),
    words(
        "ACCOUNT {words}", words=st.sampled_from(["LOGOUT", "PERSIST ON", "PERSIST OFF", "SHOW", "LOGIN Ann sesame"])
    ),
    words("CAP REQ :{sign}{cap}", sign=st.sampled_from(["", "-"]), cap=st.sampled_from(list(NAMES))),
    words("BATCH +1 draft/multiline {target}", target=rooms | people),
    words("@batch=1 PRIVMSG {target} :{text}", target=rooms | people, text=texts),
    st.sampled_from(["BATCH -1", "PING x", "WALLOPS :x", "ACCEPT Ann", "HELP", "LUSERS", "JOIN"]),
    st.sampled_from(sorted(COMMANDS)),
)


def plain(name: str) -> str:
    """The response of PLAIN with the usual password."""
    response = f"\0{name}\0sesame".encode()
    return f"AUTHENTICATE {base64.b64encode(response).decode()}"


SASL = st.sampled_from(
    [
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE SCRAM-SHA-256",
        "AUTHENTICATE EXTERNAL",
        "AUTHENTICATE *",
        "AUTHENTICATE +",
        "AUTHENTICATE biwsbj1Bbm4scj14",  # n,,n=Ann,r=x
        *map(plain, ("Ann", "Bea", "Cid")),
    ]
)
ANYTHING = lines()
CAPS = st.sampled_from(["", "", "no-implicit-names", "labeled-response message-tags batch", " ".join(NAMES)])


def server(*, held: bool = False) -> Chat:
    """With two accounts and an operator; nobody is here."""
    chat = Chat(
        held=held,
        operators={"admin": Operator("admin", password="sesame")},
        limits=Limits(login_attempts=0, registrations_per_hour=0, metadata_rate=0),
        policy=AccountPolicy(password_min_length=1),
    )
    chat.server.nonce = lambda: "nonce"  # the same in every world
    for name in ACCOUNTS:
        chat.account(name)
    return chat


def end(person: Person) -> None:
    """The connection breaks, if the server has not ended it."""
    if person.client.closing is None:
        person.vanishes()
