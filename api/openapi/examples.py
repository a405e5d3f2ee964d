"""Examples made from schemas: of what is sent and answered, member by member."""

from __future__ import annotations

from typing import Any

from tinytown.api.openapi.schemas import Schemas

__all__ = ["example_of"]

_BY_FORMAT = {"date-time": "2026-01-01T12:00:00Z"}
_BY_TYPE: dict[str, Any] = {"string": "…", "integer": 0, "number": 0.0, "boolean": False, "null": None, "object": {}, "array": []}
DEEPEST = 6


def example_of(schemas: Schemas, schema: dict[str, Any], *, sent: bool = False, depth: int = 0) -> Any:
    """A value that fits a schema.

    Args:
        schemas: what references stand for.
        schema: of the value.
        sent: whether callers send it: then only what they must, or what has an example of its own.
        depth: how deep in a value this is.
    """
    found = schemas.resolved(schema)
    given = schema.get("examples", found.get("examples"))  # beside a reference stands what is said of this very member
    if given:
        return given[0]
    if "enum" in found:
        return found["enum"][0]
    if "const" in found:
        return found["const"]
    if "default" in schema and not (sent and schema["default"] is None):
        return schema["default"]
    if "anyOf" in found:
        options = [option for option in found["anyOf"] if option != {"type": "null"}]
        return example_of(schemas, options[0], sent=sent, depth=depth + 1) if sent or len(options) == len(found["anyOf"]) else None
    if found.get("type") == "object" and "properties" in found:
        return _object(schemas, found, sent=sent, depth=depth)
    if found.get("type") == "array" and depth < DEEPEST and isinstance(found.get("items"), dict):
        return [example_of(schemas, found["items"], sent=sent, depth=depth + 1)]
    if found.get("format") in _BY_FORMAT:
        return _BY_FORMAT[found["format"]]
    if found.get("type") in {"integer", "number"} and "minimum" in found:
        return found["minimum"]
    return _BY_TYPE.get(str(found.get("type")), "…")


def _object(schemas: Schemas, found: dict[str, Any], *, sent: bool, depth: int) -> dict[str, Any]:
    required = set(found.get("required", ()))
    return {
        name: example_of(schemas, member, sent=sent, depth=depth + 1)
        for name, member in found["properties"].items()
        if not sent or name in required or _has_example(schemas, member)
    }


def _has_example(schemas: Schemas, member: dict[str, Any]) -> bool:
    options = member.get("anyOf", [member])
    return any(option.get("examples") or schemas.resolved(option).get("examples") for option in options)
