"""Markup: HTML from our own texts, with nothing in it that is not meant as such."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

__all__ = ["block", "element", "inline"]


def element(name: str, *inside: str, **attributes: str) -> str:
    """An element; what stands inside is HTML already, what an attribute says is not."""
    words = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{words}>{''.join(inside)}</{name}>"


def inline(text: str) -> str:
    """A text with its `code` as such."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def block(text: str) -> str:
    """A text of paragraphs and lists."""
    return "".join(_part(part) for part in re.split(r"\n\s*\n", text.strip()) if part.strip())


def _part(part: str) -> str:
    lines = [line.strip() for line in part.splitlines()]
    if all(line.startswith("- ") for line in lines):
        return element("ul", *_items(lines))
    return element("p", inline(" ".join(lines)))


def _items(lines: Iterable[str]) -> list[str]:
    return [element("li", inline(line.removeprefix("- "))) for line in lines]
