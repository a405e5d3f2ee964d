"""The schemas of all types on the wire, as msgspec validates them, with what their docstrings say."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from tinytown.api.openapi.notes import notes_of

__all__ = ["Schemas", "portable"]

_REF = "#/components/schemas/{name}"


def portable(pattern: str) -> str:
    """A pattern of Python's as JSON Schema has it (ECMA-262): there, `$` is the very end."""
    return pattern.replace(r"\A", "^").replace(r"\Z", "$")


class Schemas:
    """The schemas of some types, and of all that they are made of.

    Attributes:
        components: by name.
    """

    def __init__(self, kinds: Iterable[Any]) -> None:
        self._kinds = list(dict.fromkeys(one for kind in kinds for one in _alternatives(kind)))
        made, components = msgspec.json.schema_components(self._kinds, ref_template=_REF)
        self.components: dict[str, Any] = dict(sorted(_portable(components).items()))
        self._made = dict(zip(self._kinds, _portable(made), strict=True))
        for kind in _parts(self._kinds):
            if kind.__name__ in self.components:
                self._describe(kind, self.components[kind.__name__])

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type: mostly a reference; of several structs, any of them."""
        found = [dict(self._made[one]) for one in _alternatives(kind)]
        return found[0] if len(found) == 1 else {"anyOf": found}

    def parameters(self, kind: type[msgspec.Struct]) -> list[dict[str, Any]]:
        """The members of a query as parameters."""
        schema = self.components[kind.__name__]
        required = set(schema.get("required", ()))
        found = []
        for name, each in schema["properties"].items():
            inner = _bare({key: value for key, value in each.items() if key != "description"})
            text = each.get("description") or inner.pop("description", "")
            found.append({"name": name, "in": "query", "required": name in required, "description": text, "schema": inner})
        return found

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """What a reference stands for."""
        name = schema.get("$ref", "").rpartition("/")[2]
        found: dict[str, Any] = self.components[name] if name else schema
        return found

    def _describe(self, kind: type[Any], schema: dict[str, Any]) -> None:
        notes = notes_of(kind)
        summary = (inspect.getdoc(kind) or "").partition("\n\nAttributes:")[0].strip()
        if issubclass(kind, Enum):
            members = [f"- `{member.value}`: {notes[str(member.value)]}" for member in kind if str(member.value) in notes]
            schema["description"] = "\n".join([summary, "", *members]) if members else summary
            return
        schema["description"] = summary
        names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
        for name, text in notes.items():
            member = schema.get("properties", {}).get(names.get(name, name))
            if member is not None:
                member["description"] = f"{member['description']} {text}" if "description" in member else text


def _portable(schema: Any) -> Any:
    """A schema with patterns as JSON Schema has them: the ends of a text are written otherwise in Python."""
    if isinstance(schema, dict):
        return {key: portable(value) if key == "pattern" and isinstance(value, str) else _portable(value) for key, value in schema.items()}
    return [_portable(each) for each in schema] if isinstance(schema, list | tuple) else schema


def _alternatives(kind: Any) -> tuple[Any, ...]:
    """The structs of a union of structs, which msgspec takes for one type only when they are tagged."""
    return get_args(kind) if isinstance(kind, UnionType) else (kind,)


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter's schema without null: what is left out is left out."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        return {**{key: value for key, value in schema.items() if key not in {"anyOf", "default"}}, **options[0]}
    return {key: value for key, value in schema.items() if value is not None or key != "default"}


def _parts(kinds: Iterable[Any]) -> list[type[Any]]:
    """All structs and enumerations that the types are made of."""
    found: dict[type[Any], None] = {}
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if get_origin(kind) is not None:
            waiting += [part for part in get_args(kind) if not isinstance(part, str)]
        elif isinstance(kind, type) and issubclass(kind, Enum):
            found[kind] = None
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in found:
            found[kind] = None
            waiting += [field.type for field in msgspec.structs.fields(kind)]
        elif isinstance(kind, UnionType) or kind is Union:
            waiting += list(get_args(kind))
    return list(found)
