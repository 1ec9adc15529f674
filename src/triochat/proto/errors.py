"""What can be wrong with bytes that a peer sent."""

from collections.abc import Sequence


class ProtocolError(Exception):
    """The peer's input breaks the protocol; *str(error)* is a sentence that may be shown to the peer."""


class LineTooLong(ProtocolError):
    """No line end within the limit; the stream cannot be trusted any more and must be closed. *lines* are the whole
    lines that came before."""

    def __init__(self, limit: int, lines: Sequence[bytes] = ()) -> None:
        super().__init__(f"Line is longer than {limit} bytes")
        self.lines = list(lines)


class MalformedMessage(ProtocolError):
    """One line that is no IRC message; the next line may be fine."""


class InvalidUtf8(MalformedMessage):
    """A line with bytes that are not UTF-8 (specification: https://ircv3.net/specs/extensions/utf8-only)."""


class TagsTooLong(MalformedMessage):
    """More tag data than https://ircv3.net/specs/extensions/message-tags allows a client to send."""


class MessageTooLong(MalformedMessage):
    """A message that, without its tags, exceeds 512 bytes."""
