"""What the client can be set to: one definition gives types, defaults and documentation."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

Theme = Literal["system", "light", "dark"]


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """A server that `triochat connect NAME` finds."""

    address: Annotated[str, "HOST, HOST:PORT or an irc:// or ircs:// address."]
    name: Annotated[str, "What to be called there."] = ""
    room: Annotated[str, "The room to enter first."] = ""
    trust: Annotated[str, "The fingerprint of the only certificate to accept."] = ""


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """The whole-screen view."""

    mouse: Annotated[bool, "The wheel scrolls, a click enters a room; selecting text then needs Shift."] = True


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """What calls you when you look elsewhere."""

    bell: Annotated[bool, "Ring the terminal's bell at mentions and private lines."] = False
    desktop: Annotated[
        Literal["off", "osc9", "osc99"], "Show them by the terminal's own notifications: OSC 9, or OSC 99 (kitty)."
    ] = "off"
    words: Annotated[tuple[str, ...], "Words that count as mentions, besides your name."] = ()
    muted: Annotated[tuple[str, ...], "Rooms and people that never call you."] = ()
    ignored: Annotated[tuple[str, ...], "People whose lines are not shown."] = ()


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """The window that `triochat gui` opens."""

    theme: Annotated[Theme, "Its colours; system: as the desktop, where that can be told."] = "system"
    zoom: Annotated[int, "The size of everything, in percent."] = 100
    flash: Annotated[bool, "Flash the title at mentions and private lines until you look."] = True


@dataclass(frozen=True, slots=True)
class TypingSettings:
    """Who is typing."""

    send: Annotated[bool, "Let others see that you type."] = True
    show: Annotated[bool, "Show that others type."] = True


@dataclass(frozen=True, slots=True)
class AwaySettings:
    """Being away by itself."""

    after_minutes: Annotated[float, "Minutes without a key until you are away; 0 = never."] = 0
    text: Annotated[str, "What others read then."] = "Away from the keyboard"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """Keeping what was said on this machine."""

    enabled: Annotated[bool, "Write a file for each conversation."] = False
    directory: Annotated[str, "Where; empty: the directory logs beside the client's data."] = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All of them."""

    servers: Annotated[dict[str, ServerSettings], "Servers by the name you give them."] = field(default_factory=dict)
    colours: Annotated[
        dict[str, str],
        "Parts of the screen and how they look: ansired, #rrggbb, bold, reverse, several divided by spaces. The "
        "environment variable NO_COLOR switches all colours off.",
    ] = field(default_factory=dict)
    keys: Annotated[
        dict[str, str | tuple[str, ...]], "Actions and the key, or the list of keys, that does them; F1 shows all."
    ] = field(default_factory=dict)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    window: WindowSettings = field(default_factory=WindowSettings)
    notifications: NotificationSettings = field(default_factory=NotificationSettings)
    typing: TypingSettings = field(default_factory=TypingSettings)
    away: AwaySettings = field(default_factory=AwaySettings)
    log: LogSettings = field(default_factory=LogSettings)
