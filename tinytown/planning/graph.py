"""The plan of a mission: what is to be done, what must be done before, and in which order."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tinytown.domain.objective import IssueRef, Objective
from tinytown.domain.work_item import WorkKind
from tinytown.errors import PlanRefused

__all__ = ["Plan", "PlannedItem", "layers", "ordered"]


class PlannedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be done.

    Its key is `owner/repo#N`, or `path#slug` for a part of a document or manifest.
    """

    key: str
    title: str
    kind: WorkKind = WorkKind.IMPLEMENT
    role: str | None = None
    depends_on: tuple[str, ...] = ()
    """The keys of what must be done before."""
    externals: tuple[IssueRef, ...] = ()
    """Issues outside of the mission that must be settled before."""
    priority: int = 0
    source_ref: str | None = None
    url: str | None = None
    body: str = ""
    acceptance: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a mission is to do; nothing in it depends on something later in it.

    `policy` are the members of the mission's policy that its manifest gives.
    """

    objectives: tuple[Objective, ...] = ()
    items: tuple[PlannedItem, ...] = ()
    warnings: tuple[str, ...] = ()
    policy: dict[str, Any] = {}


def ordered(items: Sequence[PlannedItem]) -> tuple[PlannedItem, ...]:
    """The items with nothing before what it depends on; else by priority, then as given.

    Raises:
        PlanRefused: they depend on each other in a circle, whose path it names.
    """
    by_key = {item.key: item for item in items}
    places = {item.key: (-item.priority, at) for at, item in enumerate(items)}
    waiting = {item.key: len(item.depends_on) for item in items}
    dependants: dict[str, list[str]] = {key: [] for key in by_key}
    for item in items:
        for key in item.depends_on:
            dependants[key].append(item.key)
    ready = [(places[key], key) for key, count in waiting.items() if not count]
    heapq.heapify(ready)
    order: list[PlannedItem] = []
    while ready:
        _, key = heapq.heappop(ready)
        order.append(by_key[key])
        for later in dependants[key]:
            waiting[later] -= 1
            if not waiting[later]:
                heapq.heappush(ready, (places[later], later))
    if len(order) < len(items):
        path = " -> ".join(_circle({key: by_key[key].depends_on for key, count in waiting.items() if count}))
        raise PlanRefused((f"nothing could ever begin, for each of these depends on the next: {path}",))
    return tuple(order)


def layers(items: Sequence[PlannedItem]) -> tuple[tuple[PlannedItem, ...], ...]:
    """Ordered items by how many steps come before them; those of a layer can be done at the same time."""
    level: dict[str, int] = {}
    for item in items:
        level[item.key] = 1 + max((level[key] for key in item.depends_on), default=-1)
    return tuple(tuple(item for item in items if level[item.key] == at) for at in range(1 + max(level.values(), default=-1)))


def _circle(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """A circle among nodes each of which leads to another of them: its path, first and last the same."""
    key = next(iter(edges))
    path: dict[str, None] = {}
    while key not in path:
        path[key] = None
        key = next(each for each in edges[key] if each in edges)
    walked = list(path)
    circle = walked[walked.index(key) :]
    # It begins with what was given first, wherever the walk came in.
    start = min(range(len(circle)), key=lambda at: list(edges).index(circle[at]))
    circle = circle[start:] + circle[:start]
    return [*circle, circle[0]]
