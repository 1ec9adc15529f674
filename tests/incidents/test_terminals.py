"""S9: a text that commands the terminal of who reads it: that clears the screen, sets the title, writes the clipboard
(first-tree #1654), answers for the person, or hides what it says (bidi controls, tags)."""

import io
import json
import logging
import re
import socket
import sys
import threading
from collections.abc import Sequence
from urllib.parse import quote

import pytest
import trio
from trio.testing import MockClock

from admin.operator import PROMPT, Operator
from client.session_steps import NOON, Play
from e2e.server import DEADLINE, run
from incidents.consoles import console_of
from incidents.hostile import STEERING, steers
from incidents.screen import shown, shown_in_full
from net.chat import Peer, chat
from terminal.test_terminal_plain import Pipe, in_lobby
from triochat.client.session import clean
from triochat.domain.entry import CONNECT, Entry, Submission
from triochat.logs import EventLog, LineWriter, diagnostics
from triochat.proto.text import visible
from triochat.terminal.plain import text_of
from triochat_admin.text import visible as visible_at_the_console

payloads = pytest.mark.parametrize("payload", STEERING.values(), ids=STEERING)


def on_the_wire(payload: str) -> str:
    """The payload without what ends a line."""
    return payload.replace("\r", "").replace("\n", "")


def lines_of_a_server(payload: str) -> Sequence[str]:
    """Everything that our client shows, with *payload* in every text and name."""
    p = on_the_wire(payload)
    return (
        f":Nick{p}!u@h JOIN #lobby",
        f":Nick{p}!u@h PRIVMSG #lobby :text {p} end",
        f":Nick{p}!u@h PRIVMSG Bob :private {p} end",
        f":Nick{p}!u@h PRIVMSG #lobby :\x01ACTION action {p}\x01",
        f":Nick{p}!u@h NOTICE #lobby :notice {p}",
        f":Nick{p}!u{p}@h NOTICE Bob :notice {p}",
        f":Alice!a@h TOPIC #lobby :topic {p}",
        f":irc 332 Bob #lobby :topic was {p}",
        f":Alice!a@h MODE #lobby +b {p}",
        f":Alice!a@h KICK #lobby Nick{p} :{p}",
        f":Alice!a@h NICK Alicia{p}",
        f":Alicia{p}!a@h PART #lobby :bye {p}",
        f":Carol{p}!a@h JOIN #lobby",
        f":Carol{p}!a@h QUIT :quit {p}",
        f":Alice!a@h INVITE Bob #invited{p}",
        f":irc 301 Bob Away{p} :away {p}",
        f":irc 322 Bob #listed{p} 5 :{p}",
        ":irc 323 Bob :End",
        f":irc 372 Bob :- motd {p}",
        f":irc NOTICE Bob :server notice {p}",
        f":irc{p} NOTICE Bob :from {p}",
        f":irc FAIL THIS THAT :failed {p}",
        f":irc WARN THIS THAT :warned {p}",
        f":irc 403 Bob #none{p} :x",
        f":irc 404 Bob #lobby :cannot {p}",
        f":irc 433 Bob Taken{p} :x {p}",
        f":irc 482 Bob #lobby{p} :x",
        f":irc 499 Bob {p}x :unknown {p}",
        f":irc 900 Bob a b :logged in {p}",
        f":irc 353 Bob = #lobby :Bob Listed{p}",
        ":irc 366 Bob #lobby :End",
        f":Bob!bob@host JOIN #second{p}",
        f":irc 353 Bob = #second{p} :Bob Other{p}",
        f":irc 366 Bob #second{p} :End",
        f":Alice!a@h PRIVMSG #second{p} :in the second {p}",
    )


OF_PROMPT_TOOLKIT = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[=>]|[\r\n]")
"""The sequences that the client itself may send, all of them CSI."""


# -- the client --


@payloads
def test_nothing_that_others_say_steers_the_terminal_of_our_client(payload: str) -> None:
    """S9: read by a terminal that obeys, the screen shows it as symbols; nothing is cleared, no title is set, and
    nothing but prompt_toolkit's own sequences is in the bytes."""
    terminal = shown(lines_of_a_server(payload), typed="typed")
    raw, screen = terminal.paper.getvalue(), terminal.screen
    assert steers(OF_PROMPT_TOOLKIT.sub("", raw)) == ""
    assert not any(part and f"\x1b{part}" in raw for part in payload.split("\x1b")[1:])
    assert screen.title == ""
    text = "\n".join(screen.display)
    assert "first-line" in text and "You joined the chat." in text
    assert f"text {clean(on_the_wire(payload))} end" in text
    assert f"topic was {clean(on_the_wire(payload))}" in text


@payloads
def test_nothing_that_others_say_steers_the_whole_terminal(payload: str) -> None:
    """S9: the same for the full-screen view: messages, title, lists of rooms and people, and what lies over them."""
    terminal = shown_in_full(lines_of_a_server(payload), typed="typed")
    raw, text = terminal.glass.getvalue(), terminal.glass.text
    # Back by one cell is \b there; what stands on the screen shows that no other one got through.
    assert steers(OF_PROMPT_TOOLKIT.sub("", raw.replace("\b", ""))) == ""
    assert not any(part and f"\x1b{part}" in raw for part in payload.split("\x1b")[1:])
    assert terminal.glass.screen.title == ""
    assert "first-line" in text and "You joined the chat." in text
    assert f"text {clean(on_the_wire(payload))} end" in text
    assert f"topic was {clean(on_the_wire(payload))}" in text


@payloads
async def test_nothing_that_others_say_steers_the_terminal_behind_a_pipe(
    payload: str, autojump_clock: MockClock
) -> None:
    """S9: the same for `triochat connect --plain`, stdout and stderr."""
    pipe = Pipe(typed=True)
    async with trio.open_nursery() as nursery:
        server = await in_lobby(pipe, nursery)
        await server.send(*lines_of_a_server(payload), f"ERROR :Closing link: h (closing {on_the_wire(payload)})")
        await server.stream.aclose()
        await (await pipe.wire.accept()).stream.aclose()
        pipe.plain.leave()
        written = await pipe.rest(pipe.output) + await pipe.rest(pipe.errors)
    assert steers(re.sub(r"[\r\n]", "", written)) == ""
    assert f"text {clean(on_the_wire(payload))} end" in written


@payloads
def test_nothing_that_is_pasted_comes_back_unescaped(payload: str) -> None:
    """S9: what one is made to paste is shown in the client's own sentences."""
    play = Play()
    play.connect()
    play.enter_room()
    for typed in (
        *(
            "/msg X{} hi",
            "/join #{}",
            "/join # {}",
            "/leave #{}",
            "/users #{}",
            "/nick {}",
            "/{}",
            "/search {}",
            "{}",
        ),
        *("/me {}", "/topic {}", "/quit {}", "/{} x", "/help {}", "/away {}", "/whois {}", "/ignore {}", "/ignore"),
        *("/invite {}", "/invite A {}", "/reply {}", "/edit {}", "/export {}", "/typing {}", "/login {}", "/status"),
    ):
        play.chat.enter(typed.replace("{}", on_the_wire(payload)), NOON)
    play.chat.lost(NOON)
    play.chat.enter(on_the_wire(payload), NOON)
    play.chat.report_lost_lines()
    shown_lines = play.chat.take_lines()
    assert shown_lines and not any(steers(text_of(line)) for line in shown_lines)
    assert not any(steers(f"{sent.target}{sent.text}") for sent in play.chat.model.pending)


def test_a_link_that_cannot_be_used_is_quoted_safely() -> None:
    """S9: an `irc://` link, escaped or raw, in the sentence that says what is wrong with it."""
    everything = "".join(STEERING.values())
    for link in (f"irc://chat.example/%23{quote(everything)}", f"gopher{everything}://x", f"irc://x:{everything}"):
        result = run("connect", "--plain", link)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr and steers(result.stderr.replace("\n", "")) == ""


# -- the operator --


async def _busy_street(c: object, payload: str) -> Peer:
    """Eve, who puts *payload* wherever she can."""
    p = on_the_wire(payload)
    eve = c.connect()  # type: ignore[attr-defined]
    caps = "message-tags echo-message setname draft/metadata-3 batch draft/relaymsg"
    await eve.send(f"CAP REQ :{caps}", "CAP END", "NICK Eve", f"USER {p}e 0 * :real {p}", "JOIN #a,#lobby")
    await eve.until(" 366 ", "#lobby")
    await eve.send(f"TOPIC #a :topic {p}", f"AWAY :away {p}", f"JOIN #x{p}", f"RELAYMSG #a ann{p}/irc :x")
    await eve.send(f"PRIVMSG #a :hush {p}", f"NOTICE #a :{p}", f"PRIVMSG #a :\x01ACTION {p}\x01", f"SETNAME :new {p}")
    await eve.send(f"MODE #a +b {p}", f"MODE #a +k k{p}", f"METADATA * SET avatar :{p}")
    await eve.sync()
    return eve


@payloads
async def test_nothing_that_users_say_steers_the_operators_terminal(payload: str, autojump_clock: MockClock) -> None:
    """S9: everything that the console can show of a user who puts it everywhere."""
    async with chat(metadata_rate=0) as c:
        eve = await _busy_street(c, payload)
        said = ""
        async with console_of(c) as operator:
            for line in (
                *(
                    "list",
                    "list --json",
                    "show Eve",
                    "show Eve --json",
                    "rooms",
                    "rooms --json",
                    "rooms #a",
                    "status",
                ),
                *("search --content hush", "search --content --json hush", "search hush", "list sort=name"),
                *("room #a", "room #a --json", "history #a --content", "history --content --json #a", "history #a"),
                *("list cols=name,client,account,door", "account", "limits", "invites", "close #a --dry-run"),
                *("move Eve #b --dry-run", "rename Eve Ann --dry-run", "kick * --dry-run", "announce --dry-run x"),
                *(
                    "top --once",
                    "top --json",
                    "tasks",
                    "where Eve",
                    f"where {on_the_wire(payload)}",
                    "slow",
                    "doctor",
                ),
            ):
                said += await operator.do(line)
            said += await _watch(operator, eve, "monitor --content", payload)
            said += await _watch(operator, eve, "monitor --content --json", payload)
            said += await operator.do(f"kick Eve {on_the_wire(payload)}")
            said += await operator.do(f"kick {on_the_wire(payload)}")
            said += await operator.do(f"say #a {on_the_wire(payload)}")
            said += await operator.do(f"{on_the_wire(payload)} x")
        assert steers(re.sub(r"[\r\n]", "", said)) == ""
        assert visible_at_the_console(f"new {on_the_wire(payload)}") in said


async def _watch(operator: Operator, eve: Peer, command: str, payload: str) -> str:
    """What a monitor shows of all that Eve does."""
    p = on_the_wire(payload)
    await operator.type(f"{command}\n")
    await trio.testing.wait_all_tasks_blocked()
    await eve.send(f"PRIVMSG #a :{p}", f"PART #a :{p}", "JOIN #a", f"TOPIC #a :{p}", f"KICK #a Eve :{p}", "JOIN #a")
    await eve.send(f"INVITE Eve #x{p}", f"RENAME #a #b :{p}", "RENAME #b #a", f"PRIVMSG Eve :{p}")
    await eve.sync()
    await trio.testing.wait_all_tasks_blocked()
    await operator.type("\n")
    return await operator.until(PROMPT)


@payloads
@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_that_users_say_steers_who_reads_the_event_lines(payload: str, as_json: bool) -> None:
    """S9: stdout of `triochat serve`: one line an event, also when it is read raw as JSON."""
    stream = io.StringIO()
    with LineWriter(stream, most_waiting=100, name="event-log") as writer:
        events = EventLog(writer, as_json=as_json, show_messages=True, quiet=False)
        for command, params in (
            (CONNECT, ()),
            ("PRIVMSG", ("#lobby", f"text {payload}")),
            ("PRIVMSG", (f"#room{payload}", f"one\n{payload}")),
            ("PRIVMSG", ("#lobby", f"\x01ACTION {payload}\x01")),
            ("QUIT", (f"reason {payload}",)),
        ):
            events.observe([Submission(Entry(1, "i-1", 5, f"Nick{payload}!u@h", command, params))])
    lines = stream.getvalue().split("\n")
    assert len(lines) == 6 and lines[-1] == ""
    assert not any(steers(line) for line in lines)
    if as_json:
        assert json.loads(lines[1])["text"] == visible(f"text {payload}")


@payloads
@pytest.mark.parametrize("as_json", [False, True])
def test_nothing_from_outside_steers_who_reads_the_diagnostics(
    payload: str, as_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S9: stderr of `triochat serve`: a record is one line that nobody else can write, and the lines of a traceback
    stand indented below it."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    forged = "\n2026-11-22 12:00:00,000 WARNING triochat.admin: console logged in"
    log = logging.getLogger("triochat.net")
    with diagnostics("debug", as_json=as_json):
        log.debug("turned away: %s", f"{payload}{forged}")
        try:
            raise ValueError(f"{payload}{forged}")
        except ValueError:
            log.exception("connection %s: ended by an error", payload)
    text = stream.getvalue()
    assert steers(text.replace("\n", "")) == ""
    records = [line for line in text.split("\n") if line and not line.startswith("  ")]
    assert len(records) == 2
    if as_json:
        assert visible(payload) in json.loads(records[1])["message"]
    else:
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} DEBUG triochat.net: turned away: ", records[0])
        assert "  Traceback" in text and "ValueError" in text


def test_a_letter_that_the_terminal_does_not_have_hides_no_event() -> None:
    """S9 on its other side: whoever says something that the output's encoding lacks must not make lines vanish."""
    raw = io.BytesIO()
    with LineWriter(io.TextIOWrapper(raw, "latin-1"), most_waiting=10, name="event-log") as writer:
        for line in ("before", "日本語 \U0001f600", "after"):
            writer.put(line)
    assert raw.getvalue().decode("latin-1").splitlines() == ["before", "\\u65e5\\u672c\\u8a9e \\U0001f600", "after"]
    assert writer.missed == 0


@payloads
def test_what_answers_in_a_consoles_place_does_not_steer_the_operators_terminal(payload: str) -> None:
    """S9: `triochat admin` shows what a host says before anybody has proved to be anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_pose_as_a_console, args=(listening, payload))
        thread.start()
        result = run("admin", f"127.0.0.1:{listening.getsockname()[1]}", "list", "--password-stdin", stdin="x\n")
        thread.join(DEADLINE)
    assert result.returncode == 1
    assert "console says" in result.stderr
    assert steers((result.stdout + result.stderr).replace("\n", "")) == ""


def _pose_as_a_console(listening: socket.socket, payload: str) -> None:
    sock, _ = listening.accept()
    with sock:
        sock.recv(1000)
        sock.sendall(f"the console says {on_the_wire(payload)}\r\n".encode())
        sock.shutdown(socket.SHUT_WR)
        sock.recv(1000)
