"""Messages of several lines, as they come: https://ircv3.net/specs/extensions/multiline. Pure."""

from triochat.proto.message import Message

_CONCAT = "draft/multiline-concat"
_MOST_LINES = 1000
_MOST_TEXT = 256 * 1024


class Multiline:
    """One message, put together of the lines of its batch."""

    def __init__(self, opening: Message) -> None:
        """*opening* is the BATCH that began it: its tags are those of the message."""
        self._opening = opening
        self._command = "PRIVMSG"
        self._lines: list[str] = []
        self._size = 0

    def add(self, line: Message) -> None:
        """Take in one line; of more than anybody reads, the rest is left out."""
        if line.command not in ("PRIVMSG", "NOTICE") or len(line.params) < 2:
            return
        text = line.params[1]
        self._size += len(text) + 1
        if self._size > _MOST_TEXT or len(self._lines) >= _MOST_LINES:
            return
        self._command = line.command
        if _CONCAT in line.tags and self._lines:
            self._lines[-1] += text
        else:
            self._lines.append(text)

    def whole(self) -> Message | None:
        """The message, its lines divided by line ends; None when nothing is in it."""
        opening = self._opening
        if not self._lines or len(opening.params) < 3:
            return None
        return Message(self._command, (opening.params[2], "\n".join(self._lines)), opening.source, opening.tags)
