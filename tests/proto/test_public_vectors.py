"""The parser vectors that IRC implementations share (https://github.com/ircdocs/parser-tests).

Its fifth file, validate-hostname, does not apply: nobody tells this server a host name. A user's host is the address
of the connection, as the operating system reports it.
"""

from typing import Any

import pytest
from parser_tests import data

from triochat.domain.masks import match
from triochat.proto.message import format_line, parse, split_source


@pytest.mark.parametrize("case", data.msg_split["tests"], ids=lambda case: case["input"])
def test_message_is_split(case: dict[str, Any]) -> None:
    atoms, message = case["atoms"], parse(case["input"])
    assert message.command == atoms["verb"].upper()
    assert message.params == atoms.get("params", [])
    assert message.source == atoms.get("source", "")
    assert dict(message.tags) == {name: value or "" for name, value in atoms.get("tags", {}).items()}


@pytest.mark.parametrize("case", data.msg_join["tests"], ids=lambda case: case["desc"])
def test_message_is_joined(case: dict[str, Any]) -> None:
    atoms = case["atoms"]
    tags = {name: value or "" for name, value in atoms.get("tags", {}).items()}
    line = format_line(atoms["verb"], atoms.get("params", []), atoms.get("source", ""), tags)
    assert line in case["matches"]


@pytest.mark.parametrize("case", data.userhost_split["tests"], ids=lambda case: case["source"])
def test_source_is_split(case: dict[str, Any]) -> None:
    atoms = case["atoms"]
    assert split_source(case["source"]) == tuple(atoms.get(part, "") for part in ("nick", "user", "host"))


def pairs(kind: str) -> list[tuple[str, str]]:
    """Each mask with each of its texts that it `matches` or `fails`."""
    return [(case["mask"], text) for case in data.mask_match["tests"] for text in case[kind]]


@pytest.mark.parametrize(("mask", "text"), pairs("matches"))
def test_mask_matches(mask: str, text: str) -> None:
    assert match(mask.lower(), text.lower())


@pytest.mark.parametrize(("mask", "text"), pairs("fails"))
def test_mask_does_not_match(mask: str, text: str) -> None:
    assert not match(mask.lower(), text.lower())
