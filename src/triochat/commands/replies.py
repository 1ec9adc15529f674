"""What a client is told: replies, as lines that gather until they are handed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from triochat.commands.newcomer import Registration
from triochat.commands.server import Server
from triochat.domain.errors import Refused
from triochat.domain.user import Session
from triochat.proto.message import MAX_LINE, append_word, byte_length, cut, fit, format_line
from triochat.proto.numerics import Numeric

_LONGEST_WORD = 100
"""Bytes of a client's own word when it comes back in a reply; no name is longer."""


class Replies:
    """The lines for one connection that wait to be flushed."""

    __slots__ = ("_out", "registration", "server", "session")

    def __init__(self, server: Server, session: Session) -> None:
        self.server = server
        self.session = session
        self.registration: Registration | None = Registration()
        self._out: list[str] = []

    @property
    def nick(self) -> str:
        """The name by which replies address this client."""
        if self.session.user is not None:
            return self.session.user.nick
        return (self.registration.nick if self.registration is not None else None) or "*"

    def numeric(self, numeric: Numeric, *params: str, text: str | None = None) -> str:
        """A numeric reply as a line without its end."""
        closing = numeric.text if text is None else text
        server = self.server.identity.name
        if closing:
            return fit(" ".join((f":{server} {numeric.code} {self.nick}", *map(_middle, params), f":{closing}")))
        return fit(format_line(numeric.code, (self.nick, *params), server))

    def reply(self, numeric: Numeric, *params: str, text: str | None = None) -> None:
        """Send a numeric reply; *text* replaces the usual one."""
        self._out.append(self.numeric(numeric, *params, text=text))

    def portions(self, numeric: Numeric, *params: str, words: Iterable[str], separator: str = " ") -> list[str]:
        """All of *words* in texts that are short enough to close this numeric."""
        width = MAX_LINE - 2 - byte_length(self.numeric(numeric, *params, text=" ")) + 1
        texts: list[str] = []
        for word in words:
            append_word(texts, word, width, separator)
        return texts

    def line(self, command: str, *params: str) -> str:
        """A line from the server, without its end."""
        return fit(format_line(command, params, self.server.identity.name))

    def send(self, command: str, *params: str, tags: str = "") -> None:
        """Send a line from the server. *tags* as they stand on the wire."""
        line = self.line(command, *params)
        self._out.append(f"@{tags} {line}" if tags else line)

    def send_lines(self, lines: Iterable[str]) -> None:
        """Send ready-made lines."""
        self._out += lines

    def refuse(self, refused: Refused) -> None:
        """Tell what a rule forbids."""
        self.reply(refused.numeric, *refused.params, text=refused.text)

    def fail(self, command: str, code: str, *context: str, text: str) -> None:
        """Send a FAIL (https://ircv3.net/specs/extensions/standard-replies)."""
        self._out.append(self.standard_reply("FAIL", command, code, *context, text=text))

    def standard_reply(self, kind: str, command: str, code: str, *context: str, text: str) -> str:
        """A FAIL, WARN or NOTE as a line without its end."""
        words = (f":{self.server.identity.name} {kind}", command, code, *map(_middle, context))
        return fit(f"{' '.join(words)} :{text}")

    def farewell(self, reason: str) -> None:
        """The last line: an ERROR with the reason."""
        self._out.append(fit(f"ERROR :Closing link: {self.session.address} ({reason})"))

    def removed(self, reason: str, by: str = "") -> list[str]:
        """The lines that tell an operator's decision: KILL, so that clients do not come straight back, and ERROR."""
        return [
            fit(f":{by or self.server.identity.name} KILL {self.nick} :{reason.removeprefix('Kicked: ')}"),
            fit(f"ERROR :Closing link: {self.session.address} ({reason})"),
        ]

    def encode(self, lines: Sequence[str]) -> bytes:
        """Lines as bytes for this client."""
        return ("\r\n".join(lines) + "\r\n").encode() if lines else b""

    @property
    def gathered(self) -> int:
        """How many lines wait to be flushed."""
        return len(self._out)


def _middle(param: str) -> str:
    """*param* fit to stand before others: clients' own words come back in replies, and may be long or hold spaces."""
    if not param or " " in param or param[0] == ":":
        param = param.lstrip(": ").partition(" ")[0] or "*"
    return param if len(param) * 4 <= _LONGEST_WORD else cut(param, _LONGEST_WORD)
