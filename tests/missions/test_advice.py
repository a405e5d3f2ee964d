"""What a request for help advises: done as it says, the mission goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from tests.missions.scene import PATIENCE, Scene, issue, planned
from tinytown.domain.pull_request import Issue, IssueState
from tinytown.domain.verdict import Verdict
from tinytown.domain.work_item import Waiting, WorkStatus


def lonely() -> Scene:
    """A mission in a town without agents."""
    scene = Scene(agents={})
    scene.tick()
    return scene


def asked(scene: Scene) -> str:
    """The one request for help there is, as it is read."""
    (message,) = scene.help()
    return str(message.question)


Act = Callable[[Scene], object]


def _spawn(role: str) -> Act:
    return lambda scene: scene.town.spawn("nina", role=role)


def _update(status: WorkStatus) -> Act:
    return lambda scene: scene.town.missions.update_item(scene.id, scene.item().id, by="rob", status=status)


def _retry(scene: Scene) -> object:
    return scene.town.missions.retry(scene.id, scene.item().id, by="rob")


def _approve(scene: Scene) -> object:
    return scene.town.missions.approve(scene.id, scene.item().id, by="rob")


def _reject(scene: Scene) -> object:
    return scene.town.missions.reject(scene.id, scene.item().id, "not like this", by="rob")


def _resume(scene: Scene) -> object:
    return scene.town.missions.resume(scene.id, by="rob")


def _unreviewed() -> Scene:
    scene = Scene(agents={"ada": "backend"})
    scene.go()
    return scene


def _interrupted() -> Scene:
    scene = Scene(agents={"ada": "backend", "bob": "frontend"})
    scene.tick()
    scene.town.agents.interrupt("ada")
    scene.tick(PATIENCE)
    return scene


def _held() -> Scene:
    scene = Scene()
    scene.tick()
    _update(WorkStatus.BLOCKED)(scene)
    scene.tick()
    return scene


def _unclear() -> Scene:
    scene = Scene()
    scene.verdict = None
    scene.go()
    scene.verdict = Verdict.APPROVE
    return scene


def _dependent(state: IssueState | None) -> Callable[[], Scene]:
    def make() -> Scene:
        scene = Scene(planned(1, externals=(issue(99),)))
        if state is not None:
            scene.town.hub.issues[issue(99).key] = Issue(ref=issue(99), title="x", state=state, fetched_at=scene.town.clock.now())
        scene.tick()
        return scene

    return make


@pytest.mark.parametrize(
    ("begin", "words", "act", "after"),
    [
        (lonely, "no agent could do it. Spawn one (`tt spawn NAME`)", _spawn("backend"), WorkStatus.ASSIGNED),
        (_unreviewed, "there is no reviewer other than its author", _spawn("reviewer"), Waiting.REVIEW),
        (_unreviewed, "tt mission approve", _approve, Waiting.MERGE),
        (_unreviewed, "tt mission reject", _reject, WorkStatus.ASSIGNED),
        (_interrupted, "`tt resume ada` lets it go on", lambda scene: scene.town.agents.resume("ada"), WorkStatus.ASSIGNED),
        (_interrupted, "tt mission redirect", lambda scene: scene.note("redirect to bob"), WorkStatus.ASSIGNED),
        (_held, "has it made again", _retry, WorkStatus.ASSIGNED),
        (_held, "says that it is done", _update(WorkStatus.DONE), WorkStatus.DONE),
        (_unclear, "somebody to look at its reviews", _retry, Waiting.REVIEW),
        (_unclear, "(try again)", _resume, Waiting.REVIEW),
        (_unclear, "approve", _approve, Waiting.MERGE),
        (_unclear, "reject", _reject, WorkStatus.ASSIGNED),
        (_dependent(IssueState.NOT_PLANNED), "acme/shop#99, which is not planned", _update(WorkStatus.READY), WorkStatus.ASSIGNED),
        (_dependent(None), "acme/shop#99, which is missing", _update(WorkStatus.READY), WorkStatus.ASSIGNED),
    ],
)
def test_what_help_advises_helps(begin: Callable[[], Scene], words: str, act: Act, after: WorkStatus | Waiting) -> None:
    """Defects 17, 18, 22, 27 and 53: the cause is told, what the message says makes the mission go on, and it is withdrawn."""
    scene = begin()
    before = asked(scene)
    assert words in before

    act(scene)
    scene.tick()
    scene.town.answer_bells(lambda *_: None, most=6)
    scene.tick()

    assert after in {scene.item().status, scene.item().waiting_on} or (after, scene.item().status) == (
        WorkStatus.ASSIGNED,
        WorkStatus.RUNNING,
    )
    assert scene.help() == []


def test_a_dependency_that_is_open_is_waited_for_without_help() -> None:
    """Defect 53: shown, and waited for; closed, the item begins."""
    scene = _dependent(IssueState.OPEN)()
    for _ in range(3):
        scene.tick(timedelta(hours=1))
    assert scene.item().waiting_for == "acme/shop#99 (open)"
    assert scene.help() == []

    scene.town.hub.issues[issue(99).key] = msgspec.structs.replace(scene.town.hub.issues[issue(99).key], state=IssueState.CLOSED)
    assert scene.tick(timedelta(hours=1)).status is WorkStatus.ASSIGNED
