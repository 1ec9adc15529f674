"""What stands beside the messages, colours, keys, and what a form means: pure."""

from itertools import chain

import pytest

from triochat.client.conversation import Conversation, Member
from triochat.client.model import Model
from triochat.client.remembered import Visit
from triochat.client.settings import ServerSettings, Settings
from triochat.terminal.colours import PARTS
from triochat.window.colouring import ROWS, TAGS, Appearance, BadColour, appearance
from triochat.window.keytable import TABLE, event, help_rows, label
from triochat.window.palette import DARK, LIGHT, Palette, density, environment_is_dark, luminance, of_theme
from triochat.window.sidelists import MOST_PEOPLE, Item, conversations, people, title, typing_sentence
from triochat.window.wanting import Problem, Wanted, from_visit, options


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_all_that_is_read_stands_out(palette: Palette) -> None:
    written = (palette.text, palette.dim, palette.accent, palette.error, palette.good, palette.warning)
    pairs = [(ink, ground) for ink in written for ground in (palette.paper, palette.side)]
    pairs += [(name, ground) for name in palette.names for ground in (palette.paper, palette.mention)]
    pairs += [(palette.text, ground) for ground in (palette.chosen, palette.hover, palette.mention)]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def test_a_name_has_the_same_colour_everywhere() -> None:
    assert LIGHT.of_name("Alice") == DARK.of_name("ALICE")
    assert len({LIGHT.of_name(name) for name in "abcdefghijklmnop"}) > 4


@pytest.mark.parametrize(
    ("environment", "background", "dark"),
    [
        ({}, "", False),
        ({"GTK_THEME": "Adwaita:dark"}, "", True),
        ({"GTK_THEME": "Adwaita"}, "#000000", False),
        ({}, "#202020", True),
        ({}, "#f0f0f0", False),
        ({}, "#nonsen", False),
    ],
)
def test_the_desktop_says_whether_it_is_dark(environment: dict[str, str], background: str, dark: bool) -> None:
    assert environment_is_dark(environment, background) is dark
    assert of_theme("system", system_is_dark=dark) is (DARK if dark else LIGHT)
    assert of_theme("light", system_is_dark=dark) is LIGHT


@pytest.mark.parametrize(
    ("dots", "wanted", "environment", "factor"),
    [
        (96, "", {}, 1),
        (192, "", {}, 2),
        (96, "144", {}, 1.5),
        (96, "", {"GDK_SCALE": "2"}, 2),
        (96, "many", {"GDK_SCALE": "nan"}, 1),
        (10, "", {}, 0.75),
        (96, "100000", {}, 4),
    ],
)
def test_screens_of_high_density_are_told(
    dots: float, wanted: str, environment: dict[str, str], factor: float
) -> None:
    assert density(dots, wanted, environment) == factor


def test_lists_count_what_is_unread() -> None:
    model = Model("Bob")
    model.rooms = {
        "#a": Conversation("#a", unread=3),
        "#b": Conversation("#b", unread=2000, mentions=2),
        "#c": Conversation("#c", unread=1, mentions=1, muted=True),
    }
    rooms, _ = conversations(model)
    assert rooms == [
        Item("#a", "#a", "3", ("unread",)),
        Item("#b", "#b", "@2 999+", ("mentions",)),
        Item("#c", "#c", "@1 1", ("unread", "dim")),
    ]
    assert title(model, "server") == "(2) server"


def test_people_with_a_rank_stand_first_and_a_crowd_is_cut() -> None:
    room = Conversation("#a")
    room.members = {"bob": Member("Bob"), "zoe": Member("Zoe", "@"), "al": Member("Al", away=True)}
    assert [(item.text, item.tags) for item in people(room)] == [("@Zoe", ()), ("Al", ("away",)), ("Bob", ())]
    room.members = {f"u{number:04}": Member(f"u{number:04}") for number in range(1500)}
    items = people(room)
    assert len(items) == MOST_PEOPLE + 1
    assert items[-1].text == "and 1,200 more"


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], ""),
        (["A"], "A is typing …"),
        (["A", "B"], "A and B are typing …"),
        (["A", "B", "C"], "A, B and C are typing …"),
        (["A"] * 4, "4 people are typing …"),
    ],
)
def test_who_types(names: list[str], sentence: str) -> None:
    assert typing_sentence(names) == sentence


def test_no_key_has_two_meanings_and_all_are_explained() -> None:
    keys = list(chain.from_iterable(entry.keys for entry in TABLE))
    assert len(keys) == len(set(keys))
    assert all(summary for _, summary in help_rows(mac=False))


def test_keys_are_called_as_on_each_platform() -> None:
    assert (event("Mod-k", mac=False), label("Mod-k", mac=False)) == ("<Control-k>", "Ctrl+K")
    assert (event("Mod-k", mac=True), label("Mod-k", mac=True)) == ("<Command-k>", "Command+K")
    assert label("Prior", mac=False) == "PgUp"


def test_a_visit_is_repeated() -> None:
    wanted = from_visit(Visit("chat.example:5000", "Bob", "#dev", False))
    chosen = options(wanted, Settings())
    assert (str(chosen.address), chosen.room, chosen.address.tls) == ("chat.example:5000", "#dev", False)
    assert chosen.visit == Visit("chat.example:5000", "Bob", "#dev", False)


def test_the_link_of_an_invitation_is_used_and_its_code_is_not_remembered() -> None:
    chosen = options(Wanted("ircs://:a-code@chat.example:5000/dev", "Bob"), Settings())
    assert (chosen.password, chosen.room, str(chosen.address)) == ("a-code", "#dev", "chat.example:5000")
    assert chosen.visit == Visit("ircs://chat.example:5000/dev", "Bob")
    assert options(Wanted("ircs://:a-code@chat.example", "Bob", password="mine"), Settings()).password == "mine"


def test_a_server_of_the_settings_is_known_by_its_name() -> None:
    server = ServerSettings("chat.example:6697", "Robert", "#dev", ":".join(["AB"] * 32))
    chosen = options(Wanted("work", "Bob"), Settings(servers={"work": server}))
    assert (str(chosen.address), chosen.visit.name, chosen.room) == ("chat.example:6697", "Bob", "#dev")
    assert chosen.trusted == server.trust


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted("a b", "Bob"), "address"),
        (Wanted("host:0", "Bob"), "address"),
        (Wanted("host", ""), "name"),
        (Wanted("host", "two words"), "name"),
        (Wanted("host", "Bob", "a b"), "room"),
        (Wanted("localhost", "Bob", tls=False, trusted=":".join(["AB"] * 32)), "address"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(wanted: Wanted, field: str) -> None:
    with pytest.raises(Problem) as caught:
        options(wanted, Settings())
    assert caught.value.field == field
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("style", "looks"),
    [
        ("", Appearance()),
        ("bold #88AAFF", Appearance(foreground="#88aaff", bold=True)),
        ("nobold underline bg:#123", Appearance(background="#123", bold=False, underline=True)),
        ("ansired", Appearance(foreground=LIGHT.error)),
        ("fg:ansibrightblue", Appearance(foreground=LIGHT.accent)),
        ("bg:ansiyellow reverse", Appearance(LIGHT.warning, LIGHT.text, reverse=True)),
        ("tomato blink", Appearance(foreground="tomato")),
    ],
)
def test_colours_of_the_settings_are_understood(style: str, looks: Appearance) -> None:
    assert appearance(style, LIGHT, lambda name: name == "tomato") == looks


@pytest.mark.parametrize("style", ["ansirot", "#12345", "bold nosuch", "bg:", "tomato"])
def test_what_is_no_colour_is_refused(style: str) -> None:
    with pytest.raises(BadColour):
        appearance(style, LIGHT)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_terminals_colours_can_be_read_here(palette: Palette) -> None:
    for style in PARTS.values():
        looks = appearance(style, palette)
        if looks.foreground is not None and looks.background is None:
            assert contrast(looks.foreground, palette.paper) >= 3 or looks.foreground == "#888888"
    assert {*TAGS, *ROWS} <= set(PARTS)
