"""The fan-out of one turn: who gets which bytes in which order. Checked against a plain restatement of the rules."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from triochat.domain.audience import Audience
from triochat.domain.entry import Entry, Replay, Submission
from triochat.fanout.fanout import FanOut
from triochat.proto.caps import Cap


class Recorder:
    """A sink that keeps what it is given."""

    def __init__(self, name: str, flavour: int = 0) -> None:
        self.name = name
        self.flavour = flavour
        self.pending = 0
        self.parked = False
        self.live = True
        self.follows: dict[Audience, int] = {}
        self.chunks: list[bytes] = []
        self.failed = False
        self.events: list[str] = []

    def send(self, data: bytes) -> int:
        self.chunks.append(data)
        return len(data)

    def put(self, data: bytes) -> None:
        self.chunks.append(data)

    def queue(self, data: bytes) -> None:
        self.chunks.append(data)

    def replay(self, audience: Audience, before: int, replay: Replay) -> None:
        self.chunks.append(f"(replay {audience.log} before {before}, {replay.lines})\r\n".encode())

    def left(self, log: str, after: int, until: int) -> None:
        self.events.append(f"left {log} {after}-{until}")

    def fail(self) -> None:
        self.failed = True

    @property
    def lines(self) -> list[str]:
        return b"".join(self.chunks).decode().split("\r\n")[:-1]


class Script:
    """Makes submissions with rising numbers."""

    def __init__(self) -> None:
        self.seq = 0

    def entry(self, command: str, *params: str, logs: tuple[str, ...] = ("#x",), by: str = "ann") -> Entry:
        self.seq += 1
        return Entry(self.seq, f"i-{self.seq}", 1_700_000_000_123, f"{by}!u@h", command, params, logs)

    def say(self, audience: Audience, text: str, origin: Recorder | None = None, **more: object) -> Submission:
        by = origin.name if origin else "ann"
        entry = self.entry("PRIVMSG", "#x", text, by=by)
        return Submission(entry, (audience,), origin=origin, **more)  # type: ignore[arg-type]

    def join(self, audience: Audience, sink: Recorder, after: bytes = b"") -> Submission:
        entry = self.entry("JOIN", "#x", "*", "Real", by=sink.name)
        return Submission(entry, (audience,), origin=sink, echo=True, follow=(sink,), after=after)

    def part(self, audience: Audience, sink: Recorder) -> Submission:
        entry = self.entry("PART", "#x", by=sink.name)
        return Submission(entry, (audience,), origin=sink, echo=True, unfollow=(sink,))

    def quit(self, audiences: Sequence[Audience], sink: Recorder) -> Submission:
        entry = self.entry("QUIT", "bye", logs=tuple(audience.log for audience in audiences), by=sink.name)
        return Submission(entry, tuple(audiences), origin=sink, unfollow=(sink,))


def room(*sinks: Recorder) -> Audience:
    """A room that these follow already."""
    audience = Audience("#x")
    for sink in sinks:
        audience.add(sink, 0)
    return audience


def test_everybody_but_the_sender_gets_the_line_once() -> None:
    ann, bob, cid = (Recorder(name) for name in ("ann", "bob", "cid"))
    audience, script = room(ann, bob, cid), Script()
    FanOut()([script.say(audience, "hi", ann)])
    assert (ann.lines, bob.lines, cid.lines) == ([], [":ann!u@h PRIVMSG #x :hi"], [":ann!u@h PRIVMSG #x :hi"])


def test_a_turn_reaches_a_member_in_one_send() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    audience, script = room(ann, bob), Script()
    FanOut()([script.say(audience, text, ann) for text in "abc"])
    assert len(bob.chunks) == 1
    assert [line[-1] for line in bob.lines] == ["a", "b", "c"]


def test_an_echo_stands_between_the_lines_of_the_others() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    audience, script = room(ann, bob), Script()
    FanOut()(
        [script.say(audience, "1", bob), script.say(audience, "2", ann, echo=True), script.say(audience, "3", bob)]
    )
    assert [line[-1] for line in ann.lines] == ["1", "2", "3"]


def test_who_joins_sees_the_join_first_then_what_is_for_them_alone_then_the_rest() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    audience, script = room(ann), Script()
    FanOut()(
        [
            script.say(audience, "before", ann),
            script.join(audience, bob, after=b"names\r\n"),
            script.say(audience, "after", ann),
        ]
    )
    assert bob.lines == [":bob!u@h JOIN #x", "names", ":ann!u@h PRIVMSG #x :after"]
    assert ann.lines == [":bob!u@h JOIN #x"]


def test_who_leaves_sees_the_part_last() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    audience, script = room(ann, bob), Script()
    FanOut()([script.say(audience, "1", ann), script.part(audience, bob), script.say(audience, "2", ann)])
    assert bob.lines == [":ann!u@h PRIVMSG #x :1", ":bob!u@h PART #x"]
    assert bob not in audience
    assert bob.events == ["left #x 0-2"]


def test_who_leaves_and_then_quits_sees_nothing_in_between() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    audience, script = room(ann, bob), Script()
    FanOut()([script.part(audience, bob), script.say(audience, "behind your back", ann), script.quit((), bob)])
    assert bob.lines == [":bob!u@h PART #x"]
    assert bob.events == ["left #x 0-1"]


def test_joining_leaving_and_joining_in_one_turn_shows_just_the_time_inside() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    audience, script = room(ann), Script()
    FanOut()(
        [
            script.join(audience, bob),
            script.say(audience, "in", ann),
            script.part(audience, bob),
            script.say(audience, "out", ann),
            script.join(audience, bob),
            script.say(audience, "again", ann),
        ]
    )
    assert [line.split()[1] for line in bob.lines] == ["JOIN", "PRIVMSG", "PART", "JOIN", "PRIVMSG"]
    assert "out" not in " ".join(bob.lines)


def test_a_sender_from_outside_gets_nothing_of_the_room() -> None:
    ann, stranger = Recorder("ann"), Recorder("sue")
    audience, script = room(ann), Script()
    FanOut()([script.say(audience, "secret", ann), script.say(audience, "knock", stranger, echo=True)])
    assert stranger.lines == [":sue!u@h PRIVMSG #x :knock"]


def test_a_quit_seen_in_two_rooms_comes_once() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    first, second = room(ann, bob), Audience("#y")
    for sink in (ann, bob):
        second.add(sink, 0)
    script = Script()
    entry = script.entry("QUIT", "Bye", logs=("#x", "#y"), by="bob")
    FanOut()([Submission(entry, (first, second), origin=bob, unfollow=(bob,))])
    assert ann.lines == [":bob!u@h QUIT :Bye"]
    assert bob.lines == []
    assert not bob.follows


def test_across_rooms_a_session_sees_the_order_of_the_journal() -> None:
    """Alternating rooms must not be sorted by room for the sake of fewer sends."""
    ann, bob = Recorder("ann"), Recorder("bob")
    first, second = room(ann, bob), Audience("#y")
    second.add(ann, 0)
    second.add(bob, 0)
    script = Script()
    batch = [script.say((first, second)[i % 2], str(i), ann) for i in range(6)]
    FanOut()(batch)
    assert [line[-1] for line in bob.lines] == list("012345")
    assert len(bob.chunks) == 1


def test_a_reply_keeps_its_place_behind_the_entry_that_it_follows() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    audience, script = room(ann, bob), Script()
    FanOut()(
        [
            script.say(audience, "one", ann, echo=True),
            Submission(None, origin=ann, after=b"PONG\r\n"),
            script.say(audience, "two", ann, echo=True),
        ]
    )
    assert ann.lines == [":ann!u@h PRIVMSG #x :one", "PONG", ":ann!u@h PRIVMSG #x :two"]


def test_flavours_get_their_own_writing_of_the_same_order() -> None:
    plain, tagged = Recorder("ann"), Recorder("bob", int(Cap.MESSAGE_TAGS | Cap.SERVER_TIME))
    audience, script = room(plain, tagged), Script()
    FanOut()([script.say(audience, "hi")])
    assert plain.lines == [":ann!u@h PRIVMSG #x :hi"]
    assert tagged.lines == ["@msgid=i-1;time=2023-11-14T22:13:20.123Z :ann!u@h PRIVMSG #x :hi"]


MULTILINE = Cap.MULTILINE | Cap.MESSAGE_TAGS


def test_a_message_of_several_lines_is_one_for_those_who_can_read_it() -> None:
    plain, tagged, able, other = (
        Recorder("ann"),
        Recorder("bob", Cap.MESSAGE_TAGS),
        Recorder("cid", MULTILINE),
        Recorder("dan", MULTILINE),
    )
    audience, script = room(plain, tagged, able, other), Script()
    FanOut()(
        [script.say(audience, "before"), script.say(audience, "one\n\ntwo \0words"), script.say(audience, "after")]
    )
    assert plain.lines == [f":ann!u@h PRIVMSG #x :{text}" for text in ("before", "one", "two ", "words", "after")]
    assert [line.startswith("@msgid=i-2 ") for line in tagged.lines] == [False, True, False, False, False]
    assert able.lines == [
        "@msgid=i-1 :ann!u@h PRIVMSG #x :before",
        "@msgid=i-2 :ann!u@h BATCH +m2 draft/multiline #x",
        "@batch=m2 :ann!u@h PRIVMSG #x :one",
        "@batch=m2 :ann!u@h PRIVMSG #x :",
        "@batch=m2 :ann!u@h PRIVMSG #x :two ",
        "@batch=m2;draft/multiline-concat :ann!u@h PRIVMSG #x :words",
        "BATCH -m2",
        "@msgid=i-3 :ann!u@h PRIVMSG #x :after",
    ]
    assert other.lines == able.lines


def test_who_sent_several_lines_gets_them_back_whole_or_not_at_all() -> None:
    ann, bob = Recorder("ann", MULTILINE), Recorder("bob", MULTILINE)
    audience, script = room(ann, bob), Script()
    FanOut()(
        [
            script.say(audience, "one\ntwo", ann),
            script.say(audience, "x", bob),
            script.say(audience, "three\nfour", ann, echo=True),
        ]
    )
    assert [line.split(" ")[-1] for line in ann.lines] == [":x", "#x", ":three", ":four", "-m3"]


def test_a_replay_comes_between_the_join_and_what_follows_it() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    audience, script = room(ann), Script()
    before = script.say(audience, "1", ann)
    joining = script.join(audience, bob, after=b"welcome\r\n")
    joining.replay = Replay(20, "#x")
    FanOut()([before, joining, script.say(audience, "2", ann)])
    assert bob.lines == [
        ":bob!u@h JOIN #x",
        "welcome",
        "(replay #x before 2, 20)",
        ":ann!u@h PRIVMSG #x :2",
    ]


def test_a_parked_session_gets_its_replies_and_no_entries() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    audience, script = room(ann, bob), Script()
    bob.parked, bob.live = True, False
    bob.send = len  # type: ignore[method-assign, assignment]
    FanOut()(
        [
            script.say(audience, "missed", ann),
            script.say(audience, "own", bob, echo=True, after=b"reply\r\n"),
            Submission(script.entry("PRIVMSG", "bob", "private", logs=()), recipients=(bob,)),
        ]
    )
    assert bob.lines == ["reply", ":ann!u@h PRIVMSG bob :private"]


def test_a_dead_socket_fails_its_session_and_nobody_else() -> None:
    ann, bob, cid = (Recorder(name) for name in ("ann", "bob", "cid"))

    def broken(data: bytes) -> int:
        raise BrokenPipeError

    bob.send = broken  # type: ignore[method-assign]
    audience, script = room(ann, bob, cid), Script()
    FanOut()([script.say(audience, "hi", ann)])
    assert bob.failed
    assert cid.lines == [":ann!u@h PRIVMSG #x :hi"]


def test_what_a_socket_does_not_take_is_queued() -> None:
    ann, bob = Recorder("ann"), Recorder("bob")
    queued: list[bytes] = []
    bob.send = lambda data: 10  # type: ignore[method-assign]
    bob.queue = queued.append  # type: ignore[method-assign]
    audience, script = room(ann, bob), Script()
    FanOut()([script.say(audience, "hello", ann)])
    assert queued == [b":ann!u@h PRIVMSG #x :hello\r\n"[10:]]


_ACTIONS = st.lists(
    st.tuples(st.sampled_from(["say", "echo", "join", "part", "quit"]), st.integers(0, 3), st.integers(0, 1))
)


@given(st.lists(_ACTIONS, max_size=4))
def test_any_turns_deliver_what_one_entry_at_a_time_would(turns: Sequence[Sequence[tuple[str, int, int]]]) -> None:
    """Joining bytes, special sinks and corking are optimisations: nobody may see a difference."""
    batched = _play(turns, split=False)
    single = _play(turns, split=True)
    assert batched == single


def _play(turns: Sequence[Sequence[tuple[str, int, int]]], *, split: bool) -> list[list[str]]:
    sinks = [Recorder(f"s{i}", int(Cap.MESSAGE_TAGS) if i == 3 else 0) for i in range(4)]
    rooms = [Audience("#x"), Audience("#y")]
    inside: list[set[int]] = [set(), set()]
    script, fan_out = Script(), FanOut()
    for turn in turns:
        batch = []
        for action, who, where in turn:
            sink, audience, members = sinks[who], rooms[where], inside[where]
            if action == "join" and who not in members:
                members.add(who)
                batch.append(script.join(audience, sink, after=b"names\r\n"))
            elif action == "part" and who in members:
                members.discard(who)
                batch.append(script.part(audience, sink))
            elif action == "quit":
                batch.append(
                    script.quit([room for room, there in zip(rooms, inside, strict=True) if who in there], sink)
                )
                for there in inside:
                    there.discard(who)
            elif action in ("say", "echo"):
                batch.append(script.say(audience, f"{script.seq}", sink, echo=action == "echo"))
        for part in [[submission] for submission in batch] if split else [batch]:
            fan_out(part)
    return [sink.lines for sink in sinks]
