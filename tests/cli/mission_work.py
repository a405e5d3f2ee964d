"""Missions for the tests of `tt mission`: made of manifests, which need no GitHub, with agents that report at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tinytown.domain.task import Task
from tinytown.domain.work_item import WorkItem
from tinytown.services.mission_reading import MissionView
from tinytown.town import Town

__all__ = ["CHAIN", "Items", "begun", "items_of", "tick", "work_done", "write_manifest"]

Items = Mapping[str, tuple[str, tuple[str, ...]]]
"""Items by title: their kind, and what they depend on."""

CHAIN: Items = {"Design it": ("design", ()), "Make it": ("implement", ("Design it",)), "Try it": ("test", ("Make it",))}
"""Each after the other."""


def write_manifest(folder: Path, items: Items | None = None, more: str = "") -> Path:
    """A manifest with these items, `mission.toml`."""
    entries = [
        f'[[items]]\ntitle = "{title}"\nkind = "{kind}"\ndepends_on = {list(after)}\n'
        for title, (kind, after) in (CHAIN if items is None else items).items()
    ]
    path = folder / "mission.toml"
    path.write_text("\n".join([*entries, more]), encoding="utf-8")
    return path


def begun(town: Town, folder: Path, items: Items | None = None, **policy: object) -> MissionView:
    """A running mission with these items."""
    plan = town.planner.plan([], manifest=write_manifest(folder, items))
    return town.missions.start(plan, town.missions.policy(**policy))


def tick(town: Town, view: MissionView) -> MissionView:
    """The mission after a tick."""
    town.mission_ticks.tick(view.mission.id)
    return town.missions.view(view.mission.id)


def items_of(view: MissionView) -> dict[str, WorkItem]:
    """Its items by title."""
    return {item.title: item for item in view.items}


def work_done(town: Town, view: MissionView, result: str = "done") -> MissionView:
    """The mission after whoever was at work for it has reported this, and a tick."""
    tasks = [_task(town, item) for item in view.items if item.task_id is not None]
    for task in tasks:
        town.tasks.complete(task.id, result)
    return tick(town, view)


def _task(town: Town, item: WorkItem) -> Task:
    assert item.task_id is not None
    return town.tasks.get(item.task_id)
