"""Where the person wants to go, as a form or a command line says it, and what is wrong with it. Pure."""

from dataclasses import dataclass, field
from typing import Literal

from triochat.client import address, names
from triochat.client.options import DEFAULT_ROOM, Options
from triochat.client.remembered import Visit
from triochat.client.settings import ServerSettings, Settings
from triochat.trust import parse_fingerprint

Field = Literal["", "address", "name", "room", "password"]
HERE = f"{address.DEFAULT_HOST}:{address.DEFAULT_PORT}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """*address* may be the name of a server in the settings. *tls* None: encrypt, but to this machine itself."""

    address: str = ""
    name: str = ""
    room: str = ""
    password: str = field(default="", repr=False)
    tls: bool | None = None
    trusted: str = ""
    """The fingerprint of the only certificate to accept."""


class Problem(ValueError):
    """Something in the *field* of the form is wrong. Its text is a sentence."""

    def __init__(self, field: Field, text: str) -> None:
        super().__init__(text)
        self.field = field


def from_visit(visit: Visit) -> Wanted:
    """The same again."""
    return Wanted(visit.address, visit.name, visit.room, tls=visit.tls)


def listed(wanted: Wanted, settings: Settings) -> Wanted:
    """*wanted*, with what the settings say of the server of that name."""
    server = settings.servers.get(wanted.address, ServerSettings(""))
    return Wanted(
        server.address or wanted.address,
        wanted.name or server.name,
        wanted.room or server.room,
        wanted.password,
        wanted.tls,
        wanted.trusted or server.trust,
    )


def options(wanted: Wanted, settings: Settings) -> Options:
    """What a chat begins with; raises Problem."""
    wanted = listed(wanted, settings)
    try:
        trusted = parse_fingerprint(wanted.trusted) if wanted.trusted else None
        tls = True if trusted and wanted.tls is None else wanted.tls
        place = address.parse(wanted.address.strip() or HERE, tls=tls)
    except ValueError as error:
        raise Problem("address", str(error)) from None
    if trusted and not place.tls:
        raise Problem("address", "A fingerprint to trust means encryption, and that was switched off.")
    if (problem := names.problem(wanted.name)) is not None:
        raise Problem("name", problem)
    room = wanted.room.strip()
    if room and (problem := names.room_problem(room)) is not None:
        raise Problem("room", problem)
    visit = Visit(address.without_password(wanted.address.strip() or HERE), wanted.name, room, wanted.tls)
    password = wanted.password or place.password or None
    return Options(place, room or place.room or DEFAULT_ROOM, password, trusted, settings, visit)
