"""The client without a view. docs/reference/python.md says how to use it.

`chat` and what it imports decide everything and do no IO; `link` and `dial` move bytes between it and the server;
`connect` puts them together for programs. The names below are found when they are asked for: to know what an address
means takes no network.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from triochat.client.api import Client, NotDone, connect
    from triochat.client.chat import Chat, Entered
    from triochat.client.conversation import Conversation, Member, Past, Sort
    from triochat.client.events import Event, Joined, Left, Parted, Redacted, Said
    from triochat.client.line import Kind, Line, State
    from triochat.client.link import Link
    from triochat.client.model import Model

__all__ = [
    "Chat",
    "Client",
    "Conversation",
    "Entered",
    "Event",
    "Joined",
    "Kind",
    "Left",
    "Line",
    "Link",
    "Member",
    "Model",
    "NotDone",
    "Parted",
    "Past",
    "Redacted",
    "Said",
    "Sort",
    "State",
    "connect",
]
_PLACES = {
    "api": ("Client", "NotDone", "connect"),
    "chat": ("Chat", "Entered"),
    "conversation": ("Conversation", "Member", "Past", "Sort"),
    "events": ("Event", "Joined", "Left", "Parted", "Redacted", "Said"),
    "line": ("Kind", "Line", "State"),
    "link": ("Link",),
    "model": ("Model",),
}


def __getattr__(name: str) -> Any:
    for module, names in _PLACES.items():
        if name in names:
            return getattr(importlib.import_module(f"triochat.client.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
