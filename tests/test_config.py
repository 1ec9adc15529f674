"""Settings: where they come from, and what is said when they are wrong."""

import dataclasses
import re
from pathlib import Path

import pytest

from triochat.cli import main
from triochat.config import as_toml, default_file, load
from triochat.datadir import data_dir
from triochat.doorways import doorway_of, sts_of
from triochat.errors import Failure
from triochat.net.arrival import Tls
from triochat.settings import TABLES, Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "triochat.toml"


def complaint(file: Path, text: str) -> str:
    """What is said about a file with this *text*."""
    file.write_text(text, "utf-8")
    with pytest.raises(Failure) as caught:
        load(file, {}, {})
    return str(caught.value)


def test_nothing_needs_to_be_set() -> None:
    settings = load(None, {}, {})
    assert settings == Settings()
    assert [(door.kind, door.host, door.port) for door in settings.listeners] == [
        ("irc", "127.0.0.1", 5000),
        ("admin", "127.0.0.1", 5001),
    ]


def test_flags_beat_environment_beats_file_beats_default(file: Path) -> None:
    file.write_text("[server]\nport = 1\nname = 'file.test'\nnetwork = 'File'\n", "utf-8")
    environment = {
        "TRIOCHAT_PORT": "2",
        "TRIOCHAT_NAME": "environment.test",
        "PATH": "/bin",
        "TRIOCHAT_DATA_DIR": "/x",
    }
    server = load(file, environment, {"server.port": 3, "server.host": None}).server
    assert (server.port, server.name, server.network, server.host) == (3, "environment.test", "File", "127.0.0.1")


@pytest.mark.parametrize(
    ("variable", "text", "table", "key", "value"),
    [
        ("TRIOCHAT_PORT", "6667", "server", "port", 6667),
        ("TRIOCHAT_QUIET", "true", "server", "quiet", True),
        ("TRIOCHAT_LOG_MESSAGES", "false", "server", "log_messages", False),
        ("TRIOCHAT_ADMIN_PORT", "0", "admin", "port", 0),
        ("TRIOCHAT_STORAGE_PATH", ":memory:", "storage", "path", ":memory:"),
        ("TRIOCHAT_LIMITS_NICK_LENGTH", "9", "limits", "nick_length", 9),
        ("TRIOCHAT_TIMEOUTS_PING_INTERVAL", "1.5", "timeouts", "ping_interval", 1.5),
        ("TRIOCHAT_PROXY_ALLOWED_FROM", "::1, 10.0.0.0/8", "server", "proxy_allowed_from", ("::1", "10.0.0.0/8")),
    ],
)
def test_every_key_has_a_variable(variable: str, text: str, table: str, key: str, value: object) -> None:
    assert getattr(getattr(load(None, {variable: text}, {}), table), key) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server]\nprot = 1", ["unknown key 'prot'", "[server]"]),
        ("[sever]\nport = 1", ["unknown table or key 'sever'"]),
        ("port = 1", ["unknown table or key 'port'"]),
        (
            "[[listen]]\nkind = 'irc'\n[[listen]]\nkind = 'irc'\nprot = 1",
            ["key 'prot'", "[[listen]] number 2"],
        ),
        ("[server]\nport = '5000'", ["server.port", "expected 'int', got 'str'"]),
        ("[server]\nport = true", ["server.port", "expected 'int', got 'bool'"]),
        ("[server]\nquiet = 1", ["server.quiet", "expected 'bool', got 'int'"]),
        ("[limits]\nnick_length = 9.5", ["limits.nick_length", "expected 'int', got 'float'"]),
        ("server = 1", ["server", "expected 'object', got 'int'"]),
        ("listen = 1", ["listen", "got 'int'"]),
        ("[[listen]]\nport = 1", ["listen", "missing required field 'kind'"]),
        ("[[listen]]\nkind = 'gopher'", ["listen", "kind", "'gopher'"]),
        ("[server]\nlog_level = 'loud'", ["server.log_level", "'loud'"]),
        ("[server]\ncasemapping = 'rfc1459'", ["server.casemapping", "'rfc1459'"]),
        ("[storage]\ndurability = 'maybe'", ["storage.durability", "'maybe'"]),
        ("[server]\nport = 70000", ["port", "70000", "between 0 and 65535"]),
        ("[admin]\nport = -1", ["port", "-1", "between 0 and 65535"]),
        ("[server]\nname = 'my server'", ["server.name", "'my server'"]),
        ("[server]\nname = ''", ["server.name"]),
        ("[server]\nname = 'größe.example'", ["server.name", "'größe.example'"]),
        (f"[server]\nname = '{'x' * 64}'", ["server.name"]),
        ('[server]\nnetwork = "two\\nlines"', ["server.network", "one line"]),
        ('[server]\ndescription = "two\\nlines"', ["server.description", "one line"]),
        ('[server]\nmotd = "bell\\u0007\\u0000"', ["server.motd", "NUL"]),
        ("[limits]\nnick_length = 0", ["limits.nick_length", "at least 1"]),
        ("[limits]\nnick_length = 400", ["limits.nick_length", "at most 64"]),
        ("[limits]\nuser_length = 400", ["limits.user_length", "at most 32"]),
        ("[limits]\nchannel_length = 400", ["limits.channel_length", "at most 100"]),
        ("[limits]\ntargets = -1", ["limits.targets", "-1 is below 0"]),
        ("[timeouts]\nfarewell = -0.5", ["timeouts.farewell", "-0.5 is below 0"]),
        ("[timeouts]\nping_interval = 0", ["timeouts.ping_interval", "above 0"]),
        ("[timeouts]\nregistration = nan", ["timeouts.registration", "nan"]),
        ("[limits]\ncommand_rate = inf", ["limits.command_rate", "inf"]),
        ("[history]\nkeep_days = -1", ["history.keep_days", "-1 is below 0"]),
        ("[history]\non_join = -1", ["history.on_join", "-1 is below 0"]),
        ("[history]\nmax_batch = 0", ["history.max_batch", "at least 1"]),
        ("[accounts]\npassword_max_bytes = -1", ["accounts.password_max_bytes", "-1 is below 0"]),
        ("[storage]\nmemory_entries = 0", ["storage.memory_entries", "at least 1"]),
        ("[server]\nproxy_allowed_from = ['10.0.0.0/40']", ["server.proxy_allowed_from", "'10.0.0.0/40'"]),
        ("[server]\nlookup_hostnames = true", ["server.lookup_hostnames", "false"]),
        ("[[listen]]\nkind = 'irc'\nproxy_protocol = true", ["proxy_protocol", "server.proxy_allowed_from"]),
        ("[[listen]]\nkind = 'irc'\norigins = ['*']", ["origins", "websocket"]),
        ("[[listen]]\nkind = 'websocket'\norigins = ['example.org']", ["origins", "'example.org'", "https://"]),
        ("[[listen]]\nkind = 'admin'\nproxy_protocol = true", ["console", "proxy_protocol"]),
        ("[[listen]]\nkind = 'admin'\nhost = '0.0.0.0'\ntls = false", ["console", "0.0.0.0", "TLS"]),
        ("[admin]\npassword_hash = 'secret'", ["admin.password_hash", "argon2"]),
        ("[tls]\ncert = 'x'", ["tls.cert", "tls.key"]),
        ("[tls]\nmin_version = '1.1'", ["tls.min_version", "'1.1'"]),
        ("[tls]\nsts = true", ["tls.sts", "tls.cert"]),
        ("[tls]\nsts_port = 0", ["tls.sts_port", "between 1 and 65535"]),
        ("[tls]\nsts_duration = -1", ["tls.sts_duration", "-1 is below 0"]),
        ("[limits]\npending_handshakes = 0", ["limits.pending_handshakes", "at least 1"]),
        ("[limits]\nconsoles = 0", ["limits.consoles", "at least 1"]),
        ("[limits]\noutbox = 9223372036854775808", ["limits.outbox", "too large"]),
        (f"[limits]\ncommand_burst = 1{'0' * 400}", ["limits.command_burst", "too large"]),
        (f"[server]\nport = 0x{'f' * 5000}", ["server.port", "too large"]),
        (f"[server]\nport = {'1' * 5000}", ["not valid TOML", "number is too long"]),
        (f"motd = {'[' * 5000}", ["not valid TOML", "nested too deeply"]),
        ('[storage]\npath = "a\\u0000b"', ["storage.path", "NUL"]),
        ('[[listen]]\nkind = "irc"\nhost = "a\\u0000b"', ["listen.host", "NUL"]),
        ("[admin]\nhost = '0.0.0.0'\nno_password = true", ["admin.host", "console", "0.0.0.0"]),
        ("[server\n", ["not valid TOML", "line 1"]),
        ("[server]\nport = 1\nport = 2", ["not valid TOML"]),
    ],
)
def test_mistake_is_told_in_one_sentence_that_names_file_and_key(file: Path, text: str, words: list[str]) -> None:
    said = complaint(file, text)
    assert str(file) in said
    assert all(word in said for word in words), said
    assert said.endswith(".") and "\n" not in said and "`" not in said and "Traceback" not in said


def test_what_is_told_of_a_file_does_not_steer_the_terminal(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text('"a\\n\\u001b[2J" = 1\n', "utf-8")
    with pytest.raises(SystemExit):
        main(["config", "check", str(file)])
    said = capsys.readouterr().err
    assert "unknown table or key 'a\u240a\u241b[2J'" in said
    assert said.count("\n") == 1
    file.write_text('[server]\nmotd = "\\u009b2J\\u202e"\n', "utf-8")
    shown = as_toml(load(file, {}, {}))
    assert shown.replace("\n", "").isprintable()
    file.write_text(shown, "utf-8")
    assert load(file, {}, {}).server.motd == "\x9b2J\u202e"


def test_file_that_is_not_there_or_no_text_is_told(file: Path, tmp_path: Path) -> None:
    for path in (file, tmp_path):
        with pytest.raises(Failure, match=re.escape(str(path))):
            load(path, {}, {})
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(Failure, match="not valid TOML"):
        load(file, {}, {})


@pytest.mark.parametrize(("variable", "text"), [("TRIOCHAT_PORT", "many"), ("TRIOCHAT_QUIET", "perhaps")])
def test_bad_variable_is_named(variable: str, text: str) -> None:
    with pytest.raises(Failure, match=variable):
        load(None, {variable: text}, {})


def test_impossible_value_of_a_variable_is_told() -> None:
    with pytest.raises(Failure, match="70000"):
        load(None, {"TRIOCHAT_PORT": "70000"}, {})


@pytest.mark.parametrize(
    ("operators", "complaint"),
    [
        ([{"name": "mo smith", "password": "x"}], "has a space in it"),
        ([{"name": "mo", "password": "x"}, {"name": "mo", "password": "y"}], "two of them have the same name"),
        ([{"name": "mo"}], "needs a name, and password"),
        ([{"name": "mo", "password": "x", "role": "king"}], "role"),
    ],
)
def test_operators_that_could_not_come_in_are_told(
    file: Path, operators: list[dict[str, str]], complaint: str
) -> None:
    tables = ("\n".join(("[[oper]]", *(f'{key} = "{text}"' for key, text in oper.items()))) for oper in operators)
    file.write_text("\n".join(tables), "utf-8")
    with pytest.raises(Failure, match=complaint):
        load(file, {}, {})


def test_listen_replaces_the_usual_doors(file: Path) -> None:
    file.write_text("[[listen]]\nkind = 'irc'\nport = 1\n[[listen]]\nkind = 'irc'\nhost = '::1'\nport = 2\n", "utf-8")
    doors = load(file, {}, {}).listeners
    assert [(door.kind, door.host, door.port) for door in doors] == [("irc", "127.0.0.1", 1), ("irc", "::1", 2)]


def test_console_can_be_switched_off() -> None:
    assert [door.kind for door in load(None, {"TRIOCHAT_ADMIN_ENABLED": "false"}, {}).listeners] == ["irc"]


def test_default_file_sets_nothing(file: Path) -> None:
    file.write_text(default_file(), "utf-8")
    assert load(file, {}, {}) == Settings()


def test_default_file_shows_every_key_with_its_default(file: Path) -> None:
    text, _, lists = default_file().partition("# A list of all doors")
    doors, _, operators = lists.partition("# Who may become an operator")
    shown = re.sub(r"^#(\w+ = )", r"\1", text, flags=re.MULTILINE)
    file.write_text(shown, "utf-8")
    assert load(file, {}, {}) == Settings()
    for name, table in TABLES.items():
        part = shown.partition(f"[{name}]")[2].partition("\n[")[0]
        for field in dataclasses.fields(table):
            assert re.search(rf"^# .+\n{field.name} = ", part, re.MULTILINE), field.name
    file.write_text(re.sub(r"^#(\[\[|\w+ = )", r"\1", "# " + doors, flags=re.MULTILINE), "utf-8")
    assert [door.kind for door in load(file, {}, {}).listen] == ["irc"]
    operator = re.sub(r"^#(\[\[|name = )", r"\1", "# " + operators, flags=re.MULTILINE)
    file.write_text(operator.replace('#password = ""', 'password = "sesame"'), "utf-8")
    assert [(oper.name, oper.password) for oper in load(file, {}, {}).oper] == [("admin", "sesame")]


def test_settings_in_effect_are_shown_as_a_file_that_reads_the_same(file: Path) -> None:
    settings = load(
        None,
        {"TRIOCHAT_MOTD": 'two\n"lines"', "TRIOCHAT_NETWORK": "Netz größe", "TRIOCHAT_TIMEOUTS_STALL": "0.25"},
        {"server.port": 7},
    )
    file.write_text(as_toml(settings), "utf-8")
    assert load(file, {}, {}) == settings


def test_doors_in_effect_are_shown(file: Path) -> None:
    file.write_text("[[listen]]\nkind = 'admin'\nport = 5\n", "utf-8")
    settings = load(file, {}, {})
    file.write_text(as_toml(settings), "utf-8")
    assert load(file, {}, {}).listen == settings.listen


def test_passwords_are_never_shown() -> None:
    shown = as_toml(load(None, {"TRIOCHAT_PASSWORD": "hunter2", "TRIOCHAT_ADMIN_PASSWORD": "sesame"}, {}))
    assert "hunter2" not in shown and "sesame" not in shown
    assert shown.count('password = "(set)"') == 2
    assert as_toml(Settings()).count('password = ""') == 2


def test_passwords_are_not_in_the_repr() -> None:
    shown = repr(load(None, {"TRIOCHAT_PASSWORD": "hunter2", "TRIOCHAT_ADMIN_PASSWORD": "sesame"}, {}))
    assert "hunter2" not in shown and "sesame" not in shown


def test_data_directory(tmp_path: Path) -> None:
    assert data_dir(tmp_path, {"TRIOCHAT_DATA_DIR": "/elsewhere"}) == tmp_path
    assert data_dir(None, {"TRIOCHAT_DATA_DIR": "/elsewhere"}) == Path("/elsewhere")
    assert data_dir(None, {}).name == "triochat"
    assert data_dir(None, {"TRIOCHAT_DATA_DIR": ""}) == data_dir(None, {})


@pytest.mark.parametrize(
    ("door", "flags", "tls"),
    [
        ("host = '127.0.0.1'", {}, Tls.POSSIBLE),
        ("host = '::1'", {}, Tls.POSSIBLE),
        ("host = '127.0.0.1'\ntls = true", {}, Tls.REQUIRED),
        ("host = '127.0.0.1'\ntls = false", {}, Tls.NEVER),
        ("host = '0.0.0.0'", {}, Tls.REQUIRED),
        ("host = 'chat.example.org'", {}, Tls.REQUIRED),
        ("host = '0.0.0.0'", {"server.insecure": True}, Tls.POSSIBLE),
        ("host = '0.0.0.0'\ntls = false", {}, Tls.NEVER),
        ("host = '0.0.0.0'\ntls = true", {"server.insecure": True}, Tls.REQUIRED),
    ],
)
def test_a_door_to_other_machines_is_plain_only_when_that_is_said_by_name(
    file: Path, door: str, flags: dict[str, bool], tls: Tls
) -> None:
    for kind in ("irc", "websocket"):
        file.write_text(f"[[listen]]\nkind = '{kind}'\n{door}\n")
        settings = load(file, {}, flags)
        assert doorway_of(settings.listeners[0], settings).tls is tls


def test_sts_says_one_thing_on_plain_connections_and_another_on_encrypted_ones(file: Path) -> None:
    file.write_text("[tls]\ncert = 'c'\nkey = 'k'\nsts = true\nsts_port = 6697\nsts_duration = 60\n")
    sts = sts_of(load(file, {}, {}))
    assert sts is not None
    assert (sts(False), sts(True)) == ("port=6697", "duration=60")
    assert sts_of(load(None, {}, {})) is None
