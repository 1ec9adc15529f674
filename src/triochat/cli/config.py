"""`triochat config`."""

from pathlib import Path

import click

from triochat import config as settings


@click.group(epilog="Example: triochat config default > triochat.toml")
def config() -> None:
    """Show, check or create settings."""


_file = click.option("--config", "file", type=click.Path(path_type=Path), help="A TOML file with settings.")


@config.command()
@_file
def show(file: Path | None) -> None:
    """Print the settings in effect: file, environment and defaults together. Passwords are hidden."""
    click.echo(settings.as_toml(settings.load(file, settings.environment(), {})), nl=False)


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say whether FILE is a valid configuration; exit status 1 when it is not."""
    settings.load(file, {}, {})
    click.echo(f"{file} is valid.")


@config.command()
def default() -> None:
    """Print a commented file with every setting and its default."""
    click.echo(settings.default_file(), nl=False)
