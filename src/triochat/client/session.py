"""One connection to an IRC server, seen from the client: its state, and commands to send. Pure.

Works with any IRC server, and better with IRCv3. `incoming.receive` takes in lines and tells what happened; the
methods named by verbs queue commands, `take_outgoing` hands them over. Time is told by the caller; nothing
here grows without bound.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from triochat.client import names
from triochat.client.account import Exchange
from triochat.client.catchup import Catchup, Entrance
from triochat.client.delivery import Saying, Sent, Unconfirmed
from triochat.client.events import Event, Manner, Ponged, Said
from triochat.client.features import Capabilities, Features
from triochat.client.multiline import Multiline
from triochat.client.searching import Searches
from triochat.client.splitting import split
from triochat.client.typists import Typing
from triochat.proto.message import MAX_LINE, Message, format_line, format_tags, split_source
from triochat.proto.text import strip_formatting, visible

HISTORY_LINES = 20
"""Asked for when a room is entered for the first time."""
MISSED_LINES = 200
"""Asked for when a room is entered again in which no line is known by its id."""
PAGE_LINES = 500
"""Asked for at once when a room is entered again: all that follow the last line known."""
EARLIER_LINES = 100
"""Asked for when somebody scrolls up."""
FOUND_LINES = 50
"""Asked for in a search: the newest of them."""
_UNKNOWN_USERHOST = 12 + 1 + 63  # the longest that servers put behind `nick!`, assumed until one is seen
_MOST_PINGS = 32
_NO_LINE_ENDS = str.maketrans({"\r": " ", "\n": " ", "\0": None})
_MOST_PARTNERS = 50
_MOST_ASKED = 200  # rooms of more people are not asked about who is away
REPLACES = "+triochat/replaces"
"""The client tag of a line that is the edited form of another one."""


class Session:
    """The protocol state of one connection."""

    def __init__(
        self,
        name: str,
        now: datetime,
        *,
        rooms: Mapping[str, Entrance] | None = None,
        password: str | None = None,
        again: bool = False,
        credentials: tuple[str, str] | None = None,
    ) -> None:
        """*rooms* (by name) are entered after registration. *again*: we were here as *name* before; if an
        old connection still holds it, it is taken back as soon as it is free. *credentials* are an account and its
        password, to log in with before we come in."""
        self.now = now
        self.name = name
        self.wanted = name
        self.online = False
        self.again = again
        self.gave_password = password is not None
        self.attempts = 1
        self.wanted_is_reserved = False
        self.features = Features()
        self.caps = Capabilities()
        self.catchup = Catchup(self._ask_history)
        self.searches = Searches()
        self.unconfirmed = Unconfirmed()
        self.userhost: str | None = None
        self.account = ""
        self._credentials = credentials
        self.away_text = ""
        self.login: Exchange | None = None
        self.names_being_listed: dict[str, dict[str, str]] = {}
        self.whos: dict[str, list[str]] = {}
        """Who is away, by folded room, of those that are being asked about."""
        self.partners: dict[str, list[tuple[str, datetime]]] = {}
        """By batch reference."""
        self.labels: dict[str, str] = {}
        """Of answers of several lines, by batch reference."""
        self.multilines: dict[str, Multiline] = {}
        """Messages of several lines that are being read, by batch reference."""
        self.rooms_being_listed: list[tuple[str, int, str]] = []
        self.rooms_left_out = 0
        self._rooms = dict(rooms or {})
        self.outgoing_size = 0
        self._out: list[str] = []
        self._pings: dict[str, datetime] = {}
        self._moves: dict[str, str] = {}  # the ping sent behind a JOIN or PART → the room, folded
        self._tokens = count(1)
        self.send("CAP", "LS", "302")
        if password is not None:
            self.send("PASS", password)
        self.send("NICK", name)
        # USER's name ends up in `nick!user@host`; every server takes plain letters.
        self.send("USER", names.from_login(name).strip("_-[]\\`^{}|")[:9] or "guest", "0", "*", name)

    # -- what `incoming` asks and tells

    def ponged(self, token: str) -> list[Event]:
        """The server answered the ping *token*."""
        self._moves.pop(token, None)
        self.unconfirmed.ponged(token)
        if self.unconfirmed.wants_ping() and not self.caps.echoes:
            self._confirm()
        events = self.catchup.ponged(token)
        sent = self._pings.pop(token, None)
        if sent is not None:
            events.append(Ponged(max(0.0, (self.now - sent).total_seconds())))
        return events

    @property
    def moving(self) -> bool:
        """We asked to enter or leave a room and have no answer yet; text would go to the wrong room."""
        return bool(self._moves)

    def moved(self, room: str) -> None:
        """We entered *room*, left it, or may not."""
        folded = self.features.fold(room)
        self._moves = {token: other for token, other in self._moves.items() if other != folded}

    def is_me(self, name: str) -> bool:
        return self.features.fold(name) == self.features.fold(self.name)

    def nick_of(self, message: Message) -> str:
        return clean(split_source(message.source)[0])

    # -- what goes out

    def send(self, *words: str) -> None:
        """Queue one command. No word can end it early: line ends are spaces then."""
        self._queue(format_line(words[0], words[1:]))

    def _queue(self, line: str) -> None:
        line = line.translate(_NO_LINE_ENDS)
        self._out.append(line)
        self.outgoing_size += len(line)

    def take_outgoing(self) -> bytes:
        """What is to be sent now; it is handed over once."""
        data = "".join(f"{line}\r\n" for line in self._out).encode(errors="replace")
        self._out.clear()
        self.outgoing_size = 0
        return data

    def registered(self, name: str) -> None:
        self.name = name
        self.online = True
        for room, entrance in self._rooms.items():
            self.join(room, entrance.key)

    def say_together(self, target: str, lines: Sequence[str], replaces: str = "") -> Saying | None:
        """Send *lines* as one message; None when this server, or its limits, want one message each. *replaces* as for
        `say`."""
        limit = self._text_limit(target, False)
        pieces = [split(line, limit, keep_spaces=True) or [""] for line in lines]
        if not self.caps.fits_one_message([piece for line in pieces for piece in line]):
            return None
        line = Sent(target, "\n".join(map(clean, lines)), self._new_id(), replaces=replaces)
        reference = f"m{next(self._tokens)}"
        tags = {"label": line.id} if self.caps.labels else {}
        if replaces:
            tags[REPLACES] = replaces
        self._queue(format_line("BATCH", (f"+{reference}", "draft/multiline", target), tags=tags))
        for whole in pieces:
            for number, piece in enumerate(whole):
                tags = {"batch": reference, **({"draft/multiline-concat": ""} if number else {})}
                self._queue(format_line("PRIVMSG", (target, piece), tags=tags))
        self.send("BATCH", f"-{reference}")
        self.unconfirmed.sent(line)
        return Saying([], [line])

    def say(
        self, target: str, text: str, now: datetime, manner: Manner = Manner.MESSAGE, replaces: str = ""
    ) -> Saying:
        """Send *text*, in several messages if need be. *replaces*: the msgid of a line of ours that it is the edited
        form of."""
        events: list[Event] = []
        sent: list[Sent] = []
        wrapped = manner is Manner.ACTION
        for piece in split(text, self._text_limit(target, wrapped)):
            wire = f"\x01ACTION {piece}\x01" if wrapped else piece
            line = Sent(target, clean(piece), self._new_id(), wire, not self.caps.echoes, replaces)
            replaces = ""  # of several pieces, the first takes the place
            self._transmit(line)
            if not names.is_service(target):  # what is said there is often a password: it is never shown again
                self.unconfirmed.sent(line)
                sent.append(line)
            if not self.caps.echoes:
                private = not self.features.is_room(target)
                events.append(Said(clean(target), self.name, clean(piece), manner, True, private, now))
        if not self.caps.echoes and self.unconfirmed.wants_ping():
            self._confirm()
        # An own line must not overtake history that is still being read.
        return Saying(self.catchup.pass_on(events), [line for line in sent if not line.shown])

    def say_again(self, line: Sent) -> bool:
        """Send *line*, whose fate on an earlier connection is not known; False when it might be said twice."""
        if not (line.id and line.wire and self.caps.resends):
            return False
        self._transmit(line, again=True)
        self.unconfirmed.sent(line)
        return True

    def _transmit(self, line: Sent, *, again: bool = False) -> None:
        tags = {"+triochat/id": line.id} if line.id and self.caps.resends else {}
        if again:
            tags["+triochat/again"] = ""
        if line.id and self.caps.labels:
            tags["label"] = line.id
        if line.replaces and self.caps.tags:
            tags[REPLACES] = line.replaces
        self._queue(format_line("PRIVMSG", (line.target, line.wire), tags=tags))

    def _new_id(self) -> str:
        return secrets.token_urlsafe(18)

    def join(self, room: str, key: str = "") -> None:
        self.send("JOIN", room, *([key] if key else []))
        self._moves[self._ping()] = self.features.fold(room)

    def part(self, room: str, reason: str = "") -> None:
        self.send("PART", room, *([reason] if reason else []))
        self._moves[self._ping()] = self.features.fold(room)

    def rename(self, name: str) -> None:
        self.send("NICK", name)

    def reclaim(self) -> None:
        """Ask for our old name once more, if it is still an old connection of ours that holds it."""
        if self.online and self.again and not self.is_me(self.wanted):
            self.send("NICK", self.wanted)

    # -- about lines

    def redact(self, target: str, msgid: str) -> bool:
        """Take a line back; False when this server cannot."""
        if self.caps.redacts:
            self.send("REDACT", target, msgid)
        return self.caps.redacts

    def react(self, target: str, msgid: str, sign: str) -> bool:
        """Answer a message with a sign; False when this server cannot."""
        if self.caps.tags:
            tags = {"+draft/react": sign, "+draft/reply": msgid}
            self._queue(format_line("TAGMSG", (target,), tags=tags))
        return self.caps.tags

    def tell_typing(self, target: str, state: Typing) -> None:
        if self.caps.tags and not self.features.denies_typing:
            self._queue(format_line("TAGMSG", (target,), tags={"+typing": state.value}))

    def mark_read(self, target: str, time: datetime | None) -> None:
        """Tell our other devices that *target* was read up to *time*; None asks how far it was."""
        if self.caps.keeps_markers:
            self.send("MARKREAD", target, *([f"timestamp={stamp(time)}"] if time is not None else []))

    # -- about people

    def set_away(self, text: str) -> None:
        """Be away with *text*; "" = be back."""
        self.away_text = text
        self.send("AWAY", *([text] if text else []))

    def whois(self, name: str) -> None:
        self.send("WHOIS", name)

    def invite(self, name: str, room: str) -> None:
        self.send("INVITE", name, room)

    def ask_who_is_away(self, room: str, people: int) -> None:
        """Ask once, where changes are told from then on and there are not too many."""
        if "away-notify" in self.caps.enabled and people <= _MOST_ASKED:
            self.whos[self.features.fold(room)] = []
            self.send("WHO", room, *(["%cnf"] if self.features.whox else []))

    # -- our account

    def register(self, password: str) -> bool:
        """Make an account of our name; False when this server cannot."""
        if "draft/account-registration" not in self.caps.enabled:
            return False
        self.send("REGISTER", "*", "*", password)
        return True

    def end_negotiation(self) -> None:
        """Everything was negotiated: come in, after logging in if we can."""
        credentials, self._credentials = self._credentials, None
        if credentials is None or not self.log_in(*credentials):
            self.send("CAP", "END")

    def login_ended(self) -> Exchange | None:
        """The login that was under way succeeded, or did not; returns it."""
        login, self.login = self.login, None
        if login is not None and not self.online:
            self.send("CAP", "END")  # which waited for it
        return login

    def log_in(self, account: str, password: str) -> bool:
        """Prove to be *account*; False when this server cannot."""
        if "sasl" not in self.caps.enabled or self.login is not None:
            return False
        offered = self.caps.values.get("sasl", "")
        self.login = Exchange(account, password, secrets.token_urlsafe(18), offered)
        self.send("AUTHENTICATE", self.login.mechanism)
        return True

    def set_topic(self, room: str, topic: str) -> None:
        self.send("TOPIC", room, topic)

    def list_rooms(self) -> None:
        self.rooms_being_listed.clear()
        self.rooms_left_out = 0
        self.send("LIST")

    def read_history(self, room: str) -> None:
        """Read what was said in *room*, if the server keeps that; events then wait until it is here."""
        if not self.caps.keeps_history:
            return
        fold = self.features.fold
        before = next((name for name in self._rooms if fold(name) == fold(room)), None)
        known = self._rooms.pop(before).known if before is not None else ()
        limit = PAGE_LINES if known else MISSED_LINES if self.again and before is not None else HISTORY_LINES
        self.catchup.read(room, fold(room), known, self._at_most(limit))

    def read_missed(self, person: str, known: tuple[str, ...]) -> None:
        """Read what was said privately with *person* after the first of the lines *known*, or last."""
        if self.caps.keeps_history:
            limit = PAGE_LINES if known else HISTORY_LINES
            self.catchup.read(person, self.features.fold(person), known, self._at_most(limit))

    def read_earlier(self, target: str, places: Sequence[str]) -> bool:
        """Read what was said to *target* before the first of *places* (`msgid=…`, `timestamp=…`) that the server
        knows; False when that is not possible now."""
        if not self.caps.keeps_history:
            return False
        limit = self._at_most(EARLIER_LINES)
        return self.catchup.read_before(target, self.features.fold(target), places, limit)

    def _at_most(self, limit: int) -> int:
        return min(limit, self.features.history_limit or limit)

    def _ask_history(self, kind: str, target: str, place: str, limit: int) -> str:
        self.send("CHATHISTORY", kind, target, place, str(limit))
        return self._ping()

    def list_partners(self, since: datetime) -> None:
        """Ask with whom private messages were exchanged after *since*."""
        if self.caps.keeps_history:
            first, last = (f"timestamp={stamp(time)}" for time in (self.now + timedelta(days=1), since))
            self.send("CHATHISTORY", "TARGETS", first, last, str(_MOST_PARTNERS))

    def search(self, words: str, *, room: str = "", sender: str = "") -> bool:
        """Look for the newest lines with *words*, everywhere that we may; False when this server cannot."""
        if not self.caps.searches:
            return False
        wanted = {"in": room, "from": sender, "text": words, "limit": str(FOUND_LINES)}
        self.send("SEARCH", format_tags({name: value for name, value in wanted.items() if value}))
        self.searches.asked(clean(words))
        return True

    def ping(self, now: datetime) -> None:
        """Ask for a sign of life; its answer gives a Ponged event."""
        if len(self._pings) >= _MOST_PINGS:
            del self._pings[next(iter(self._pings))]
        self._pings[self._ping()] = now

    def quit(self, reason: str = "") -> None:
        self.send("QUIT", *([reason] if reason else []))

    def _ping(self) -> str:
        token = f"tc{next(self._tokens)}"
        self.send("PING", token)
        return token

    def _confirm(self) -> None:
        self.unconfirmed.pinged(self._ping())

    def _text_limit(self, target: str, wrapped: bool) -> int:
        """Bytes of text that fit one message as others get it: with our source in front of it."""
        userhost = len(self.userhost.encode()) if self.userhost is not None else _UNKNOWN_USERHOST
        source = len(self.name.encode()) + 1 + userhost
        around = len(f":{''} PRIVMSG {target} :\r\n".encode()) + (len("\x01ACTION \x01") if wrapped else 0)
        return MAX_LINE - source - around


def clean(text: str) -> str:
    """*text* as it may be shown to a person."""
    return visible(strip_formatting(text))


def stamp(time: datetime) -> str:
    """*time* as it stands in timestamps."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"
