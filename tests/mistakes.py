"""Tables of mistakes: each row names a test that would notice one, and that test has to exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

__all__ = ["Row", "check_row", "rows_of"]

TESTS = Path(__file__).resolve().parent

Row = tuple[str, str]
"""A mistake in plain words, and the test that would notice it."""


def rows_of(table: str) -> list[Row]:
    """The rows of a table; every line that begins like one has to be one."""
    rows: list[Row] = re.findall(r"^- (.+) \| (\S+)$", table, re.MULTILINE)
    assert len(rows) == table.count("\n- "), "a row is `- mistake | module.test`"
    return rows


def check_row(row: Row, folder: str) -> None:
    """Fail unless the test exists: `module.test` in that folder of the tests, or `other.module.test` in another."""
    module, name = row[1].rsplit(".", 1)
    path = (TESTS if "." in module else TESTS / folder) / f"{module.replace('.', '/')}.py"

    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{path.name} has no {name}"
