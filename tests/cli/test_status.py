"""`tt status`: the whole town at a glance, and the truth about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cli.at_work import at_work, deliver
from tests.cli.conftest import Tt
from tests.cli.ways import by_redis_only
from tinytown.domain.message import Kind
from tinytown.domain.worker import Worker
from tinytown.store.connection import Arg
from tinytown.store.resp import RespConnection
from tinytown.town import Town


def _with_worker(town: Town, **said: object) -> None:
    now = town.desk.store.turns.now_ms()
    worker = {"id": "w" * 12, "host": "castle", "pid": 4711, "queues": ("agents",), "concurrency": 4, "started_at": now, "seen_at": now}
    town.desk.store.workers.register(Worker(**{**worker, **said}), timedelta(seconds=30))  # type: ignore[arg-type]


def test_a_town_where_nobody_works_is_not_shown_as_healthy(tt: Tt, town: Town) -> None:
    town.spawn("ada", cli="shell")

    said = tt("status")

    assert said.code == 0
    assert "no worker runs" in said.err
    assert "no clock runs" in said.err
    assert "warning" not in said.out


def test_workers_and_the_leading_clock_are_shown(tt: Tt, town: Town) -> None:
    town.spawn("ada", cli="shell")
    at_work(town, "ada")
    _with_worker(town, id="a-worker", draining=True)
    town.desk.store.leadership.take("castle:99", timedelta(seconds=30))

    said = tt("status")

    assert said.err == ""
    assert "clock  castle:99 (epoch 1)" in said.lines
    row = next(line for line in said.lines if line.startswith("castle "))
    assert row.split() == ["castle", "4711", "1/4", row.split()[3], "ago", "agents", "draining:", "ada"]


def test_what_a_worker_runs_is_the_truth_of_this_moment(tt: Tt, town: Town) -> None:
    """What it said with its last sign of life may be seconds old."""
    ada, stranger = town.spawn("ada", cli="shell"), "12345678-1234-4234-8234-123456789abc"
    _with_worker(town, running=(ada.id, stranger))

    row = next(line for line in tt("status").lines if line.startswith("castle "))

    assert " 1/4 " in row
    assert row.endswith("12345678")


def test_what_an_agent_is_at_and_what_waits_for_it_is_shown(tt: Tt, town: Town) -> None:
    town.spawn("ada", cli="shell")
    at_work(town, "ada", "paint the fence\nwith care")
    town.send("ada", "look here", urgent=True)
    town.messages.send("ada", "fyi", kind=Kind.INFORMATIONAL)

    shown = tt("status", "--json").json["agents"]["shown"][0]
    line = next(line for line in tt("status").lines if line.startswith("ada "))

    assert (shown["inbox"], shown["urgent"], shown["taken"], shown["open_tasks"]) == (1, 1, 1, 1)
    assert line.endswith("paint the fence")
    assert " working " in line


def test_those_who_need_attention_come_first_and_the_rest_is_counted(tt: Tt, town: Town) -> None:
    for number in range(60):
        town.agents.spawn(f"agent-{number:02}", cli="shell")
    town.agents.interrupt("agent-59")

    few, everyone = tt("status"), tt("status", "--all")

    names = [line.split()[0] for line in few.lines if line.startswith("agent-")]
    assert (len(names), names[0]) == (50, "agent-59")
    assert "… and 10 more: `tt status --all`" in few.lines
    assert len([line for line in everyone.lines if line.startswith("agent-")]) == 60


@by_redis_only("it counts what is asked of Redis")
def test_status_asks_redis_twice_however_large_the_town(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        town.agents.spawn(f"agent-{number}", cli="shell")
        deliver(town, f"agent-{number}", "x")
    _with_worker(town)
    trips: list[int] = []
    ask = RespConnection.calls

    def counted(self: RespConnection, commands: list[tuple[Arg, ...]]) -> object:
        trips.append(len(commands))
        return ask(self, commands)

    monkeypatch.setattr(RespConnection, "calls", counted)
    said = tt("status")

    assert (said.code, len(trips)) == (0, 2)


def test_a_large_town_is_read_in_pieces_and_completely(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.store.census._AT_ONCE", 7)
    for number in range(20):
        town.agents.spawn(f"agent-{number:02}", cli="shell")
        for _ in range(number):
            town.send(f"agent-{number:02}", "x")

    shown = tt("status", "--all", "--json").json["agents"]["shown"]

    assert [(one["agent"]["name"], one["inbox"]) for one in shown] == [(f"agent-{number:02}", number) for number in range(20)]


def test_tasks_are_counted_by_state_with_the_backlog(tt: Tt, town: Town) -> None:
    town.spawn("ada", cli="shell")
    done, _ = at_work(town, "ada", "one")
    town.tasks.complete(done.id)
    town.assign("ada", "two")
    town.backlog.add("three")

    said = tt("status")

    assert "3 tasks: 2 pending, 1 completed; 1 in the backlog" in said.lines


def test_mail_for_the_people_is_not_hidden(tt: Tt, town: Town) -> None:
    town.send("supervisor", "help")

    assert "1 message for you: `tt inbox supervisor`" in tt("status").lines


def test_deep_adds_rounds_activity_and_the_end_of_the_output(tt: Tt, town: Town) -> None:
    ada = town.agents.spawn("ada", cli="shell", max_rounds=5)
    town.events.note(ada.id, "a turn with 1 message ended well")
    town.events.write_output(ada.id, 1, b"first\n\x1b[31mred\x1b[0m line\n")

    said = tt("status", "--deep")

    assert "0 rounds of 5" in said.out
    assert "  did  a turn with 1 message ended well" in said.lines
    assert "  out  red line" in said.lines


def test_tasks_are_grouped_by_agent(tt: Tt, town: Town) -> None:
    town.spawn("ada", cli="shell")
    deliver(town, "ada", "one")
    town.assign("ada", "two")
    town.backlog.add("three")

    said = tt("status", "--tasks")

    assert "ada: 2 open tasks" in said.lines
    assert "nobody: 1 open task" in said.lines


def test_json_holds_what_people_are_shown(tt: Tt, town: Town) -> None:
    town.spawn("ada", cli="shell")

    answer = tt("status", "--json", "--deep", "--tasks").json

    assert answer["town"] == "shop"
    assert answer["agents"]["total"] == 1
    assert len(answer["warnings"]) == 2
    assert answer["details"]["tasks"] == []


@by_redis_only("it is about REDIS_URL")
def test_a_password_is_never_shown(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"{town.address.url if town.address else ''}?password=hunter2")

    said = tt("status")

    assert said.code == 5
    assert "hunter2" not in said.out + said.err
    assert "****" in said.err
