"""Which lines stand in the widget, and how it is brought up to date: pure, with a list of rows for a widget."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triochat.client.conversation import Conversation, Past
from triochat.client.line import Kind, Line, State
from triochat.client.standing import Standing
from triochat.window.blocks import block, rows, url
from triochat.window.feed import KEPT, MOST, Change, Feed

DAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Paper:
    """Rows of text, changed as the widget is."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def apply(self, changes: list[Change]) -> None:
        for change in changes:
            text = "".join(text for text, _ in change.spans)
            self.rows[change.at : change.at + change.gone] = text.split("\n")[:-1]


def line(id: int, text: str = "", **fields: object) -> Line:
    fields = {"kind": Kind.SAID, "time": DAY, "name": "Alice", **fields}
    return Line(text=text or f"line {id}", id=id, **fields)  # type: ignore[arg-type]


def fresh(conversation: Conversation) -> list[str]:
    paper = Paper()
    paper.apply(Feed(len).update(conversation, follow=True))
    return paper.rows


class Screen:
    def __init__(self, lines: int = 0) -> None:
        self.room = Conversation("#lobby")
        for id in range(1, lines + 1):
            self.room.add(line(id), counts=False)
        self.feed = Feed(len)
        self.paper = Paper()
        self.draw()

    def draw(self, *, follow: bool = True) -> list[Change]:
        changes = self.feed.update(self.room, follow=follow)
        self.paper.apply(changes)
        return changes

    @property
    def last(self) -> str:
        return self.paper.rows[-1].rpartition("\t")[2]


def test_nothing_changed_is_nothing_to_draw() -> None:
    screen = Screen(50)
    assert screen.draw() == []


def test_one_more_line_is_one_small_change() -> None:
    screen = Screen(KEPT)
    screen.room.add(line(9999, "new"), counts=False)
    (change,) = screen.draw()
    assert change.gone == 0
    assert screen.last == "new"


def test_the_widget_stays_bounded_while_lines_come() -> None:
    screen = Screen(10)
    for id in range(100, 3000):
        screen.room.add(line(id), counts=False)
        if id % 7 == 0:
            screen.draw()
            assert screen.feed.size <= MOST
    screen.draw()
    assert screen.last == "line 2999"
    assert screen.paper.rows[-200:] == fresh(screen.room)[-200:]


def test_who_does_not_follow_keeps_the_first_line() -> None:
    screen = Screen(1000)
    first = screen.paper.rows[5]
    for id in range(2000, 4000):
        screen.room.add(line(id), counts=False)
    screen.draw(follow=False)
    assert screen.paper.rows[5] == first
    assert screen.feed.size <= MOST
    assert not screen.feed.is_attached
    while screen.feed.down():
        screen.draw(follow=False)
    assert screen.last == "line 3999"


def test_going_up_reaches_the_first_line_and_down_the_last() -> None:
    screen = Screen(5000)
    while screen.feed.up():
        screen.draw(follow=False)
        assert screen.feed.size <= MOST
    assert screen.feed.start == 0
    assert "line 1" in "".join(screen.paper.rows[:3])
    screen.feed.to_newest()
    screen.draw()
    assert screen.last == "line 5000"
    assert screen.feed.size == KEPT


def test_lines_from_before_stand_above() -> None:
    screen = Screen(10)
    screen.room.add_earlier([line(id, time=DAY - timedelta(days=1)) for id in range(500, 550)])
    screen.draw()
    assert screen.paper.rows == fresh(screen.room)
    assert "21 November" in screen.paper.rows[0]


def test_a_day_line_stands_before_the_first_line_of_each_day() -> None:
    screen = Screen(2)
    screen.room.add(line(3, time=DAY + timedelta(days=1)), counts=False)
    screen.draw()
    assert [row for row in screen.paper.rows if "─" in row] == [
        "──────── Sunday, 22 November 2026 ────────",
        "──────── Monday, 23 November 2026 ────────",
    ]


def test_here_appears_and_goes() -> None:
    screen = Screen(5)
    screen.room.add(line(6), counts=True)
    screen.draw()
    assert "you are here" in screen.paper.rows[-2]
    screen.room.here = 0
    screen.draw()
    assert "you are here" not in "".join(screen.paper.rows)


def test_a_pending_line_becomes_a_stored_one_behind_what_came_meanwhile() -> None:
    screen = Screen(3)
    mine = line(10, "mine", state=State.PENDING, mine=True)
    screen.room.lines.add_pending(mine)
    screen.draw()
    assert screen.last == "mine …"
    screen.room.add(line(11, "theirs"), counts=False)
    screen.draw()
    assert screen.last == "mine …"
    screen.room.settle(10, line(10, "mine", mine=True))
    screen.room.add(line(12, "last"), counts=False)
    screen.draw()
    assert screen.last == "last"
    assert screen.paper.rows == fresh(screen.room)


def test_an_edited_line_stands_in_the_place_of_its_first_form() -> None:
    screen = Screen()
    screen.room.add(line(1, "helo", msgid="m1"), counts=False)
    screen.room.add(line(2, "hello", msgid="m2", replaces="m1"), counts=False)
    screen.draw()
    assert "helo" in "".join(screen.paper.rows)
    screen.room.lines.redact("m1")
    screen.draw()
    said = [row for row in screen.paper.rows if "─" not in row]
    assert [row.partition("\t")[2] for row in said] == ["Alice\thello (edited)"]
    assert screen.paper.rows == fresh(screen.room)


def test_what_is_known_of_the_past_stands_at_the_top() -> None:
    screen = Screen(3)
    screen.room.past = Past.BEGINNING
    screen.draw()
    assert "the beginning" in screen.paper.rows[0]


@given(st.lists(st.integers(0, 7), max_size=60), st.booleans())
def test_whatever_happens_the_widget_shows_the_lines(steps: list[int], follow: bool) -> None:
    screen = Screen(3)
    ids = iter(range(100, 10_000))
    for step in steps:
        match step:
            case 0 | 1:
                screen.room.add(line(next(ids)), counts=step == 1)
            case 2:
                screen.room.lines.add_pending(line(next(ids), state=State.PENDING))
            case 3 if screen.room.lines.pending:
                pending = screen.room.lines.pending[len(steps) % len(screen.room.lines.pending)]
                screen.room.settle(pending.id, line(pending.id, "two\nrows"))
            case 4:
                screen.room.add_earlier([line(next(ids)), line(next(ids))])
            case 5:
                screen.room.lines.drop(1)
            case 6:
                screen.feed.up()
            case 7:
                screen.room.past = Past.ASKED if screen.room.past is Past.MORE else Past.MORE
        screen.draw(follow=follow)
        shown = [text for text in screen.paper.rows if "─" not in text]
        stand = screen.room.lines[screen.feed.start : screen.feed.start + screen.feed.size]
        assert len(shown) == sum(stood.text.count("\n") + 1 for stood in stand)
        for stood in stand:
            row = screen.feed.row_of(stood.id, last=True)
            assert stood.text.split("\n")[-1] in screen.paper.rows[row]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (line(1, "hi"), "\tAlice\thi\n"),
        (line(1, "waves", kind=Kind.ACTION), "\t*\tAlice waves\n"),
        (line(1, "beep", kind=Kind.NOTICE), "\t-Alice-\tbeep\n"),
        (line(1, "Alice joined", kind=Kind.EVENT), "\t·\tAlice joined\n"),
        (line(1, "gone", redacted=True), "\tAlice\t(taken back)\n"),
        (line(1, "hi", state=State.NOT_SENT), "\tAlice\thi ✗ not sent\n"),
        (line(1, "hi", replaces="m1"), "\tAlice\thi (edited)\n"),
        (line(1, "a\tb"), "\tAlice\ta    b\n"),
    ],
)
def test_a_line_is_laid_out(said: Line, text: str) -> None:
    spans = block(said, Standing(), said.name, 0)
    assert "".join(part for part, _ in spans)[5:] == text


def test_no_row_of_a_message_can_pass_for_somebody_elses() -> None:
    """What follows the first row is indented by its tag, and has no tabs that could bring it to the names."""
    spans = block(line(1, "look:\n12:00\tBob\tI quit"), Standing(), "Alice", 0)
    (forged,) = [(text, tags) for text, tags in spans if "I quit" in text]
    assert "\t" not in forged[0]
    assert "more" in forged[1]
    assert rows(spans) == 2


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.org/a.", ["https://example.org/a"]),
        ("(http://a.example) and WWW.b.example/x?y=1, too", ["http://a.example", "WWW.b.example/x?y=1"]),
        ("javascript:alert(1) file:///etc/passwd no.links", []),
    ],
)
def test_links_are_found_without_what_follows(text: str, links: list[str]) -> None:
    spans = block(line(1, text), Standing(), "Alice", 0)
    assert [part for part, tags in spans if "link" in tags] == links
    assert all(url(link).lower().startswith(("http://", "https://")) for link in links)
