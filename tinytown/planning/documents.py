"""What a document asks for: its open tasks, else its sections, else the whole of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import PurePath

import msgspec

from tinytown.domain.objective import GITHUB, IssueRef
from tinytown.errors import PlanRefused
from tinytown.planning.acceptance import criteria
from tinytown.planning.markdown import Block, blocks, joined, lines_of
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
    tasks = _outermost(read)
    if tasks:
        lines, places = lines_of(text), _places(read)
        named = [(at, _issue(path, read[at], home)) for at in tasks if not read[at].box]
        parts = [_task(lines, read, at, places[at]) for at, issue in named if issue is None]
        return Document(path=path, parts=_keyed(path, parts), issues=tuple(issue for _, issue in named if issue is not None))
    parts = _sections(lines_of(text), read)
    if not parts:
        title = next((title for block in read if block.heading and (title := titled(block.text))), titled(PurePath(path).name))
        parts = [Part(key="", title=title, body=text.strip(), acceptance=criteria(text), is_whole=True)]
    return Document(path=path, parts=_keyed(path, parts))


def free_key(path: str, title: str, taken: dict[str, int]) -> str:
    """A key that nobody has yet, and now has: the title as an anchor, numbered as GitHub does if there are more of its name.

    `taken` are the keys so far, each with the last number that was put behind it.
    """
    slug = re.sub(r"[^\w-]", "", re.sub(r"\s+", "-", title.strip().lower()))
    key = plain = f"{path}#{slug or 'item'}"
    while key in taken:
        taken[plain] += 1
        key = f"{plain}-{taken[plain]}"
    taken[key] = 0
    return key


def titled(text: str) -> str:
    """A text as a title: one line of printable characters, not too long."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"


def _outermost(read: Sequence[Block]) -> list[int]:
    """Where the tasks are that are in no other task."""
    kept: list[int] = []
    for at, block in enumerate(read):
        if block.box is not None and (not kept or block.first >= read[kept[-1]].end):
            kept.append(at)
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


def _task(lines: Sequence[str], read: Sequence[Block], at: int, place: str) -> Part:
    task = read[at]
    title = titled((task.text or task.source).splitlines()[0])
    inside = itertools.takewhile(lambda block: block.first < task.end, itertools.islice(read, at + 1, None))
    said = (task.source if task.source != title else "", joined(lines[task.after : task.end]), place)
    return Part(
        key="",
        title=title,
        body="\n\n".join(part for part in said if part),
        acceptance=tuple(block.source for block in inside if block.is_item and block.depth == task.depth + 1),
    )


def _places(read: Sequence[Block]) -> list[str]:
    """Under which headings each block stands."""
    places: list[str] = []
    headings: dict[int, str] = {}
    for block in read:
        if block.heading:
            headings = {level: title for level, title in headings.items() if level < block.heading} | {block.heading: titled(block.text)}
        places.append(f"Under: {' > '.join(headings.values())}" if headings else "")
    return places


def _sections(lines: Sequence[str], read: Sequence[Block]) -> list[Part]:
    """The sections of the second level, to the next heading of that level or above."""
    heads = [block for block in read if 0 < block.heading <= 2]
    ends = [*(head.first for head in heads[1:]), len(lines)]
    parts: list[Part] = []
    for head, end in zip(heads, ends, strict=False):
        title = titled(head.text)
        if head.heading == 2 and title:
            body = joined(lines[head.after : end])
            parts.append(Part(key="", title=title, body=body, acceptance=criteria(body)))
    return parts


def _keyed(path: str, parts: Sequence[Part]) -> tuple[Part, ...]:
    taken: dict[str, int] = {}
    return tuple(msgspec.structs.replace(part, key=free_key(path, part.title, taken)) for part in parts)
