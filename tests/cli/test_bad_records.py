"""Records that are none of ours, and Redis going away: a sentence and an exit code, never a traceback."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Said, Tt
from tinytown.domain.agent import Agent
from tinytown.domain.task import Task
from tinytown.errors import RedisUnavailable
from tinytown.store.client import ClientConnection
from tinytown.store.resp import RespConnection
from tinytown.town import Town

OF_AGENTS = [
    ("list",), ("status",), ("status", "--json"), ("assign", "ada", "x"), ("send", "ada", "x"), ("task", "current", "ada"), ("wait", "ada"),
    ("kill", "ada"), ("stop",), ("close", "ada"), ("interrupt", "ada"), ("resume", "ada"), ("restart", "ada", "--no-start"), ("prune",),
    ("reclaim",), ("reclaim", "--orphan-tasks"), ("inbox", "--all"), ("inbox", "ada"),
]  # fmt: skip
OF_TASKS = [
    ("task", "list"), ("task", "show", "{task}"), ("task", "complete", "{task}"), ("task", "fail", "{task}", "-r", "x"),
    ("task", "cancel", "{task}"), ("task", "requeue", "{task}"), ("backlog", "list"), ("backlog", "claim", "{task}", "ada"),
    ("backlog", "remove", "{task}"), ("backlog", "assign-all", "ada"), ("wait", "{task}"), ("status", "--tasks"),
]  # fmt: skip
OTHERS = [("spawn", "eve", "--no-start"), ("backlog", "add", "x"), ("recover",), ("inbox", "--count")]


@pytest.fixture
def ada(town: Town) -> Agent:
    return town.agents.spawn("ada", cli="shell")


@pytest.fixture
def task(town: Town, ada: Agent) -> Task:
    return town.backlog.add("one")


def _overwrite(town: Town, key: str, how: str) -> None:
    connection = town.desk.store.connection
    connection.call("DEL", key)
    if how == "a hash of an older version":
        connection.call("HSET", key, "id", "1", "state", "idle")
    else:
        connection.call("SET", key, "not json" if how == "no json" else '{"version": 1, "id": 5}')


def _check_unreadable(said: Said, key: str) -> None:
    assert said.code == 1
    assert said.out == ""
    assert f"the record at {key} cannot be read" in said.err
    assert "`tt migrate`" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("how", ["a hash of an older version", "no json", "another shape"])
@pytest.mark.parametrize("arguments", [("list",), ("status",), ("kill", "ada")])
def test_a_record_that_is_none_of_ours_names_the_way_out(how: str, arguments: tuple[str, ...], tt: Tt, town: Town, ada: Agent) -> None:
    key = town.desk.store.keys.agent(ada.id)
    _overwrite(town, key, how)

    _check_unreadable(tt(*arguments), key)


@pytest.mark.parametrize("arguments", OF_AGENTS)
def test_an_agent_of_an_older_version_names_the_way_out(arguments: tuple[str, ...], tt: Tt, town: Town, ada: Agent) -> None:
    key = town.desk.store.keys.agent(ada.id)
    _overwrite(town, key, "a hash of an older version")

    _check_unreadable(tt(*arguments), key)


@pytest.mark.parametrize("arguments", OF_TASKS)
def test_a_task_of_an_older_version_names_the_way_out(arguments: tuple[str, ...], tt: Tt, town: Town, task: Task) -> None:
    key = town.desk.store.keys.task(task.id)
    _overwrite(town, key, "a hash of an older version")

    _check_unreadable(tt(*(word.format(task=task.id) for word in arguments)), key)


@pytest.mark.parametrize("arguments", [*OF_AGENTS, *OF_TASKS, *OTHERS])
def test_redis_gone_in_the_middle_ends_with_5(
    arguments: tuple[str, ...], tt: Tt, town: Town, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(self: object, *_: object) -> None:
        raise RedisUnavailable("unix:///x", "connection lost")

    for kind in (RespConnection, ClientConnection):
        monkeypatch.setattr(kind, "call", gone)
        monkeypatch.setattr(kind, "calls", gone)

    said = tt(*(word.format(task=task.id) for word in arguments))

    assert (said.code, said.out) == (5, "")
    assert "cannot reach Redis at unix:///x: connection lost" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("arguments", [("list",), ("status",), ("assign", "ada", "x"), ("spawn", "eve")])
def test_without_redis_a_command_ends_with_5(arguments: tuple[str, ...], tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "unix:///nowhere.sock")

    said = tt(*arguments)

    assert said == Said(5, "", "tt: cannot reach Redis at unix:///nowhere.sock: nobody listens there\n")
