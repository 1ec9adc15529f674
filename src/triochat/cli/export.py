"""`triochat export`."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from triochat.cli import finding
from triochat.errors import Failure
from triochat.net.asking import NobodyThere, ask, socket_path

_Ask = Callable[[Mapping[str, Any]], dict[str, Any]]


@click.command(
    epilog="Example: triochat export '#lobby' > lobby.jsonl",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("room")
@finding.options
def export(room: str, config_file: Path | None, data_dir: Path | None) -> int:
    """Print the log of ROOM, one JSON object a line, the oldest first. The # may be left out.

    It works on a running server and on the files of a stopped one, and finds them by the database: give the same
    --config or --data-dir as to `triochat serve`.
    """
    with _asking(config_file, data_dir) as asked:
        try:
            for entry in _entries(asked, room):
                # On a terminal nothing that was said may steer it.
                click.echo(json.dumps(entry, ensure_ascii=sys.stdout.isatty()))
            sys.stdout.flush()
        except BrokenPipeError:
            # `triochat export … | head` has what it wanted; Python must not complain about it on its way out.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
    return 0


def _entries(asked: _Ask, room: str) -> Iterator[dict[str, Any]]:
    after, until = 0, None
    while after is not None:
        answer = asked({"do": "export", "room": room, "after": after, "until": until})
        if "error" in answer:
            raise Failure(answer["error"])
        yield from answer["entries"]
        after, until = answer["after"], answer["until"]


@contextmanager
def _asking(config_file: Path | None, data_dir: Path | None) -> Iterator[_Ask]:
    """Who answers: the server that is running, or its files."""
    settings, directory, database = finding.find(config_file, data_dir)
    path = socket_path(database)
    try:
        ask(path, {"do": "nothing"})
    except NobodyThere:
        if not database.exists():
            raise Failure(f"there is no database {database}. Give --config or --data-dir of the server.") from None
        from triochat.holdings import offline  # this is most of the server, which usually runs

        with offline(settings, directory) as asked:
            yield asked
        return

    def ask_server(request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return ask(path, request)
        except NobodyThere:
            return {"error": "The server has stopped meanwhile: begin again."}

    yield ask_server
