"""A town with something of everything in it, so that made-up requests find something."""

from __future__ import annotations

from tinytown.domain.ids import MissionId
from tinytown.domain.objective import IssueRef, PullRef
from tinytown.domain.pull_request import Check, CheckState, Issue, Mergeable, PullRequest
from tinytown.domain.turn import TurnReason
from tinytown.domain.worker import Worker
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal

__all__ = ["NAMED", "Row", "settle"]

WORKER = "here-1"

Row = dict[str, str]
"""What the parameters of paths can be, by their names."""

NAMED = ("agent", "to", "from")
"""Members of bodies and queries that name an agent."""


def settle(town: Rehearsal) -> list[Row]:
    """Let agents move in, with mail, tasks in several states, dead letters and output; answers where they are found."""
    ada = town.spawn("ada", cli="shell", role="backend")
    grace = town.spawn("grace", cli="shell")
    letters = [town.send("grace", text).id for text in ("one that nobody can read", "another")]
    town.answer_bells(_burying)
    done = town.assign("grace", "one that is done")
    town.answer_bells()
    waiting = town.assign("ada", "one that waits", tags=("review",))
    town.assignments.answer(waiting.id, str(waiting.wanted))
    mail = [town.send("ada", text, urgent=text == "now").id for text in ("later", "now")]
    idle = town.backlog.add("one that nobody has", tags=("review",))
    town.events.write_output(ada.id, 1, b"some output \xff\n")
    town.workers.announce(Worker(id=WORKER, host="here", pid=1, queues=("agents",), concurrency=1))
    return [
        {
            "agent": "ada",
            "worker": WORKER,
            "task": waiting.id,
            "task_id": idle.id,
            "message": mail[0],
            "letter": letters[0],
            **_under_way(town),
        },
        {
            "agent": grace.id[:8],
            "worker": WORKER,
            "task": done.id,
            "task_id": waiting.id,
            "message": mail[1],
            "letter": letters[1],
            **_mission(town, "acme/shop#1"),
        },
    ]


def _mission(town: Rehearsal, *issues: str) -> Row:
    """A mission that has begun; GitHub knows its issues."""
    for number in (1, 2, 3, 7):
        ref = IssueRef("acme", "shop", number)
        town.hub.issues[ref.key] = Issue(
            ref=ref, title=f"part {number}", body="Depends on #2." if number == 3 else "", fetched_at=town.clock.at
        )
    begun = town.missions.start(town.planner.plan(issues))
    town.missions.note(begun.mission.id, "mind the gap")
    return {"mission_id": begun.mission.id, "work_item_id": begun.items[0].id, "watch_id": "none"}


def _under_way(town: Rehearsal) -> Row:
    """One whose first item has a pull request that waits for a verdict."""
    pull = PullRef("acme", "shop", 17)
    checks = (Check(name="ci", state=CheckState.SUCCESS),)
    town.hub.pulls[pull.key] = PullRequest(ref=pull, head="c1", checks=checks, mergeable=Mergeable.YES, fetched_at=town.clock.at)
    row = _mission(town, "acme/shop#2", "acme/shop#3")
    mission = MissionId(row["mission_id"])
    for _ in range(2):
        town.mission_ticks.tick(mission)
        for task in town.tasks.matching():
            if task.mission_id == mission and not task.state.is_terminal:
                town.tasks.report(task.id, f"see {pull.url}")
    watch = next(watch for watch in town.missions.view(mission).watches if watch.is_open)
    return {**row, "mission_id": mission[:8], "watch_id": watch.id}


def _burying(town: Rehearsal, turn: Turn) -> Ending:
    for message, _ in turn.mail:
        town.turns.bury(turn, message, TurnReason.TIMEOUT.value, attempts=3)
    return Ending()
