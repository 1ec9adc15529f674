"""What is said of the dependencies, and what CI installs, is what pyproject.toml asks for."""

import importlib.metadata
import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
CI = ROOT / ".ci"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGE = (ROOT / "docs" / "reference" / "dependencies.md").read_text("utf-8")

in_checkout = pytest.mark.skipif(not CI.exists(), reason="there is no .ci in a source distribution")


def rows(page: str) -> list[list[str]]:
    """The cells of each row of the page's tables."""
    found = re.findall(r"^\| ([^-|].*) \|$", page, re.MULTILINE)
    return [row.split(" | ") for row in found if not row.startswith("package ")]


def required(name: str) -> set[str]:
    """What *name* needs here, itself included."""
    found, waiting = set(), [canonicalize_name(name)]
    while waiting:
        package = waiting.pop()
        if package not in found:
            found.add(package)
            for text in importlib.metadata.requires(package) or ():
                requirement = Requirement(text)
                if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                    waiting.append(canonicalize_name(requirement.name))
    return found


def test_the_page_lists_the_dependencies_with_their_ranges() -> None:
    told = [(name, versions.strip("`")) for name, versions, *_ in (row for row in rows(PAGE) if len(row) == 4)]
    asked = [re.fullmatch(r"([\w.-]+)(.*)", text) for text in PROJECT["dependencies"]]
    assert told == [match.groups() for match in asked if match]
    assert all(cell for row in rows(PAGE) for cell in row)


def test_the_page_lists_what_they_bring_along() -> None:
    direct = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    needed = set().union(*map(required, direct))
    told = {canonicalize_name(row[0]) for row in rows(PAGE)}
    assert needed <= told
    assert told - needed <= {"cffi", "pycparser", "colorama"}  # on other platforms


@in_checkout
def test_every_dependency_is_pinned_within_its_range() -> None:
    lines = (CI / "constraints.txt").read_text("utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    versions = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}
    assert all(re.fullmatch(r"[\w.]+==[\w.]+", str(pin).replace("-", "_")) for pin in pins)
    asked = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    for requirement in map(Requirement, asked):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement
    for name in (Requirement(text).name for text in asked):
        assert required(name) <= versions.keys()


def audit() -> ModuleType:
    """.ci/audit.py as a module."""
    spec = importlib.util.spec_from_file_location("ci_audit", CI / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CLEAN = {"name": "trio", "version": "1.0", "vulns": []}
BAD = {"name": "h11", "version": "0.1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["0.2"]}]}
UNKNOWN = {"name": "click", "skip_reason": "Dependency not found on PyPI and could not be audited: click (1.0)"}


@in_checkout
@pytest.mark.parametrize(
    ("packages", "good", "said"),
    [
        ([CLEAN], True, "nothing is known against 1 packages"),
        ([CLEAN, BAD, UNKNOWN], False, "h11 0.1: PYSEC-1, fixed in 0.2"),
        ([CLEAN, UNKNOWN], True, "not audited: click"),
        ([UNKNOWN, UNKNOWN], True, "cannot be reached"),
    ],
)
def test_the_audit_fails_for_known_vulnerabilities_and_admits_what_it_does_not_know(
    packages: list[dict[str, object]], good: bool, said: str
) -> None:
    result = audit().verdict({"dependencies": packages})
    assert result[0] is good
    assert said in result[1]
