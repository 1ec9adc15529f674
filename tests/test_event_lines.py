"""The operator's event lines."""

import io
import json

import pytest

from triochat.domain.entry import Entry, Submission
from triochat.logs import EventLog, LineWriter


def told(text: str, *, as_json: bool = False, show_messages: bool = True) -> str:
    """What is printed of a message to the lobby."""
    stream = io.StringIO()
    with LineWriter(stream, most_waiting=10, name="event-log") as writer:
        events = EventLog(writer, as_json=as_json, show_messages=show_messages, quiet=False)
        events.observe([Submission(Entry(1, "i-1", 5, "ann!u@h", "PRIVMSG", ("#lobby", text)))])
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hi", "ann: hi"),
        ("one\n\ntwo \0words\x1b", "ann: one␊␊two words␛"),
        ("\x01ACTION waves\x01", "* ann waves"),
    ],
)
def test_a_message_is_one_line_without_control_characters(text: str, shown: str) -> None:
    assert told(text) == f"[MESSAGE] {shown}\n"
    event = json.loads(told(text, as_json=True))
    assert (event["name"], event["text"]) == ("ann", shown.removeprefix("ann: ").removeprefix("* ann "))


def test_length_is_told_where_texts_are_not() -> None:
    assert told("one\ntwo \0words", show_messages=False) == "[MESSAGE] ann: (13 characters)\n"
