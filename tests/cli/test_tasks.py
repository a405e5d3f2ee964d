"""`tt assign` and `tt task`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.at_work import at_work, deliver, speak_as, type_in
from tests.cli.conftest import Tt
from tinytown.domain.ids import SUPERVISOR_ID, TaskId
from tinytown.domain.message import Kind
from tinytown.domain.task import TaskState
from tinytown.town import Town


@pytest.fixture(autouse=True)
def _agents(town: Town) -> None:
    for name in ("ada", "grace"):
        town.spawn(name, cli="shell")


def test_assign_prints_the_whole_id_and_nothing_else(tt: Tt, town: Town) -> None:
    said = tt("assign", "ada", "fix it", "--tags", "a, b,,a", "--max-attempts", 5)

    task = town.tasks.get(TaskId(said.out.strip()))
    assert (task.description, task.tags, task.max_attempts, task.created_by) == ("fix it", ("a", "b"), 5, SUPERVISOR_ID)
    assert task.wanted == town.agents.find("ada").id


def test_a_text_of_five_megabytes_comes_through_stdin(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "do this\n" * 650_000
    type_in(text.encode(), monkeypatch)

    said = tt("assign", "ada", "-")

    assert town.tasks.get(TaskId(said.out.strip())).description == text
    assert len(tt("task", "list").out) < 500


def test_a_text_comes_from_a_file_with_bytes_that_are_no_utf8(tt: Tt, town: Town, place: Path) -> None:
    (place / "plan.md").write_bytes(b"caf\xe9")

    said = tt("assign", "ada", "--file", "plan.md", "--json")

    assert said.json["description"] == "caf�"


@pytest.mark.parametrize("words", [["ada"], ["ada", "x", "--file", "y"], ["ada", ""], ["ada", "  \n"], ["ada", "x", "--timeout", "3"]])
def test_without_one_text_nothing_is_assigned(words: list[str], tt: Tt, town: Town) -> None:
    said = tt("assign", *words)

    assert (said.code, said.out) == (2, "")
    assert sum(town.tasks.count().values()) == 0


def test_too_long_a_text_is_refused_and_not_printed(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(b"x" * 9_000_000, monkeypatch)

    said = tt("assign", "ada", "-")

    assert said.code == 2
    assert len(said.err) < 500


@pytest.mark.parametrize("words", [["assign", "ada", "--file", "\udcff"], ["list", "--town", "\udcff"], ["kill", "\udcff"]])
def test_bytes_that_are_no_utf8_are_told_in_json_too(words: list[str], tt: Tt) -> None:
    said = tt(*words, "--json")

    assert said.code in {1, 3}
    assert "udcff" in json.loads(said.err)["error"]["message"]


@pytest.mark.parametrize("agent", ["nobody", "supervisor", "conductor"])
def test_a_task_goes_to_somebody_who_does_tasks(agent: str, tt: Tt, town: Town) -> None:
    """A task for the supervisor was accepted, although nobody consumed its queue."""
    said = tt("assign", agent, "fix it")

    assert (said.code, sum(town.tasks.count().values())) == (3, 0)


@pytest.mark.parametrize(("step", "hint"), [("interrupt", "tt resume ada"), ("kill", "tt restart ada")])
def test_assign_says_when_the_task_will_wait(step: str, hint: str, tt: Tt, town: Town) -> None:
    getattr(town.agents, step)("ada")

    said = tt("assign", "ada", "fix it")

    assert said.code == 0
    assert f"will wait until `{hint}`" in said.err


def test_a_task_that_an_agent_gives_is_that_agents(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assignments were always attributed to the supervisor, so nobody was told of the end."""
    _, turn = at_work(town, "grace")
    speak_as(turn, monkeypatch)

    given = TaskId(tt("assign", "ada", "help me").out.strip())
    town.tasks.deliver(given)
    town.tasks.complete(given, "helped")

    assert town.tasks.get(given).created_by == turn.agent.id
    assert [(mail.type, mail.result) for mail in town.messages.peek("grace")] == [(Kind.TASK_DONE, "helped")]


def test_an_agent_of_another_town_is_nobody_here(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYTOWN_AGENT_ID", "11111111-2222-4333-8444-555555555555")
    monkeypatch.setenv("TINYTOWN_AGENT_NAME", "stranger")

    said = tt("assign", "ada", "fix it", "--json")

    assert said.json["created_by"] == SUPERVISOR_ID


def test_assign_waits_no_longer_than_it_is_told(tt: Tt) -> None:
    said = tt("assign", "ada", "fix it", "--wait", "--timeout", "0")

    assert (said.code, said.out) == (1, "")
    assert "did not happen within 0 s" in said.err


def test_everything_about_a_task_is_shown_whole(tt: Tt, town: Town) -> None:
    task, _ = at_work(town, "ada", "first line\nsecond \x1b[31mline")
    town.tasks.complete(task.id, "done\nthoroughly")

    said = tt("task", "show", task.id[:6])

    assert said.lines[0] == f"task      {task.id}"
    assert "first line\nsecond \\x1b[31mline" in said.out
    assert said.out.endswith("result:\ndone\nthoroughly\n")
    assert "agent     ada" in said.lines


def test_a_task_is_listed_by_state_agent_and_tag(tt: Tt, town: Town) -> None:
    task, _ = at_work(town, "ada", "one")
    town.tasks.complete(task.id)
    town.assign("ada", "two", tags=("x",))
    deliver(town, "grace", "three")

    def titles(*options: str) -> list[str]:
        return [found["description"] for found in tt("task", "list", "--json", *options).json]

    assert sorted(titles()) == ["one", "three", "two"]
    assert titles("--state", "completed") == ["one"]
    assert titles("--tag", "x") == ["two"]
    assert titles("--agent", "grace") == ["three"]


def test_a_list_that_is_cut_says_so(tt: Tt, town: Town) -> None:
    for number in range(3):
        town.assign("ada", f"task {number}")

    said = tt("task", "list", "--limit", 2)

    assert len(said.lines) == 3
    assert "there are more" in said.err


@pytest.mark.parametrize("words", [["show"], ["complete"], ["fail", "--reason", "x"], ["cancel"], ["requeue"]])
def test_a_task_that_is_not_there_is_an_error(words: list[str], tt: Tt) -> None:
    """It was a message and exit code 0, which no script could see."""
    assert tt("task", words[0], "beef", *words[1:]).code == 3


def test_a_state_that_does_not_exist_is_an_error(tt: Tt) -> None:
    assert tt("task", "list", "--state", "done").code == 2


@pytest.mark.parametrize("words", [["complete", "--result", "late"], ["fail", "--reason", "late"], ["cancel"], ["requeue"]])
def test_what_has_ended_stays_as_it_is(words: list[str], tt: Tt, town: Town) -> None:
    task, _ = at_work(town, "ada")
    town.tasks.cancel(task.id, "not wanted")

    said = tt("task", words[0], task.id, *words[1:])

    assert said.code == 4
    assert "is cancelled" in said.err
    assert town.tasks.get(task.id).result == "not wanted"


def test_people_complete_and_fail_any_task(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    done, failed = town.assign("ada", "one"), town.assign("ada", "two")
    type_in(b"a long\nreport", monkeypatch)

    codes = [tt("task", "complete", done.short_id, "--result", "-").code, tt("task", "fail", failed.short_id, "-r", "no tools").code]

    assert codes == [0, 0]
    assert town.tasks.get(done.id).result == "a long\nreport"
    assert town.tasks.get(failed.id).state is TaskState.FAILED


def test_failing_needs_a_reason(tt: Tt, town: Town) -> None:
    task = town.assign("ada", "one")

    assert tt("task", "fail", task.id).code == 2


def test_a_requeued_task_goes_to_the_backlog_or_on(tt: Tt, town: Town) -> None:
    one, two = deliver(town, "ada", "one"), deliver(town, "ada", "two")

    codes = [tt("task", "requeue", one.id).code, tt("task", "requeue", two.id, "--to", "grace").code]

    assert codes == [0, 0]
    assert [task.id for task in town.backlog.list()] == [one.id]
    assert town.tasks.get(two.id).wanted == town.agents.find("grace").id
    assert tt("task", "requeue", one.id, "--to", "supervisor").code == 3


def test_the_current_task_needs_no_name_inside_a_turn(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    task, turn = at_work(town, "ada", "dig")
    speak_as(turn, monkeypatch)

    mine, others = tt("task", "current"), tt("task", "current", "grace")

    assert f"tt task complete {task.id}" in mine.out
    assert (others.code, others.out, others.err) == (0, "", "grace has no open task\n")


def test_the_current_task_needs_a_name_outside_of_a_turn(tt: Tt) -> None:
    assert tt("task", "current").code == 2


def test_an_agent_reports_in_its_turn(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    task, turn = at_work(town, "ada")
    speak_as(turn, monkeypatch)

    said = tt("task", "complete", task.short_id, "--result", "dug")

    assert said.code == 0, said.err
    assert town.tasks.get(task.id).result == "dug"


@pytest.mark.parametrize("words", [["complete", "--result", "late"], ["fail", "--reason", "late"]])
def test_a_turn_that_is_over_reports_nothing(words: list[str], tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose worker was thought dead must not settle what another turn has."""
    task, turn = at_work(town, "ada")
    speak_as(turn, monkeypatch)
    monkeypatch.setenv("TINYTOWN_TURN_EPOCH", str(turn.epoch - 1))

    said = tt("task", words[0], task.id, *words[1:])

    assert said.code == 4
    assert f"turn {turn.epoch - 1} of agent ada is over" in said.err
    assert town.tasks.get(task.id).state is TaskState.RUNNING


def test_an_agent_reports_on_its_own_tasks_only(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a late turn settles what was given to somebody else in the meantime."""
    _, turn = at_work(town, "ada")
    other, waiting = deliver(town, "grace", "hers"), town.backlog.add("nobody's")
    speak_as(turn, monkeypatch)

    codes = [tt("task", "complete", task.id).code for task in (other, waiting)]

    assert codes == [4, 4]
    assert "not yours" in tt("task", "complete", other.id).err
    assert town.tasks.get(other.id).state is TaskState.ASSIGNED


def test_an_epoch_that_is_no_number_is_refused(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    task, turn = at_work(town, "ada")
    speak_as(turn, monkeypatch)
    monkeypatch.setenv("TINYTOWN_TURN_EPOCH", "many")

    assert tt("task", "complete", task.id).code == 2
    assert town.tasks.get(task.id).state is TaskState.RUNNING
