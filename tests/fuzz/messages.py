"""Lines to messages and back, and their tags."""

from triochat.proto.errors import MalformedMessage
from triochat.proto.message import (
    MAX_CLIENT_TAGS,
    MAX_LINE,
    Message,
    byte_length,
    fit,
    format_tags,
    parse,
    parse_received,
    parse_tags,
    split_source,
    unescape,
)


def message(data: bytes) -> None:
    """A line is a message or MalformedMessage; what was read is written so that it is read the same."""
    line = data.replace(b"\n", b"")
    try:
        received = parse_received(line)
    except MalformedMessage as error:
        assert str(error).isprintable()
        return
    assert received.command == received.command.upper() != ""
    assert " " not in received.command
    assert all(param and " " not in param and param[0] != ":" for param in received.params[:-1])
    assert "\0" not in "".join(received.params) and "\r" not in "".join(received.params)
    assert len(line) <= MAX_LINE - 2 + MAX_CLIENT_TAGS
    nick, user, host = split_source(received.source)
    assert len(nick) + len(user) + len(host) <= len(received.source)
    if received.command[0] not in ":@":  # these can be read, but nobody may write them
        _survives(received)


def _survives(received: Message) -> None:
    written = str(received)
    assert not {"\r", "\n", "\0"} & set(written)
    assert parse(written) == received
    assert received.encode() == f"{written}\r\n".encode()
    untagged = str(Message(received.command, received.params, received.source))
    fitted = fit(untagged)
    assert byte_length(fitted) <= MAX_LINE - 2
    assert untagged.startswith(fitted)


def tags(data: bytes) -> None:
    """Any value survives being a tag; any tags, once read and written, stay as they are and get no longer."""
    text = data.decode(errors="replace")
    written = format_tags({"+a": text, "b": text[::-1]})
    assert not set(" \r\n") & set(written)
    assert parse_tags(written) == {"+a": text, "b": text[::-1]}
    raw = "".join(character for character in text if character not in " \r\n\0")
    read = parse_tags(raw)
    again = format_tags(read)
    assert not set(" \r\n\0") & set(again)
    assert parse_tags(again) == read
    assert byte_length(again) <= byte_length(raw)
    assert len(unescape(raw)) <= len(raw)
