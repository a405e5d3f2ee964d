"""The services of an open town, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinytown.config import Settings
    from tinytown.github import GitHub
    from tinytown.notify import Sender
    from tinytown.services.agents import AgentService
    from tinytown.services.api_keys import ApiKeyService
    from tinytown.services.assignments import AssignmentService
    from tinytown.services.audit import AuditService
    from tinytown.services.backlog import BacklogService
    from tinytown.services.chronicle import Chronicle
    from tinytown.services.desk import Desk
    from tinytown.services.health import HealthService
    from tinytown.services.idempotency import IdempotencyService
    from tinytown.services.messages import MessageService
    from tinytown.services.mission_ledger import MissionLedger
    from tinytown.services.mission_ticks import MissionTicker
    from tinytown.services.missions import MissionService
    from tinytown.services.notifications import NotificationService
    from tinytown.services.permits import PermitService
    from tinytown.services.planning import PlanningService
    from tinytown.services.recovery import RecoveryService
    from tinytown.services.scaling import ScalingService
    from tinytown.services.tasks import TaskService
    from tinytown.services.turns import TurnService
    from tinytown.services.workers import WorkerService

__all__ = ["TownServices"]


class TownServices:
    """What can be done with a town, by noun."""

    desk: Desk
    settings: Settings
    root: Path | None

    # The services are imported when they are asked for: `tt status` needs none of them.

    @cached_property
    def agents(self) -> AgentService:
        """Registering, finding, stopping agents."""
        from tinytown.services.agents import AgentService

        return AgentService(self.desk)

    @cached_property
    def tasks(self) -> TaskService:
        """Giving tasks to agents, and what becomes of them."""
        from tinytown.services.tasks import TaskService

        return TaskService(self.desk, self.agents)

    @cached_property
    def backlog(self) -> BacklogService:
        """Tasks that nobody is meant for."""
        from tinytown.services.backlog import BacklogService

        return BacklogService(self.desk, self.agents, self.tasks)

    @cached_property
    def assignments(self) -> AssignmentService:
        """What the bells of tasks are answered with; for workers."""
        from tinytown.services.assignments import AssignmentService

        return AssignmentService(self.desk, self.tasks)

    @cached_property
    def messages(self) -> MessageService:
        """Sending, receiving, receipts, dead letters, broadcast."""
        from tinytown.services.messages import MessageService

        return MessageService(self.desk, self.agents, self.tasks)

    @cached_property
    def turns(self) -> TurnService:
        """Leases on agents; for workers."""
        from tinytown.services.turns import TurnService

        return TurnService(self.desk, self.tasks)

    @cached_property
    def workers(self) -> WorkerService:
        """Who is there to run turns, and who of them may go."""
        from tinytown.services.workers import WorkerService

        return WorkerService(self.desk, lambda: self.scaling)

    @cached_property
    def recovery(self) -> RecoveryService:
        """Sweeping, reclaiming, forgetting."""
        from tinytown.services.recovery import RecoveryService

        return RecoveryService(self.desk, self.agents, self.tasks, self.turns)

    @cached_property
    def health(self) -> HealthService:
        """Whether the town can work."""
        from tinytown.services.health import HealthService

        return HealthService(self.desk)

    @cached_property
    def idempotency(self) -> IdempotencyService:
        """Answers to requests that may be repeated."""
        from tinytown.services.idempotency import IdempotencyService

        return IdempotencyService(self.desk)

    @cached_property
    def chronicle(self) -> Chronicle:
        """What happened, for readers who go on where they were."""
        from tinytown.services.chronicle import Chronicle

        return Chronicle(self.desk, self.agents)

    @cached_property
    def api_keys(self) -> ApiKeyService:
        """Named keys for townhall."""
        from tinytown.services.api_keys import ApiKeyService

        return ApiKeyService(self.desk)

    @cached_property
    def permits(self) -> PermitService:
        """How often callers of townhall may call."""
        from tinytown.services.permits import PermitService

        return PermitService(self.desk)

    @cached_property
    def audit(self) -> AuditService:
        """Who did what through townhall."""
        from tinytown.services.audit import AuditService

        return AuditService(self.desk)

    @cached_property
    def notifications(self) -> NotificationService:
        """News for people who are away."""
        from tinytown.services.notifications import NotificationService

        return NotificationService(self.desk, self.senders)

    @cached_property
    def missions(self) -> MissionService:
        """Beginning missions, and what people say to them."""
        from tinytown.services.missions import MissionService

        return MissionService(self.desk, self.agents, self._ledger)

    @cached_property
    def mission_ticks(self) -> MissionTicker:
        """Driving missions; for the clock and its worker."""
        from tinytown.services.mission_ticks import MissionTicker

        return MissionTicker(self.desk, self._ledger, self.github)

    @cached_property
    def planner(self) -> PlanningService:
        """What a mission would do, before it is begun."""
        from tinytown.services.planning import PlanningService

        return PlanningService(self.desk, self.github(), Path.cwd() if self.root is None else self.root)

    @cached_property
    def _ledger(self) -> MissionLedger:
        from tinytown.services.errands import ErrandRunner
        from tinytown.services.mission_ledger import MissionLedger

        return MissionLedger(self.desk, ErrandRunner(self.desk, self.tasks, self.notifications))

    @cached_property
    def _github(self) -> GitHub:
        from tinytown.bootstrap import github_of

        return github_of(self.desk)

    def github(self) -> GitHub:
        """GitHub, as the settings say; it is connected to when it is first asked."""
        return self._github

    @cached_property
    def scaling(self) -> ScalingService:
        """How much there is to do, and how many workers should do it."""
        from tinytown.services.scaling import ScalingService

        return ScalingService(self.desk)

    def senders(self) -> Sequence[Sender]:
        """What tells people, a sender for each destination of the settings."""
        from tinytown.bootstrap import senders_of

        return senders_of(self.settings)
