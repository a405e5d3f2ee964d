"""Planning for a town elsewhere: files are read here and sent along, issues are read there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tinytown.domain.mission import Policy
from tinytown.domain.objective import GITHUB, Objective
from tinytown.domain.work_item import WorkKind
from tinytown.errors import PlanRefused
from tinytown.planning.graph import Plan, PlannedItem
from tinytown.planning.manifest import manifest as manifest_in
from tinytown.planning.manifest import tables_of
from tinytown.remote.desk import RemoteDesk
from tinytown.remote.missions_told import issue_of
from tinytown.services.town_folder import TownFolder

__all__ = ["RemotePlanner"]


class _Awaited(msgspec.Struct, frozen=True, kw_only=True):
    ref: str


class _Planned(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    title: str
    kind: WorkKind
    role: str | None
    depends_on: tuple[str, ...]
    externals: tuple[_Awaited, ...]
    priority: int
    source_ref: str | None
    url: str | None
    body: str
    acceptance: tuple[str, ...]

    @property
    def item(self) -> PlannedItem:
        members = {name: getattr(self, name) for name in self.__struct_fields__}
        return PlannedItem(**{**members, "externals": tuple(issue_of(each.ref) for each in self.externals)})


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    objectives: tuple[Objective, ...]
    items: tuple[_Planned, ...]
    warnings: tuple[str, ...]
    manifest_policy: dict[str, Any]
    policy: Policy


class RemotePlanner:
    """Has plans made through townhall; what is asked for, and answered, is kept for the mission that is begun with it.

    Args:
        desk: of the town.
        here: the folder from which files are called, and whose repository a number alone means.
    """

    def __init__(self, desk: RemoteDesk, here: Path) -> None:
        self._client = desk.client
        self._folder = TownFolder(here)
        self.request: Mapping[str, object] = {}
        self.usual_policy = Policy()

    def plan(self, objectives: Sequence[str], *, docs: Sequence[str] = (), manifest: Path | None = None) -> Plan:
        """The plan for all that is asked for.

        Raises:
            PlanRefused: with everything that is wrong.
            Unavailable: nothing is wrong, but an issue could not be had just now.
        """
        home = self._folder.repository
        self.request = {
            "objectives": [*({"type": "text", "text": text} for text in objectives), *self._documents(docs, manifest)],
            **({} if manifest is None else {"manifest": self._file(manifest)}),
            **({} if home is None else {"home": {"owner": home.owner, "repo": home.repo, "host": home.host}}),
        }
        told = self._client.inquire("/v1/missions/plan", _Told, self.request)
        self.usual_policy = told.policy
        return Plan(
            objectives=told.objectives, items=tuple(each.item for each in told.items), warnings=told.warnings, policy=told.manifest_policy
        )

    def _documents(self, docs: Sequence[str], manifest: Path | None) -> list[dict[str, str]]:
        """The documents that are named, and those that the manifest speaks of; all that is wrong with them is told at once."""
        found: list[dict[str, str]] = []
        problems: list[str] = []
        spoken_of = [] if manifest is None else self._spoken_of(manifest)
        for doc in dict.fromkeys(map(self._folder.called, (*docs, *spoken_of))):
            try:
                found.append({"type": "doc", **self._file(doc)})
            except PlanRefused as error:
                problems += error.problems
        if problems:
            raise PlanRefused(tuple(problems))
        return found

    def _spoken_of(self, path: Path) -> list[str]:
        """The documents of which a manifest speaks; what is wrong with it, townhall tells better."""
        name, text = self._folder.called(path), self._folder.text(path)
        try:
            entries = manifest_in(name, tables_of(name, text), self._folder.repository, host=GITHUB).entries
        except PlanRefused:
            return []
        return [entry.doc for entry in entries if entry.doc is not None and "#" not in entry.doc and not entry.skip]

    def _file(self, path: str | Path) -> dict[str, str]:
        return {"path": self._folder.called(path), "text": self._folder.text(path)}
