"""How soon a mission goes on: what happens while it is driven is not left for the next round."""

from __future__ import annotations

from datetime import timedelta

from tinytown.domain.ids import MissionId
from tinytown.domain.mission import MissionState
from tinytown.domain.objective import PullRef
from tinytown.domain.pull_request import Check, CheckState, Mergeable, PullRequest
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.planning.graph import Plan, PlannedItem
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal

PULL = PullRef("acme", "shop", 7)
SOON = timedelta(seconds=2)


def test_what_a_tick_has_merged_is_seen_in_that_tick(town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")
    town.spawn("rita", cli="shell", role="reviewer")
    good = Check(name="unit", state=CheckState.SUCCESS)
    town.hub.pulls[PULL.key] = PullRequest(
        ref=PULL, head="c1", base="main", mergeable=Mergeable.YES, checks=(good,), fetched_at=town.desk.now()
    )
    mission = _begun(town, "pay", reviewer_required=True, auto_merge=True)

    town.answer_bells(_open_and_approve)

    assert town.hub.merged == [(PULL, "c1")]
    assert town.missions.find(mission).state is MissionState.COMPLETED


def test_an_agent_that_gets_free_during_a_tick_is_not_overlooked(town: Rehearsal) -> None:
    mission = _begun(town, "pay")
    town.answer_bells()
    missions = town.desk.store.missions

    missions.take(mission, "token", timedelta(seconds=90))
    town.spawn("ada", cli="shell")
    missions.leave(mission, "token", timedelta(seconds=30))

    assert _is_due(town, mission)


def test_a_mission_that_has_come_to_want_agents_looks_for_them_again_soon(town: Rehearsal) -> None:
    """One may have got free between the look at the agents and the moment from which those that get free ring for it."""
    ada = town.spawn("ada", cli="shell")
    mission = _begun(town, "pay", "ship")
    town.answer_bells(lambda town, turn: None, most=2)
    turn = town.begin_turn(ada.id)
    assert turn is not None
    town.turns.start(turn, list(turn.tasks))
    town.tasks.complete(next(iter(turn.tasks)), "done", epoch=turn.epoch)

    town.mission_ticks.tick(mission)
    first = _is_due(town, mission, SOON)
    town.desk.store.connection.call("ZADD", town.desk.store.keys.missions_due, 1, mission)
    town.mission_ticks.tick(mission)

    assert (first, _is_due(town, mission, SOON)) == (True, False)


def _begun(town: Rehearsal, *keys: str, reviewer_required: bool = False, auto_merge: bool = False) -> MissionId:
    """A mission whose items follow one upon the other."""
    items = [PlannedItem(key=key, title=key, depends_on=keys[at - 1 : at] if at else ()) for at, key in enumerate(keys)]
    policy = town.missions.policy(reviewer_required=reviewer_required, auto_merge=auto_merge)
    return town.missions.start(Plan(items=tuple(items)), policy).mission.id


def _open_and_approve(town: Rehearsal, turn: Turn) -> Ending:
    for key, task in turn.tasks.items():
        verdict = Verdict.APPROVE if task.mission_task is MissionTask.REVIEW else None
        town.tasks.complete(key, f"{PULL.url} is open", epoch=turn.epoch, verdict=verdict)
    return Ending()


def _is_due(town: Rehearsal, mission: MissionId, within: timedelta = timedelta()) -> bool:
    now = town.desk.store.turns.now_ms()
    return mission in town.desk.store.missions.due(now + int(within.total_seconds() * 1000), 10)
