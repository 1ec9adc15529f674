"""Colours of the window, light and dark, and what the desktop says of them and of its screen. Pure."""

from binascii import crc32
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from triochat.client.settings import Theme

_DOTS_PER_INCH = 96  # what sizes in this package are meant for
_SMALLEST, _LARGEST = 0.75, 4.0


@dataclass(frozen=True, slots=True)
class Palette:
    """All as #rrggbb."""

    dark: bool
    paper: str
    """Behind messages and fields."""
    side: str
    """Behind lists and bars."""
    text: str
    dim: str
    line: str
    """Borders and rules."""
    accent: str
    """Links, the focus, what is chosen."""
    chosen: str
    """Behind selected text and the current conversation."""
    hover: str
    error: str
    good: str
    warning: str
    mention: str
    """Behind lines that name the person."""
    names: tuple[str, ...]

    def of_name(self, name: str) -> int:
        """Which of `names` is the colour of *name*: the same on every day and every machine."""
        return crc32(name.casefold().encode(errors="replace")) % len(self.names)


LIGHT = Palette(
    dark=False,
    paper="#ffffff",
    side="#f2f4f7",
    text="#1f2328",
    dim="#5c646d",
    line="#d3d9e0",
    accent="#0b57d0",
    chosen="#cfe2ff",
    hover="#e4e9f0",
    error="#b3261e",
    good="#1a7f37",
    warning="#8a5a00",
    mention="#fff4d1",
    names=(
        "#a5243d", "#8a4b00", "#6b5900", "#2f6b1a", "#00695c", "#00629b",
        "#2c4fc2", "#6b3fc0", "#9a2c91", "#ad1f6b", "#7a4a2b", "#45617a",
    ),
)  # fmt: skip

DARK = Palette(
    dark=True,
    paper="#1b1d21",
    side="#24272c",
    text="#e4e6ea",
    dim="#a3a9b2",
    line="#3b4048",
    accent="#8ab4f8",
    chosen="#2f4a73",
    hover="#31353c",
    error="#ff8a80",
    good="#7ddb8c",
    warning="#f0c060",
    mention="#3a3320",
    names=(
        "#ff9aa2", "#ffb870", "#e6d06a", "#9ddb7d", "#6fdcc6", "#7fcdf5",
        "#9fb4ff", "#c9a8ff", "#f0a0e6", "#ff9ccf", "#d9b08c", "#b3cde0",
    ),
)  # fmt: skip


def of_theme(theme: Theme, *, system_is_dark: bool) -> Palette:
    """The colours that *theme* stands for."""
    dark = system_is_dark if theme == "system" else theme == "dark"
    return DARK if dark else LIGHT


def luminance(colour: str) -> float:
    """How bright #rrggbb is, 0 to 1, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def environment_is_dark(environment: Mapping[str, str], background: str) -> bool:
    """Whether a desktop of X11 asks for dark windows: by GTK_THEME, or by the X resource for the *background*."""
    theme = environment.get("GTK_THEME", "").lower()
    if theme:
        return theme.endswith((":dark", "-dark"))
    if len(background) == 7 and background[0] == "#":
        try:
            return luminance(background) < 0.2
        except ValueError:
            return False
    return False


def density(dots_per_inch: float, wanted: str, environment: Mapping[str, str]) -> float:
    """How much larger than on a screen of 96 dots per inch everything is to be. *dots_per_inch* is what the screen
    says of itself, *wanted* the X resource Xft.dpi, which counts more; GDK_SCALE is what some desktops set."""
    factors = [
        _number(wanted) / _DOTS_PER_INCH or dots_per_inch / _DOTS_PER_INCH,
        _number(environment.get("GDK_SCALE")),
    ]
    return max(_SMALLEST, min(_LARGEST, max(factors)))


def _number(text: str | None) -> float:
    try:
        number = float(text or 0)
    except ValueError:
        return 0
    return number if isfinite(number) else 0
