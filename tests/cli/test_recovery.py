"""`tt recover` and `tt reclaim`."""

from __future__ import annotations

import pytest

from tests.cli.at_work import at_work, deliver
from tests.cli.conftest import Tt
from tinytown.domain.agent import AgentState
from tinytown.domain.message import Kind
from tinytown.domain.task import Task, TaskState
from tinytown.town import Town


@pytest.fixture(autouse=True)
def _agents(town: Town) -> None:
    for name in ("ada", "grace"):
        town.spawn(name, cli="shell")


@pytest.fixture
def left_behind(town: Town) -> Task:
    """A task, an urgent request and some news in the mailbox of an agent that is stopped."""
    task = deliver(town, "ada", "paint the fence")
    town.send("ada", "quickly", urgent=True)
    town.messages.send("ada", "news", kind=Kind.INFORMATIONAL)
    town.agents.kill("ada")
    return task


def test_a_turn_that_is_alive_is_left_alone_however_long_it_is_silent(tt: Tt, town: Town) -> None:
    """Healthy workers were marked as stopped when their log had not changed for two minutes."""
    task, _ = at_work(town, "ada")

    said = tt("recover")

    assert said.out == "nothing had died\n"
    assert town.tasks.get(task.id).state is TaskState.RUNNING


def test_a_turn_whose_lease_ran_out_is_brought_back(tt: Tt, town: Town) -> None:
    task, turn = at_work(town, "ada")
    keys = town.desk.store.keys
    town.desk.store.connection.calls([("HSET", keys.turn(turn.agent.id), "lease_until", 1), ("ZADD", keys.leases, 1, turn.agent.id)])

    said = tt("recover", "--json")

    assert [agent["name"] for agent in said.json["reaped"]] == ["ada"]
    assert town.tasks.get(task.id).state is TaskState.ASSIGNED
    assert town.agents.find("ada").state is AgentState.IDLE


def test_reclaim_without_a_destination_only_lists(tt: Tt, town: Town, left_behind: Task) -> None:
    """It popped all the mail and threw it away."""
    said = tt("reclaim")

    assert [line.split(":")[0] for line in said.lines[:-1]] == ["ada"] * 3
    assert said.lines[-1] == "3 messages; nothing was touched"
    assert town.messages.lengths([town.agents.find("ada").id]) == [(2, 1, 0, 0)]


def test_tasks_go_to_the_backlog_and_other_mail_stays(tt: Tt, town: Town, left_behind: Task) -> None:
    """Other mail was discarded, and tasks stayed with the dead agent."""
    said = tt("reclaim", "--to-backlog")

    waiting = town.backlog.list()
    assert said.code == 0
    assert [task.description for task in waiting] == ["quickly", "paint the fence"]
    assert (waiting[1].id, waiting[1].assigned_to) == (left_behind.id, None)
    assert [mail.body for mail in town.messages.peek("ada")] == ["news"]


def test_all_mail_goes_to_another_agent_urgent_mail_too(tt: Tt, town: Town, left_behind: Task) -> None:
    said = tt("reclaim", "--to", "grace", "--json")

    assert [one["went"] for one in said.json] == ["agent"] * 3
    assert town.tasks.get(left_behind.id).wanted == town.agents.find("grace").id
    assert [mail.body for mail in town.messages.peek("grace")] == ["news"]
    assert [mail.body for mail in town.messages.peek("grace", urgent=True)] == ["quickly"]
    assert town.messages.peek("ada") == []


def test_a_task_that_has_ended_is_not_queued_again(tt: Tt, town: Town, left_behind: Task) -> None:
    town.tasks.cancel(left_behind.id)

    said = tt("reclaim", "--to-backlog")

    assert "the task has ended" in said.out
    assert [task.description for task in town.backlog.list()] == ["quickly"]


def test_only_the_named_agents_mail_is_reclaimed_and_only_if_it_is_gone(tt: Tt, town: Town, left_behind: Task) -> None:
    assert tt("reclaim", "--from", "grace").code == 4
    assert tt("reclaim", "--from", "nobody").code == 3
    assert len(tt("reclaim", "--from", "ada", "--json").json) == 3


@pytest.mark.parametrize("to", ["nobody", "supervisor"])
def test_a_wrong_destination_moves_nothing(to: str, tt: Tt, town: Town, left_behind: Task) -> None:
    assert tt("reclaim", "--to", to).code == 3
    assert town.messages.lengths([town.agents.find("ada").id]) == [(2, 1, 0, 0)]


@pytest.mark.parametrize(
    "words",
    [
        ["--to-backlog", "--to", "grace"],
        ["--cancel"],
        ["--delete"],
        ["--orphan-tasks", "--cancel", "--delete"],
        ["--orphan-tasks", "--cancel", "--to-backlog"],
        ["--orphan-tasks", "--from", "ada"],
    ],
)
def test_options_that_contradict_each_other_touch_nothing(words: list[str], tt: Tt, town: Town, left_behind: Task) -> None:
    """`--cancel` without `--orphan-tasks` threw away the mail of all dead agents."""
    assert tt("reclaim", *words).code == 2
    assert town.messages.lengths([town.agents.find("ada").id]) == [(2, 1, 0, 0)]


def test_orphans_are_listed_and_nothing_more(tt: Tt, town: Town, left_behind: Task) -> None:
    said = tt("reclaim", "--orphan-tasks")

    assert "paint the fence" in said.lines[0]
    assert town.tasks.get(left_behind.id).state is TaskState.ASSIGNED


@pytest.mark.parametrize(
    ("words", "state"),
    [(["--to-backlog"], TaskState.PENDING), (["--to", "grace"], TaskState.PENDING), (["--cancel"], TaskState.CANCELLED)],
)
def test_orphans_are_rescued(words: list[str], state: TaskState, tt: Tt, town: Town, left_behind: Task) -> None:
    """`--to` was ignored for orphans."""
    said = tt("reclaim", "--orphan-tasks", *words)

    task = town.tasks.get(left_behind.id)
    assert (said.code, task.state) == (0, state)
    assert (task.wanted is not None) is ("--to" in words)


def test_orphans_are_deleted_on_request(tt: Tt, town: Town, left_behind: Task) -> None:
    tt("reclaim", "--orphan-tasks", "--delete")

    assert sum(town.tasks.count().values()) == 0
