"""Writes the parts of the reference that the code itself knows: `python docs/generate.py`.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end: NAME -->`; what is around it is written by
hand. tests/test_docs.py fails when a part is not what this script would write.
"""

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import click
from prometheus_client.core import Metric

from triochat import config
from triochat.cli import triochat
from triochat.client.settings import ServerSettings
from triochat.client.settings import Settings as ClientSettings
from triochat.client.slash import COMMANDS as SLASH_COMMANDS
from triochat.commands.table import COMMANDS as WIRE_COMMANDS
from triochat.domain import modes
from triochat.domain.limits import Limits
from triochat.domain.names import Names
from triochat.domain.policy import HistoryPolicy
from triochat.domain.tally import COMMIT_BOUNDS, TURN_BOUNDS
from triochat.observing.metrics import Metrics
from triochat.observing.numbers import Counts, Numbers
from triochat.proto import caps, isupport
from triochat.settings import TABLES, Listener, OperTable, ServerTable, fields_of
from triochat.terminal.colours import PARTS as LOOKS
from triochat.terminal.keytable import grouped
from triochat_admin.commands import COMMANDS as CONSOLE_COMMANDS
from triochat_admin.commands import explain, overview

REFERENCE = Path(__file__).parent / "reference"
DEPLOYED = Path(__file__).parent.parent / "admin" / "deploy"
_SPECIFICATION = "https://ircv3.net/specs/extensions/"
_SPECIFIED_IN = {
    "cap-notify": "capability-negotiation",
    "draft/event-playback": "chathistory",
    "draft/metadata-3": "metadata",
    "sasl": "sasl-3.2",
}
_ELSEWHERE = {
    "draft/relaymsg": "https://github.com/ergochat/ergo/blob/master/docs/MANUAL.md",
    "soju.im/search": "https://codeberg.org/emersion/soju/src/branch/master/doc/ext/search.md",
    "triochat/resend": "#sending-a-line-again",
}
_SETTINGS = {modes.FORWARD: "#ROOM", modes.LIMIT: "NUMBER"}
_RANKS = {"q": "founder", "o": "operator", "h": "half-operator", "v": "voice"}


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def code(text: object) -> str:
    return f"`{text}`"


def fence(text: str) -> str:
    return f"```text\n{text}\n```"


# -- the command line


def subcommands(command: click.Command = triochat, path: str = "triochat") -> Iterator[tuple[str, click.Command]]:
    """Every command that can be run, with what one types for it."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from subcommands(found, f"{path} {name}")


def command_line() -> str:
    return "\n\n".join(_subcommand(path, command) for path, command in subcommands())


def _subcommand(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    options = [item for item in command.params if isinstance(item, click.Option)]
    parts = [f"## {path}", fence(usage), _help(command.help)]
    if options:
        parts.append(table(("option", "what it does"), [_option(option, context) for option in options]))
    if command.epilog:
        parts.append(_help(command.epilog))
    return "\n\n".join(parts)


def _help(text: str | None) -> str:
    """A help text; a paragraph that click leaves as it is becomes code."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(
        fence(paragraph.removeprefix("\b\n")) if paragraph.startswith("\b\n") else _example(paragraph)
        for paragraph in paragraphs
    )


def _example(paragraph: str) -> str:
    text = " ".join(paragraph.split())
    return f"Example: `{text.removeprefix('Example: ')}`" if text.startswith("Example: triochat") else text


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    record = option.get_help_record(context)
    assert record is not None
    names, text = record
    return code(names), " ".join(text.split())


# -- the client


def client_commands() -> str:
    rows = [
        (code(f"/{command.usage}"), f"{command.summary}. {command.more}".rstrip(), _also(command.aliases))
        for command in SLASH_COMMANDS
    ]
    return table(("command", "what it does", "also"), rows)


def _also(names: Sequence[str]) -> str:
    return ", ".join(code(f"/{name}") for name in names)


def client_keys() -> str:
    rows = []
    for entries in grouped():
        keys = ", ".join(code(key) for entry in entries for key in entry.keys)
        names = ", ".join(code(entry.action.value) for entry in entries)
        rows.append((keys, entries[0].summary, names))
    return table(("keys", "what they do", "in `[keys]`"), rows)


def client_colours() -> str:
    return table(
        ("part", "how it looks"), [(code(part), code(style) if style else "") for part, style in LOOKS.items()]
    )


def client_settings() -> str:
    parts = []
    for name, kind, _, doc in fields_of(ClientSettings):
        if name == "servers":
            parts.append(f"## [servers.NAME]\n\n{doc}\n\n{_client_table(ServerSettings)}")
        elif isinstance(kind, type) and kind.__doc__ and hasattr(kind, "__dataclass_fields__"):
            parts.append(f"## [{name}]\n\n{kind.__doc__.strip()}\n\n{_client_table(kind)}")
        else:
            parts.append(f"## [{name}]\n\n{doc}")
    return "\n\n".join(parts)


def _client_table(kind: type) -> str:
    rows = [
        (code(key), _type(type_), code(config._toml(default)) if not isinstance(default, type(MISSING)) else "–", doc)
        for key, type_, default, doc in fields_of(kind)
    ]
    return table(("key", "type", "default", "what it sets"), rows)


# -- settings


def settings() -> str:
    return "\n\n".join(_settings_of(name, kind) for name, kind in TABLES.items())


def _settings_of(name: str, kind: type) -> str:
    variables = {key: variable for variable, key in config._environment_keys().items()}
    rows = [
        (code(key), _type(type_), code(config._toml(default)), doc, code(variables[f"{name}.{key}"]))
        for key, type_, default, doc in fields_of(kind)
    ]
    head = ("key", "type", "default", "what it sets", "environment variable")
    return f"## [{name}]\n\n{_summary(kind)}\n\n{table(head, rows)}"


def listeners() -> str:
    return _list_of(Listener)


def operators() -> str:
    return _list_of(OperTable)


def _list_of(kind: type) -> str:
    rows = [
        (code(key), _type(type_), code(config._toml(default)) if isinstance(default, (str, int)) else "–", doc)
        for key, type_, default, doc in fields_of(kind)
    ]
    return table(("key", "type", "default", "what it sets"), rows)


def _summary(kind: type) -> str:
    sentence, _, _ = (kind.__doc__ or "").strip().partition(". ")
    return f"{sentence.removesuffix('.')}."


def _type(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(code(config._toml(choice)) for choice in get_args(kind))
    if get_origin(kind) is tuple:
        return "list of texts"
    if isinstance(kind, UnionType):
        kind = next(choice for choice in get_args(kind) if choice is not NoneType)
    return {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}[kind.__name__]


# -- the console


def console() -> str:
    commands = "\n\n".join(
        f"## {command.name}\n\n{fence(explain([command.name]).text)}" for command in CONSOLE_COMMANDS
    )
    return f"{fence(overview())}\n\n{commands}"


# -- metrics


def metrics() -> str:
    families = list(Metrics(specimen).collect())
    rows = [(code(_metric_name(family)), family.type, _labels(family), family.documentation) for family in families]
    return table(("metric", "type", "labels", "what it tells"), rows)


def _metric_name(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def _labels(family: Metric) -> str:
    names = {name for sample in family.samples for name in sample.labels} - {"le"}
    values = {name: sorted({str(sample.labels[name]) for sample in family.samples}) for name in sorted(names)}
    return "; ".join(f"{code(name)}: {', '.join(found)}" for name, found in values.items()) or "–"


def specimen() -> Numbers:
    """Numbers of a server of which nothing is known."""
    counters = {"sessions": Counter(), "log_records": Counter({"warning": 0, "error": 0})}
    counts = {
        "commits": Counts([0] * (len(COMMIT_BOUNDS) + 1), 0.0),
        "turns": Counts([0] * (len(TURN_BOUNDS) + 1), 0.0),
    }
    rest = {field.name: 0 for field in fields(Numbers) if field.name not in counters.keys() | counts.keys()}
    return Numbers(**{**rest, **counters, **counts, "version": "1.0"})  # type: ignore[arg-type]


# -- the wire


def wire_commands() -> str:
    rows = [
        (code(command.usage), command.summary, "yes" if command.before_registration else "")
        for _, command in sorted(WIRE_COMMANDS.items())
    ]
    return table(("command", "what it does", "before registration"), rows)


def capabilities() -> str:
    pages = {name: _SPECIFIED_IN.get(name, name.removeprefix("draft/")) for name in caps.NAMES}
    where = {name: f"{_SPECIFICATION}{page}" for name, page in pages.items()}
    where |= {name: place for name, place in _ELSEWHERE.items() if name in where}
    return "\n".join(f"- [{name}]({where[name]})" for name in caps.NAMES)


def tokens() -> str:
    shown = isupport.tokens(
        ServerTable().network,
        Limits(),
        casemapping=Names().casemapping,
        chanmodes=modes.CHANMODES,
        prefix=modes.PREFIX,
        history=HistoryPolicy().max_batch,
    )
    return fence("\n".join(shown))


def room_modes() -> str:
    rows = [(code(f"+{mode} MASK"), f"{what} list") for mode, what in modes.LISTS.items()]
    rows.append((code(f"+{modes.KEY} KEY"), "a key is needed to join"))
    rows += [(code(f"+{mode} {_SETTINGS[mode]}"), what) for mode, what in modes.SETTINGS.items()]
    rows += [(code(f"+{mode}"), what) for mode, what in modes.FLAGS.items()]
    rows += [(code(f"+{mode} NAME"), f"{_RANKS[mode]}, shown as `{mark}`") for mode, mark in modes.PREFIXES.items()]
    return table(("mode", "meaning"), rows)


def user_modes() -> str:
    return table(("mode", "meaning"), [(code(f"+{mode}"), what) for mode, what in modes.USER_MODES.items()])


# -- pages

PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "command line": ("commands.md", command_line),
    "client commands": ("client.md", client_commands),
    "client keys": ("client.md", client_keys),
    "client colours": ("client.md", client_colours),
    "client settings": ("client.md", client_settings),
    "settings": ("configuration.md", settings),
    "listeners": ("configuration.md", listeners),
    "operators": ("configuration.md", operators),
    "console": ("console.md", console),
    "metrics": ("metrics.md", metrics),
    "commands": ("irc.md", wire_commands),
    "capabilities": ("irc.md", capabilities),
    "tokens": ("irc.md", tokens),
    "room modes": ("irc.md", room_modes),
    "user modes": ("irc.md", user_modes),
}
"""Each generated part: the page that it stands in, and what writes it."""

FILES: dict[Path, Callable[[], str]] = {DEPLOYED / "triochat.toml": config.default_file}
"""Each file that is generated as a whole, and what writes it."""


def renewed(page: str, text: str) -> str:
    """*text* of *page* with its generated parts written anew."""
    for name, (where, write) in PARTS.items():
        if where == page:
            begin, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
            before, found, rest = text.partition(begin)
            _, closed, after = rest.partition(end)
            if not found or not closed or begin in after:
                sys.exit(f"{page} must have the part '{name}' once.")
            text = f"{before}{begin}\n\n{write()}\n\n{end}{after}"
    return text


def main() -> None:
    """Renew all pages and files."""
    for page in sorted({page for page, _ in PARTS.values()}):
        path = REFERENCE / page
        path.write_text(renewed(page, path.read_text("utf-8")), "utf-8")
    for path, write in FILES.items():
        path.write_text(write(), "utf-8")


if __name__ == "__main__":
    main()
