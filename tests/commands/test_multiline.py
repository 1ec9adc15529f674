"""Messages of several lines (https://ircv3.net/specs/extensions/multiline): how they are sent, seen and refused."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.checks import well_formed
from commands.harness import Chat, Person
from triochat.domain.limits import Limits
from triochat.proto.message import Message, parse

CAPS = "draft/multiline batch message-tags account-tag"
ALICE = ":Alice!u@192.0.2.1"
FAIL = ":irc.test FAIL BATCH MULTILINE_INVALID"
LIMITS = Limits(multiline_max_bytes=60, multiline_max_lines=4)

EXAMPLE = (
    "BATCH +123 draft/multiline #a",
    "@batch=123 PRIVMSG #a hello",
    "@batch=123 PRIVMSG #a :",
    "@batch=123 privmsg #A :how is ",
    "@batch=123;draft/multiline-concat PRIVMSG #a :everyone?",
    "BATCH -123",
)
"""The specification's."""


def in_room(*people: Person) -> None:
    """They are in #a, and have seen that."""
    for person in people:
        person.types("JOIN #a")
    for person in people:
        person.sees()


def batch(target: str, *lines: str, command: str = "PRIVMSG") -> list[str]:
    """A message of these lines; those that begin with + continue the one before."""
    sent = [
        f"@batch=1{';draft/multiline-concat' if line[:1] == '+' else ''} {command} {target} :{line.lstrip('+')}"
        for line in lines
    ]
    return [f"BATCH +1 draft/multiline {target}", *sent, "BATCH -1"]


def commands(lines: Sequence[str]) -> list[str]:
    """What the lines are."""
    return [parse(line).command for line in lines]


def texts(lines: Sequence[str]) -> list[str]:
    """Their last parameters."""
    return [parse(line).params[-1] for line in lines]


@pytest.fixture
def people() -> tuple[Person, Person, Person]:
    """In #a Alice, who has an account, Bob, who can read batches, and Carol, who cannot."""
    chat = Chat(limits=LIMITS)
    people = chat.user("Alice", CAPS, account="Alice"), chat.user("Bob", CAPS), chat.user("Carol")
    in_room(*people)
    return people


@pytest.fixture
def alice(people: tuple[Person, Person, Person]) -> Person:
    return people[0]


@pytest.fixture
def bob(people: tuple[Person, Person, Person]) -> Person:
    return people[1]


@pytest.fixture
def carol(people: tuple[Person, Person, Person]) -> Person:
    return people[2]


# -- how it is seen (the specification's examples are in tests/specifications) --


def test_others_see_lines_and_no_blank_ones(alice: Person, carol: Person) -> None:
    dave = alice.chat.user("Dave", "message-tags account-tag server-time draft/multiline")
    in_room(dave)
    carol.sees()
    alice.types(*EXAMPLE)
    lines = [f"{ALICE} PRIVMSG #a :{text}" for text in ("hello", "how is ", "everyone?")]
    assert carol.sees() == lines
    seen = dave.sees()
    seq = seen[0].split("msgid=m")[1].split(";")[0]
    time = f"time=2023-11-14T22:13:20.{int(seq):03}Z"
    assert seen == [
        f"@msgid=m{seq};account=Alice;{time} {lines[0]}",
        f"@account=Alice;{time} {lines[1]}",
        f"@account=Alice;{time} {lines[2]}",
    ]


# -- what is refused --


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("BATCH", ":irc.test 461 Alice BATCH :Not enough parameters"),
        ("BATCH +a_b draft/multiline #a", ":irc.test FAIL BATCH INVALID_REFTAG a_b :A reference is of"),
        ("BATCH + draft/multiline #a", ":irc.test FAIL BATCH INVALID_REFTAG * :A reference is of"),
        ("BATCH +1 netsplit #a", ":irc.test FAIL BATCH UNKNOWN_TYPE 1 netsplit :Batches of this type"),
        ("BATCH +1", ":irc.test FAIL BATCH UNKNOWN_TYPE 1 * :Batches of this type"),
        ("BATCH +1 draft/multiline", f"{FAIL} :A message of several lines has one target"),
        ("BATCH +1 draft/multiline #a,Bob", f"{FAIL} :A message of several lines has one target"),
        ("BATCH -1", f"{FAIL} :There is no such batch to close"),
        ("BATCH 1", f"{FAIL} :There is no such batch to close"),
        ("@batch=1 PRIVMSG #a :x", f"{FAIL} :The line belongs to no batch that is open"),
    ],
)
def test_what_opens_no_batch_is_answered(alice: Person, bob: Person, line: str, answer: str) -> None:
    (seen,) = alice.types(line)
    assert seen.startswith(answer)
    assert bob.sees() == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("@batch=2 PRIVMSG #a :x", "The line belongs to no batch that is open"),
        ("@batch=1 TAGMSG #a", "A message is of PRIVMSG or NOTICE lines with a target and a text"),
        ("@batch=1 JOIN #b", "A message is of PRIVMSG or NOTICE lines with a target and a text"),
        ("@batch=1 PRIVMSG #a", "A message is of PRIVMSG or NOTICE lines with a target and a text"),
        ("@batch=1 BATCH +2 draft/multiline #a", "A message is of PRIVMSG or NOTICE lines with a target and a text"),
        ("@batch=1;+x PRIVMSG #a :x", "Tags belong to the BATCH that begins the message"),
        ("BATCH -2", "There is no such batch to close"),
        ("BATCH +2 draft/multiline #a", "Another message was begun before this one was complete"),
    ],
)
def test_what_does_not_belong_ends_the_batch(alice: Person, bob: Person, line: str, reason: str) -> None:
    assert alice.types("BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a :first") == []
    assert alice.types(line) == [f"{FAIL} :{reason}"]
    assert alice.client.batch is None or alice.client.batch.lines == []
    assert bob.sees() == []


@pytest.mark.parametrize("line", ["x" * 600, b"\xff", "\0"], ids=["too long", "not UTF-8", "NUL"])
def test_message_with_a_line_that_cannot_be_read_is_not_sent_in_part(
    alice: Person, bob: Person, line: str | bytes
) -> None:
    prefix = b"@batch=1 PRIVMSG #a :"
    opening, closing = ["BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #a :first"], "BATCH -1"
    alice.sends(*opening, prefix + (line if isinstance(line, bytes) else line.encode()), closing)
    seen = alice.sees()
    assert f"{FAIL} :A line of the message could not be read" in seen
    assert len(seen) == 2
    assert bob.sees() == []


@pytest.mark.parametrize(
    "opening", ["BATCH +1 x #a", "BATCH +1 draft/multiline #x,#y", EXAMPLE[0].replace("123", "1")]
)
def test_rest_of_a_refused_batch_is_ignored_and_the_next_one_is_sent(
    alice: Person, bob: Person, opening: str
) -> None:
    assert len(alice.types(opening, "@batch=1 JOIN #b", "@batch=1 PRIVMSG #a :x", "BATCH -1")) == 1
    assert alice.client.batch is None
    assert bob.sees() == []
    assert alice.types(*batch("#a", "one", "two")) == []
    assert commands(bob.sees()[1:-1]) == ["PRIVMSG", "PRIVMSG"]


def test_limits_are_reached_but_not_passed(alice: Person, bob: Person) -> None:
    """A line feed between lines counts, and a line that continues adds none."""
    assert alice.types(*batch("#a", "日" * 6, "x" * 20, "+" + "y" * 20)) == []
    assert len(bob.sees()) == 5
    assert alice.types(*batch("#a", "日" * 6, "x" * 20, "y" * 20, "")) == [
        ":irc.test FAIL BATCH MULTILINE_MAX_BYTES 60 :A message has at most 60 bytes"
    ]


@pytest.mark.parametrize("caps", ["", "batch", "draft/multiline", "message-tags"])
def test_batches_are_for_those_who_negotiated_them(caps: str) -> None:
    chat = Chat()
    eve, bob = chat.user("Eve", caps), chat.user("Bob")
    in_room(eve, bob)
    assert eve.types(*batch("#a", "one", "two")) == [":irc.test 421 Eve BATCH :Unknown command"] * 2
    assert texts(bob.sees()) == ["one", "two"]


def test_nobody_sends_lines_before_the_registration() -> None:
    eve = Chat().connect()
    eve.types("CAP REQ :batch draft/multiline")
    assert commands(eve.types(EXAMPLE[0], EXAMPLE[1])) == ["451", "451"]


# -- the rules for any message --


@pytest.mark.parametrize("caps", [CAPS, ""])
def test_one_line_is_an_ordinary_message(alice: Person, caps: str) -> None:
    dave = alice.chat.user("Dave", caps)
    alice.types(*batch("Dave", "hi"))
    (line,) = dave.sees()
    assert line.endswith(f"{ALICE} PRIVMSG Dave :hi")


@pytest.mark.parametrize("command", ["PRIVMSG", "NOTICE"])
@pytest.mark.parametrize(
    ("setup", "target", "lines", "answer"),
    [
        ([], "#none", ["x", "y"], "403 Alice #none :No such channel"),
        ([], "nobody", ["x", "y"], "401 Alice nobody :No such nick/channel"),
        (["MODE #a +m"], "#a", ["x", "y"], "404 Alice #a :This room is moderated, and you have no voice"),
        (["MODE #a +C"], "#a", ["x", "\x01VERSION\x01"], "404 Alice #a :No CTCP messages in this room"),
        (["MODE #a +C"], "#a", ["x", "+\x01VERSION\x01"], "404 Alice #a :No CTCP messages in this room"),
        (["MODE #a +Cv Alice"], "+#a", ["\x01VERSION\x01", "x"], "404 Alice #a :No CTCP messages in this room"),
        (["MODE Bob +T"], "Bob", ["x", "\x01VERSION\x01"], "531 Alice Bob :Bob takes no CTCP messages"),
        (["AWAY :at lunch"], "Bob", ["x", "y"], "301 Alice Bob :at lunch"),
    ],
)
def test_rules_for_messages_apply(
    alice: Person, bob: Person, command: str, setup: Sequence[str], target: str, lines: Sequence[str], answer: str
) -> None:
    alice.types("MODE #a +o Bob", "MODE #a -o Alice")
    bob.types(*setup)
    alice.sees()
    bob.sees()
    assert alice.types(*batch(target, *lines, command=command)) == (
        [f":irc.test {answer}"] if command == "PRIVMSG" else []
    )
    seen = bob.sees()
    assert commands(seen) == (["BATCH", command, command, "BATCH"] if " 301 " in f" {answer}" else [])


def test_every_line_must_reach_the_others_whole() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice", CAPS), chat.user("Bob", CAPS)
    in_room(alice, bob)
    room = 510 - len(f"{ALICE} PRIVMSG #a :")
    assert alice.types(*batch("#a", "x" * room, "+" + "y" * room)) == []
    well_formed(bob.sees_bytes())
    assert alice.types(*batch("#a", "short", "x" * (room + 3))) == [
        ":irc.test 417 Alice :A line of your message is 3 bytes too long and was not sent"
    ]
    assert bob.sees() == []


def test_operators_of_a_room_can_be_addressed(alice: Person, bob: Person, carol: Person) -> None:
    alice.types("MODE #a +o Carol")
    alice.sees(), bob.sees(), carol.sees()
    alice.types(*batch("@#a", "one", "", "two"))
    assert carol.sees() == [f"{ALICE} PRIVMSG @#a :one", f"{ALICE} PRIVMSG @#a :two"]
    assert bob.sees() == []


def test_who_wrote_nothing_but_a_message_of_several_lines_may_be_answered() -> None:
    chat = Chat()
    alice, dave = chat.user("Alice", CAPS, account="Alice"), chat.user("Dave")
    alice.types("MODE Alice +R", *batch("Dave", "one", "two"))
    alice.sees()
    assert dave.types("PRIVMSG Alice :thanks")[2:] == []
    assert alice.sees()[-1].endswith("PRIVMSG Alice :thanks")


def test_message_that_cannot_be_stored_is_told_as_ever(alice: Person, bob: Person) -> None:
    alice.chat.journal.broken = True
    (answer,) = alice.types(*batch("#a", "one", "two"))
    assert answer.startswith(":irc.test FAIL PRIVMSG MESSAGE_NOT_STORED ")
    assert bob.sees() == []


# -- tags, echoes, labels --


def test_tags_of_the_batch_travel_with_the_message(alice: Person, bob: Person) -> None:
    dave = alice.chat.user("Dave", "message-tags")
    in_room(dave)
    bob.sees()
    start, *lines, end = batch("#a", "", "one", "two")
    alice.types(f"@+draft/reply=m1;time=forged {start}", *lines, end)
    start, *lines, end = bob.sees()
    assert ";account=Alice;+draft/reply=m1 " in start
    assert all(line.startswith("@batch=") and "reply" not in line for line in lines)
    first, second = dave.sees()
    assert first.startswith("@msgid=m") and first.split(" ")[0].endswith(";+draft/reply=m1")
    assert second.split(" ")[0] == "@+draft/reply=m1"


def test_long_tags_are_not_repeated_for_each_line(alice: Person) -> None:
    dave = alice.chat.user("Dave", "message-tags")
    start, *rest = batch("Dave", "one", "two")
    alice.types(f"@+x={'y' * 4000} {start}", *rest)
    first, second = dave.sees()
    assert first.split(" ")[0].endswith(f";+x={'y' * 4000}")
    assert second == f"{ALICE} PRIVMSG Dave :two"


LABELS = f"{CAPS} labeled-response echo-message"


def test_label_of_the_batch_is_on_the_start_of_its_echo() -> None:
    chat = Chat()
    alice, bob = chat.user("Alice", LABELS), chat.user("Bob", LABELS)
    in_room(alice, bob)
    opening, *rest = EXAMPLE
    assert alice.types(f"@label=xyz {opening}", *rest[:-1]) == []
    start, *lines, end = alice.types(rest[-1])
    assert start.startswith("@label=xyz;msgid=m") and " BATCH +" in start
    assert [start.replace("label=xyz;", ""), *lines, end] == bob.sees()
    assert "label" not in "".join([*lines, end])


@pytest.mark.parametrize("echo", [True, False])
def test_label_of_a_message_with_more_than_its_echo_is_on_one_batch(echo: bool) -> None:
    chat = Chat()
    alice, bob = chat.user("Alice", LABELS if echo else LABELS.replace("echo-message", "")), chat.user("Bob")
    bob.types("AWAY :at lunch")
    opening, *rest = batch("Bob", "one", "two")
    seen = [parse(line) for line in alice.types(f"@label=xyz {opening}", *rest)]
    assert [message.tags.get("label") for message in seen] == ["xyz", *[None] * (len(seen) - 1)]
    assert [message.command for message in seen] == (
        ["BATCH", "BATCH", "PRIVMSG", "PRIVMSG", "BATCH", "301", "BATCH"] if echo else ["301"]
    )
    nested(seen)


def test_label_without_anything_to_say_is_acknowledged_at_the_end() -> None:
    alice = Chat().user("Alice", f"{CAPS} labeled-response")
    alice.types("JOIN #a")
    opening, *rest = batch("#a", "one", "two")
    assert alice.types(f"@label=xyz {opening}", *rest[:-1]) == []
    assert alice.types(rest[-1]) == ["@label=xyz :irc.test ACK"]


def test_refusal_carries_the_label_wherever_it_comes() -> None:
    alice = Chat().user("Alice", LABELS)
    alice.types("JOIN #a")
    (unknown,) = alice.types("@label=a BATCH +1 x #a")
    assert unknown.startswith("@label=a :irc.test FAIL BATCH UNKNOWN_TYPE 1 x :")
    (invalid,) = alice.types("@label=b BATCH +1 draft/multiline #a", "@batch=1 PRIVMSG #b :x", "BATCH -1")
    assert invalid.startswith("@label=b :irc.test FAIL BATCH MULTILINE_INVALID_TARGET #a #b :")
    (ruled,) = alice.types("@label=c BATCH +1 draft/multiline #no", "@batch=1 PRIVMSG #no :x", "BATCH -1")
    assert ruled == "@label=c :irc.test 403 Alice #no :No such channel"


def test_labels_of_the_lines_around_are_answered_as_well() -> None:
    alice = Chat().user("Alice", LABELS)
    seen = alice.types(
        "@label=a BATCH +1 draft/multiline Alice", "@label=b BATCH +2 draft/multiline nobody", "@label=c PING x"
    )
    assert [line.split(" ")[0] for line in seen] == ["@label=a", "@label=c"]
    assert alice.types("@batch=2 PRIVMSG nobody :x", "@label=d BATCH -2") == [
        "@label=b :irc.test 401 Alice nobody :No such nick/channel",
        "@label=d :irc.test ACK",
    ]


def test_message_to_oneself_comes_as_echo_and_as_message() -> None:
    alice = Chat().user("Alice", LABELS)
    opening, *rest = batch("Alice", "one", "two")
    seen = [parse(line) for line in alice.types(f"@label=xyz {opening}", *rest)]
    nested(seen)
    assert [message.command for message in seen] == ["BATCH", "PRIVMSG", "PRIVMSG", "BATCH"] * 2
    assert [message.tags["label"] for message in seen if "label" in message.tags] == ["xyz"]


# -- other commands between, and clients that vanish --


def test_lines_between_are_handled_as_ever(alice: Person, bob: Person) -> None:
    opening, first, second, closing = batch("#a", "one", "two")
    assert alice.types(opening, first, "PING x") == [":irc.test PONG irc.test x"]
    alice.types("PRIVMSG #a :between", second, closing)
    assert commands(bob.sees()) == ["PRIVMSG", "BATCH", "PRIVMSG", "PRIVMSG", "BATCH"]


def test_client_that_vanishes_leaves_nothing(alice: Person, bob: Person) -> None:
    alice.types(*EXAMPLE[:-1])
    alice.vanishes()
    assert commands(bob.sees()) == ["QUIT"]


def test_capability_that_is_given_back_ends_what_was_begun(alice: Person, bob: Person) -> None:
    alice.types(*EXAMPLE[:-1])
    assert commands(alice.types("CAP REQ -draft/multiline", "BATCH -123")) == ["CAP", "421"]
    assert alice.types("CAP REQ draft/multiline", "BATCH -123")[1:] == [f"{FAIL} :There is no such batch to close"]
    assert bob.sees() == []


# -- history, and other doors --


def test_history_shows_the_message_as_its_readers_see_it(alice: Person) -> None:
    alice.types(*EXAMPLE, "PRIVMSG #a :after")
    dave = alice.chat.user("Dave", f"{CAPS} draft/chathistory")
    erin = alice.chat.user("Erin", "message-tags batch draft/chathistory")
    in_room(dave, erin)
    seen = [parse(line) for line in dave.types("CHATHISTORY LATEST #a * 2")]
    nested(seen)
    assert [message.command for message in seen] == ["BATCH", "BATCH", *["PRIVMSG"] * 4, "BATCH", "PRIVMSG", "BATCH"]
    assert [("msgid" in message.tags, "account" in message.tags) for message in seen[1:3]] == [
        (True, True),
        (False, False),
    ]
    first, *lines, last = erin.types("CHATHISTORY LATEST #a * 2")
    reference = parse(last).params[0][1:]
    assert first == f":irc.test BATCH +{reference} chathistory #a"
    assert all(parse(line).tags["batch"] == reference for line in lines)
    assert texts(lines) == ["hello", "how is ", "everyone?", "after"]
    assert ["msgid" in parse(line).tags for line in lines] == [True, False, False, True]


def test_history_counts_a_message_once_and_finds_it_by_its_id(alice: Person, bob: Person) -> None:
    alice.types(*EXAMPLE, "PRIVMSG #a :after")
    msgid = bob.sees()[0].split("msgid=")[1].split(";")[0]
    dave = alice.chat.user("Dave", "draft/chathistory message-tags")
    in_room(dave)
    assert texts(dave.types(f"CHATHISTORY AFTER #a msgid={msgid} 5")) == ["after"]
    assert texts(dave.types("CHATHISTORY LATEST #a * 2")) == ["hello", "how is ", "everyone?", "after"]


def test_private_history_has_it_as_one(alice: Person) -> None:
    dave = alice.chat.user("Dave", f"{CAPS} draft/chathistory", account="Dave")
    alice.types(*batch("Dave", "one", "+two"))
    dave.sees()
    seen = [parse(line) for line in dave.types("CHATHISTORY LATEST Alice * 5")]
    nested(seen)
    assert [message.command for message in seen] == ["BATCH", "BATCH", "PRIVMSG", "PRIVMSG", "BATCH", "BATCH"]


def test_people_with_nc_see_lines(alice: Person) -> None:
    erin = alice.chat.line_user("Erin")
    alice.types("JOIN #lobby", *batch("#lobby", "hello", "", "how is ", "+every\x1bone"))
    assert erin.sees()[1:] == ["Alice: hello", "Alice: how is every␛one"]
    alice.types(*batch("Erin", "a", "b"), *batch("#lobby", "c", "d", command="NOTICE"))
    assert erin.sees() == ["[Alice] a", "[Alice] b", "-Alice- c", "-Alice- d"]
    frank = alice.chat.line_connect()
    assert [line for line in frank.types("Frank") if line.startswith("Alice: ")] == [
        "Alice: hello",
        "Alice: how is every␛one",
    ]


# -- any sequence --


def nested(messages: Sequence[Message]) -> dict[str, list[Message]]:
    """The messages in each multi-line batch, by its msgid; every line is in a batch that is open."""
    open_: dict[str, Message] = {}
    found: dict[str, list[Message]] = {}
    for message in messages:
        within = message.tags.get("batch")
        assert within is None or within in open_
        if message.command != "BATCH":
            if within is not None and open_[within].params[1] == "draft/multiline":
                found[within].append(message)
        elif message.params[0][0] == "+":
            assert message.params[0][1:] not in open_
            open_[message.params[0][1:]] = message
            found[message.params[0][1:]] = []
        else:
            assert open_.pop(message.params[0][1:]).tags.get("batch") == within
    assert not open_
    return found


said = st.sampled_from(["", "", "x", "two words", ":", "\x01ACTION x\x01", "日本", "x" * 20, "x" * 420])
references = st.sampled_from(["1", "1", "2", "a_", ""])
odd_targets = st.sampled_from(["#a", "#A", "Bob", "#b", "@#a", "nobody", "#a,Bob", ""])
odd_tags = st.sampled_from(["", ";draft/multiline-concat", ";+x=y", ";label=z"])
odd_commands = st.sampled_from(["PRIVMSG", "NOTICE", "TAGMSG", "QUIT"])
between = [
    "PRIVMSG #a :plain",
    "PING x",
    "CAP REQ -batch",
    "CAP REQ batch",
    "NICK Alicia",
    "PART #a",
    "JOIN #a",
    b"\xff",
]
odd_lines = st.one_of(
    st.builds("@label=b BATCH +{} draft/multiline {}".format, references, odd_targets),
    st.builds("@batch={}{} {} {} :{}".format, references, odd_tags, odd_commands, odd_targets, said),
    st.builds("BATCH -{}".format, references),
    st.sampled_from(between),
)


@st.composite
def attempts(draw: st.DrawFn) -> list[str | bytes]:
    """A message as it should be, more or less."""
    label = draw(st.sampled_from(["", "@label=a ", "@label=a;+typing=done "]))
    target = draw(st.sampled_from(["#a", "#a", "#A", "Bob", "@#a"]))
    command = draw(st.sampled_from(["PRIVMSG", "NOTICE"]))
    lines = draw(st.lists(st.tuples(said, st.booleans()), min_size=1, max_size=5))
    written = [
        f"@batch=1{';draft/multiline-concat' if continued and text else ''} {command} {target} :{text}"
        for text, continued in lines
    ]
    script: list[str | bytes] = [f"{label}BATCH +1 draft/multiline {target}", *written, "BATCH -1"]
    if draw(st.booleans()):
        script.insert(draw(st.integers(0, len(script))), draw(odd_lines))
    if draw(st.booleans()) and draw(st.booleans()):
        del script[draw(st.integers(0, len(script) - 1))]
    return script


scripts = st.lists(attempts(), max_size=5).map(lambda parts: [line for part in parts for line in part])


@settings(max_examples=300)
@given(scripts)
def test_any_lines_keep_the_rules(script: Sequence[str | bytes]) -> None:
    """What a client sends as one is seen as one, whole and by everybody, or it is refused."""
    chat = Chat(limits=LIMITS)
    alice, bob = chat.user("Alice", LABELS), chat.user("Bob", CAPS)
    carol, dave = chat.user("Carol", "message-tags"), chat.line_user("Dave")
    in_room(bob, carol, alice)
    for line in script:
        alice.sends(line)
        opened = alice.client.batch
        if opened is not None:
            assert len(opened.lines) <= LIMITS.multiline_max_lines
            assert opened.size <= LIMITS.multiline_max_bytes or opened.ignored
            assert not (opened.lines and opened.ignored)
    nested(well_formed(alice.sees_bytes()))
    seen = well_formed(bob.sees_bytes())
    for reference, lines in nested(seen).items():
        assert 1 < len(lines) <= LIMITS.multiline_max_lines, reference
        assert len({(line.command, *line.params[:1], line.source) for line in lines}) == 1
        size = sum(len(line.params[1].encode()) + ("draft/multiline-concat" not in line.tags) for line in lines) - 1
        assert size <= LIMITS.multiline_max_bytes
    in_rooms = [
        message.params for message in seen if message.params[0] == "#a" and message.params[1:] not in ([], [""])
    ]
    others = [message.params for message in well_formed(carol.sees_bytes()) if message.params[0] == "#a"]
    assert [params for params in others if params[1:]] == in_rooms
    assert not any("\0" in line for line in dave.sees())
