"""How the screen is divided, for any size of it. Pure."""

from dataclasses import dataclass

NARROW = 60
"""Below this many columns the room list is hidden, and the user list covers the messages."""
_SHORT = 6
_LIST = 18
_WIDE = 100
_WIDE_LIST = 22


@dataclass(frozen=True, slots=True)
class Area:
    """Columns and rows from the upper left corner; nothing is there when *width* or *height* is 0."""

    x: int
    y: int
    width: int
    height: int

    def __bool__(self) -> bool:
        return self.width > 0 and self.height > 0


NOWHERE = Area(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where everything is. Between the lists and the messages one column is left for a line."""

    rooms: Area
    messages: Area
    people: Area
    title: Area
    status: Area
    input: Area


def most_input_rows(rows: int) -> int:
    """A third of the screen, and always a row."""
    return max(1, rows // 3)


def arrange(columns: int, rows: int, input_rows: int, *, with_people: bool, with_rooms: bool = True) -> Arrangement:
    """Divide a screen of *columns* and *rows* for an input of *input_rows*.

    What matters least goes first when it gets narrow: the lists, the title, the status; the input stays.
    """
    columns, rows = max(1, columns), max(1, rows)
    input_rows = max(1, min(input_rows, most_input_rows(rows)))
    left = rows - input_rows
    status = 1 if left >= 2 else 0
    title = 1 if left - status >= _SHORT else 0
    height = left - status
    list_width = _WIDE_LIST if columns >= _WIDE else _LIST
    rooms_width = list_width if with_rooms and columns >= NARROW else 0
    people_width = 0
    if with_people:
        people_width = list_width if columns - rooms_width >= NARROW else min(list_width, columns - rooms_width)
    x = rooms_width + 1 if rooms_width else 0
    beside = columns - x - (people_width + 1 if people_width else 0)
    if beside < NARROW // 2:
        # Both do not fit beside each other: the people lie over the messages.
        beside = columns - x
    return Arrangement(
        rooms=Area(0, 0, rooms_width, height),
        title=Area(x, 0, columns - x, title),
        messages=Area(x, title, beside, height - title),
        people=Area(columns - people_width, title, people_width, height - title),
        status=Area(0, height, columns, status),
        input=Area(0, rows - input_rows, columns, input_rows),
    )
