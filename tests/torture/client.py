"""Somebody in the room who keeps a transcript, and after each break reads on where it stopped.

`Conversation` is one connection without IO; `Client` is the person, with a connection after the other.
"""

import os
import random
import socket
import struct
from collections import deque
from collections.abc import Callable

import trio

from torture.check import Line, Origin, origin_of

ROOM = "#lobby"
END = "END"
"""The padding of the last line of all."""
_CAPS = "message-tags server-time echo-message batch labeled-response draft/chathistory"
PAGE = 500
"""Messages of one answer to CHATHISTORY."""
_BEGINNING = "timestamp=1970-01-01T00:00:00.000Z"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_NARROW, _SHORT = 4096, 536
"""Bytes of the receive buffer and of a segment for half of the clients: for them the kernel keeps little, so that the
server soon has to do something about those that stop reading. (By the length of segments it measures its own buffer,
which otherwise would be megabytes on the loopback.)"""


class Lives:
    """The server's lives: which one it is, and where it listens."""

    def __init__(self) -> None:
        self.number = 0
        self.port = 0
        self.up = False
        self._changed = trio.Event()

    def begin(self, port: int) -> None:
        """The server is there."""
        self.number += 1
        self.port = port
        self.up = True
        self._changed.set()
        self._changed = trio.Event()

    def end(self) -> None:
        """The server is about to be killed."""
        self.up = False

    async def running(self, *, beyond: int) -> int:
        """Wait for a life with a number above *beyond*."""
        while not self.up or self.number <= beyond:
            await self._changed.wait()
        return self.number


class Person:
    """What somebody knows, whatever happens to its connections."""

    def __init__(self, name: str, *, labels: bool = False, window: int = 0, seed: str = "") -> None:
        """*window* lines may be unanswered at a time; 0 = only listens. *labels*: know answers by labels."""
        self.name = name
        self.labels = labels
        self.window = window
        self.random = random.Random(f"{seed} {name}")
        self.transcript: list[Line] = []
        self.acknowledged: list[Line] = []
        self.refused: list[str] = []
        self.unsure: list[str] = []
        """What was said without an answer when the connection broke, or with one that may mean another line."""
        self.complaints: list[str] = []
        """What the server should not have said."""
        self.last_words = False
        """True when the next line that is said shall be the last of all."""
        self.connections = 0
        self.from_history = 0
        self.on_answer: Callable[[], None] = _nothing
        self.on_end: Callable[[], None] = _nothing
        self.known: dict[Line, Line] = {}
        """Lines that were seen by anybody, shared, so that a thousand lines for thirty people are a thousand."""


def _nothing() -> None:
    pass


class Conversation:
    """One connection: bytes lines in by `hear`, bytes out in `out`."""

    def __init__(self, person: Person, life: int) -> None:
        person.connections += 1
        self._person = person
        self._life = life
        self._number = 0
        self._nick = f"{person.name}_{person.connections}"
        self._unanswered: deque[str] = deque()
        self._page: list[Line] | None = None
        self._fetched: set[Line] = set()
        self._held: list[Line] = []
        self.caught_up = False
        """True when all that was said before is in the transcript."""
        self.out = bytearray()
        for line in (f"CAP REQ :{_CAPS}", f"NICK {self._nick}", "USER torture 0 * :x", "CAP END", f"JOIN {ROOM}"):
            self.out += f"{line}\r\n".encode()

    def hear(self, raw: bytes) -> None:
        """The server said *raw*."""
        text = raw.decode()
        tags: dict[str, str] = {}
        if text.startswith("@"):
            tagged, _, text = text[1:].partition(" ")
            tags = {name: value for name, _, value in (item.partition("=") for item in tagged.split(";"))}
        source, command, rest = (text if text.startswith(":") else f": {text}").split(" ", 2)
        if command == "PRIVMSG":
            self._seen(tags, source[1:].partition("!")[0], rest.partition(" :")[2])
        elif command == "BATCH":
            if rest.startswith("+"):
                self._page = []
            else:
                self._page_ended()
        elif command == "FAIL":
            self._failed(tags, rest, text)
        elif command == "JOIN" and source.startswith(f":{self._nick}!"):
            self._ask()
        elif command == "PING":
            self.out += f"PONG {rest}\r\n".encode()
        elif command == "ERROR" or (command.isdigit() and int(command) >= 400 and command != "422"):
            self._person.complaints.append(f"{self._nick} was told: {text}")

    def talk(self) -> None:
        """Say as much as one may."""
        person = self._person
        if self.caught_up and person.last_words and self.quiet:
            self.say(END)
        while self.caught_up and len(self._unanswered) < person.window:
            self.say("x" * person.random.choice((0, 10, 60, 300)))

    def say(self, padding: str) -> None:
        """Say one line more."""
        person = self._person
        self._number += 1
        text = Origin(self._life, person.name, person.connections, self._number).text(padding)
        self._unanswered.append(text)
        label = f"@label={self._number} " if person.labels else ""
        self.out += f"{label}PRIVMSG {ROOM} :{text}\r\n".encode()

    def broken(self) -> None:
        """The connection is no more."""
        self._person.unsure += self._unanswered
        self._unanswered.clear()

    @property
    def quiet(self) -> bool:
        """True when nothing is unanswered."""
        return not self._unanswered

    # -- what is heard --

    def _seen(self, tags: dict[str, str], nick: str, text: str) -> None:
        person = self._person
        line = Line(tags.get("msgid", ""), nick, text)
        line = person.known.setdefault(line, line)
        if "batch" in tags and self._page is not None:
            self._page.append(line)
            return
        if not self.caught_up:
            self._held.append(line)
            return
        person.transcript.append(line)
        if nick == self._nick:
            self._answered(line, tags.get("label"))
        if text.endswith(END):
            person.on_end()

    def _answered(self, line: Line, label: str | None) -> None:
        person = self._person
        number = origin_of(line.text).number
        if person.labels and label != str(number):
            person.complaints.append(f"{self._nick} got {line.text[:60]!r} with the label {label}")
        if line.text not in self._unanswered:
            person.complaints.append(f"{self._nick} got an answer to what it did not wait for: {line.text[:60]!r}")
            return
        self._unanswered.remove(line.text)
        person.acknowledged.append(line)
        if line.text.endswith(END):
            person.last_words = False
        person.on_answer()

    def _failed(self, tags: dict[str, str], rest: str, text: str) -> None:
        person = self._person
        if rest.startswith(f"CHATHISTORY MESSAGE_ERROR AFTER {ROOM} :"):
            self._ask()  # it cannot be read now
        elif not rest.startswith("PRIVMSG MESSAGE_NOT_STORED") or not self._unanswered:
            person.complaints.append(f"{self._nick} was told: {text}")
        elif not person.labels:
            # The oldest, unless bytes waited: then echoes come from the log, and refusals behind them.
            person.unsure.append(self._unanswered.popleft())
            person.on_answer()
        else:
            number = int(tags.get("label", 0))
            for said in [said for said in self._unanswered if origin_of(said).number == number]:
                self._unanswered.remove(said)
                person.refused.append(said)
                person.on_answer()

    # -- reading on --

    def _ask(self) -> None:
        transcript = self._person.transcript
        place = f"msgid={transcript[-1].msgid}" if transcript else _BEGINNING
        self.out += f"CHATHISTORY AFTER {ROOM} {place} {PAGE}\r\n".encode()

    def _page_ended(self) -> None:
        page, self._page = self._page or [], None
        person = self._person
        person.transcript += page
        person.from_history += len(page)
        self._fetched.update(page)
        if len(page) == PAGE:
            self._ask()
            return
        # What was said meanwhile came live, and may be in the pages as well: each such line goes once.
        for line in self._held:
            if line in self._fetched:
                self._fetched.discard(line)
            else:
                person.transcript.append(line)
        if any(line.text.endswith(END) for line in (*page, *self._held)):
            person.on_end()
        self._held.clear()
        self._fetched.clear()
        self.caught_up = True


class Client:
    """A person with a socket. It comes back whenever it can."""

    def __init__(self, person: Person, *, narrow: bool = False) -> None:
        self.person = person
        self._narrow = narrow
        self._may_read = trio.Event()
        self._may_read.set()
        self._sock: trio.socket.SocketType | None = None
        self._conversation: Conversation | None = None

    async def run(self, lives: Lives) -> None:
        """Be there until cancelled."""
        beyond = 0
        while True:
            life = await lives.running(beyond=beyond)
            try:
                await self._connection(lives.port, life)
            except ConnectionRefusedError:
                beyond = life
            except (OSError, trio.ClosedResourceError):
                pass
            await trio.lowlevel.checkpoint()

    async def _connection(self, port: int, life: int) -> None:
        with trio.socket.socket() as sock:
            if self._narrow:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _NARROW)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, _SHORT)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await sock.connect(("127.0.0.1", port))
            self._sock, self._conversation = sock, conversation = sock, Conversation(self.person, life)
            try:
                await self._converse(sock, conversation)
            finally:
                self._sock = self._conversation = None
                conversation.broken()

    async def _converse(self, sock: trio.socket.SocketType, conversation: Conversation) -> None:
        rest = b""
        while True:
            while conversation.out:
                sent = await sock.send(conversation.out)
                del conversation.out[:sent]
            await self._may_read.wait()
            data = await sock.recv(65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\r\n")
            for line in lines:
                conversation.hear(line)
            conversation.talk()

    def say(self, padding: str) -> bool:
        """Say one line at once; False when that is not possible now."""
        conversation, sock = self._conversation, self._sock
        if conversation is None or sock is None or conversation.out or not conversation.caught_up:
            return False
        conversation.say(padding)
        try:
            sent = os.write(sock.fileno(), conversation.out)
        except OSError:
            return False
        del conversation.out[:sent]
        return True

    def cut(self, *, reset: bool) -> bool:
        """Say a line and hang up in the same moment, with *reset* not even saying good-bye; False when not there."""
        if not self.say("cut") or self._sock is None:
            return False
        if reset:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._sock.close()
        return True

    def stop_reading(self) -> None:
        """Take nothing from the socket until `read_on`."""
        if self._may_read.is_set():
            self._may_read = trio.Event()

    def read_on(self) -> None:
        """Take what has come."""
        self._may_read.set()
