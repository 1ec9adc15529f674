"""How the screen is divided, and how lines and lists become rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.client.conversation import Conversation, Member, Past, Sort
from triochat.client.line import Kind, Line, State, error, status
from triochat.client.model import Link, Model
from triochat.client.slash import COMMANDS
from triochat.client.typists import Typing
from triochat.terminal.arrangement import Area, arrange
from triochat.terminal.cells import Row, width
from triochat.terminal.colours import of_name
from triochat.terminal.laying import lay
from triochat.terminal.messages import Messages
from triochat.terminal.panes import (
    People,
    menu_rows,
    room_rows,
    status_row,
    table_rows,
    title_row,
    typing_text,
    unread_text,
)

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def text_of(row: Row) -> str:
    return "".join(text for _, text in row)


def shown(rows: list[Row] | tuple[Row, ...]) -> list[str]:
    return [text_of(row).rstrip() for row in rows]


# -- dividing


def overlap(one: Area, other: Area) -> bool:
    return bool(
        one
        and other
        and one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@given(st.integers(1, 250), st.integers(1, 80), st.integers(1, 30), st.booleans())
def test_every_screen_has_room_for_the_input_and_nothing_lies_outside_or_over_it(
    columns: int, rows: int, wanted: int, with_people: bool
) -> None:
    areas = arrange(columns, rows, wanted, with_people=with_people)
    assert areas.input.width == columns and areas.input.height >= 1
    every = [areas.rooms, areas.messages, areas.people, areas.title, areas.status, areas.input]
    for area in every:
        assert area.x >= 0 and area.y >= 0
        assert area.x + area.width <= columns and area.y + area.height <= rows
    below = [areas.rooms, areas.messages, areas.title, areas.status, areas.input]
    assert not any(overlap(one, other) for i, one in enumerate(below) for other in below[i + 1 :])


def test_the_room_list_is_there_from_60_columns_on() -> None:
    assert arrange(60, 24, 1, with_people=False).rooms
    assert not arrange(59, 24, 1, with_people=False).rooms


def test_the_input_grows_to_a_third_of_the_screen() -> None:
    assert arrange(80, 24, 3, with_people=False).input.height == 3
    assert arrange(80, 24, 30, with_people=False).input.height == 8


# -- lines


def said(text: str, **more: object) -> Line:
    return Line(Kind.SAID, text, NOON, "Alice", id=1, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        (said("hi"), ["Alice    hi"]),
        (said("everybody in this room, how are you"), ["Alice    everybody in this room, how", "         are you"]),
        (said("one\ntwo"), ["Alice    one", "         two"]),
        (said("hi", state=State.PENDING, mine=True), ["Alice    hi …"]),
        (said("hi", state=State.NOT_SENT, mine=True), ["Alice    hi ✗ not sent"]),
        (said("", redacted=True), ["Alice    (taken back)"]),
        (said("hi", replaces="x"), ["Alice    hi (edited)"]),
        (Line(Kind.ACTION, "waves", NOON, "Alice"), ["* Alice waves"]),
        (Line(Kind.NOTICE, "beep", NOON, "Alice"), ["-Alice- beep"]),
        (Line(Kind.EVENT, "Alice joined", NOON), ["· Alice joined"]),
        (status("fine"), ["fine"]),
        (Line(Kind.SAID, "hi", NOON, "名前"), ["名前     hi"]),
        (Line(Kind.SAID, "hi", NOON, "Bartholomew"), ["Bartholomew hi"]),
        (Line(Kind.SAID, "hi", NOON, "B" * 30), ["BBBBBBBBBBBBB… hi"]),
    ],
)  # fmt: skip
def test_a_line_is_laid_out_behind_its_time(line: Line, rows: list[str]) -> None:
    laid = lay(line, 43)
    assert [text_of(row)[6:] for row in laid] == rows
    clock = f"{NOON.astimezone():%H:%M} " if line.time else " " * 6
    assert text_of(laid[0])[:6] == clock


def test_a_narrow_screen_has_no_times_and_no_column_of_names() -> None:
    assert shown(lay(said("hello world"), 12)) == ["Alice hello", "   world"]


def test_a_line_that_names_me_a_link_and_a_lost_line_stand_out() -> None:
    def styles(line: Line) -> set[str]:
        return {style for row in lay(line, 60) for style, _ in row}

    assert any("mention" in style for style in styles(said("hi Bob", mention=True)))
    assert any("link" in style for style in styles(said("see https://a.b/c")))
    assert styles(said("x", mine=True, state=State.NOT_SENT)) >= {"class:unsent"}
    assert styles(said("x", mine=True, state=State.PENDING)) >= {"class:pending"}
    assert "class:error" in styles(error("no"))


def test_a_name_has_the_same_colour_whatever_its_case() -> None:
    assert of_name("Alice") == of_name("ALICE")
    assert len({of_name(name) for name in "abcdefghijklmnop"}) > 4


@given(st.text(max_size=80), st.integers(1, 60))
def test_no_row_is_wider_than_the_screen(text: str, columns: int) -> None:
    for row in lay(said("".join(c for c in text if c.isprintable() or c == "\n")), columns):
        assert sum(width(part) for _, part in row) <= max(columns, 8)


# -- messages


def conversation(count: int, text: str = "line {}") -> Conversation:
    model = Model("Bob")
    room = model.enter("#lobby", NOON)
    assert room is not None
    for number in range(count):
        model.tell(room, Line(Kind.SAID, text.format(number), NOON + timedelta(seconds=number), "Alice"))
    room.here = 0
    return room


def test_the_newest_lines_are_shown_and_stay_when_there_are_more() -> None:
    room, messages = conversation(100), Messages()
    assert shown(messages.rows(room, 50, 3))[-1].endswith("line 99")
    room.add(Line(Kind.SAID, "news", NOON, "Alice", id=1000), counts=False)
    assert shown(messages.rows(room, 50, 3))[-1].endswith("news")


def test_what_is_read_stays_where_it_is_when_lines_come_at_either_end() -> None:
    room, messages = conversation(100), Messages()
    messages.rows(room, 50, 10)
    messages.scroll(15)
    before = shown(messages.rows(room, 50, 10))
    assert before[-1].endswith("line 84")
    room.add(Line(Kind.SAID, "news", NOON, "Alice", id=1000), counts=False)
    room.add_earlier([Line(Kind.SAID, f"old {n}", NOON, "Alice", id=2000 + n) for n in range(50)])
    assert shown(messages.rows(room, 50, 10)) == before
    assert messages.below == 16
    messages.to_newest()
    assert shown(messages.rows(room, 50, 10))[-1].endswith("news")


@given(st.lists(st.integers(-40, 40), max_size=20), st.integers(1, 12), st.integers(8, 60))
def test_scrolling_never_leaves_the_screen_half_empty_and_comes_back(
    steps: list[int], height: int, columns: int
) -> None:
    room, messages = conversation(30, "some words that wrap {}"), Messages()
    newest = messages.rows(room, columns, height)
    for step in steps:
        messages.scroll(step)
        assert len(messages.rows(room, columns, height)) == height
    messages.scroll(-1000)
    assert messages.at_newest
    assert messages.rows(room, columns, height) == newest


def test_up_and_down_by_as_many_rows_is_where_it_began() -> None:
    room, messages = (
        conversation(50, "a text {} that is so long that it needs several rows of the screen"),
        Messages(),
    )
    messages.rows(room, 40, 10)
    messages.scroll(20)
    before = messages.rows(room, 40, 10)
    for step in (7, -3, 11, -15):
        messages.scroll(step)
        messages.rows(room, 40, 10)
    assert messages.rows(room, 40, 10) == before


def test_at_the_top_earlier_lines_are_wanted_until_there_are_none() -> None:
    room, messages = conversation(100), Messages()
    messages.rows(room, 50, 10)
    assert not messages.wants_earlier
    messages.scroll(1000)
    rows = messages.rows(room, 50, 10)
    assert messages.wants_earlier
    assert "line 0" in text_of(rows[1]) and "2026" in text_of(rows[0])
    room.past = Past.BEGINNING
    messages.scroll(1)
    assert "beginning" in text_of(messages.rows(room, 50, 10)[0])


def test_days_and_the_place_where_i_was_are_marked() -> None:
    room, messages = conversation(2), Messages()
    room.add(Line(Kind.SAID, "tomorrow", NOON + timedelta(days=1), "Alice", id=1000), counts=False)
    room.here = 1000
    rows = shown(messages.rows(room, 60, 20))
    assert [row.strip("─ ") for row in rows if row.startswith("─")] == [
        f"{NOON.astimezone():%A}, 22 November 2026",
        f"{(NOON + timedelta(days=1)).astimezone():%A}, 23 November 2026",
        "you are here",
    ]


def test_of_an_edited_line_only_the_new_form_is_shown_and_scrolling_passes_the_old() -> None:
    room, messages = conversation(0), Messages()
    for number in range(20):
        old = Line(Kind.SAID, f"old {number}", NOON, "Alice", id=2 * number + 1, msgid=f"m{number}")
        room.add(old, counts=False)
        room.add(replace(old, text=f"new {number}", id=old.id + 1, msgid="", replaces=old.msgid), counts=False)
        room.lines.redact(old.msgid)
    rows = shown(messages.rows(room, 60, 5))
    assert [row.split()[2:] for row in rows] == [["new", f"{n}", "(edited)"] for n in range(15, 20)]
    messages.scroll(1000)
    assert "new 0" in shown(messages.rows(room, 60, 5))[1]
    messages.scroll(-16)
    assert "new 19" in shown(messages.rows(room, 60, 5))[-1]


def test_led_to_a_line_it_is_on_the_screen_and_stands_out() -> None:
    room, messages = conversation(100), Messages()
    messages.rows(room, 50, 9)
    assert messages.go_to(room.lines[20].id)
    rows = messages.rows(room, 50, 9)
    found = next(row for row in rows if "line 20" in text_of(row))
    assert any("found" in style for style, _ in found)
    assert not messages.go_to(12345)


def test_mentions_are_found_upward_and_downward_one_by_one() -> None:
    room, messages = conversation(0), Messages()
    for number in range(60):
        room.add(Line(Kind.SAID, f"{number}", NOON, "Alice", id=number + 1, mention=number % 20 == 10), counts=False)
    messages.rows(room, 50, 5)
    found = []
    while id := messages.mention(-1):
        found.append(id)
        messages.go_to(id)
        messages.rows(room, 50, 5)
    assert found == [51, 31, 11]
    assert messages.mention(1) == 31


def test_another_conversation_is_shown_from_its_newest_line() -> None:
    one, other, messages = conversation(50), conversation(50), Messages()
    messages.rows(one, 50, 5)
    messages.scroll(20)
    assert shown(messages.rows(other, 50, 5))[-1].endswith("line 49")


# -- lists and bars


def model() -> Model:
    model = Model("Bob")
    model.link = Link.ONLINE
    for name in ("#lobby", "#dev", "#tea"):
        room = model.enter(name, NOON)
        assert room is not None
        room.members = {"alice": Member("Alice", "@"), "bob": Member("Bob"), "zoe": Member("Zoe", "+", away=True)}
    model.switch(model.rooms["#lobby"])
    return model


def test_the_room_list_counts_what_is_unread_and_keeps_the_current_room_in_sight() -> None:
    state = model()
    state.rooms["#dev"].unread = 12
    state.rooms["#tea"].unread, state.rooms["#tea"].mentions = 3, 1
    assert shown(room_rows(state, 18, 10)) == ["1 #lobby", "2 #dev          12", "3 #tea        @1 3"]
    state.switch(state.rooms["#tea"])
    assert shown(room_rows(state, 18, 1)) == ["3 #tea        @1 3"]
    assert all(width(text_of(row)) == 18 for row in room_rows(state, 18, 10))


def test_counts_stay_short() -> None:
    other = Conversation("Zoe", Sort.PRIVATE, unread=5000, mentions=5000)
    assert unread_text(other) == "@999+"


def test_people_stand_by_rank_then_name_and_those_who_do_not_fit_are_counted() -> None:
    state, people = model(), People()
    assert shown(people.rows(state, 10, 10)) == ["3 here", "@Alice", "+Zoe", " Bob"]
    assert shown(people.rows(state, 10, 3)) == ["3 here", "@Alice", "… and 2 m…"]
    state.current.members["carl"] = Member("Carl")  # type: ignore[union-attr]
    state.current.revision += 1  # type: ignore[union-attr]
    assert shown(people.rows(state, 10, 10))[-1] == " Carl"


def test_the_status_leaves_out_what_matters_least() -> None:
    state = model()
    state.lag = 0.012
    state.rooms["#lobby"].typists.heard("alice", "Alice", Typing.ACTIVE, NOON)
    full = text_of(status_row(state, "server", NOON, 80))
    assert full.split("  ")[0] == " #lobby · 3 here · Alice is typing…"
    assert full.endswith("  server · lag 12 ms · F1 keys ")
    assert text_of(status_row(state, "server", NOON, 30)).strip() == "#lobby · Alice is typing…"
    assert text_of(status_row(state, "server", NOON, 8)) == " #lobby "
    state.link, state.retry_in = Link.WAITING, 7
    assert "retrying in 7 s" in text_of(status_row(state, "server", NOON, 40))
    state.rooms["#dev"].unread = 4
    assert "+4" in text_of(status_row(state, "server", NOON, 50, rooms_are_shown=False))


@given(st.integers(1, 120))
def test_a_status_fills_its_row(columns: int) -> None:
    assert width(text_of(status_row(model(), "server", NOON, columns, below=3))) == columns
    assert width(text_of(title_row(model(), columns))) <= columns


def test_who_is_typing_stays_short() -> None:
    room = model().rooms["#lobby"]
    for name in ("Ann", "Ben", "Cat", "Dan"):
        room.typists.heard(name, name, Typing.ACTIVE, NOON)
    assert typing_text(room, NOON) == "Ann, Ben and others are typing…"
    assert typing_text(room, NOON + timedelta(minutes=5)) == ""
    assert typing_text(None, NOON) == ""


def test_a_menu_keeps_the_chosen_entry_in_sight() -> None:
    rows = menu_rows([f"name{n}" for n in range(20)], 15, 4, 20)
    assert len(rows) == 4
    assert any("chosen" in style and "name15" in text for ((style, text),) in rows)


def test_all_commands_fit_a_screen_of_80_by_24() -> None:
    entries = [(f"/{command.usage}", command.summary) for command in COMMANDS] + [("//text", "say /text")]
    rows = table_rows(entries, 80, 21)
    assert len(rows) <= 21
    text = "\n".join(map(text_of, rows))
    assert all(key in text and summary in text for key, summary in entries)
    assert len(table_rows(entries, 40, 5)) == len(entries)
