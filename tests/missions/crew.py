"""The crew: what agents do in their turns, well or badly, by a number that a test draws."""

from __future__ import annotations

from contextlib import suppress

from tests.missions.forge import Forge
from tinytown.domain.task import Task
from tinytown.domain.turn import TurnReason
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.work_item import WorkKind
from tinytown.errors import TownError
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal, Work

__all__ = ["Crew"]


class Crew:
    """Agents that make, mend and review; each item has a pull request of its own."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self._numbers: dict[str, int] = {}
        self._made = 100

    def work(self, mood: int | None) -> Work:
        """What a turn does in a mood; None: everything as it should be."""

        def turn_out(town: Rehearsal, turn: Turn) -> Ending | None:
            if mood == 9:
                return None
            for task in turn.tasks.values():
                with suppress(TownError):
                    self._do(town, turn, task, mood)
            left = [one for one in turn.tasks if not town.tasks.get(one).state.is_terminal] if mood == 8 else []
            return Ending(reason=TurnReason.UNFINISHED, returned=tuple(message.id for message, _ in turn.mail)) if left else Ending()

        return turn_out

    def _do(self, town: Rehearsal, turn: Turn, task: Task, mood: int | None) -> None:
        if mood == 8:
            return
        if mood == 7:
            town.tasks.fail(task.id, "too hard", by=turn.agent.id, epoch=turn.epoch)
        elif task.mission_task is MissionTask.REVIEW and mood == 6:
            town.tasks.settle(task.id, "well, who knows", by=turn.agent.id, epoch=turn.epoch)
        elif task.mission_task is MissionTask.REVIEW:
            verdict = Verdict.REJECT if mood in {3, 4} else Verdict.APPROVE
            town.tasks.complete(task.id, f"I say {verdict}", by=turn.agent.id, epoch=turn.epoch, verdict=verdict)
        else:
            town.tasks.complete(task.id, self._make(town, task, mood), by=turn.agent.id, epoch=turn.epoch)

    def _make(self, town: Rehearsal, task: Task, mood: int | None) -> str:
        """Push to the item's pull request, or make it, another one or none."""
        assert task.mission_id is not None
        assert task.work_item_id is not None
        item = town.desk.store.missions.load(task.mission_id).items[task.work_item_id]  # type: ignore[union-attr]
        if item.kind in {WorkKind.DESIGN, WorkKind.REVIEW} or mood == 5:
            return "written down" if mood != 4 else "see acme/app#7777"
        if item.id not in self._numbers or mood == 4:
            self._made += 1
            self._numbers[item.id] = self._made
        checks = {None: "good", 1: "good", 2: "failed", 3: "no checks"}.get(mood, "pending")
        ref = self._forge.open(self._numbers[item.id], checks)
        return f"made {ref.url}"
