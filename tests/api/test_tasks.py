"""Tasks over HTTP: given once, changed on the version that was seen, final once they have ended."""

from __future__ import annotations

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.cli.at_work import at_work, deliver
from tinytown.domain.ids import TaskId, new_task_id
from tinytown.errors import RecordChanged
from tinytown.testing import Rehearsal

STEPS = {"complete": None, "fail": {"reason": "no way"}, "cancel": None, "requeue": None}

each_step = pytest.mark.parametrize("step", STEPS)


@pytest.fixture(autouse=True)
def _agents(town: Rehearsal) -> None:
    for name in ("ada", "grace"):
        town.spawn(name, cli="shell")


def test_an_assigned_task_is_made_and_delivered(town: Rehearsal, client: TestClient) -> None:
    ada = town.agents.find("ada")

    made = ask(client, "POST /v1/tasks/assign", {"agent": "ADA", "task": "paint the fence", "tags": ["garden"], "max_attempts": 2})
    town.answer_bells(most=1)

    answer = made.json
    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/tasks/{answer['task_id']}"
    assert (answer["agent_id"], answer["agent_name"], answer["state"], answer["is_held"]) == (ada.id, "ada", "pending", False)
    stored = town.tasks.get(answer["task_id"])
    assert (stored.description, stored.tags, stored.max_attempts, stored.assigned_to) == ("paint the fence", ("garden",), 2, ada.id)


def test_whoever_fits_is_not_known_before_the_delivery(town: Rehearsal, client: TestClient) -> None:
    made = ask(client, "POST /v1/tasks/assign", {"agent": "auto", "task": "paint"}).json
    waiting = ask(client, "GET /v1/tasks/pending").json["tasks"]
    town.answer_bells(most=1)

    shown = ask(client, f"GET /v1/tasks/{made['task_id']}").json

    assert (made["agent_id"], made["agent_name"]) == (None, "auto")
    assert [(one["agent_id"], one["agent_name"]) for one in waiting] == [(None, "auto")]
    assert shown["agent_name"] in {"ada", "grace"}


def test_a_task_for_an_agent_that_is_held_says_so(town: Rehearsal, client: TestClient) -> None:
    town.agents.interrupt("ada")

    made = ask(client, "POST /v1/tasks/assign", {"agent": "ada", "task": "paint"}).json

    assert (made["agent_state"], made["is_held"]) == ("paused", True)


@pytest.mark.parametrize("agent", ["nobody", "supervisor", "conductor", "", " ", "../ada", "*"])
def test_nobody_is_given_nothing(agent: str, town: Rehearsal, client: TestClient) -> None:
    """Unknown agents were an internal error, and the supervisor got tasks that nobody does."""
    expect_problem(ask(client, "POST /v1/tasks/assign", {"agent": agent, "task": "x"}), 404, "agent_not_found")

    assert town.tasks.matching() == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"agent": "ada"}, "/task"),
        ({"task": "x"}, "/agent"),
        ({"agent": "ada", "task": ""}, "/task"),
        ({"agent": "ada", "task": " \n "}, "/task"),
        ({"agent": "ada", "task": 7}, "/task"),
        ({"agent": "ada", "task": "x", "urgent": True}, "/urgent"),
        ({"agent": "ada", "task": "x", "tags": ["a", 1]}, "/tags/1"),
        ({"agent": "ada", "task": "x", "max_attempts": 0}, "/max_attempts"),
        ({"agent": "ada", "task": "x", "max_attempts": True}, "/max_attempts"),
        ([], ""),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_name(body: object, pointer: str, town: Rehearsal, client: TestClient) -> None:
    refused = ask(client, "POST /v1/tasks/assign", body)

    assert refused.status_code == 422
    assert [fault.get("pointer", "") for fault in refused.json["errors"]] == [pointer]
    assert town.tasks.matching() == []


def test_a_parent_must_be_there(town: Rehearsal, client: TestClient) -> None:
    parent = town.assign("ada", "all of it")

    made = ask(client, "POST /v1/tasks/assign", {"agent": "grace", "task": "a part", "parent": parent.short_id})
    refused = ask(client, "POST /v1/tasks/assign", {"agent": "grace", "task": "a part", "parent": new_task_id()})

    assert town.tasks.get(made.json["task_id"]).parent_id == parent.id
    expect_problem(refused, 404, "task_not_found")


def test_a_repeat_with_the_same_key_makes_one_task(town: Rehearsal, client: TestClient) -> None:
    first, again = (ask(client, "POST /v1/tasks/assign", {"agent": "ada", "task": "x"}, idempotency_key="k-1") for _ in range(2))
    other = ask(client, "POST /v1/tasks/assign", {"agent": "ada", "task": "y"}, idempotency_key="k-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert again.headers["location"] == first.headers["location"]
    expect_problem(other, 422, "idempotency_key_reused")
    assert len(town.tasks.matching()) == 1


def test_a_repeat_after_a_crash_before_the_answer_makes_one_task(
    town: Rehearsal, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task is found again by the id that the key gives it, delivered or not."""
    with monkeypatch.context() as crash:
        crash.setattr(town.idempotency, "finish", lambda *_: (_ for _ in ()).throw(RecordChanged("the answer")))
        crash.setattr(town.idempotency, "abandon", lambda *_: None)
        ask(client, "POST /v1/tasks/assign", {"agent": "ada", "task": "x"}, idempotency_key="k-1")
    made = town.tasks.matching()
    town.answer_bells(most=1)
    town.desk.store.connection.call("DEL", *town.desk.store.connection.call("KEYS", "*answer*"))

    again = ask(client, "POST /v1/tasks/assign", {"agent": "ada", "task": "x"}, idempotency_key="k-1")

    assert again.status_code == 201
    assert [again.json["task_id"]] == [task.id for task in made] == [task.id for task in town.tasks.matching()]
    assert again.json["state"] == "assigned"


def test_a_task_is_shown_by_the_beginning_of_its_id(town: Rehearsal, client: TestClient) -> None:
    task = deliver(town, "ada", "paint the fence")

    shown = ask(client, f"GET /v1/tasks/{task.short_id.upper()}")
    unchanged = ask(client, f"GET /v1/tasks/{task.id}", if_none_match=shown.headers["etag"])

    assert shown.status_code == 200
    assert (shown.json["id"], shown.json["state"], shown.json["agent_name"], shown.json["version"]) == (task.id, "assigned", "ada", 2)
    assert shown.headers["etag"] == '"2"'
    assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.parametrize("task", ["ffffffff", "x", "%2e%2e", "a%00b", "%F0%9F%92%A9", "*", "f" * 5000])
def test_an_unknown_task_is_not_found_by_any_operation(task: str, client: TestClient) -> None:
    calls = [f"GET /v1/tasks/{task}", f"GET /v1/tasks/{task}/wait", *(f"POST /v1/tasks/{task}/{step}" for step in STEPS)]

    for call in calls:
        expect_problem(ask(client, call, STEPS.get(call.rpartition("/")[2])), 404, "task_not_found")


def test_a_beginning_that_several_share_is_ambiguous(town: Rehearsal, client: TestClient) -> None:
    for last in "12":
        town.tasks.assign("ada", "x", identity=TaskId(f"aaaaaaaa-0000-4000-8000-00000000000{last}"))

    expect_problem(ask(client, "GET /v1/tasks/aaaaaaaa"), 409, "ambiguous_reference")


def test_completing_says_what_it_did_to_the_agent(town: Rehearsal, client: TestClient) -> None:
    task, _ = at_work(town, "ada")

    done = ask(client, f"POST /v1/tasks/{task.id}/complete", {"result": "dug"})

    answer = done.json
    assert done.status_code == 200
    assert (answer["status"], answer["state"], answer["result"]) == ("completed", "completed", "dug")
    assert (answer["cleared_current_task"], answer["tasks_completed"]) == (True, 1)
    assert town.agents.find("ada").current_task is None


def test_completing_what_nobody_had_counts_for_nobody(town: Rehearsal, client: TestClient) -> None:
    task = town.backlog.add("x")

    answer = ask(client, f"POST /v1/tasks/{task.id}/complete").json

    assert (answer["result"], answer["cleared_current_task"], answer["tasks_completed"]) == ("Completed", False, None)


def test_a_failed_task_says_why(town: Rehearsal, client: TestClient) -> None:
    task = deliver(town, "ada", "x")

    silent = ask(client, f"POST /v1/tasks/{task.id}/fail", {})
    failed = ask(client, f"POST /v1/tasks/{task.id}/fail", {"reason": "no tests"})

    expect_problem(silent, 422, "validation")
    assert (failed.json["status"], failed.json["result"], failed.json["failure_reason"]) == ("failed", "no tests", "reported")


def test_cancelling_a_running_task_is_final_at_once_and_ends_its_turn(town: Rehearsal, client: TestClient) -> None:
    task, turn = at_work(town, "ada")

    dropped = ask(client, f"POST /v1/tasks/{task.id}/cancel", {"reason": "done by hand"})
    late = ask(client, f"POST /v1/tasks/{task.id}/complete", {"result": "dug"})

    assert (dropped.status_code, dropped.json["status"], dropped.json["result"]) == (200, "cancelled", "done by hand")
    expect_problem(late, 409, "wrong_state")
    assert town.desk.store.connection.call("HGET", town.desk.store.keys.turn(turn.agent.id), "ask") == b"cancel"


def test_a_task_goes_back_to_the_backlog_or_on_to_another(town: Rehearsal, client: TestClient) -> None:
    task = deliver(town, "ada", "x")

    back = ask(client, f"POST /v1/tasks/{task.id}/requeue")
    claimed = ask(client, f"POST /v1/backlog/{task.id}/claim", {"agent": "ada"})
    nobody = ask(client, f"POST /v1/tasks/{task.id}/requeue", {"to": "nobody"})
    on = ask(client, f"POST /v1/tasks/{task.id}/requeue", {"to": "grace"})

    assert (back.json["status"], back.json["agent_name"], back.json["wanted"]) == ("pending", None, None)
    assert claimed.status_code == 200
    expect_problem(nobody, 404, "agent_not_found")
    assert (on.json["status"], on.json["agent_name"]) == ("pending", "grace")


@each_step
@pytest.mark.parametrize("end", ["complete", "fail", "cancel"])
def test_an_end_is_final(end: str, step: str, town: Rehearsal, client: TestClient) -> None:
    """A completed task could be overwritten, and a failed one completed."""
    task = deliver(town, "ada", "x")
    ask(client, f"POST /v1/tasks/{task.id}/{end}", STEPS[end])
    before = town.tasks.get(task.id)

    expect_problem(ask(client, f"POST /v1/tasks/{task.id}/{step}", STEPS[step]), 409, "wrong_state")

    assert town.tasks.get(task.id) == before


@each_step
def test_a_step_on_a_version_that_is_gone_changes_nothing(step: str, town: Rehearsal, client: TestClient) -> None:
    task = deliver(town, "ada", "x")

    stale = ask(client, f"POST /v1/tasks/{task.id}/{step}", STEPS[step], if_match='"1"')
    strange = ask(client, f"POST /v1/tasks/{task.id}/{step}", STEPS[step], if_match="W/none")
    before = town.tasks.get(task.id)
    fresh = ask(client, f"POST /v1/tasks/{task.id}/{step}", STEPS[step], if_match=f'"{task.version}"')

    expect_problem(stale, 412, "version_mismatch")
    expect_problem(strange, 412, "precondition_failed")
    assert before == task
    assert (fresh.status_code, fresh.headers["etag"]) == (200, f'"{task.version + 1}"')


@each_step
def test_a_repeated_step_with_a_key_is_done_once(step: str, town: Rehearsal, client: TestClient) -> None:
    task = deliver(town, "ada", "x")

    first, again = (ask(client, f"POST /v1/tasks/{task.id}/{step}", STEPS[step], idempotency_key="k-1") for _ in range(2))

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json == first.json
    assert town.tasks.get(task.id).version == task.version + 1


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"agent": "ada", "task": "\\ud800"}', 400),
        (b'{"agent": "ada", "task": "\xff"}', 400),
        (b'{"agent": "ada", "task": "x"', 400),
        (b'{"agent": "ada", "task": "x"}{}', 400),
        (b"[" * 100_000, 422),
        (b'{"agent": "ada", "task": "x\\u0000y"}', 201),
        (b'{"agent": "ada", "task": "' + b"x" * (8 * 1024 * 1024 + 1) + b'"}', 422),
        (b'{"agent": "ada", "task": "' + b"x" * (9 * 1024 * 1024) + b'"}', 413),
        (b'{"agent": "ada", "task": "x", "tags": [' + b",".join([b'"x"'] * 101) + b"]}", 422),
    ],
    ids=["half a character", "no UTF-8", "cut", "two", "deep", "a NUL", "too long a text", "too long a body", "too many tags"],
)
def test_hostile_bodies_are_refused_whole(raw: bytes, status: int, town: Rehearsal, client: TestClient) -> None:
    answer = client.simulate_post("/v1/tasks/assign", body=raw, headers={"Content-Type": "application/json", "Host": "localhost"})

    assert answer.status_code == status, answer.text
    assert len(town.tasks.matching()) == (1 if status == 201 else 0)
