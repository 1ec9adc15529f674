"""The whole screen, drawn from the model and the state of the view. Changes neither."""

from collections.abc import Callable
from datetime import datetime

from prompt_toolkit.data_structures import Point
from prompt_toolkit.layout.containers import Container, Window
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.layout.mouse_handlers import MouseHandlers
from prompt_toolkit.layout.screen import Screen, WritePosition
from prompt_toolkit.mouse_events import MouseEvent, MouseEventType

from triochat.client.model import Model
from triochat.terminal import panes
from triochat.terminal.arrangement import Area, Arrangement, arrange, most_input_rows
from triochat.terminal.cells import Row, cut, fit, width
from triochat.terminal.deeds import WHEEL_ROWS, Deeds
from triochat.terminal.laying import rule
from triochat.terminal.paint import Canvas
from triochat.terminal.picking import Picker
from triochat.terminal.popups import Asking, popup_rows
from triochat.terminal.writing import WritingLine

_MENU_ROWS = 8
_ROOMY = 40
_TITLED = 4


class Scene(Container):
    """prompt_toolkit's whole layout in one container: it decides by itself where everything is."""

    def __init__(
        self,
        model: Model,
        deeds: Deeds,
        writing: WritingLine,
        query: WritingLine,
        place: str,
        now: Callable[[], datetime],
        *,
        show_typing: bool,
    ) -> None:
        self._model = model
        self._deeds = deeds
        self._writing = writing
        self._query = query
        self._place = place
        self._now = now
        self._show_typing = show_typing
        self._canvas = Canvas()
        self._people = panes.People()

    # -- as prompt_toolkit wants it

    def reset(self) -> None:
        for window in self._windows():
            window.reset()

    def preferred_width(self, max_available_width: int) -> Dimension:
        return Dimension()

    def preferred_height(self, width: int, max_available_height: int) -> Dimension:
        return Dimension()

    def write_to_screen(
        self,
        screen: Screen,
        mouse_handlers: MouseHandlers,
        write_position: WritePosition,
        parent_style: str,
        erase_bg: bool,
        z_index: int | None,
    ) -> None:
        self._paint(screen, mouse_handlers, write_position.width, write_position.height)

    def get_children(self) -> list[Container]:
        return list(self._windows())

    def _windows(self) -> tuple[Window, Window]:
        return self._writing.window, self._query.window

    # -- drawing

    def _paint(self, screen: Screen, mouse: MouseHandlers, columns: int, rows: int) -> None:
        """Draw everything on *screen*."""
        model, deeds, canvas = self._model, self._deeds, self._canvas
        writer = self._query if isinstance(deeds.popup, Picker | Asking) else self._writing
        areas = arrange(columns, rows, writer.rows(columns, most_input_rows(rows)), with_people=deeds.with_people)
        canvas.begin(screen)
        self._paint_messages(areas.messages)
        canvas.paint(areas.title, [panes.title_row(model, areas.title.width)])
        self._paint_lists(areas)
        canvas.paint(areas.status, [self._status(areas, columns)])
        self._paint_popup(areas)
        at = areas.input
        writer.window.write_to_screen(screen, mouse, WritePosition(at.x, at.y, at.width, at.height), "", False, None)
        if deeds.popup is None:
            self._paint_menu(areas)
        canvas.finish(columns)
        mouse.set_mouse_handler_for_range(0, columns, 0, at.y, self._mouse_handler(areas))

    def _paint_messages(self, area: Area) -> None:
        conversation = self._model.current or self._model.server
        shown = self._deeds.messages.rows(conversation, area.width, area.height)
        top = area.y + area.height - len(shown)
        self._canvas.paint(Area(area.x, top, area.width, len(shown)), shown)

    def _paint_lists(self, areas: Arrangement) -> None:
        if areas.rooms:
            rooms = areas.rooms
            self._canvas.paint(rooms, panes.room_rows(self._model, rooms.width, rooms.height))
            self._paint_line(rooms.width, rooms.y, rooms.height)
        if areas.people:
            people = areas.people
            if areas.messages.x + areas.messages.width > people.x:
                self._canvas.clear(people)
            self._canvas.paint(people, self._people.rows(self._model, people.width, people.height))
            if people.x > areas.messages.x:
                self._paint_line(people.x - 1, people.y, people.height)

    def _paint_line(self, x: int, y: int, height: int) -> None:
        self._canvas.paint(Area(x, y, 1, height), [(("class:line", "│"),)] * height)

    def _status(self, areas: Arrangement, columns: int) -> Row:
        deeds = self._deeds
        if deeds.question is not None:
            return (("class:bar class:question", fit(f" {deeds.question.text}", columns)),)
        notice = deeds.notice or ("Enter changes your line, Esc leaves it as it was." if deeds.editing else "")
        return panes.status_row(
            self._model,
            self._place,
            self._now(),
            columns,
            below=deeds.messages.below,
            notice=notice,
            rooms_are_shown=bool(areas.rooms),
            show_typing=self._show_typing,
        )

    def _paint_popup(self, areas: Arrangement) -> None:
        popup = self._deeds.popup
        height = areas.status.y if areas.status else areas.input.y
        area = Area(0, 0, areas.status.width or areas.input.width, height)
        if popup is None or isinstance(popup, Asking) or not area:
            return
        if isinstance(popup, Picker):
            # The best stands next to where one types, and Up leads away from there.
            shown = popup_rows(popup, area.width, max(1, min(len(popup.shown) or 1, height - 2)))[::-1]
            if height > len(shown):
                shown.insert(0, rule("", area.width, "class:line"))
            area = Area(0, height - len(shown), area.width, len(shown))
        else:
            title: list[Row] = [(("class:title", cut(popup.title, area.width)),)] if height > _TITLED else []
            shown = title + popup_rows(popup, area.width, height - len(title))
        self._canvas.clear(area)
        self._deeds.popup_has(len(shown) - 1)
        self._canvas.paint(area, shown)

    def _paint_menu(self, areas: Arrangement) -> None:
        state = self._writing.buffer.complete_state
        height = min(_MENU_ROWS, areas.input.y)
        if state is None or height < 1 or len(state.completions) < 2:
            return
        texts = [completion.display_text for completion in state.completions]
        rows = panes.menu_rows(texts, state.complete_index, height, areas.input.width)
        menu_width = max((sum(width(text) for _, text in row) for row in rows), default=0)
        word = state.original_document.current_line_before_cursor.rpartition(" ")[0]
        x = (sum(width(text) for _, text in self._writing.prompt()) + width(word)) % max(1, areas.input.width)
        area = Area(max(0, min(x, areas.input.width - menu_width)), areas.input.y - len(rows), menu_width, len(rows))
        self._canvas.clear(area)
        self._canvas.paint(area, rows)

    # -- mouse

    def _mouse_handler(self, areas: Arrangement) -> Callable[[MouseEvent], object]:
        def handle(event: MouseEvent) -> object:
            if event.event_type is MouseEventType.SCROLL_UP:
                self._deeds.wheel(WHEEL_ROWS)
            elif event.event_type is MouseEventType.SCROLL_DOWN:
                self._deeds.wheel(-WHEEL_ROWS)
            elif event.event_type is MouseEventType.MOUSE_DOWN and event.position.x < areas.rooms.width:
                self._click_room(event.position, areas.rooms)
            else:
                return NotImplemented  # nothing to draw
            return None

        return handle

    def _click_room(self, position: Point, rooms: Area) -> None:
        conversations = self._model.conversations
        chosen = next((i for i, other in enumerate(conversations) if other is self._model.current), 0)
        self._deeds.go_to_room(panes.scrolled(chosen, len(conversations), rooms.height) + position.y)
