"""Recovery over HTTP: what died comes back, what is gone is moved, and nothing is lost by looking."""

from __future__ import annotations

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.cli.at_work import at_work, deliver
from tinytown.domain.agent import AgentState
from tinytown.domain.message import Kind
from tinytown.domain.task import Task, TaskState
from tinytown.testing import Rehearsal


@pytest.fixture(autouse=True)
def _agents(town: Rehearsal) -> None:
    for name in ("ada", "grace"):
        town.spawn(name, cli="shell")


@pytest.fixture
def left_behind(town: Rehearsal) -> Task:
    """A task, an urgent request and some news in the mailbox of an agent that is stopped."""
    task = deliver(town, "ada", "paint the fence")
    town.send("ada", "quickly", urgent=True)
    town.messages.send("ada", "news", kind=Kind.INFORMATIONAL)
    town.agents.kill("ada")
    return task


def mail_of(town: Rehearsal, name: str) -> object:
    return town.messages.lengths([town.agents.find(name).id])


def test_nothing_has_died_in_a_fresh_town(client: TestClient) -> None:
    answer = ask(client, "POST /v1/recover")

    assert answer.status_code == 200
    assert answer.json == {"checked": 2, "recovered": 0, "agents": [], "rung": 0, "asked": 0}


def test_a_turn_that_is_alive_is_left_alone(town: Rehearsal, client: TestClient) -> None:
    """Healthy agents were stopped when a file on another machine had not changed for two minutes."""
    task, _ = at_work(town, "ada")

    answer = ask(client, "POST /v1/recover").json

    assert answer["recovered"] == 0
    assert town.tasks.get(task.id).state is TaskState.RUNNING


def test_a_dead_turn_is_ended_and_lost_bells_are_rung(town: Rehearsal, client: TestClient) -> None:
    task, turn = at_work(town, "ada")
    town.let_lease_run_out(turn.agent.id)
    town.send("grace", "hello")
    town.assign("grace", "more")
    town.lose_bells()
    town.let_answers_be_due()

    answer = ask(client, "POST /v1/recover").json

    assert (answer["checked"], answer["recovered"], answer["agents"]) == (2, 1, ["ada"])
    assert (answer["rung"], answer["asked"]) == (1, 1)
    assert town.tasks.get(task.id).state is TaskState.ASSIGNED
    assert town.agents.find("ada").state is AgentState.IDLE


@pytest.mark.parametrize("body", [None, {}, {"from": "ada"}, {"to_backlog": False}])
def test_without_a_destination_it_is_only_listed(body: object, town: Rehearsal, client: TestClient, left_behind: Task) -> None:
    """The mail was taken out, counted, and thrown away."""
    before = mail_of(town, "ada"), town.messages.peek("ada")

    answer = ask(client, "POST /v1/reclaim", body).json

    assert (answer["reclaimed"], answer["destination"], answer["to"], answer["count"]) == (0, "listed", None, 3)
    assert {(one["agent_name"], one["went"]) for one in answer["items"]} == {("ada", "listed")}
    assert [one["task_id"] for one in answer["items"] if one["type"] == "task_assign"] == [left_behind.id]
    assert (mail_of(town, "ada"), town.messages.peek("ada")) == before


def test_tasks_go_to_the_backlog_once_and_other_mail_stays(town: Rehearsal, client: TestClient, left_behind: Task) -> None:
    """Other mail was lost, and the task stayed with its dead agent, to be queued a second time."""
    first, again = (ask(client, "POST /v1/reclaim", {"to_backlog": True}).json for _ in range(2))
    orphans = ask(client, "POST /v1/reclaim/orphan-tasks", {"action": "to_backlog"}).json

    assert (first["reclaimed"], first["destination"]) == (2, "backlog")
    assert sorted(one["went"] for one in first["items"]) == ["backlog", "backlog", "listed"]
    assert (again["reclaimed"], orphans["count"]) == (0, 0)
    assert [task.description for task in town.backlog.list()] == ["quickly", "paint the fence"]
    assert [mail.body for mail in town.messages.peek("ada")] == ["news"]


def test_everything_goes_to_another_agent(town: Rehearsal, client: TestClient, left_behind: Task) -> None:
    answer = ask(client, "POST /v1/reclaim", {"to": "GRACE", "from": "ada"}).json

    assert (answer["reclaimed"], answer["destination"], answer["to"]) == (3, "agent", "grace")
    assert {one["went"] for one in answer["items"]} == {"agent"}
    assert town.tasks.get(left_behind.id).wanted == town.agents.find("grace").id
    assert [mail.body for mail in town.messages.peek("grace")] == ["news"]
    assert [mail.body for mail in town.messages.peek("grace", urgent=True)] == ["quickly"]


@pytest.mark.usefixtures("left_behind")
def test_urgent_mail_stays_urgent_when_it_is_moved(town: Rehearsal, client: TestClient) -> None:
    town.messages.send("ada", "mind the step", kind=Kind.INFORMATIONAL, urgent=True)

    ask(client, "POST /v1/reclaim", {"to": "grace", "from": "ada"})

    messages = ask(client, "GET /v1/agents/grace/inbox").json["messages"]
    assert {one["text"] for one in messages if one["urgent"]} == {"quickly", "mind the step"}


def test_so_much_is_moved_at_a_time(town: Rehearsal, client: TestClient, left_behind: Task) -> None:
    counts = [ask(client, "POST /v1/reclaim", {"to": "grace", "limit": 2}).json["reclaimed"] for _ in range(3)]

    assert counts == [2, 1, 0]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to": "grace", "to_backlog": True}, 422, "invalid_value"),
        ({"to": "nobody"}, 404, "agent_not_found"),
        ({"to": "supervisor"}, 404, "agent_not_found"),
        ({"from": "nobody"}, 404, "agent_not_found"),
        ({"from": "grace", "to_backlog": True}, 409, "wrong_state"),
        ({"source": "ada"}, 422, "validation"),
        ({"to_backlog": "yes"}, 422, "validation"),
    ],
)
def test_a_reclaim_that_makes_no_sense_moves_nothing(
    *, body: object, status: int, code: str, town: Rehearsal, client: TestClient, left_behind: Task
) -> None:
    before = mail_of(town, "ada")

    expect_problem(ask(client, "POST /v1/reclaim", body), status, code)

    assert mail_of(town, "ada") == before


def test_a_corrupt_entry_does_not_stop_the_others(town: Rehearsal, client: TestClient, left_behind: Task) -> None:
    """One unreadable urgent entry ended it all after the mailbox had been emptied."""
    town.desk.store.connection.call("LPUSH", town.desk.store.keys.urgent(town.agents.find("ada").id), "garbage")

    answer = ask(client, "POST /v1/reclaim", {"to": "grace"}).json

    assert answer["reclaimed"] == 3


@pytest.mark.parametrize("body", [None, {}, {"action": "list"}])
def test_orphans_are_listed_and_nothing_more(body: object, town: Rehearsal, client: TestClient, left_behind: Task) -> None:
    answer = ask(client, "POST /v1/reclaim/orphan-tasks", body).json

    assert (answer["action"], answer["count"]) == ("list", 1)
    assert answer["orphans"] == [
        {
            "task_id": left_behind.id,
            "assigned_to": left_behind.assigned_to,
            "state": "assigned",
            "reason": "agent_terminal",
            "title": "paint the fence",
            "went": "listed",
        }
    ]
    assert town.tasks.get(left_behind.id) == left_behind


def test_a_task_whose_agent_is_not_registered_is_an_orphan(town: Rehearsal, client: TestClient) -> None:
    task = deliver(town, "ada", "x")
    town.desk.store.connection.call("DEL", town.desk.store.keys.agent(town.agents.find("ada").id))
    town.desk.store.connection.call("HDEL", town.desk.store.keys.agents, "ada")
    town.desk.store.connection.call("ZREM", town.desk.store.keys.agent_ids, str(task.assigned_to))

    answer = ask(client, "POST /v1/reclaim/orphan-tasks", {"action": "list"}).json

    assert [(one["task_id"], one["reason"]) for one in answer["orphans"]] == [(task.id, "agent_missing")]


@pytest.mark.parametrize(
    ("body", "action", "state", "went"),
    [
        ({"action": "to_backlog"}, "to_backlog", TaskState.PENDING, "backlog"),
        ({"action": "backlog"}, "to_backlog", TaskState.PENDING, "backlog"),
        ({"action": "to_agent", "to": "grace"}, "to_agent", TaskState.PENDING, "agent"),
        ({"action": "cancel"}, "cancel", TaskState.CANCELLED, "cancelled"),
        ({"action": "delete"}, "delete", None, "deleted"),
    ],
)
def test_orphans_are_dealt_with(
    *, body: object, action: str, state: TaskState | None, went: str, town: Rehearsal, client: TestClient, left_behind: Task
) -> None:
    answer = ask(client, "POST /v1/reclaim/orphan-tasks", body).json

    assert (answer["action"], answer["count"]) == (action, 1)
    assert [(one["state"], one["went"]) for one in answer["orphans"]] == [("assigned", went)]
    assert [task.state for task in town.tasks.matching()] == ([] if state is None else [state])
    assert ask(client, "POST /v1/reclaim/orphan-tasks", body).json["count"] == 0


@pytest.mark.parametrize(
    "body", [{"action": "burn"}, {"action": ""}, {"action": "cancel", "to": "grace"}, {"action": "to_agent"}, {"to_backlog": True}]
)
def test_an_action_that_is_none_is_refused(body: object, town: Rehearsal, client: TestClient, left_behind: Task) -> None:
    refused = ask(client, "POST /v1/reclaim/orphan-tasks", body)

    assert expect_problem(refused, 422, refused.json["code"])["code"] in {"validation", "invalid_value"}

    assert town.tasks.get(left_behind.id) == left_behind


def test_the_tasks_of_agents_that_only_sleep_are_not_reclaimed(town: Rehearsal, client: TestClient) -> None:
    """An agent that was scaled to zero lost its work."""
    town.answer_bells()
    town.send("ada", "wake")
    town.answer_bells()
    town.recovery.stop_idle({town.agents.find("ada").id})
    deliver(town, "ada", "later")

    assert ask(client, "POST /v1/reclaim/orphan-tasks").json["count"] == 0
