"""Sizes and names of modules, and what they call public."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.rules.project import ROOT, modules, source_files, tree_of, words_of

LONGEST_MODULE = 300
REGISTERING = {"command", "group", "get", "post", "patch", "delete"}
NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "base"}

each_module = pytest.mark.parametrize("path", modules().values(), ids=modules())


@pytest.mark.parametrize("path", [*source_files(folders=("tinytown", "actors", "api", "cli", "scheduler", "tests"))], ids=lambda p: p.stem)
def test_a_module_is_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= LONGEST_MODULE, f"{path.relative_to(ROOT)} has {lines} lines: it holds more than one noun"


@pytest.mark.parametrize("name", [*modules()])
def test_a_module_is_named_for_what_it_holds(name: str) -> None:
    assert not words_of(name) & NAMES_THAT_SAY_NOTHING


@each_module
def test_a_class_is_named_for_what_it_is(path: Path) -> None:
    classes = [node.name for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]

    assert [name for name in classes if words_of(name) & NAMES_THAT_SAY_NOTHING] == []


@each_module
def test_a_module_says_what_it_is_responsible_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path)), f"{path.relative_to(ROOT)} has no docstring"


@each_module
def test_public_names_are_exactly_those_in_all(path: Path) -> None:
    tree = tree_of(path)
    listed = _listed(tree)

    defined = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef) and not _registers_itself(node)}

    assert {name for name in defined if not name.startswith("_")} <= listed, "public, but not in __all__"
    assert listed <= _bound(tree), "in __all__, but not there"


@each_module
def test_imports_are_absolute(path: Path) -> None:
    relative = [node.lineno for node in ast.walk(tree_of(path)) if isinstance(node, ast.ImportFrom) and node.level]

    assert relative == []


def _listed(tree: ast.Module) -> set[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            return set(ast.literal_eval(node.value))
    return set()


def _registers_itself(node: ast.ClassDef | ast.FunctionDef) -> bool:
    """Whether a decorator such as `@task.command(…)` or `@agents.get(…)` hands it to its group, which is the public name."""
    functions = [decorator.func for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(function, ast.Attribute) and function.attr in REGISTERING and not _is_click(function) for function in functions)


def _is_click(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id == "click"


def _bound(tree: ast.Module) -> set[str]:
    """The names that exist after import, or that `__getattr__` makes on demand."""
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update(alias.asname or alias.name.split(".")[0] for alias in aliases)
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=body):
                names.update(_bound(ast.Module(body=body, type_ignores=[])))
            case _:
                pass
    return names
