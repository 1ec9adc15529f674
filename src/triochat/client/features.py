"""What a server says about itself: ISUPPORT (005) tokens and capabilities. Pure."""

from collections.abc import Iterable, Sequence

from triochat.client.names import Fold, folding

WANTED = (
    "away-notify",
    "batch",
    "cap-notify",
    "draft/account-registration",
    "draft/chathistory",
    "draft/message-redaction",
    "draft/multiline",
    "draft/read-marker",
    "echo-message",
    "labeled-response",
    "message-tags",
    "multi-prefix",
    "sasl",
    "server-time",
    "soju.im/search",
    "standard-replies",
    "triochat/resend",
)
"""Capabilities that this client makes use of."""
CAP_END = ("CAP", "END")


class Features:
    """The ISUPPORT tokens that matter here, with RFC 1459's values until the server says otherwise."""

    def __init__(self) -> None:
        self.casemapping = "rfc1459"
        self.fold: Fold = folding(self.casemapping)
        self.room_marks = "#&"
        self.member_marks = "@+"
        self.member_modes = "ov"
        """The mode letters that stand for them, in the same order."""
        self.mode_kinds = ("beI", "k", "l", "")
        """CHANMODES: lists, always with a parameter, with one when set, never with one."""
        self.whox = False
        self.denies_typing = False
        self.history_limit = 0
        """The most lines of history that the server gives at once; 0 = unlimited or unknown."""

    def learn(self, tokens: Iterable[str]) -> None:
        """Take in the parameters of a 005 line; values that make no sense are ignored."""
        for token in tokens:
            name, _, value = token.partition("=")
            match name:
                case "CASEMAPPING" if value:
                    self.casemapping = value
                    self.fold = folding(value)
                case "CHANTYPES" if value:
                    self.room_marks = value
                case "PREFIX" if ")" in value:
                    self.member_modes, _, self.member_marks = value.removeprefix("(").partition(")")
                case "CHANMODES" if value.count(",") >= 3:
                    lists, always, when_set, never, *_ = value.split(",")
                    self.mode_kinds = (lists, always, when_set, never)
                case "WHOX":
                    self.whox = True
                case "CLIENTTAGDENY":
                    denied = value.split(",")
                    self.denies_typing = "typing" in denied or ("*" in denied and "-typing" not in denied)
                case "CHATHISTORY" | "draft/CHATHISTORY" if value.isascii() and value.isdecimal():
                    self.history_limit = int(value[:9])

    def is_room(self, name: str) -> bool:
        return name[:1] != "" and name[0] in self.room_marks

    def ranks(self, change: str, names: Sequence[str]) -> list[tuple[bool, str, str]]:
        """Whose rank the mode *change* (`+o-v`) with its parameters gives or takes: (given, mark, name)."""
        found: list[tuple[bool, str, str]] = []
        left = list(names)
        given = True
        lists, always, when_set, _ = self.mode_kinds
        for letter in change:
            if letter in "+-":
                given = letter == "+"
            elif letter in self.member_modes and left:
                place = self.member_modes.index(letter)
                found.append((given, self.member_marks[place : place + 1], left.pop(0)))
            elif left and (letter in lists or letter in always or (given and letter in when_set)):
                left.pop(0)
        return found


class Capabilities:
    """The client's side of capability negotiation, version 302. Remembers only names that it wants."""

    def __init__(self) -> None:
        self.enabled: frozenset[str] = frozenset()
        self.sts = ""
        """What the server says of encryption (`sts`); it is never asked for, and cannot be taken back."""
        self.values: dict[str, str] = {}
        """What stood behind `=` of those that are wanted."""
        self._offered: set[str] = set()
        self._finished = False

    def receive(self, params: list[str]) -> list[tuple[str, ...]]:
        """Take in a CAP message's parameters; returns the commands to answer with."""
        if len(params) < 3:
            return []
        values = {name: value for name, _, value in (word.partition("=") for word in params[-1].split())}
        names = set(values)
        command = params[1].upper()
        if command in ("LS", "NEW"):
            self.sts = values.get("sts", self.sts)
            self.values |= {name: value for name, value in values.items() if name in WANTED}
        match command:
            case "LS":
                self._offered |= names.intersection(WANTED)
                return [] if params[2] == "*" and len(params) > 3 else self._request() or self._finish()
            case "ACK":
                self.enabled |= names.intersection(WANTED)
                self.enabled -= {name[1:] for name in names if name.startswith("-")}
                return self._finish()
            case "NAK":
                return self._finish()
            case "NEW":
                self._offered |= names.intersection(WANTED)
                return self._request()
            case "DEL":
                self._offered -= names
                self.enabled -= names
        return []

    def _request(self) -> list[tuple[str, ...]]:
        missing = sorted(self._offered - self.enabled)
        # The colon is not needed for one name, but some servers' parsers expect it.
        return [("CAP", "REQ", " ".join(missing))] if missing else []

    def _finish(self) -> list[tuple[str, ...]]:
        if self._finished:
            return []
        self._finished = True
        return [CAP_END]

    @property
    def echoes(self) -> bool:
        """The server sends our own messages back, so that they are shown as everybody sees them."""
        return "echo-message" in self.enabled

    @property
    def resends(self) -> bool:
        """A line may be sent again without being said twice: by an id that goes with it."""
        return {"message-tags", "echo-message", "triochat/resend"} <= self.enabled

    @property
    def searches(self) -> bool:
        return {"batch", "message-tags", "server-time", "soju.im/search"} <= self.enabled

    @property
    def keeps_history(self) -> bool:
        return {"batch", "draft/chathistory", "message-tags", "server-time"} <= self.enabled

    @property
    def redacts(self) -> bool:
        return {"message-tags", "echo-message", "draft/message-redaction"} <= self.enabled

    @property
    def tags(self) -> bool:
        """Tags of ours reach others, and TAGMSG is known."""
        return "message-tags" in self.enabled

    @property
    def labels(self) -> bool:
        """Answers say which command they answer."""
        return {"batch", "echo-message", "labeled-response", "message-tags"} <= self.enabled

    @property
    def keeps_markers(self) -> bool:
        return "draft/read-marker" in self.enabled

    def fits_one_message(self, lines: Sequence[str]) -> bool:
        """*lines* can be sent as one message of several lines."""
        if not {"batch", "echo-message", "message-tags", "draft/multiline"} <= self.enabled:
            return False
        limits = dict(part.partition("=")[::2] for part in self.values.get("draft/multiline", "").split(","))
        most_bytes, most_lines = (_number(limits.get(key, "")) for key in ("max-bytes", "max-lines"))
        size = sum(len(line.encode()) + 1 for line in lines)
        return size <= (most_bytes or 0) and (most_lines is None or len(lines) <= most_lines)


def _number(text: str) -> int | None:
    return int(text[:9]) if text.isascii() and text.isdecimal() else None
