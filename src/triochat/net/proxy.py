"""The PROXY protocol, versions 1 and 2: how a proxy tells from where a connection came to it. Pure.

Specification: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
"""

import ipaddress
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

V1 = b"PROXY "
"""How a header of version 1 begins."""

_V2 = b"\r\n\r\n\x00\r\nQUIT\n"
_V2_FIXED = 16
"""Bytes up to where the addresses begin."""
_LONGEST_V1 = 107
_LONGEST_V2 = 4096
"""More than addresses and any extension that is in use; nobody may make us keep 64 KB."""
_ADDRESSES: dict[int, tuple[type[ipaddress.IPv4Address] | type[ipaddress.IPv6Address], int]] = {
    0x11: (ipaddress.IPv4Address, 4),
    0x21: (ipaddress.IPv6Address, 16),
}
_FAMILIES = {b"TCP4": 4, b"TCP6": 6}


class BadHeader(Exception):
    """What came is no header of the PROXY protocol."""


class Header(NamedTuple):
    """What a header says."""

    source: str | None
    """The client's address; None: the connection is the proxy's own, such as a check whether we are here."""
    size: int
    """Bytes of the header; what follows is the client's."""


def header(data: bytes) -> Header | None:
    """The header that *data* begins with, None when more bytes are needed. Raises BadHeader."""
    if data.startswith(V1):
        return _version_1(data)
    if data.startswith(_V2):
        return _version_2(data)
    if V1.startswith(data) or _V2.startswith(data):
        return None
    raise BadHeader("no PROXY header")


def _version_1(data: bytes) -> Header | None:
    line, end, _ = data[:_LONGEST_V1].partition(b"\r\n")
    if not end:
        if len(data) >= _LONGEST_V1:
            raise BadHeader("the PROXY line does not end")
        return None
    size = len(line) + 2
    words = line.split(b" ")
    if words[1] == b"UNKNOWN":
        return Header(None, size)
    if len(words) != 6 or words[1] not in _FAMILIES:
        raise BadHeader("the PROXY line is malformed")
    try:
        source, destination = (ipaddress.ip_address(word.decode("ascii")) for word in words[2:4])
    except ValueError:
        raise BadHeader("an address in the PROXY line is malformed") from None
    if {source.version, destination.version} != {_FAMILIES[words[1]]} or "%" in str(source):
        raise BadHeader("an address in the PROXY line is of another kind than it says")
    if not all(word.isdigit() and len(word) <= 5 and int(word) <= 65535 for word in words[4:]):
        raise BadHeader("a port in the PROXY line is malformed")
    return Header(text_of(source), size)


def _version_2(data: bytes) -> Header | None:
    if len(data) < _V2_FIXED:
        return None
    version, command = data[12] >> 4, data[12] & 0x0F
    size = _V2_FIXED + int.from_bytes(data[14:16])
    if version != 2 or command > 1:
        raise BadHeader("the PROXY header is of an unknown version")
    if size > _LONGEST_V2:
        raise BadHeader("the PROXY header is too long")
    if len(data) < size:
        return None
    known = _ADDRESSES.get(data[13])
    if command == 0 or known is None:  # the proxy itself, or no address that we know of
        return Header(None, size)
    kind, width = known
    if size < _V2_FIXED + 2 * width + 4:
        raise BadHeader("the PROXY header is too short for its addresses")
    return Header(text_of(kind(data[_V2_FIXED : _V2_FIXED + width])), size)


def text_of(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """*address* as text; an IPv4 address in the clothes of an IPv6 one without them, or bans would not know it."""
    return str(getattr(address, "ipv4_mapped", None) or address)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks (`10.0.0.0/8`) as such. Raises ValueError with a sentence's beginning that names the
    first that is none."""
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise ValueError(f"'{text}' is no address or network") from None
    return tuple(found)


def is_in(address: str, trusted: Iterable[Network]) -> bool:
    """True when *address* belongs to one of these networks."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
