"""Schemas as tables: every member with its type, its limits and what it means."""

from __future__ import annotations

from typing import Any

from tinytown.api.pages.markup import block, element, inline

__all__ = ["SchemaTables"]

DEEPEST = 4


class SchemaTables:
    """Shows schemas of one document."""

    def __init__(self, components: dict[str, Any]) -> None:
        self._components = components

    def table(self, schema: dict[str, Any], depth: int = 0) -> str:
        """The members of an object, or of the objects in a list."""
        found = self._resolved(schema)
        if "anyOf" in found:
            return "".join(self.table(option, depth) for option in found["anyOf"] if option.get("type") != "null")
        if found.get("type") == "array" and isinstance(found.get("items"), dict):
            return self.table(found["items"], depth)
        if "properties" not in found:
            return ""
        required = set(found.get("required", ()))
        rows = [self._row(name, member, depth, needed=name in required) for name, member in found["properties"].items()]
        return element("table", element("tbody", *rows), class_="members")

    def kind(self, schema: dict[str, Any]) -> str:
        """The type of a value, in words."""
        name = schema.get("$ref", "").rpartition("/")[2]
        found = self._resolved(schema)
        if "enum" in found:
            return " | ".join(element("code", str(value)) for value in found["enum"])
        if "anyOf" in found:
            return " or ".join(dict.fromkeys(self.kind(option) for option in found["anyOf"]))
        if found.get("type") == "array":
            items = found.get("items")
            return f"list of {self.kind(items)}" if isinstance(items, dict) else "list"
        return inline(name) if name else inline(str(found.get("format", found.get("type", "anything"))))

    def _row(self, name: str, member: dict[str, Any], depth: int, *, needed: bool) -> str:
        about = block(member.get("description") or "") + self._enumeration(member)
        inner = self.table(member, depth + 1) if depth < DEEPEST else ""
        if inner:
            about += element("details", element("summary", "its members"), inner)
        mark = element("span", "required", class_="needed") if needed else ""
        return element(
            "tr",
            element("th", element("code", name), mark, scope="row"),
            element("td", self.kind(member), _limits(self._resolved(member)), class_="kind"),
            element("td", about),
        )

    def _enumeration(self, member: dict[str, Any]) -> str:
        options = [self._resolved(option) for option in member.get("anyOf", [member])]
        return "".join(block(option["description"]) for option in options if "enum" in option and "description" in option)

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = schema.get("$ref", "").rpartition("/")[2]
        found: dict[str, Any] = self._components[name] if name else schema
        return found


def _limits(schema: dict[str, Any]) -> str:
    words = {"minimum": "at least", "maximum": "at most", "minLength": "characters, at least", "maxLength": "characters, at most"}
    found = [f"{text} {schema[key]}" for key, text in words.items() if key in schema]
    return element("small", ", ".join(found)) if found else ""
