"""What a server says about itself: ISUPPORT (005) tokens and capabilities. Pure."""

from collections.abc import Iterable

from triochat.client.names import Fold, folding

WANTED = (
    "batch",
    "cap-notify",
    "draft/chathistory",
    "echo-message",
    "message-tags",
    "multi-prefix",
    "server-time",
    "soju.im/search",
    "triochat/resend",
)
"""Capabilities that this client makes use of."""


class Features:
    """The ISUPPORT tokens that matter here, with RFC 1459's values until the server says otherwise."""

    def __init__(self) -> None:
        self.casemapping = "rfc1459"
        self.fold: Fold = folding(self.casemapping)
        self.room_marks = "#&"
        self.member_marks = "@+"
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
                    self.member_marks = value.partition(")")[2]
                case "CHATHISTORY" | "draft/CHATHISTORY" if value.isascii() and value.isdecimal():
                    self.history_limit = int(value[:9])

    def is_room(self, name: str) -> bool:
        return name[:1] != "" and name[0] in self.room_marks


class Capabilities:
    """The client's side of capability negotiation, version 302. Remembers only names that it wants."""

    def __init__(self) -> None:
        self.enabled: frozenset[str] = frozenset()
        self.sts = ""
        """What the server says of encryption (`sts`); it is never asked for, and cannot be taken back."""
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
        return [("CAP", "END")]

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
