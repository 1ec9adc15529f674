"""Fonts, sizes and colours of all that is drawn. Tk."""

import os
import sys
import tkinter as tk
from collections.abc import Callable, Mapping
from tkinter import font, ttk
from typing import Any

from triochat.client.settings import Theme, WindowSettings
from triochat.window.colouring import Appearance, appearance
from triochat.window.palette import Palette, density, environment_is_dark, of_theme

_POINTS = 10
_ZOOMS = (60, 70, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300)
_DOTS_PER_INCH = 96


class Styling:
    """How one window looks. Whoever draws with more than ttk styles asks to be told of changes."""

    def __init__(self, root: tk.Tk, settings: WindowSettings, colours: Mapping[str, str] | None = None) -> None:
        """*colours* are those of parts that the person wants to look otherwise. Raises BadColour."""
        theme, zoom = settings.theme, settings.zoom
        self.root = root
        self.theme = theme
        self.zoom = min(_ZOOMS, key=lambda known: abs(known - zoom))
        self._density = density(root.winfo_fpixels("1i"), dots_per_inch_wanted(root), os.environ)
        self._told: list[Callable[[], None]] = []
        family = font.nametofont("TkDefaultFont").actual("family")
        fixed = font.nametofont("TkFixedFont").actual("family")
        self.normal = font.Font(root, family=family, name="triochatNormal")
        self.bold = font.Font(root, family=family, weight="bold", name="triochatBold")
        self.italic = font.Font(root, family=family, slant="italic", name="triochatItalic")
        self.small = font.Font(root, family=family, name="triochatSmall")
        self.title = font.Font(root, family=family, weight="bold", name="triochatTitle")
        self.fixed = font.Font(root, family=fixed, name="triochatFixed")
        self._style = ttk.Style(root)
        self._style.theme_use("clam")
        self._colours = colours or {}
        self._appearances: dict[str, Appearance] = {}
        self.palette = self._wanted()
        self.apply()
        root.bind("<<ThemeChanged>>", lambda _: self._system_changed(), add="+")

    def px(self, size: float) -> int:
        """*size* pixels of an ordinary screen, on this one."""
        return max(1, round(size * self._density * self.zoom / 100))

    def of_part(self, part: str) -> dict[str, Any]:
        """What the person wants otherwise about a part, as options of a tag."""
        looks = self._appearances.get(part, Appearance())
        options: dict[str, Any] = {}
        if looks.foreground is not None:
            options["foreground"] = looks.foreground
        if looks.background is not None:
            options["background"] = looks.background
        if looks.underline is not None:
            options["underline"] = looks.underline
        if looks.bold is not None or looks.italic is not None:
            options["font"] = self.bold if looks.bold else self.italic if looks.italic else self.normal
        return options

    def when_changed(self, told: Callable[[], None]) -> None:
        """Call *told* now and after each change."""
        self._told.append(told)
        told()

    def forget(self, told: Callable[[], None]) -> None:
        self._told.remove(told)

    def choose(self, theme: Theme) -> None:
        self.theme = theme
        self.apply()

    def step(self, by: int) -> None:
        """Make everything larger (1) or smaller (-1), or as it was (0)."""
        place = _ZOOMS.index(self.zoom) + by
        self.zoom = _ZOOMS[max(0, min(place, len(_ZOOMS) - 1))] if by else 100
        self.apply()

    def apply(self) -> None:
        """Draw everything anew."""
        self.palette = self._wanted()
        self._appearances = {
            part: appearance(style, self.palette, self._is_colour) for part, style in self._colours.items()
        }
        for named, size in ((self.normal, 1.0), (self.bold, 1.0), (self.italic, 1.0), (self.fixed, 1.0),
                            (self.small, 0.9), (self.title, 1.6)):  # fmt: skip
            # In pixels: points would follow the density once more on some systems, and not at all on others.
            named.configure(size=-self.px(_POINTS * size * _DOTS_PER_INCH / 72))
        self._configure()
        for told in self._told:
            told()

    # -- how

    def _is_colour(self, name: str) -> bool:
        try:
            self.root.winfo_rgb(name)
        except tk.TclError:
            return False
        return True

    def _wanted(self) -> Palette:
        return of_theme(self.theme, system_is_dark=self.theme == "system" and system_is_dark(self.root))

    def _system_changed(self) -> None:
        if self.theme == "system" and self._wanted() is not self.palette:
            self.apply()

    def _configure(self) -> None:
        p, px, style = self.palette, self.px, self._style
        self.root.configure(background=p.side)
        for pattern, value in (
            ("*Menu.background", p.side), ("*Menu.foreground", p.text), ("*Menu.activeBackground", p.chosen),
            ("*Menu.activeForeground", p.text), ("*Menu.selectColor", p.text), ("*Menu.disabledForeground", p.dim),
            ("*Menu.relief", "flat"), ("*Menu.borderWidth", "1"), ("*Menu.activeBorderWidth", "0"),
            ("*Menu.font", "triochatNormal"), ("*TCombobox*Listbox.background", p.paper),
            ("*TCombobox*Listbox.foreground", p.text), ("*TCombobox*Listbox.selectBackground", p.chosen),
            ("*TCombobox*Listbox.selectForeground", p.text), ("*TCombobox*Listbox.font", "triochatNormal"),
        ):  # fmt: skip
            self.root.option_add(pattern, value, "interactive")
        style.configure(
            ".", background=p.side, foreground=p.text, fieldbackground=p.paper, bordercolor=p.line, lightcolor=p.side,
            darkcolor=p.side, troughcolor=p.side, insertcolor=p.text, selectbackground=p.chosen,
            selectforeground=p.text, focuscolor=p.accent, font=self.normal,
        )  # fmt: skip
        style.map(".", foreground=[("disabled", p.dim)])
        style.configure("Paper.TFrame", background=p.paper)
        style.configure("Line.TFrame", background=p.line)
        style.configure("Paper.TLabel", background=p.paper)
        style.configure("Dim.TLabel", foreground=p.dim)
        style.configure("Small.TLabel", foreground=p.dim, font=self.small)
        style.configure("Typing.TLabel", background=p.paper, foreground=p.dim, font=self.small)
        style.configure("Strong.TLabel", font=self.bold)
        style.configure("Title.TLabel", font=self.title)
        style.configure("Error.TLabel", foreground=p.error)
        style.configure("Good.TLabel", foreground=p.good)
        style.configure("Warning.TLabel", foreground=p.warning)
        style.configure("TButton", padding=(px(12), px(5)), background=p.hover, bordercolor=p.line, relief="flat")
        style.map(
            "TButton", background=[("pressed", p.line), ("active", p.line)], bordercolor=[("focus", p.accent)],
        )  # fmt: skip
        style.configure("Main.TButton", background=p.accent, foreground=p.paper, bordercolor=p.accent)
        style.map(
            "Main.TButton", background=[("disabled", p.hover), ("pressed", p.text), ("active", p.text)],
            foreground=[("disabled", p.dim)], bordercolor=[("focus", p.text)],
        )  # fmt: skip
        for kind in ("TEntry", "TCombobox"):
            style.configure(kind, padding=(px(6), px(4)), lightcolor=p.paper, darkcolor=p.paper, arrowcolor=p.text)
            style.map(
                kind, bordercolor=[("focus", p.accent)], lightcolor=[("focus", p.accent)],
                fieldbackground=[("disabled", p.side), ("readonly", p.paper)],
                foreground=[("disabled", p.dim)], background=[("", p.hover)],
                selectbackground=[("!focus", p.paper)], selectforeground=[("!focus", p.text)],
            )  # fmt: skip
        style.configure("TCheckbutton", indicatorbackground=p.paper, indicatorforeground=p.accent, padding=px(2))
        style.map("TCheckbutton", background=[("active", p.side)], indicatorbackground=[("", p.paper)])
        style.configure(
            "Vertical.TScrollbar", background=p.line, troughcolor=p.paper, bordercolor=p.paper, lightcolor=p.line,
            darkcolor=p.line, arrowcolor=p.dim, gripcount=0, arrowsize=px(11),
        )  # fmt: skip
        nothing = [("disabled", p.paper)]  # all is in sight
        style.map(
            "Vertical.TScrollbar", background=[*nothing, ("active", p.dim)], lightcolor=nothing, darkcolor=nothing,
            bordercolor=nothing,
        )  # fmt: skip
        style.configure("Side.Vertical.TScrollbar", troughcolor=p.side, bordercolor=p.side)
        layout: Any = style.layout  # its declared type knows no children
        layout("Vertical.TScrollbar", [
            ("Vertical.Scrollbar.trough", {"sticky": "ns", "children": [
                ("Vertical.Scrollbar.thumb", {"expand": "1", "sticky": "nswe"})]})])  # fmt: skip
        row = self.normal.metrics("linespace") + px(8)
        style.configure(
            "Treeview", background=p.side, fieldbackground=p.side, foreground=p.text, rowheight=row, borderwidth=0,
            relief="flat", indent=px(6), bordercolor=p.side, font=self.normal,
        )  # fmt: skip
        style.map(
            "Treeview", background=[("selected", p.chosen)], foreground=[("selected", p.text)],
            bordercolor=[("focus", p.accent)],
        )  # fmt: skip
        layout("Treeview", [("Treeview.treearea", {"sticky": "nswe"})])
        layout("Treeview.Item", [
            ("Treeitem.padding", {"sticky": "nswe", "children": [
                ("Treeitem.text", {"side": "left", "sticky": ""})]})])  # fmt: skip
        style.configure("Paper.Treeview", background=p.paper, fieldbackground=p.paper)


def fitting(text: str, room: int, measured: font.Font) -> str:
    """As much of *text* as there is room for, in pixels; where something is left out, the end says so."""
    if measured.measure(text) <= room:
        return text
    few, many = 1, len(text)  # letters that fit, and that do not
    while many - few > 1:
        middle = (few + many) // 2
        if measured.measure(f"{text[:middle]}…") <= room:
            few = middle
        else:
            many = middle
    return f"{text[:few]}…"


def dots_per_inch_wanted(root: tk.Tk) -> str:
    """What the X resource Xft.dpi says, by which desktops tell programs to be larger. Empty elsewhere."""
    if root.tk.call("tk", "windowingsystem") != "x11":
        return ""
    name = root.tk.call("tk", "appname")
    root.tk.call("tk", "appname", "Xft")  # Tk looks up resources of its own name only
    try:
        return str(root.tk.call("option", "get", ".", "dpi", ""))
    finally:
        root.tk.call("tk", "appname", name)


def system_is_dark(root: tk.Tk) -> bool:
    """Whether the desktop asks for dark windows, as far as that can be told."""
    if sys.platform == "darwin":
        try:
            return bool(root.tk.getboolean(root.tk.call("tk::unsupported::MacWindowStyle", "isdark", ".")))
        except tk.TclError:
            return False
    if sys.platform == "win32":
        return _windows_is_dark()
    return environment_is_dark(os.environ, str(root.tk.call("option", "get", ".", "background", "Background")))


def _windows_is_dark() -> bool:
    if sys.platform == "win32":
        import winreg

        path = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize"
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
                return bool(winreg.QueryValueEx(key, "AppsUseLightTheme")[0] == 0)
        except OSError:
            pass
    return False


def sharp_on_windows() -> None:
    """Let Windows not stretch the window on screens of high density. Before the first window."""
    if sys.platform == "win32":
        import ctypes

        try:
            ctypes.windll.shcore.SetProcessDpiAwareness(1)
        except (AttributeError, OSError):
            pass  # before Windows 8.1
