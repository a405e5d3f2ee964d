"""When work counts as done: the acceptance criteria in the body of an issue."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tinytown.planning.markdown import Block, blocks, joined, lines_of
from tinytown.planning.references import REFERENCE

__all__ = ["criteria"]

_HEADED = re.compile(
    r"(?:acceptance(?:\s+(?:criteria|criterion|tests?|checks?))?|definition\s+of\s+done|dod|done\s+when|success\s+criteria|criteria(?:\s+of\s+acceptance)?"
    r"|what\s+(?:must\s+work|proves\s+it))\W*\Z",
    re.IGNORECASE,
)


def criteria(text: str) -> tuple[str, ...]:
    """The criteria of a text in Markdown.

    They are the items, else the paragraphs, of a section that is headed so. Without such a
    section they are the entries of task lists that are no references to issues.
    """
    lines = lines_of(text)
    read = [block for block in blocks(text) if not block.quoted]
    for at, block in enumerate(read):
        if not block.is_item and _HEADED.match(block.text.strip()):
            listed = _in_section(lines, block, read[at + 1 :])
            if listed:
                return listed
    return tuple(_whole(lines, block) for block in read if block.box is not None and block.depth == 1 and not REFERENCE.match(block.said))


def _in_section(lines: Sequence[str], head: Block, following: Sequence[Block]) -> tuple[str, ...]:
    section: list[Block] = []
    for block in following:
        if block.heading and (not head.heading or block.heading <= head.heading):
            break
        if not head.heading and section and not block.depth:
            break  # below a line that is no heading, the section is the list
        section.append(block)
    items = tuple(_whole(lines, block) for block in section if block.is_item and block.depth == 1)
    return items if items or not head.heading else tuple(block.source for block in section if not block.heading)


def _whole(lines: Sequence[str], item: Block) -> str:
    """A list item with what is nested in it."""
    inner = joined(lines[item.after : item.end])
    return item.source if not inner else f"{item.source}\n{inner}"
