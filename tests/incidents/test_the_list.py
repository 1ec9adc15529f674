"""The list of incidents in docs/security.md names tests that exist, and all tests of incidents."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from incidents.sources import ROOT

PAGE = ROOT / "docs" / "security.md"
_ROW = re.compile(r"^\| (S\d+) \|.*\| ([^|]*) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROWS = dict(_ROW.findall(PAGE.read_text("utf-8")))


@cache
def defined_in(path: str) -> set[str]:
    """The names of the tests of a module; none when there is no such module."""
    file = ROOT / path
    tree = ast.parse(file.read_text("utf-8")) if file.exists() else ast.Module([], [])
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def named() -> Iterator[tuple[str, str]]:
    """Module and name of each test on the page."""
    yield from _TEST.findall(PAGE.read_text("utf-8"))


def test_every_incident_is_in_the_list() -> None:
    assert list(ROWS) == [f"S{number}" for number in range(1, 26)]


@pytest.mark.parametrize("incident", ROWS)
def test_every_test_in_the_list_exists(incident: str) -> None:
    cell = ROWS[incident]
    found = _TEST.findall(cell)
    assert found
    assert _TEST.sub("", cell).replace("<br>", "") == ""
    assert [f"{path}::{name}" for path, name in found if name not in defined_in(path)] == []


def test_every_test_of_an_incident_is_in_the_list() -> None:
    """And tells the incident by its id."""
    missing, silent = [], []
    for file in sorted((ROOT / "tests" / "incidents").glob("test_*.py")):
        path = str(file.relative_to(ROOT))
        if file.name == "test_the_list.py":
            continue
        missing += [name for name in sorted(defined_in(path)) if (path, name) not in set(named())]
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in defined_in(path):
                told = re.match(r"S\d+[ :,]", ast.get_docstring(node) or "")
                silent += [] if told else [node.name]
    assert (missing, silent) == ([], [])
