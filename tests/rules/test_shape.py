"""Sizes and names of modules, and what they call public."""

from __future__ import annotations

import ast

from tests.rules.project import FOLDERS, ROOT, modules, source_files, tree_of, words_of

LONGEST_MODULE = 300
REGISTERING = {"command", "group", "get", "post", "patch", "delete"}
NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "base"}

# One test looks at all modules: a test for each would spend its time on being set up.


def test_a_module_is_short() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in source_files(folders=(*FOLDERS, "tests"))}

    long = {str(path.relative_to(ROOT)): lines for path, lines in lengths.items() if lines > LONGEST_MODULE}

    assert long == {}, "they hold more than one noun"


def test_a_module_is_named_for_what_it_holds() -> None:
    assert [name for name in modules() if words_of(name) & NAMES_THAT_SAY_NOTHING] == []


def test_a_class_is_named_for_what_it_is() -> None:
    classes = [
        f"{module}.{node.name}" for module, path in modules().items() for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)
    ]

    assert [name for name in classes if words_of(name.rpartition(".")[2]) & NAMES_THAT_SAY_NOTHING] == []


def test_a_module_says_what_it_is_responsible_for() -> None:
    assert [module for module, path in modules().items() if not ast.get_docstring(tree_of(path))] == []


def test_public_names_are_those_in_all() -> None:
    hidden = {module: unlisted for module, path in modules().items() if (unlisted := _defined(tree_of(path)) - _listed(tree_of(path)))}

    assert hidden == {}, "public, but not in __all__"


def test_what_all_lists_is_there() -> None:
    missing = {module: lacking for module, path in modules().items() if (lacking := _listed(tree_of(path)) - _bound(tree_of(path)))}

    assert missing == {}, "in __all__, but not there"


def test_imports_are_absolute() -> None:
    relative = [
        f"{module}:{node.lineno}"
        for module, path in modules().items()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert relative == []


def _defined(tree: ast.Module) -> set[str]:
    """The public classes and functions of a module."""
    defined = {node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef) and not _registers_itself(node)}
    return {name for name in defined if not name.startswith("_")}


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
