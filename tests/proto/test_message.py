"""Parsing what clients send, and writing what they can parse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.proto.errors import InvalidUtf8, MalformedMessage, MessageTooLong, TagsTooLong
from triochat.proto.message import (
    MAX_LINE,
    Message,
    decode,
    fit,
    format_tags,
    parse,
    parse_received,
    parse_tags,
)

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n")
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n "), min_size=1).filter(
    lambda word: word[0] != ":"
)
tag_names = st.from_regex(r"\+?[a-z0-9./-]{1,8}", fullmatch=True)
commands = st.from_regex(r"[A-Z]{1,10}|[0-9]{3}", fullmatch=True)


@given(
    commands,
    st.lists(words, max_size=14),
    st.none() | st.text(characters),
    st.just("") | words,
    st.dictionaries(
        tag_names, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=4
    ),
)
def test_what_is_written_is_read_the_same(
    command: str, middle: list[str], last: str | None, source: str, tags: dict[str, str]
) -> None:
    message = Message(command, middle if last is None else [*middle, last], source, tags)
    encoded = message.encode()
    assert encoded.count(b"\n") == encoded.count(b"\r") == 1
    assert parse(decode(encoded.removesuffix(b"\r\n"))) == message


@given(st.dictionaries(tag_names, st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_tag_values_survive_the_wire(tags: dict[str, str]) -> None:
    written = format_tags(tags)
    assert not set(" \r\n") & set(written)
    assert parse_tags(written) == tags


def test_last_value_of_a_repeated_tag_counts() -> None:
    assert parse_tags("a=1;b;a=2;=3;") == {"a": "2", "b": ""}


def test_lone_backslash_in_a_tag_value_is_dropped() -> None:
    assert parse_tags("a=x\\;b=\\y\\") == {"a": "x", "b": "y"}


@given(st.text(characters, max_size=60))
def test_any_text_is_a_message_or_malformed(line: str) -> None:
    try:
        message = parse(line)
    except MalformedMessage:
        return
    assert message.command == message.command.upper() != ""
    assert all(" " not in param and param for param in message.params[:-1])


@pytest.mark.parametrize(
    "line", ["", " ", ":source", ":source ", "@tag=1", "@tag=1 ", "@tag=1 :source", "@tag :source "]
)
def test_line_without_a_command_is_malformed(line: str) -> None:
    with pytest.raises(MalformedMessage, match="no command"):
        parse(line)


@pytest.mark.parametrize("line", [b"PRIVMSG #a :x\0y", b"PRIVMSG #a :x\ry", b"\0", b"PING x\r"])
def test_nul_and_bare_cr_are_in_no_message(line: bytes) -> None:
    with pytest.raises(MalformedMessage, match="NUL or a bare CR"):
        parse_received(line)


@pytest.mark.parametrize(
    "line", [b"PRIVMSG #a :\xff", b"\xc3", b"PING \xed\xa0\x80", b"PING \xc0\x80", b"@a=\xe2\x82 PING"]
)
def test_only_utf8_is_text(line: bytes) -> None:
    with pytest.raises(InvalidUtf8):
        parse_received(line)


def test_message_may_have_512_bytes_with_its_line_end() -> None:
    longest = b"PRIVMSG #a :" + b"x" * 498
    assert len(longest) == 510
    assert parse_received(longest).params[1] == "x" * 498
    with pytest.raises(MessageTooLong):
        parse_received(longest + b"x")


def test_tags_may_have_4096_bytes_besides_the_512() -> None:
    tags = b"@+a=" + b"y" * 4091 + b" "
    assert len(tags) == 4096
    longest = tags + b"PRIVMSG #a :" + b"x" * 498
    assert parse_received(longest).tags == {"+a": "y" * 4091}
    with pytest.raises(TagsTooLong):
        parse_received(b"@+a=y" + longest[4:])
    with pytest.raises(MessageTooLong):
        parse_received(longest + b"x")


def test_tags_without_a_message_are_held_to_their_limit() -> None:
    with pytest.raises(TagsTooLong):
        parse_received(b"@" + b"y" * 5000)


@given(st.text(st.sampled_from("aé€😀 :"), max_size=700))
def test_line_is_made_to_fit_without_cutting_a_character_in_half(line: str) -> None:
    fitted = fit(line)
    assert line.startswith(fitted)
    size = len(fitted.encode())
    assert size <= MAX_LINE - 2
    if fitted != line:
        assert size + len(line[len(fitted)].encode()) > MAX_LINE - 2
