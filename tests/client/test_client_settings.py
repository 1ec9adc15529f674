"""The client's settings file, and what it remembers."""

import re
from pathlib import Path

import click.testing
import pytest

from triochat.client import remembered, settings_file
from triochat.client.remembered import Visit
from triochat.client.settings import Settings
from triochat.errors import Failure

ALLOWED = {"colours": ["mention"], "keys": ["next-active"]}


def loaded(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "client.toml"
    file.write_text(text, "utf-8")
    return settings_file.load(file, ALLOWED)


def test_without_a_file_the_defaults_count(tmp_path: Path) -> None:
    assert settings_file.load(tmp_path / "client.toml") == Settings()


def test_every_kind_of_setting_is_read(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        """
        servers.work = {address = "chat.example.org", name = "Bob", room = "#dev"}
        colours.mention = "bold"
        keys.next-active = ["a-a", "c-n"]
        notifications = {bell = true, desktop = "osc9", words = ["tea"]}
        typing.send = false
        away.after_minutes = 10
        log.enabled = true
        """,
    )
    assert settings.servers["work"].room == "#dev"
    assert settings.keys["next-active"] == ("a-a", "c-n")
    assert (settings.notifications.words, settings.typing.send) == (("tea",), False)
    assert settings.away.after_minutes == 10
    assert settings.log.enabled


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tpying.send = true", "unknown table or key 'tpying'. Known tables: servers, colours, keys"),
        ("typing.snd = true", "unknown key 'snd' in [typing]. Known keys: send, show."),
        (
            "servers.a = {adress = 'x'}",
            "unknown key 'adress' in [servers.a]. Known keys: address, name, room",
        ),
        ("servers.a = {}", "servers"),
        ("servers.a = {address = 'x:y'}", "[servers.a]: y is not a port"),
        ("servers.a = {address = 'x', name = 'a b'}", "[servers.a]: 'a b' cannot be a name"),
        ("servers.a = {address = 'x', trust = 'AB'}", "[servers.a]: AB is no SHA-256 fingerprint"),
        ("colours.mentoin = 'x'", "unknown key 'mentoin' in [colours]. Known keys: mention."),
        ("keys.fly = 'x'", "unknown key 'fly' in [keys]. Known keys: next-active."),
        ("typing.send = 'yes'", "typing.send: expected 'bool', got 'str'"),
        ("typing = 3", "typing: expected 'object', got 'int'"),
        ("away.after_minutes = -1", "away.after_minutes: must be a number of minutes"),
        ("typing.send = ", "Invalid value"),
        ("notifications.desktop = 'loud'", "notifications.desktop: invalid enum value 'loud'"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_file_and_the_key(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(Failure) as caught:
        loaded(tmp_path, text)
    sentence = str(caught.value)
    assert sentence.startswith(f"{tmp_path / 'client.toml'}: ")
    assert complaint in sentence
    assert "\n" not in sentence


def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be read"):
        settings_file.load(tmp_path)
    (tmp_path / "client.toml").write_bytes(b"\xff")
    with pytest.raises(Failure, match="not UTF-8"):
        settings_file.load(tmp_path / "client.toml")


def test_the_default_file_is_valid_as_it_is_and_with_every_line_in_use(tmp_path: Path) -> None:
    text = settings_file.default_file()
    assert loaded(tmp_path, text) == Settings()
    lines = re.findall(r"^(?:# )?(\[.*\]|[a-z_-]+ = .*)$", text, re.MULTILINE)
    settings = loaded(tmp_path, "\n".join(lines))
    assert settings.servers["work"].name == "Bob"
    assert settings.typing == Settings().typing


def test_the_command_prints_the_default_file_and_checks_the_one_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triochat.cli.config import config

    file = tmp_path / "client.toml"
    monkeypatch.setenv(settings_file.VARIABLE, str(file))
    runner = click.testing.CliRunner()
    printed = runner.invoke(config, ["client"]).output
    assert str(file) in printed
    assert runner.invoke(config, ["client", "--check"]).output == f"There is no {file}; the defaults count.\n"
    file.write_text(printed, "utf-8")
    assert runner.invoke(config, ["client", "--check"]).output == f"{file} is valid.\n"
    file.write_text("x = 1", "utf-8")
    assert isinstance(runner.invoke(config, ["client", "--check"]).exception, Failure)


def test_the_last_visit_is_remembered_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "state" / "last-visit.json"
    assert remembered.last_visit(file) is None
    remembered.remember(Visit("chat.example.org", "Bob", "#dev", True), file)
    remembered.remember(Visit("chat.example.org", "Bobby"), file)
    assert remembered.last_visit(file) == Visit("chat.example.org", "Bobby")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["last-visit.json"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"address": 1, "name": "x"}', "\0"])
def test_a_last_visit_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "f").write_text(text)
    assert remembered.last_visit(tmp_path / "f") is None
