"""What operators watch."""

from triochat.domain.audience import Audience
from triochat.domain.entry import Entry, Submission
from triochat.fanout.fanout import FanOut
from triochat.fanout.feed import Feed


async def test_a_message_of_several_lines_is_one_event() -> None:
    fan_out = FanOut()
    watching = Feed(fan_out).subscribe()
    entry = Entry(1, "i-1", 5, "ann!u@h", "PRIVMSG", ("#x", "one\n\ntwo \0words"), ("#x",))
    fan_out([Submission(entry, (Audience("#x"),))])
    event = await watching.next()
    assert (event.kind, event.name, event.room, event.text) == ("message", "ann", "#x", "one\n\ntwo words")
    watching.close()
