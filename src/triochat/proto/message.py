"""One IRC message: parsing and serialising.

Specifications: RFC 1459/2812 section 2.3 as https://modern.ircdocs.horse/#message-format reads them, and
https://ircv3.net/specs/extensions/message-tags. Text is `str` here; bytes exist only at the edges (`decode`,
`Message.encode`).
"""

from collections.abc import Iterable, Mapping

from triochat.proto.errors import InvalidUtf8, MalformedMessage, MessageTooLong, TagsTooLong

MAX_LINE = 512
"""Bytes of a message without tags, CR LF included."""
MAX_CLIENT_TAGS = 4096
"""Bytes of tag data that a client may send, the leading `@` and the trailing space included."""
MAX_TAGS = 8191
"""Bytes of tag data that a message may carry in all, `@` and space included."""

_NO_TAGS: Mapping[str, str] = {}
_UNESCAPE = {":": ";", "s": " ", "\\": "\\", "r": "\r", "n": "\n"}
_ESCAPES = str.maketrans({";": "\\:", " ": "\\s", "\\": "\\\\", "\r": "\\r", "\n": "\\n"})


class Message:
    """A parsed message. *command* is upper case; *tags* maps names to unescaped values ("" = no value)."""

    __slots__ = ("command", "params", "source", "tags")

    def __init__(
        self, command: str, params: Iterable[str] = (), source: str = "", tags: Mapping[str, str] = _NO_TAGS
    ) -> None:
        self.command = command
        self.params = list(params)
        self.source = source
        self.tags = tags

    def __repr__(self) -> str:
        return f"Message({self.command!r}, {self.params!r}, source={self.source!r}, tags={dict(self.tags)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (
            self.command == other.command
            and self.params == other.params
            and self.source == other.source
            and dict(self.tags) == dict(other.tags)
        )

    __hash__ = None  # type: ignore[assignment]  # params can change

    def __str__(self) -> str:
        """The line without its line end."""
        return format_line(self.command, self.params, self.source, self.tags)

    def encode(self) -> bytes:
        """The line as bytes, CR LF included."""
        return f"{self}\r\n".encode()


def decode(line: bytes) -> str:
    """A received line as text; raises MalformedMessage for what may not be in any message."""
    if b"\0" in line or b"\r" in line:  # first: of what is no UTF-8, a part comes back in the answer
        raise MalformedMessage("Message contains NUL or a bare CR")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise InvalidUtf8("Message is not valid UTF-8") from None


def parse(line: str) -> Message:
    """Parse one line without its line end; raises MalformedMessage when there is no command in it."""
    tags = _NO_TAGS
    source = ""
    if line[:1] == "@":
        raw, _, line = line[1:].partition(" ")
        tags = parse_tags(raw)
        line = line.lstrip(" ")
    if line[:1] == ":":
        source, _, line = line[1:].partition(" ")
    line = line.lstrip(" ")
    head, colon, trailing = line.partition(" :")
    words = head.split(" ")
    if "" in words:
        words = [word for word in words if word]
        if not words:
            raise MalformedMessage("Message has no command")
    if colon:
        words.append(trailing)
    command = words.pop(0).upper()
    message = Message.__new__(Message)
    message.command = command
    message.params = words
    message.source = source
    message.tags = tags
    return message


def parse_received(line: bytes) -> Message:
    """Parse what a client sent, holding it to the size limits; raises MalformedMessage or one of its kinds."""
    size = len(line)
    if line[:1] == b"@":
        tag_size = line.find(b" ") + 1 or size
        if tag_size > MAX_CLIENT_TAGS:
            raise TagsTooLong("Input line was too long")
        size -= tag_size
    if size > MAX_LINE - 2:
        raise MessageTooLong("Input line was too long")
    return parse(decode(line))


def parse_tags(raw: str) -> dict[str, str]:
    """The part between `@` and the first space; of a tag given twice the last value counts."""
    tags: dict[str, str] = {}
    for item in raw.split(";"):
        name, _, value = item.partition("=")
        if name:
            tags[name] = unescape(value) if "\\" in value else value
    return tags


def unescape(value: str) -> str:
    """A tag value as it was meant; a lone backslash at the end is dropped, unknown escapes lose theirs."""
    parts: list[str] = []
    characters = iter(value)
    for character in characters:
        if character == "\\":
            escaped = next(characters, "")
            character = _UNESCAPE.get(escaped, escaped)
        parts.append(character)
    return "".join(parts)


def format_tags(tags: Mapping[str, str]) -> str:
    """Tags as they stand on the wire, without `@` and space."""
    return ";".join(f"{name}={value.translate(_ESCAPES)}" if value else name for name, value in tags.items())


def format_line(
    command: str, params: Iterable[str] = (), source: str = "", tags: Mapping[str, str] = _NO_TAGS
) -> str:
    """A line without its line end. Only the last parameter may be empty, hold spaces or begin with a colon."""
    words = [command, *params]
    last = words[-1]
    if len(words) > 1 and (not last or last[0] == ":" or " " in last):
        words[-1] = f":{last}"
    line = " ".join(words)
    if source:
        line = f":{source} {line}"
    if tags:
        line = f"@{format_tags(tags)} {line}"
    return line


def fit(line: str) -> str:
    """*line*, which has no tags, cut to what fits before CR LF; no character is cut in half."""
    return line if byte_length(line) <= MAX_LINE - 2 else cut(line, MAX_LINE - 2)


def byte_length(text: str) -> int:
    """How many bytes *text* takes on the wire."""
    return len(text) if text.isascii() else len(text.encode())


def append_word(lines: list[str], word: str, width: int, separator: str = " ") -> None:
    """Add *word* to the last of *lines*, or begin another when that would take more than *width* bytes."""
    if lines and byte_length(lines[-1]) + byte_length(word) < width:
        lines[-1] += separator + word
    else:
        lines.append(word)


def cut(text: str, size: int) -> str:
    """The beginning of *text* that takes at most *size* bytes."""
    return text.encode()[:size].decode(errors="ignore")


def split_source(source: str) -> tuple[str, str, str]:
    """`nick!user@host` as three parts, "" for what is missing."""
    head, _, host = source.partition("@")
    nick, _, user = head.partition("!")
    return nick, user, host
