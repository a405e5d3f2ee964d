"""Which agent suits a work item: its lane, by role before name and by whole words, and a score."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.work_item import WorkKind

__all__ = ["Lane", "best", "is_reviewer", "lane_of", "matches", "score"]


class Lane(StrEnum):
    """What an agent is for."""

    GENERALIST = "generalist"
    BACKEND = "backend"
    FRONTEND = "frontend"
    DEVOPS = "devops"
    RESEARCHER = "researcher"
    RUNNER = "runner"
    TESTER = "tester"
    REVIEWER = "reviewer"


OPEN_TASK_COSTS = 30
"""What each open task takes from an agent's score."""

_L = Lane
_K = WorkKind
_CALLED = {
    word: lane
    for lane, words in {
        _L.REVIEWER: "reviewer review reviews audit auditor",
        _L.TESTER: "tester test tests testing qa",
        _L.BACKEND: "backend back api server database",
        _L.FRONTEND: "frontend front ui ux web client",
        _L.DEVOPS: "devops ops infra infrastructure deploy deployer sre",
        _L.RUNNER: "runner ci",
        _L.RESEARCHER: "researcher research explore explorer analyst investigator",
    }.items()
    for word in words.split()
}
_ALIASES = {"test": "tester", "review": "reviewer", "audit": "reviewer", "infra": "devops"}
_GENERAL = {"default", "worker"}
_MAKERS = frozenset({_L.BACKEND, _L.FRONTEND, _L.DEVOPS})

_BY_KIND: dict[WorkKind, dict[Lane, int]] = {
    kind: dict(zip((_L.BACKEND, _L.FRONTEND, _L.DEVOPS, _L.GENERALIST, _L.RESEARCHER, _L.RUNNER, _L.TESTER, _L.REVIEWER), row, strict=True))
    for kind, row in {
        _K.IMPLEMENT: (60, 60, 60, 60, 35, 35, 5, 0),
        _K.TEST: (45, 45, 45, 45, 30, 30, 85, 10),
        _K.REVIEW: (5, 5, 5, 20, 35, 5, 5, 100),
        _K.DESIGN: (55, 55, 55, 55, 75, 20, 10, 30),
        _K.MERGE_GATE: (35, 35, 35, 35, 20, 80, 10, 50),
        _K.FOLLOWUP: (50, 50, 50, 50, 50, 35, 20, 10),
    }.items()
}
_FOR_TESTER = {_L.GENERALIST: 45, _L.RESEARCHER: 20, _L.RUNNER: 20, _L.TESTER: 100, _L.REVIEWER: 5} | dict.fromkeys(_MAKERS, 30)
_FOR_REVIEWER = {_L.GENERALIST: 10, _L.RESEARCHER: 20, _L.RUNNER: 0, _L.TESTER: 0, _L.REVIEWER: 100} | dict.fromkeys(_MAKERS, 0)
_FOR_MAKER = {_L.GENERALIST: 55, _L.RESEARCHER: 20, _L.RUNNER: 20, _L.TESTER: 15, _L.REVIEWER: 0} | dict.fromkeys(_MAKERS, 35)

_WORD = re.compile(r"[a-z]+")
_AWAKE = {AgentState.IDLE: 0, AgentState.WORKING: 1, AgentState.STARTING: 2, AgentState.COLD: 3, AgentState.STOPPED: 4}


def lane_of(agent: Agent) -> Lane:
    """What an agent is for: its role says so, else its name.

    Of several words the last counts: an `api-reviewer` reviews. `default` and `worker` are
    for anything, whatever the name.
    """
    role = _role(agent)
    if role in _GENERAL:
        return Lane.GENERALIST
    for text in (role, agent.name):
        lane = _called("" if text is None else text)
        if lane is not None:
            return lane
    return Lane.GENERALIST


def is_reviewer(agent: Agent) -> bool:
    """Is reviewing what the agent is for? A role that says something else outweighs the name."""
    return _called(agent.name if (role := _role(agent)) is None else role) is Lane.REVIEWER


def matches(agent: Agent, owner_role: str) -> bool:
    """Has the agent the role that an item is for?"""
    wanted, role = _canonical(owner_role), _role(agent)
    if role is not None:
        return wanted == _canonical(role) or wanted == _called(role)
    lane = _called(agent.name)
    if wanted in _CALLED.values():
        return lane is not None and wanted == lane.value
    words, named = _WORD.findall(wanted), _WORD.findall(agent.name.lower())
    return bool(words) and any(named[at : at + len(words)] == words for at in range(len(named)))


def score(kind: WorkKind, owner_role: str | None, agent: Agent) -> int:
    """How well an agent suits an item, its load aside."""
    lane = lane_of(agent)
    if kind is WorkKind.REVIEW and lane is Lane.REVIEWER:
        return 120
    if owner_role is None or not owner_role.strip():
        return _BY_KIND[kind][lane]
    return 100 if matches(agent, owner_role) else _score_beside(kind, _canonical(owner_role), lane)


def best(kind: WorkKind, owner_role: str | None, candidates: Sequence[tuple[Agent, int]]) -> Agent | None:
    """The agent that should have an item; None if it suits nobody who has room for it.

    Args:
        kind: of the item.
        owner_role: whom the item is for.
        candidates: agents that could take it, each with the number of its open tasks.
    """
    rated = [(score(kind, owner_role, agent) - OPEN_TASK_COSTS * open_tasks, agent, open_tasks) for agent, open_tasks in candidates]
    suited = sorted(
        (entry for entry in rated if entry[0] > 0),
        key=lambda entry: (-entry[0], _AWAKE.get(entry[1].state, len(_AWAKE)), entry[2], entry[1].name),
    )
    return suited[0][1] if suited else None


def _score_beside(kind: WorkKind, wanted: str, lane: Lane) -> int:
    """The score of an agent that has another role than the one that is wanted."""
    match wanted:
        case Lane.BACKEND | Lane.FRONTEND | Lane.DEVOPS:
            return 5 if lane is Lane.TESTER and kind is WorkKind.IMPLEMENT else _FOR_MAKER[lane]
        case Lane.TESTER:
            return _FOR_TESTER[lane]
        case Lane.REVIEWER:
            return _FOR_REVIEWER[lane]
        case _:
            return _BY_KIND[kind][lane]


def _role(agent: Agent) -> str | None:
    """The agent's role; None for one that is blank."""
    role = None if agent.role_id is None else agent.role_id.strip().lower()
    return None if role == "" else role


@lru_cache(maxsize=4096)  # every item that wants an agent asks it of every agent
def _called(text: str) -> Lane | None:
    return next((_CALLED[word] for word in reversed(_WORD.findall(text.lower())) if word in _CALLED), None)


def _canonical(role: str) -> str:
    plain = role.strip().lower()
    return _ALIASES.get(plain, plain)
