"""What a server's STS capability says (https://ircv3.net/specs/extensions/sts). Pure."""

from datetime import timedelta

_LONGEST = 10 * 365 * 24 * 3600


def port(value: str) -> int | None:
    """The port to go over to with TLS; it counts on a connection without."""
    number = _number(value, "port")
    return number if number is not None and 0 < number < 65536 else None


def duration(value: str) -> timedelta | None:
    """How long from now the server wants encryption only; it counts on a connection with TLS."""
    number = _number(value, "duration")
    return None if number is None else timedelta(seconds=min(number, _LONGEST))


def _number(value: str, key: str) -> int | None:
    for token in value.split(","):
        name, _, text = token.partition("=")
        if name == key and text.isascii() and text.isdecimal() and len(text) < 20:
            return int(text)
    return None
