"""What can be fuzzed: functions of bytes that raise when a promise is broken."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from fuzz import words
from fuzz.addresses import proxy
from fuzz.chatting import commands, secrecy
from fuzz.client import client
from fuzz.console import telnet
from fuzz.doors import doors
from fuzz.framing import framing
from fuzz.messages import message, tags
from fuzz.sasl import sasl
from fuzz.searching import search
from fuzz.settings import config
from fuzz.texts import text
from fuzz.websocket import frames, upgrade


class Target(NamedTuple):
    """One of them."""

    check: Callable[[bytes], None]
    words: Sequence[str | bytes]
    """What to put in now and then."""
    longest: int = 512
    """Bytes of an input."""


TARGETS = {
    "client": Target(client, words.HEARD, 1024),
    "commands": Target(commands, words.WIRE, 1024),
    "config": Target(config, words.TOML, 1024),
    "doors": Target(doors, words.PLAIN),
    "frames": Target(frames, words.FRAMES),
    "framing": Target(framing, words.LINE_ENDS, 256),
    "message": Target(message, words.WIRE),
    "proxy": Target(proxy, words.PROXY, 256),
    "sasl": Target(sasl, words.SASL),
    "search": Target(search, words.MARKS, 256),
    "secrecy": Target(secrecy, words.SECRETS),
    "tags": Target(tags, words.TAGS, 256),
    "telnet": Target(telnet, words.CONSOLE),
    "text": Target(text, words.MARKS, 256),
    "upgrade": Target(upgrade, words.HTTP),
}
