"""How commands that work on a running server and on the files of a stopped one find either: by the database."""

from collections.abc import Callable
from pathlib import Path

import click

from triochat import config, datadir
from triochat.errors import Failure
from triochat.settings import Settings


def options(command: Callable[..., object]) -> Callable[..., object]:
    """The options from which `find` takes its first two arguments."""
    file = click.option("--config", "config_file", type=click.Path(path_type=Path), help="The server's settings.")
    data = click.option("--data-dir", type=click.Path(path_type=Path), help="Where the server keeps its data.")
    return data(file(command))


def find(config_file: Path | None, data_dir: Path | None, otherwise: str = "") -> tuple[Settings, Path, Path]:
    """The server's settings, its data directory and its database. Raises Failure when it keeps nothing on disk; that
    says *otherwise* what to do."""
    environment = config.environment()
    settings = config.load(config_file, environment, {})
    directory = datadir.data_dir(data_dir, environment)
    database = datadir.database_path(settings, directory)
    if database is None:
        raise Failure(f"this server keeps nothing on disk{f': {otherwise}' if otherwise else ''}.")
    return settings, directory, database
