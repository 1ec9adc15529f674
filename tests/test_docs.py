"""The documentation tells the truth where that can be checked: generated parts, links, commands, settings."""

import importlib.util
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from triochat.cli import triochat
from triochat.client import settings_file
from triochat.commands.table import COMMANDS as WIRE_COMMANDS
from triochat.config import load
from triochat.settings import TABLES, fields_of
from triochat_admin.commands import COMMANDS as CONSOLE_COMMANDS
from triochat_admin.grammar import find
from triochat_admin.remote import looks_like_address

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
REFERENCE = ROOT / "docs" / "reference"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_PATH = re.compile(r"^(?:src|admin|tests|docs)/[\w./-]+$")
_SHELL = {"|", "||", "&&", "&", ";", ">", ">>", "2>", "<", "(", ")"}


def generator() -> ModuleType:
    """docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(text: str, *languages: str) -> Iterator[str]:
    """The contents of code blocks in these languages."""
    return (body for language, body in _FENCE.findall(text) if language in languages)


def prose(text: str) -> str:
    """*text* without its code blocks."""
    return _FENCE.sub("", text)


def anchors(page: Path) -> set[str]:
    """What `#…` may follow the page's name, as GitHub makes it of headings."""
    headings = re.findall(r"^#+ (.*)$", prose(page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# -- generated parts


@pytest.mark.parametrize(
    "page", ["client.md", "commands.md", "configuration.md", "console.md", "irc.md", "metrics.md"]
)
def test_generated_parts_are_what_the_code_says(page: str) -> None:
    """When this fails, run `python docs/generate.py`."""
    text = (REFERENCE / page).read_text("utf-8")
    assert generator().renewed(page, text) == text


def test_generated_files_are_what_the_code_says() -> None:
    """When this fails, run `python docs/generate.py`."""
    for path, write in generator().FILES.items():
        assert path.read_text("utf-8") == write(), path


def test_every_setting_is_documented() -> None:
    text = (REFERENCE / "configuration.md").read_text("utf-8")
    missing = [
        f"{table}.{key}"
        for table, kind in TABLES.items()
        for key, _, _, sentence in fields_of(kind)
        if f"| `{key}` |" not in text.partition(f"## [{table}]")[2].partition("\n## ")[0] or not sentence
    ]
    assert missing == []


def test_every_command_is_documented() -> None:
    console = (REFERENCE / "console.md").read_text("utf-8")
    assert [c.name for c in CONSOLE_COMMANDS if f"## {c.name}\n" not in console] == []
    told = re.findall(r"^\| `([^`]+)`", (REFERENCE / "irc.md").read_text("utf-8"), re.MULTILINE)
    assert [name for name in WIRE_COMMANDS if not any(name in form.split() for form in told)] == []


# -- links and paths


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(prose(page.read_text("utf-8"))):
        if "://" in link:
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_exist(page: Path) -> None:
    """But those that a reader of a guide is told to make."""
    text = page.read_text("utf-8")
    to_make = set(re.findall(r"Save this as\s+`([^`]+)`", text))
    named = {path for path in _CODE.findall(prose(text)) if _PATH.match(path)} - to_make
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_every_page_can_be_reached() -> None:
    """From the README, by links."""
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in _LINK.findall(page.read_text("utf-8")) if "://" not in link)
        waiting += [(page.parent / link).resolve() for link in links if link]
    assert sorted(name_of(page) for page in set(PAGES) - reached) == []


# -- commands and examples


def shown_command_lines(text: str) -> Iterator[str]:
    """What the page tells to type in a shell."""
    for body in blocks(text, "console"):
        yield from (line[2:] for line in body.splitlines() if line.startswith("$ "))
    for body in blocks(text, "sh"):
        yield from body.splitlines()
    for body in blocks(text, "ini"):
        yield from (line.partition("=")[2] for line in body.splitlines() if line.startswith("ExecStart="))
    for code in _CODE.findall(prose(text)):
        if re.match(r"(\S*/)?triochat ", code) or " triochat " in code:
            yield code


def triochat_calls(line: str) -> Iterator[list[str]]:
    """The arguments of each call of triochat in a shell line."""
    line = re.sub(r"(?<=\s)\d>", ">", line.replace("…", ""))
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words = list(lexer)
    for i, word in enumerate(words):
        if word.rpartition("/")[2] == "triochat" and (i == 0 or words[i - 1] in _SHELL | {"sudo", "nohup", "$"}):
            call: list[str] = []
            for argument in words[i + 1 :]:
                if argument in _SHELL:
                    break
                call.append(argument)
            yield call


def check_call(arguments: list[str]) -> None:
    """Raise click.ClickException unless triochat would understand these arguments."""
    command: click.Command = triochat
    context = click.Context(command, info_name="triochat")
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name, found, arguments = command.resolve_command(context, arguments)
        assert found is not None
        command = found
        context = click.Context(command, info_name=name, parent=context)
    if isinstance(command, click.Group) and not arguments:
        return  # only its name is told
    try:
        parsed = command.make_context(context.info_name, list(arguments), parent=context.parent)
    except click.exceptions.MissingParameter:
        return  # a form, not an example
    except click.exceptions.Exit:
        return  # --help, --version
    words = list(parsed.params.get("words", ()))
    if words and looks_like_address(words[0]):
        words.pop(0)
    if words and words[0] not in ("COMMAND", "kcik"):
        find(CONSOLE_COMMANDS, words[0])


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_command_lines_can_be_typed(page: Path) -> None:
    for line in shown_command_lines(page.read_text("utf-8")):
        for arguments in triochat_calls(line):
            try:
                check_call(arguments)
            except Exception as error:
                raise AssertionError(f"{line!r}: {error}") from error


def test_wrong_command_lines_would_be_found() -> None:
    assert list(triochat_calls("date | .venv/bin/triochat connect --nmae Bob > x")) == [["connect", "--nmae", "Bob"]]
    with pytest.raises(click.NoSuchOption):
        check_call(["connect", "--nmae", "Bob"])
    with pytest.raises(click.UsageError):
        check_call(["conect"])


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_examples_are_well_formed(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    for body in blocks(text, "toml"):
        tomllib.loads(body)
        file = tmp_path / "triochat.toml"
        file.write_text(body, "utf-8")
        if page.name in ("client.md", "terminal.md", "window.md"):
            settings_file.load(file)
        else:
            load(file, {}, {})
    for body in blocks(text, "json"):
        for line in body.splitlines():
            json.loads(line)
    for body in blocks(text, "python"):
        if re.match(r" +[\w.]+: ", body):
            body = f"{{\n{body}}}"
        around = "match 0:\n" if body.lstrip().startswith("case ") else "if True:\n"
        compile(around + body if body.startswith(" ") else body, name_of(page), "exec")


# -- the README's two commands


@pytest.mark.parametrize(
    "command",
    [
        "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/triochat serve",
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest -q",
    ],
)
def test_the_readme_has_its_commands_on_lines_of_their_own(command: str) -> None:
    assert command in (ROOT / "README.md").read_text("utf-8").splitlines()


def test_the_first_line_with_pytest_is_the_test_command() -> None:
    """CI runs the line that this pattern finds."""
    found = re.search(r"^ *python3 -m venv .*pytest.*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    assert found[0] == "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/pytest -q"
