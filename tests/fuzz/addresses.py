"""What proxies say: PROXY headers, and X-Forwarded-For."""

import ipaddress

from triochat.net.proxy import BadHeader, Header, header, is_in, networks
from triochat.net.upgrade import address_in

_LONGEST = 4096
_TRUSTED = networks(["127.0.0.0/8", "::1", "10.0.0.0/8"])


def proxy(data: bytes) -> None:
    """What the beginning of a header says is not taken back by what follows; nobody makes us wait for ever."""
    said: Header | str | None = None
    for size in sorted({*range(min(len(data), 130) + 1), *range(0, len(data), 61), len(data)}):
        found = _header(data[:size])
        assert said is None or found == said
        said = found
    assert _header(data + bytes(_LONGEST)) is not None
    if isinstance(said, Header):
        assert 0 < said.size <= len(data)
        _is_one_form(said.source)
    _is_one_form(address_in(data))
    text = data.decode("latin-1")
    is_in(text, _TRUSTED)
    try:
        networks(text.split(","))
    except ValueError as error:
        assert str(error)


def _header(data: bytes) -> Header | str | None:
    try:
        return header(data)
    except BadHeader as error:
        assert str(error).isprintable()
        return str(error)


def _is_one_form(source: str | None) -> None:
    """The address is one, in the form that limits and bans compare."""
    if source is not None:
        address = ipaddress.ip_address(source)
        assert str(address) == source
        assert "%" not in source and getattr(address, "ipv4_mapped", None) is None
