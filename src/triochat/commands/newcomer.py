"""Somebody who is connected, but has not come in yet."""

from __future__ import annotations


class Registration:
    """What a connection has told of itself before it is a user."""

    __slots__ = ("account", "away", "metadata", "negotiating", "nick", "password", "realname", "username", "wanted")

    def __init__(self) -> None:
        self.nick: str | None = None
        self.wanted: str | None = None
        """The name that was asked for last, whether it could be had or not."""
        self.username: str | None = None
        self.realname = ""
        self.password: str | None = None
        self.account: str | None = None
        """The account that the client has proved."""
        self.away: str | None = None
        """Its away message (https://ircv3.net/specs/extensions/pre-away)."""
        self.metadata: dict[str, str] = {}
        """What it has set of its metadata."""
        self.negotiating = False
        """True between CAP LS or REQ and CAP END."""
