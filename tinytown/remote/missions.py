"""The missions of a town elsewhere: beginning them, and what people say to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MissionId
from tinytown.domain.mission import Mission, MissionState, Policy
from tinytown.domain.note import Note
from tinytown.domain.task import mended
from tinytown.domain.watch import Watch
from tinytown.domain.work_item import WorkItem, WorkStatus
from tinytown.errors import InvalidValue, WatchNotFound, WorkItemNotFound
from tinytown.planning.graph import Plan
from tinytown.remote.client import segment
from tinytown.remote.desk import RemoteDesk
from tinytown.remote.events import RemoteEvents
from tinytown.remote.mission_reading import RemoteMissionReader, path_of
from tinytown.remote.missions_told import Told, item_told, watch_told
from tinytown.remote.planning import RemotePlanner
from tinytown.services.mission_reading import MissionView
from tinytown.services.missions import Moved

__all__ = ["RemoteMissions"]


class _Begun(msgspec.Struct, frozen=True, kw_only=True):
    mission_id: MissionId


class _Moved(msgspec.Struct, frozen=True, kw_only=True):
    previous_state: MissionState
    mission: Told


class _Deleted(msgspec.Struct, frozen=True, kw_only=True):
    mission: Told


class _Retried(msgspec.Struct, frozen=True, kw_only=True):
    work_items: tuple[Told, ...]


class RemoteMissions(RemoteMissionReader):
    """What people do with missions through townhall.

    Whose word it is, townhall knows by the key: `by` and `sender` are for those who have a Redis.
    """

    def __init__(self, desk: RemoteDesk, events: RemoteEvents, planner: RemotePlanner) -> None:
        super().__init__(desk, events)
        self._planner = planner

    def policy(self, **changes: object) -> Policy:
        """The policy that the town's settings make, with changes; known once something was planned.

        Raises:
            InvalidValue: a change makes no sense.
        """
        try:
            return msgspec.convert({**msgspec.to_builtins(self._planner.usual_policy), **changes}, Policy)
        except msgspec.ValidationError as error:
            raise InvalidValue("policy", str(error)) from None

    def start(self, plan: Plan, policy: Policy, *, by: AgentId = SUPERVISOR_ID) -> MissionView:
        """Begin a mission with what was planned last.

        Raises:
            InvalidValue: the plan is empty.
            PlanRefused: it cannot be planned any more.
        """
        assert by == SUPERVISOR_ID, "agents have a Redis"
        if not plan.items:
            raise InvalidValue("plan", "there is nothing to do: every objective is skipped")
        begun = self._client.post("/v1/missions", _Begun, {**self._planner.request, "policy": policy})
        return self.view(begun.mission_id)

    def note(self, reference: str, body: str, *, sender: str) -> Note:  # noqa: ARG002
        """Say something to a mission; the next tick deals with it.

        Raises:
            InvalidValue: nothing is said, or too much.
            WrongState: the mission has ended.
        """
        said = mended(body).strip()
        if not said:
            raise InvalidValue("note", "the text is empty")
        return self._client.post(f"{path_of(reference)}/notes", Note, {"body": said})

    def pause(self, reference: str, reason: str = "", *, by: str) -> Moved:  # noqa: ARG002
        """Begin nothing new; what agents are at goes on, and counts."""
        return self._moved(reference, "pause", {"reason": mended(reason)})

    def resume(self, reference: str, *, by: str) -> Moved:  # noqa: ARG002
        """Go on; what stalls is tried again. Harmless when it runs."""
        return self._moved(reference, "resume")

    def stop(self, reference: str, *, by: str, force: bool = False) -> Moved:  # noqa: ARG002
        """Take everything back; with `force` the mission has failed, else it can be resumed."""
        return self._moved(reference, "stop", {"force": force})

    def complete(self, reference: str, *, by: str) -> Moved:  # noqa: ARG002
        """Say that a mission is completed; what is unfinished is cancelled."""
        return self._moved(reference, "complete")

    def fail(self, reference: str, reason: str | None, *, by: str) -> Moved:  # noqa: ARG002
        """Give a mission up."""
        return self._moved(reference, "fail", None if reason is None else {"reason": mended(reason)})

    def delete(self, reference: str, *, force: bool = False, by: str) -> Mission:  # noqa: ARG002
        """Forget a mission that has ended; with `force` any, after ending it.

        Raises:
            WrongState: it has not ended.
        """
        return self._told(self._client.delete(path_of(reference), _Deleted, {"force": force}).mission)

    def approve(self, reference: str, item: str | None, *, by: str, agent: AgentId | None = None, remark: str = "") -> WorkItem:  # noqa: ARG002
        """Approve an item as it is now; None: the one that waits for a verdict."""
        return self._item(reference, item, "approve", {"remark": mended(remark)})

    def reject(self, reference: str, item: str | None, reason: str, *, by: str, agent: AgentId | None = None) -> WorkItem:  # noqa: ARG002
        """Have an item changed; None: the one that waits for a verdict."""
        return self._item(reference, item, "reject", {"reason": mended(reason)})

    def redirect(self, reference: str, item: str | None, to: str, reason: str = "", *, by: str) -> WorkItem:  # noqa: ARG002
        """Give an item to another agent; None: the only one that is not finished."""
        return self._item(reference, item, "redirect", {"to": mended(to), "reason": mended(reason)})

    def retry(self, reference: str, item: str | None = None, *, by: str) -> tuple[WorkItem, ...]:  # noqa: ARG002
        """Give an item another chance; None: all that failed or wait for help."""
        return tuple(map(item_told, self._client.post(f"{self._path(reference, item)}/retry", _Retried).work_items))

    def update_item(
        self,
        reference: str,
        item: str,
        *,
        by: str,  # noqa: ARG002
        status: WorkStatus | None = None,
        artifacts: Sequence[str] = (),
    ) -> WorkItem:
        """Say how an item stands, or what it has made."""
        body = {"artifacts": [mended(artifact) for artifact in artifacts], **({} if status is None else {"status": status})}
        return item_told(self._client.patch(self._path(reference, item), dict, body))

    def snooze(self, reference: str, watch: str, span: timedelta, *, by: str) -> Watch:  # noqa: ARG002
        """Look at something again only after a while."""
        return self._watch(reference, watch, "snooze", {"duration_secs": int(span.total_seconds())})

    def override_watch(self, reference: str, watch: str, reason: str, *, by: str) -> Watch:  # noqa: ARG002
        """Let nothing wait for a watch any more."""
        return self._watch(reference, watch, "override", {"reason": mended(reason)})

    def _moved(self, reference: str, verb: str, body: object = None) -> Moved:
        moved = self._client.post(f"{path_of(reference)}/{verb}", _Moved, body)
        return Moved(before=moved.previous_state, mission=self._told(moved.mission))

    def _item(self, reference: str, item: str | None, verb: str, body: object) -> WorkItem:
        return item_told(self._client.post(f"{self._path(reference, item)}/{verb}", dict, body))

    def _watch(self, reference: str, watch: str, verb: str, body: object) -> Watch:
        return watch_told(self._client.post(f"{path_of(reference)}/watches/{segment(watch, WatchNotFound)}/{verb}", dict, body))

    def _path(self, reference: str, item: str | None) -> str:
        """Where an item is, or its mission; an item may be called by its issue, which does not fit into a path."""
        if item is None:
            return path_of(reference)
        meant = self.item(reference, item).id if "/" in item else item
        return f"{path_of(reference)}/work/{segment(meant, WorkItemNotFound)}"
