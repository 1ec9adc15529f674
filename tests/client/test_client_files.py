"""Exports and logs on real disks."""

import json
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import pytest

from client.session_steps import IRCV3, NOON, Play, at
from triochat.client import kept, remembered
from triochat.client.files import Keeper, Logbook, export, text_of
from triochat.client.keeping import OfServer, recall, worth_keeping
from triochat.client.line import Kind, Line, State
from triochat.client.remembered import Visit
from triochat.client.settings import NotificationSettings, Settings, WindowSettings

LINES = [
    Line(Kind.SAID, "hello\nthere", NOON, "Alice", msgid="1"),
    Line(Kind.ACTION, "waves", NOON, "Bob", mine=True, state=State.PENDING),
    Line(Kind.SAID, "", NOON, "Eve", redacted=True),
    Line(Kind.EVENT, "Zoë left", NOON),
]


@pytest.fixture
def play() -> Play:
    """Bob in #lobby, with something said in it."""
    play = Play(IRCV3)
    play.connect()
    play.enter_room()
    play.hear(
        ":irc BATCH +h chathistory #lobby",
        ":irc BATCH -h",
        f"@msgid=1;time={at(1).isoformat()} :Alice!x@h PRIVMSG #lobby :hi",
    )
    return play


def test_a_text_export_has_a_line_for_each_and_indents_what_follows(tmp_path: Path) -> None:
    when = f"{NOON.astimezone():%Y-%m-%d %H:%M:%S}"
    assert export(str(tmp_path / "x.txt"), LINES) == 4
    assert (tmp_path / "x.txt").read_text("utf-8").splitlines() == [
        f"{when} <Alice> hello",
        "    there",
        f"{when} * Bob waves",
        f"{when} <Eve> (taken back)",
        f"{when} * Zoë left",
    ]
    assert (tmp_path / "x.txt").stat().st_mode & 0o777 == 0o600


def test_a_json_export_has_an_object_for_each(tmp_path: Path) -> None:
    export(str(tmp_path / "x.jsonl"), LINES)
    first, second, third, _ = map(json.loads, (tmp_path / "x.jsonl").read_text("utf-8").splitlines())
    assert (first["text"], first["name"], first["msgid"]) == ("hello\nthere", "Alice", "1")
    assert datetime.fromisoformat(first["time"]) == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert (second["kind"], second["state"], third["redacted"]) == ("action", "pending", True)


async def test_the_command_writes_the_current_room_and_never_over_a_file(play: Play, tmp_path: Path) -> None:
    file = tmp_path / "lobby.txt"
    for answer in (f"3 lines of #lobby are in {file}.", f"{file} exists already; choose another name."):
        play.type(f"/export {file}")
        await Keeper().keep(play.chat)
        assert [line.text for line in play.chat.take_lines()] == [answer]
    play.type(f"/export {tmp_path}/none/x")
    await Keeper().keep(play.chat)
    assert "cannot be written" in play.chat.take_lines()[0].text
    assert file.read_text("utf-8").endswith("<Alice> hi\n")


async def test_a_log_has_a_file_for_each_conversation_and_each_line_once(play: Play, tmp_path: Path) -> None:
    keeper = Keeper(Logbook(tmp_path / "logs"))
    play.chat.model.logged = []
    play.type("mine")
    await keeper.keep(play.chat)
    play.hear(
        f"@msgid=2;time={at(2).isoformat()} :Bob!x@h PRIVMSG #lobby :mine",
        f"@msgid=3;time={at(3).isoformat()} :Alice!x@h PRIVMSG Bob :psst",
        ":irc NOTICE Bob :of no interest",
    )
    await keeper.keep(play.chat)
    await keeper.keep(play.chat)
    said = {path.name: path.read_text("utf-8") for path in (tmp_path / "logs").iterdir()}
    assert {name: text.count("\n") for name, text in said.items()} == {"#lobby.log": 1, "alice.log": 1}
    assert said["#lobby.log"].endswith("<Bob> mine\n")
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "logs" / "alice.log").stat().st_mode & 0o777 == 0o600


async def test_a_log_that_cannot_be_written_is_told_once_and_ends(play: Play, tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    keeper = Keeper(Logbook(tmp_path / "logs"))
    play.chat.model.logged = []
    told = []
    for number in (5, 6):
        play.hear(f"@msgid={number} :Alice!x@h PRIVMSG #lobby :x")
        await keeper.keep(play.chat)
        told += [line.text for line in play.chat.take_lines()]
    (sentence,) = told
    assert "it ends here" in sentence


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "#a/../b", "a\x00b", "x" * 300, "#Ä é"])
def test_no_name_leads_out_of_the_directory(tmp_path: Path, name: str) -> None:
    book = Logbook(tmp_path / "logs")
    book.write([(name, LINES[0])])
    (file,) = (tmp_path / "logs").iterdir()
    assert file.read_text("utf-8") == f"{text_of(LINES[0])}\n"
    assert len(list(tmp_path.iterdir())) == 1


async def test_a_visit_is_remembered_when_we_were_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(remembered.VARIABLE, str(tmp_path / "visit"))
    keeper = Keeper(visit=Visit("chat.example.org", "Bob"))
    play = Play()
    play.connect()
    await keeper.keep(play.chat)
    assert remembered.last_visit() is None
    play.enter_room()
    await keeper.keep(play.chat)
    assert remembered.last_visit() == Visit("chat.example.org", "Bob")
    play.hear(":Bob!b@h NICK Robert")
    await keeper.keep(play.chat)
    assert remembered.last_visit() == Visit("chat.example.org", "Robert")
    monkeypatch.setenv(remembered.VARIABLE, "/dev/null/visit")
    await Keeper(visit=Visit("chat.example.org", "Bob")).keep(play.chat)  # nobody is troubled with that


async def test_what_is_worth_it_is_kept_for_the_next_time_on_that_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(remembered.VARIABLE, str(tmp_path / "visit"))
    settings = Settings(notifications=NotificationSettings(muted=("#noise",), ignored=("Spam",)))
    play = Play(settings=settings)
    play.connect()
    play.enter_room()
    chat = play.chat
    keeper = Keeper(place="chat.example.org:5000")
    for text in ("/ignore Eve", "/mute"):
        chat.enter(text, NOON)
    chat.drafting.moved("")
    chat.drafting.typed("half a sen")
    assert await keeper.keep(chat) == inf
    assert kept.default_path().stat().st_mode & 0o777 == 0o600
    chat.drafting.typed("half a sentence")
    assert 0 < await keeper.keep(chat) < 10  # not at each key
    assert kept.load().of("chat.example.org:5000").drafts == {"#lobby": "half a sen"}
    await keeper.keep(chat, last=True)
    found = kept.load().of("chat.example.org:5000")
    assert found == OfServer({"#lobby": "half a sentence"}, ("eve",), ("#lobby",))
    assert kept.load().of("another:5000") == OfServer()
    again = Play(settings=settings)
    recall(again.chat, found)
    again.connect()
    again.enter_room()
    assert again.hear(":Eve!e@h PRIVMSG #lobby :psst") == []
    assert again.chat.model.rooms["#lobby"].muted
    assert again.chat.drafting.moved("") == "half a sentence"
    assert worth_keeping(again.chat) == found
    monkeypatch.setenv(remembered.VARIABLE, "/dev/null/visit")
    again.chat.drafting.typed("")
    again.chat.take_lines()
    for text in ("one", "another"):
        again.chat.drafting.typed(text)
        await keeper.keep(again.chat, last=True)
    told = [line.text for line in again.chat.take_lines()]
    (sentence,) = told  # once, and the chat goes on
    assert sentence.startswith("Nothing can be kept for the next time (")


def drafts_after(typed: str, *, to: str = "#lobby") -> dict[str, str]:
    """What is kept when *typed* stands in the conversation *to*."""
    play = Play()
    play.connect()
    play.enter_room()
    if to != "#lobby":
        play.hear(f":{to}!x@h PRIVMSG Bob :yes?")
        play.chat.switch(play.chat.model.private[play.chat.model.fold(to)], NOON)
    play.chat.drafting.moved("")
    play.chat.drafting.typed(typed)
    return worth_keeping(play.chat).drafts


@pytest.mark.parametrize(
    ("typed", "to"),
    [
        ("/login hunter2", "#lobby"),
        ("/register hunter2", "#lobby"),
        ("/msg NickServ identify hunter2", "#lobby"),
        ("/join #room hunter2", "#lobby"),
        ("identify hunter2", "NickServ"),
        ("/me hunter2", "ChanServ"),
    ],
)
def test_no_password_is_kept_half_typed(typed: str, to: str) -> None:
    assert drafts_after(typed, to=to) == {}


@pytest.mark.parametrize("to", ["#lobby", "Alice"])
def test_what_is_no_password_is_kept(to: str) -> None:
    assert drafts_after("identify with me", to=to) == {to.lower(): "identify with me"}


async def test_bytes_that_are_not_utf_8_are_kept_as_well_as_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(remembered.VARIABLE, str(tmp_path / "visit"))
    play = Play()
    play.connect()
    play.enter_room()
    play.type("/ignore J\udce9r\udcf4me")
    play.chat.drafting.moved("")
    play.chat.drafting.typed("caf\udce9")  # so a terminal that is not set to UTF-8 hands on é
    await Keeper(place="here:5000").keep(play.chat)
    assert kept.load().of("here:5000") == OfServer({"#lobby": "caf?"}, ("j\ufffdr\ufffdme",))


async def test_what_cannot_be_written_down_is_told_once_and_ends_nothing(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(remembered.VARIABLE, str(tmp_path / "visit"))
    play.chat.drafting.moved("")
    keeper = Keeper(place="caf\udce9:5000")
    for text in ("one", "another"):
        play.chat.drafting.typed(text)
        await keeper.keep(play.chat, last=True)
    told = [line.text for line in play.chat.take_lines() if "next time" in line.text]
    assert told == ["Nothing can be kept for the next time (it is not text)."]


async def test_nothing_is_kept_where_nobody_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(remembered.VARIABLE, str(tmp_path / "visit"))
    play = Play()
    play.connect()
    play.enter_room()
    play.chat.enter("/ignore Eve", NOON)
    assert await Keeper().keep(play.chat, last=True) == inf
    assert kept.load() == kept.Kept()


@pytest.mark.parametrize("text", ["", "[]", '{"servers": 1}', '{"look": {"theme": "pink"}}', "\0"])
def test_what_was_kept_and_makes_no_sense_is_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "f").write_text(text)
    assert kept.load(tmp_path / "f") == kept.Kept()


def test_only_so_many_servers_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    for number in range(60):
        kept.change(lambda all, place=f"s{number}": all.with_server(place, OfServer({"#lobby": place})), file)
    kept.change(lambda all: all.with_server("s59", OfServer()), file)
    assert list(kept.load(file).servers) == [f"s{number}" for number in range(10, 59)]


@pytest.mark.parametrize(
    ("settings", "theme", "zoom"),
    [
        (WindowSettings(), "dark", 150),
        (WindowSettings(theme="light"), "light", 150),  # which were changed since
        (WindowSettings(zoom=80), "dark", 80),
    ],
)
def test_the_window_looks_as_it_was_made_to_until_the_settings_change(
    settings: WindowSettings, theme: str, zoom: int
) -> None:
    assert kept.looking(settings, None) == settings
    looking = kept.looking(settings, kept.Look("dark", 150, "system", 100))
    assert (looking.theme, looking.zoom) == (theme, zoom)
