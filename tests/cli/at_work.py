"""Agents in the middle of a turn, without a worker and a program."""

from __future__ import annotations

import io
import sys

import pytest

from tinytown.domain.task import Task
from tinytown.services.turns import Turn
from tinytown.town import Town

__all__ = ["at_work", "deliver", "speak_as", "type_in"]


def deliver(town: Town, agent: str, text: str) -> Task:
    """A task in the mailbox of an agent."""
    given = town.tasks.deliver(town.assign(agent, text).id)
    assert given is not None
    return given


def at_work(town: Town, agent: str, text: str = "dig a hole") -> tuple[Task, Turn]:
    """A task that an agent is at, and its turn."""
    task = deliver(town, agent, text)
    turn = town.turns.begin(town.agents.find(agent).id, "a-worker", messages=50)
    assert turn is not None
    return task, town.turns.start(turn, [task.id])


def speak_as(turn: Turn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Call `tt` from now on as the program of that turn does."""
    monkeypatch.setenv("TINYTOWN_AGENT_ID", turn.agent.id)
    monkeypatch.setenv("TINYTOWN_AGENT_NAME", turn.agent.name)
    monkeypatch.setenv("TINYTOWN_TURN_EPOCH", str(turn.epoch))


def type_in(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the next command something on stdin."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
