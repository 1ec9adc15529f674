"""The project's own source, for rules that a reader can check only everywhere at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = (ROOT / "src" / "triochat", ROOT / "admin" / "triochat_admin")


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Each module by its path from the root."""
    for package in PACKAGES:
        for path in sorted(package.rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def last_name(node: ast.expr) -> str:
    """What an expression is called: `password` for `self.server.password`, "" for what has no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call):
        return last_name(node.func)
    if isinstance(node, ast.Subscript):
        return last_name(node.value)
    return ""
