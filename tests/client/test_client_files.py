"""Exports and logs on real disks."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from client.session_steps import IRCV3, NOON, Play, at
from triochat.client import remembered
from triochat.client.files import Keeper, Logbook, export, text_of
from triochat.client.line import Kind, Line, State
from triochat.client.remembered import Visit

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
