"""The lists at both sides of the messages. Tk."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from triochat.window.colouring import ROWS
from triochat.window.sidelists import Item
from triochat.window.styling import Styling, fitting

_BESIDE = 16  # pixels that the indentation takes


class SideList(ttk.Frame):
    """Rows under headings. Only what changed is drawn."""

    def __init__(
        self,
        parent: tk.Misc,
        styling: Styling,
        headings: Sequence[str],
        *,
        chosen: Callable[[str], object],
        popup: Callable[["tk.Event[tk.Misc]", str], object],
        at_once: bool,
    ) -> None:
        """*chosen* gets the key of a row that was clicked (*at_once*), double-clicked, or entered by Return."""
        super().__init__(parent)
        self._styling = styling
        self._headings = headings
        self._chosen = chosen
        self._popup = popup
        self._room = 0
        self._drawn: dict[str, list[Item]] = {heading: [] for heading in headings}
        self.tree = ttk.Treeview(self, show="tree", columns=("count",), selectmode="browse", height=3)
        self.bar = ttk.Scrollbar(self, command=self.tree.yview, style="Side.Vertical.TScrollbar")
        self.tree.configure(yscrollcommand=self._show_bar)
        self.tree.grid(row=0, column=0, sticky="nswe", padx=(styling.px(8), styling.px(4)), pady=(styling.px(4), 0))
        self.rowconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        for number, heading in enumerate(headings):
            self.tree.insert("", "end", iid=self._group(number), text=heading, open=True, tags=("heading",))
        self.tree.bind("<ButtonRelease-1>" if at_once else "<Double-Button-1>", lambda e: self._choose_at(e.y))
        self.tree.bind("<Return>", lambda _: self._choose(self.tree.focus()))
        self.tree.bind("<space>", lambda _: self._choose(self.tree.focus()))
        for event in ("<Button-3>", "<Button-2>"):
            self.tree.bind(event, self._asked_popup)
        self.tree.bind("<<TreeviewClose>>", lambda _: self.after_idle(self._open_all))
        self.tree.bind("<FocusIn>", lambda _: self._begin())
        self.tree.bind("<Configure>", lambda _: self._fit())
        styling.when_changed(self._draw_style)

    def destroy(self) -> None:
        self._styling.forget(self._draw_style)
        super().destroy()

    def show(self, *lists: Sequence[Item]) -> None:
        """Have these rows under the headings."""
        for number, (heading, items) in enumerate(zip(self._headings, lists, strict=True)):
            drawn = self._drawn[heading]
            if items != drawn:
                self._draw(number, drawn, items)
                self._drawn[heading] = list(items)
                self._fit()

    def rename(self, number: int, heading: str) -> None:
        """Let heading *number* read so."""
        if self.tree.item(self._group(number), "text") != heading:
            self.tree.item(self._group(number), text=heading)

    def select(self, key: str, number: int = 0) -> None:
        """Mark the row *key* under heading *number*, if there is one."""
        wanted = (self._id(number, key),) if self.tree.exists(self._id(number, key)) else ()
        if self.tree.selection() != wanted:
            self.tree.selection_set(wanted)
            if wanted:
                self.tree.focus(wanted[0])
                self.tree.see(wanted[0])

    # -- how

    def _draw(self, number: int, drawn: Sequence[Item], items: Sequence[Item]) -> None:
        before = {item.id: item for item in drawn}
        keys = {item.id for item in items}
        gone = [self._id(number, known) for known in before if known not in keys]
        if gone:
            self.tree.delete(*gone)
        order = [item.id for item in drawn if item.id in keys]
        for place, item in enumerate(items):
            known = before.get(item.id)
            if known is None:
                self.tree.insert(
                    self._group(number), place, iid=self._id(number, item.id), text=self._fitting(item),
                    values=(item.count,), tags=item.tags,
                )  # fmt: skip
                order.insert(place, item.id)
                continue
            if known != item:
                self.tree.item(
                    self._id(number, item.id), text=self._fitting(item), values=(item.count,), tags=item.tags
                )
            if order[place] != item.id:
                self.tree.move(self._id(number, item.id), self._group(number), place)
                order.remove(item.id)
                order.insert(place, item.id)

    def _fit(self) -> None:
        """Give the counts as much room as they need, and the names what is left."""
        measure = self._styling.bold.measure
        width = max((measure(item.count) for items in self._drawn.values() for item in items), default=0)
        self.tree.column("count", width=width + self._styling.px(6) if width else 1)
        room = self.tree.winfo_width() - self.tree.column("count", "width") - self._styling.px(_BESIDE)
        if room != self._room:
            self._room = room
            for number, heading in enumerate(self._headings):
                for item in self._drawn[heading]:
                    self.tree.item(self._id(number, item.id), text=self._fitting(item))

    def _fitting(self, item: Item) -> str:
        """As much of its text as there is room for."""
        is_bold = {"unread", "mentions"} & {*item.tags}
        return fitting(item.text, self._room, self._styling.bold if is_bold else self._styling.normal)

    def _group(self, number: int) -> str:
        return f"heading{number}"

    def _id(self, number: int, key: str) -> str:
        return f"{number} {key}"

    def _key(self, id: str) -> str | None:
        return id.partition(" ")[2] if " " in id else None

    def _choose_at(self, y: int) -> None:
        self._choose(self.tree.identify_row(y))

    def _choose(self, id: str) -> None:
        key = self._key(id)
        if key is not None and not key.startswith("\0"):
            self._chosen(key)

    def _asked_popup(self, event: "tk.Event[tk.Misc]") -> None:
        key = self._key(self.tree.identify_row(event.y))
        if key is not None and not key.startswith("\0"):
            self._popup(event, key)

    def _open_all(self) -> None:
        for number in range(len(self._headings)):
            self.tree.item(self._group(number), open=True)

    def _begin(self) -> None:
        """Whoever comes by the keyboard stands on a row."""
        if not self.tree.focus():
            rows = self.tree.get_children(self._group(0))
            if rows:
                self.tree.focus(rows[0])
                self.tree.selection_set(rows[0])

    def _show_bar(self, first: float, last: float) -> None:
        if float(first) <= 0 and float(last) >= 1:
            self.bar.grid_remove()
        else:
            self.bar.grid(row=0, column=1, sticky="ns")
        self.bar.set(float(first), float(last))

    def _draw_style(self) -> None:
        p, px, s = self._styling.palette, self._styling.px, self._styling
        self.tree.column("#0", width=px(90), minwidth=px(60), stretch=True)
        self.tree.column("count", minwidth=1, anchor="e", stretch=False)
        tag = self.tree.tag_configure
        tag("heading", foreground=p.dim, font=s.small)
        tag("unread", font=s.bold)
        tag("mentions", font=s.bold, foreground=p.error)
        tag("dim", foreground=p.dim)
        tag("away", foreground=p.dim, font=s.italic)
        for part, name in ROWS.items():
            tag(name, **{key: value for key, value in s.of_part(part).items() if key != "underline"})
        self._room = 0  # letters have another size now
        self._fit()
