"""`triochat serve`."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from triochat import app, config, datadir
from triochat.errors import Failure
from triochat.logs import diagnostics, event_log


@click.command(epilog="Example: triochat serve --port 6667 --data-dir ./chat")
@click.option("--host", metavar="ADDRESS", help="Address to listen on for chat. [127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port for chat; 0 takes a free one. [5000]")
@click.option("--admin-host", metavar="ADDRESS", help="Address of the admin console. [127.0.0.1]")
@click.option("--admin-port", type=click.IntRange(0, 65535), help="Port of the admin console. [5001]")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Settings in a TOML file.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Where logs and secrets are kept.")
@click.option("--tls-cert", metavar="FILE", help="Certificate chain for TLS (PEM). [generated]")
@click.option("--tls-key", metavar="FILE", help="Its private key (PEM).")
@click.option("--log-format", type=click.Choice(["text", "json"]), help="Format of the event lines. [text]")
@click.option("--insecure", is_flag=True, default=None, help="Allow plain text beyond this machine.")
@click.option("--quiet", is_flag=True, default=None, help="No event lines but those of start and stop.")
def serve(
    host: str | None,
    port: int | None,
    admin_host: str | None,
    admin_port: int | None,
    config_file: Path | None,
    data_dir: Path | None,
    tls_cert: str | None,
    tls_key: str | None,
    log_format: str | None,
    insecure: bool | None,
    quiet: bool | None,
) -> None:
    """Start a chat server.

    It needs no configuration: IRC clients, `triochat connect` and `nc` can join at once, and
    `telnet localhost 5001` manages it. Ctrl-C stops it kindly, a second Ctrl-C at once.
    """
    flags: dict[str, Any] = {
        "server.host": host,
        "server.port": port,
        "server.log_format": log_format,
        "server.quiet": quiet,
        "server.insecure": insecure,
        "tls.cert": tls_cert,
        "tls.key": tls_key,
        "admin.host": admin_host,
        "admin.port": admin_port,
    }
    doors = {"host": host, "port": port, "admin-host": admin_host, "admin-port": admin_port}
    environment = config.environment()
    load = partial(config.load, config_file, environment, flags)
    settings = load()
    if settings.listen and (given := [f"--{name}" for name, value in doors.items() if value is not None]):
        raise Failure(f"{config_file} names all doors in [[listen]]: change them there, not with {', '.join(given)}.")
    table = settings.server
    as_json = table.log_format == "json"
    with (
        diagnostics(table.log_level, as_json=as_json),
        event_log(as_json=as_json, show_messages=table.log_messages, quiet=table.quiet) as events,
    ):
        app.serve(settings, datadir.data_dir(data_dir, environment), environment, events, load)
