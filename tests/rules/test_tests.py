"""The tests keep rules, too: no sleeping, and nobody is excused without a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.project import ROOT, source_files, tree_of

FILES = [*source_files(folders=("tests",))]
WAITING = ROOT / "tests" / "waiting.py"
EXCUSES = {"skip", "skipif", "xfail"}

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))


@each_file
def test_tests_wait_for_something(path: Path) -> None:
    sleeping = [call.lineno for call in _calls(path) if ast.unparse(call.func) in {"time.sleep", "sleep"} if path != WAITING]

    assert sleeping == [], "use wait_until"


@each_file
def test_a_skipped_test_says_why(path: Path) -> None:
    silent = [
        call.lineno
        for call in _calls(path)
        if ast.unparse(call.func) in {f"pytest.mark.{name}" for name in EXCUSES} | {"pytest.skip", "pytest.xfail"}
        if not any(keyword.arg == "reason" for keyword in call.keywords) and not call.args
    ]
    bare = [
        node.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if ast.unparse(decorator) in {f"pytest.mark.{name}" for name in EXCUSES}
    ]

    assert silent + bare == []


@each_file
def test_every_test_asserts_something(path: Path) -> None:
    """A test without assert, raises or a checking call cannot fail for what it claims."""
    hollow = [
        node.name
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if not any(_can_fail(inner) for inner in ast.walk(node))
    ]

    assert hollow == []


def _can_fail(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert | ast.Raise):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func).split(".")[-1]
    return name in {"raises", "warns", "fail", "wait_until"} or name.removeprefix("_").startswith(("assert", "check", "expect"))


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))
