"""What a document asks for: its open tasks, else its sections, else the whole of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

import msgspec

from tinytown.domain.objective import GITHUB, IssueRef
from tinytown.errors import PlanRefused
from tinytown.planning.acceptance import criteria
from tinytown.planning.markdown import Block, blocks, lines_of, nested
from tinytown.planning.references import REFERENCE, as_issue, taken_from
from tinytown.planning.repository import Repository

__all__ = ["Document", "Part", "document", "free_key", "titled"]

LONGEST_TITLE = 200


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a document asks for; `is_whole` if it is the document itself."""

    key: str
    title: str
    body: str
    acceptance: tuple[str, ...] = ()
    is_whole: bool = False


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What a document asks for: work of its own, and issues that its task lists name."""

    path: str
    parts: tuple[Part, ...]
    issues: tuple[IssueRef, ...] = ()


def document(path: str, text: str, home: Repository | None) -> Document:
    """What the document asks for, in its order.

    The open ones of its outermost task-list items are its parts; what is nested in one is its
    body. Without a task list the parts are the sections of the second level, and without
    those there is one: to design what the document describes.

    Args:
        path: how the document is called.
        text: what is in it.
        home: the repository of `#N` in it.

    Raises:
        PlanRefused: a task is for an issue `#N`, and there is no such repository.
    """
    read = [block for block in blocks(text) if not block.quoted]
    tasks = _outermost([block for block in read if block.box is not None])
    if tasks:
        entries = [(task, _issue(path, task, home)) for task in tasks if not task.box]
        issues = tuple(issue for _, issue in entries if issue is not None)
        parts = [_task(text, read, task) for task, issue in entries if issue is None]
        return Document(path=path, parts=_keyed(path, parts), issues=issues)
    sections = [block for block in read if block.heading == 2 and titled(block.text)]
    if sections:
        return Document(path=path, parts=_keyed(path, [_section(text, read, head) for head in sections]))
    title = next((title for block in read if block.heading and (title := titled(block.text))), titled(PurePath(path).name))
    whole = Part(key="", title=title, body=text.strip(), acceptance=criteria(text), is_whole=True)
    return Document(path=path, parts=_keyed(path, [whole]))


def free_key(path: str, title: str, taken: set[str]) -> str:
    """A key that nobody has yet, and now has: the title as an anchor, numbered as GitHub does if there are more of its name."""
    slug = re.sub(r"[^\w-]", "", re.sub(r"\s+", "-", title.strip().lower()))
    plain = f"{path}#{slug or 'item'}"
    key = next(key for n in range(len(taken) + 1) if (key := f"{plain}-{n}" if n else plain) not in taken)
    taken.add(key)
    return key


def titled(text: str) -> str:
    """A text as a title: one line of printable characters, not too long."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def _outermost(tasks: Sequence[Block]) -> list[Block]:
    """The tasks that are in no other task."""
    kept: list[Block] = []
    for task in tasks:
        if not kept or task.first >= kept[-1].end:
            kept.append(task)
    return kept


def _issue(path: str, task: Block, home: Repository | None) -> IssueRef | None:
    """The issue that a task is for, if it begins with a reference."""
    found = REFERENCE.match(task.said)
    if found is None:
        return None
    ref = taken_from(found, home, host=GITHUB if home is None else home.host)
    if ref is None:
        raise PlanRefused((f"{path}: {found[0]} does not say of which repository: write owner/repo{found[0]}",))
    return as_issue(ref)


def _task(text: str, read: Sequence[Block], task: Block) -> Part:
    title = titled((task.text or task.source).splitlines()[0])
    inner = [block for block in read if block.is_item and task.first < block.first < task.end and block.depth == task.depth + 1]
    said = (task.source if task.source != title else "", nested(text, task), _place(read, task))
    return Part(key="", title=title, body="\n\n".join(part for part in said if part), acceptance=tuple(block.source for block in inner))


def _place(read: Sequence[Block], task: Block) -> str:
    """Under which headings a task stands."""
    headings: dict[int, str] = {}
    for block in read:
        if block.heading and block.first < task.first:
            headings = {level: title for level, title in headings.items() if level < block.heading} | {block.heading: titled(block.text)}
    return f"Under: {' > '.join(headings.values())}" if headings else ""


def _section(text: str, read: Sequence[Block], head: Block) -> Part:
    end = next((block.first for block in read if 0 < block.heading <= 2 and block.first > head.first), None)
    last = len(re.split(r"\r\n|\r|\n", text)) if end is None else end
    body = lines_of(text, head.after, last)
    return Part(key="", title=titled(head.text), body=body, acceptance=criteria(body))


def _keyed(path: str, parts: Sequence[Part]) -> tuple[Part, ...]:
    taken: set[str] = set()
    return tuple(msgspec.structs.replace(part, key=free_key(path, part.title, taken)) for part in parts)
