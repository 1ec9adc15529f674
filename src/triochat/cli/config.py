"""`triochat config`."""

import sys
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


@config.command("hash")
def hash_() -> None:
    """Ask for a password and print its argon2 hash, for admin.password_hash or password_hash of an [[oper]]. In a
    pipe the password is the first line of stdin."""
    import trio

    from triochat.passwords import ThreadedPasswords

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise click.UsageError("A password is missing.")
    click.echo(trio.run(ThreadedPasswords().make, password).argon2)


@config.command()
def default() -> None:
    """Print a commented file with every setting and its default."""
    click.echo(settings.default_file(), nl=False)


@config.command()
@click.option("--check", is_flag=True, help="Say whether the file that is there is valid.")
def client(check: bool) -> None:
    """Print a commented file with every setting of `triochat connect`; its second line says where to put it."""
    from triochat.cli.connect import load_settings
    from triochat.client import settings_file

    if check:
        load_settings()
        path = settings_file.default_path()
        click.echo(f"{path} is valid." if path.exists() else f"There is no {path}; the defaults count.")
    else:
        click.echo(settings_file.default_file(), nl=False)
