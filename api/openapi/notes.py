"""What the docstrings of types say of their members, which annotations cannot carry."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from enum import Enum
from typing import Any

__all__ = ["notes_of"]


def notes_of(kind: type[Any]) -> dict[str, str]:
    """A sentence for each member that has one: from the string below it, or from the class's `Attributes`.

    What a class inherits is among them.
    """
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__[:-1]):
        if each.__module__.startswith("tinytown."):
            found |= _attributes(each.__dict__.get("__doc__") or "")
            found |= _below(each)
    return found


def _below(kind: type[Any]) -> dict[str, str]:
    """The strings that stand below members."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for node, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            name = _name_of(node)
            if name is not None:
                member = getattr(kind, name).value if issubclass(kind, Enum) else name
                found[str(member)] = " ".join(after.value.value.split())
    return found


def _name_of(node: ast.stmt) -> str | None:
    match node:
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return None


def _attributes(docstring: str) -> dict[str, str]:
    """The entries of a section `Attributes:`."""
    section = re.search(r"^\s*Attributes:\n((?:\s+.*\n?)+)", docstring, re.MULTILINE)
    if section is None:
        return {}
    lines = textwrap.dedent(section[1]).splitlines()
    found: dict[str, str] = {}
    name = ""
    for line in lines:
        entry = re.match(r"(\w+): (.*)", line)
        if entry is not None:
            name = entry[1]
            found[name] = entry[2].strip()
        elif name:
            found[name] = f"{found[name]} {line.strip()}".strip()
    return {key: text[:1].upper() + text[1:] for key, text in found.items()}
