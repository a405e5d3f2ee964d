"""One town's part of a Redis: all its stores on one connection."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from tinytown.domain.town import TownName
from tinytown.store.connection import Connection
from tinytown.store.keys import Keys

if TYPE_CHECKING:
    from tinytown.domain.agent import Agent
    from tinytown.domain.ids import AgentId, TaskId
    from tinytown.domain.task import Task
    from tinytown.store.agents import AgentStore
    from tinytown.store.answers import AnswerStore
    from tinytown.store.api_keys import ApiKeyStore
    from tinytown.store.audit import AuditTrail
    from tinytown.store.census import CensusStore
    from tinytown.store.docket import DocketStore
    from tinytown.store.events import EventLog
    from tinytown.store.github import GitHubStore
    from tinytown.store.mailbox import Mailbox
    from tinytown.store.missions import MissionStore
    from tinytown.store.notifications import NotificationStore
    from tinytown.store.permits import PermitStore
    from tinytown.store.scaler import ScalerStore
    from tinytown.store.scaling import ScalingStore
    from tinytown.store.scripts import Scripts
    from tinytown.store.task_order import TaskOrder
    from tinytown.store.tasks import TaskStore
    from tinytown.store.turns import TurnStore
    from tinytown.store.workers import Leadership, WorkerStore

__all__ = ["TownStore"]


class TownStore:
    """The stores of one town."""

    def __init__(self, connection: Connection, town: TownName, *, streams: bool = False) -> None:
        self.connection = connection
        self.keys = Keys(town, streams=streams)

    # Each store is imported when it is asked for: most commands need one or two.

    @cached_property
    def scripts(self) -> Scripts:
        """The Lua scripts, on this connection."""
        from tinytown.store.scripts import Scripts

        return Scripts(self.connection)

    @cached_property
    def agents(self) -> AgentStore:
        """Records and names of agents."""
        from tinytown.store.agents import AgentStore

        return AgentStore(self.connection, self.keys, self.scripts)

    @cached_property
    def tasks(self) -> TaskStore:
        """Records of tasks, the backlog."""
        from tinytown.store.tasks import TaskStore

        return TaskStore(self.connection, self.keys, self.scripts)

    @cached_property
    def task_order(self) -> TaskOrder:
        """Tasks in their order, for pages."""
        from tinytown.store.task_order import TaskOrder

        return TaskOrder(self.connection, self.keys, self.scripts)

    @cached_property
    def mail(self) -> Mailbox:
        """Messages that wait, dead letters, receipts."""
        from tinytown.store.mailbox import Mailbox

        return Mailbox(self.connection, self.keys, self.scripts)

    @cached_property
    def turns(self) -> TurnStore:
        """Leases on agents."""
        from tinytown.store.turns import TurnStore

        return TurnStore(self.connection, self.keys, self.scripts)

    @cached_property
    def events(self) -> EventLog:
        """Event streams, activity, output, counters."""
        from tinytown.store.events import EventLog

        return EventLog(self.connection, self.keys, self.scripts)

    @cached_property
    def docket(self) -> DocketStore:
        """The stream of bells, where the town uses one."""
        from tinytown.store.docket import DocketStore

        return DocketStore(self.keys, self.scripts)

    @cached_property
    def workers(self) -> WorkerStore:
        """Workers that were heard of lately."""
        from tinytown.store.workers import WorkerStore

        return WorkerStore(self.connection, self.keys, self.scripts)

    @cached_property
    def leadership(self) -> Leadership:
        """Which clock leads."""
        from tinytown.store.workers import Leadership

        return Leadership(self.connection, self.keys.leader, self.keys.leader_epoch, self.scripts)

    @cached_property
    def scaler(self) -> ScalerStore:
        """Which scaler leads, and what it keeps in mind."""
        from tinytown.store.scaler import ScalerStore

        return ScalerStore(self.connection, self.keys, self.scripts)

    @cached_property
    def answers(self) -> AnswerStore:
        """What was answered to requests that may be repeated."""
        from tinytown.store.answers import AnswerStore

        return AnswerStore(self.connection, self.keys)

    @cached_property
    def census(self) -> CensusStore:
        """The whole town at a glance."""
        from tinytown.store.census import CensusStore

        return CensusStore(self.connection, self.keys)

    @cached_property
    def api_keys(self) -> ApiKeyStore:
        """Records of named API keys."""
        from tinytown.store.api_keys import ApiKeyStore

        return ApiKeyStore(self.connection, self.keys, self.scripts)

    @cached_property
    def permits(self) -> PermitStore:
        """How often callers called."""
        from tinytown.store.permits import PermitStore

        return PermitStore(self.connection, self.keys, self.scripts)

    @cached_property
    def notifications(self) -> NotificationStore:
        """News on its way to people."""
        from tinytown.store.notifications import NotificationStore

        return NotificationStore(self.connection, self.keys, self.scripts)

    @cached_property
    def missions(self) -> MissionStore:
        """Records of missions, and who drives them."""
        from tinytown.store.missions import MissionStore

        return MissionStore(self.connection, self.keys, self.scripts)

    @cached_property
    def github(self) -> GitHubStore:
        """What is remembered of GitHub."""
        from tinytown.store.github import GitHubStore

        return GitHubStore(self.connection, self.keys)

    @cached_property
    def audit(self) -> AuditTrail:
        """Who did what through townhall."""
        from tinytown.store.audit import AuditTrail

        return AuditTrail(self.connection, self.keys)

    @cached_property
    def scaling(self) -> ScalingStore:
        """How much there is to do, for autoscalers."""
        from tinytown.store.scaling import ScalingStore

        return ScalingStore(self.connection, self.keys, self.scripts)

    def task_with_agent(self, task: TaskId, agent: AgentId | None) -> tuple[Task | None, Agent | None]:
        """A task, and the agent that it may be meant for, in one round trip."""
        from tinytown.store.records import decode_agent, decode_task, read_many

        keys = [self.keys.task(task), *(() if agent is None else (self.keys.agent(agent),))]
        raw_task, raw_agent = [*read_many(self.connection, keys), None][:2]
        return (
            None if raw_task is None else decode_task(raw_task, keys[0]),
            None if raw_agent is None else decode_agent(raw_agent, keys[1]),
        )

    def wipe(self) -> int:
        """Delete the town's keys in chunks; answers how many there were.

        The prefix holds no character that SCAN's patterns give a meaning to,
        and ends in a colon that no town's name has, so no other town's keys match.
        """
        gone, cursor = 0, b"0"
        while True:
            cursor, found = self.connection.call("SCAN", cursor, "MATCH", f"{self.keys.prefix}*", "COUNT", 500)
            if found:
                gone += int(self.connection.call("UNLINK", *found))
            if cursor == b"0":
                return gone
