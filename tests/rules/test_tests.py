"""The tests keep rules, too: no sleeping, and nobody is excused without a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.rules.project import ROOT, source_files, tree_of

FILES = [*source_files(folders=("tests",))]
WAITING = ROOT / "tests" / "waiting.py"
EXCUSES = {"skip", "skipif", "xfail"}


def test_tests_wait_for_something() -> None:
    sleeping = [
        f"{_name(path)}:{call.lineno}"
        for path in FILES
        if path != WAITING
        for call in _calls(path)
        if ast.unparse(call.func) in {"time.sleep", "sleep"}
    ]

    assert sleeping == [], "use wait_until"


def test_a_skipped_test_says_why() -> None:
    silent = [
        f"{_name(path)}:{call.lineno}"
        for path in FILES
        for call in _calls(path)
        if ast.unparse(call.func) in {f"pytest.mark.{name}" for name in EXCUSES} | {"pytest.skip", "pytest.xfail"}
        if not any(keyword.arg == "reason" for keyword in call.keywords) and not call.args
    ]
    bare = [
        f"{_name(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if ast.unparse(decorator) in {f"pytest.mark.{name}" for name in EXCUSES}
    ]

    assert silent + bare == []


def test_every_test_asserts_something() -> None:
    """A test without assert, raises or a checking call cannot fail for what it claims."""
    hollow = [
        f"{_name(path)}:{node.name}"
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if not any(_can_fail(inner) for inner in ast.walk(node))
    ]

    assert hollow == []


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _can_fail(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert | ast.Raise):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func).split(".")[-1]
    return name in {"raises", "warns", "fail", "wait_until"} or name.removeprefix("_").startswith(("assert", "check", "expect"))


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))
