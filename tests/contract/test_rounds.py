"""Rounds: what a worker does with the mail of a turn, around the program that it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.mail import send, send_many
from tinytown.domain.agent import Agent, AgentState, StopReason
from tinytown.domain.ids import MessageId
from tinytown.domain.message import AckType, Kind, ReceiptState
from tinytown.domain.task import TaskState
from tinytown.domain.turn import TurnReason
from tinytown.runner import Outcome, RunSpec
from tinytown.services.leases import LeaseKeeper
from tinytown.services.rounds import RoundService, Workplace
from tinytown.testing import Rehearsal

Program = Callable[[RunSpec], Outcome]


class Stage:
    """A worker whose programs are functions; `specs` are those it ran."""

    def __init__(self, town: Rehearsal, root: Path) -> None:
        self.town = town
        self.specs: list[RunSpec] = []
        self.program: Program = lambda _spec: Outcome(exit_status=0, tail="done")
        place = Workplace("w", root, {}, self._run)
        self.rounds = RoundService(town.desk, town.tasks, town.turns, LeaseKeeper(town.desk), place)

    @property
    def told(self) -> list[str]:
        """What the programs were given to read."""
        return [spec.stdin.decode() for spec in self.specs]

    def play(self, agent: Agent, turns: int = 1) -> list[bool]:
        """Deliver what was assigned, and run so many turns."""
        for bell in self.town.bells("control"):
            self.town.take_bell(bell)
            self.town.answer(bell)
        played = []
        for _ in range(turns):
            self.town.let_backoff_pass(agent.id)
            played.append(self.rounds.take_turn(agent.id))
        return played

    def _run(self, spec: RunSpec, **_: object) -> Outcome:
        self.specs.append(spec)
        return self.program(spec)


@pytest.fixture
def stage(town: Rehearsal, place: Path) -> Stage:
    """A worker with made-up programs."""
    return Stage(town, place)


@pytest.fixture
def cli(town: Rehearsal) -> Agent:
    """An agent whose program reads the whole prompt and reports by itself."""
    return town.spawn("cli", cli="claude")


def failing(reason: TurnReason) -> Program:
    return lambda _spec: Outcome(reason=reason, exit_status=1, tail="the last words", detail="it failed")


def test_a_shell_gets_the_bare_task_and_its_end_completes_it(town: Rehearsal, ada: Agent, stage: Stage) -> None:
    task = town.assign("ada", "echo a\nsecond line " + "x" * 500)

    stage.play(ada)

    assert "echo a\nsecond line " + "x" * 500 in stage.told[0]
    assert (town.tasks.get(task.id).state, town.tasks.get(task.id).result) == (TaskState.COMPLETED, "done")


def test_a_prompt_has_every_task_and_message_whole(town: Rehearsal, cli: Agent, stage: Stage) -> None:
    """Cut texts cannot be read again: the mail is gone once it is settled."""
    texts = [f"{word} line\n{word} " + "y" * 3000 for word in ("first", "second")]
    for text in texts:
        town.assign("cli", text)
    send(town, "cli", "for your information " + "z" * 300, kind=Kind.INFORMATIONAL)

    stage.play(cli)

    assert len(stage.told) == 1
    assert all(line in stage.told[0] for text in texts for line in text.splitlines())
    assert "z" * 300 in stage.told[0]


def test_all_tasks_of_a_turn_are_running_while_it_runs(town: Rehearsal, cli: Agent, stage: Stage) -> None:
    tasks = [town.assign("cli", text).id for text in ("one", "two")]
    seen: list[TaskState] = []

    def look(_spec: RunSpec) -> Outcome:
        seen.extend(town.tasks.get(task).state for task in tasks)
        return Outcome(exit_status=0)

    stage.program = look
    stage.play(cli)

    assert seen == [TaskState.RUNNING, TaskState.RUNNING]


def test_a_program_that_reports_nothing_is_asked_again_and_told_so(town: Rehearsal, cli: Agent, stage: Stage) -> None:
    task = town.assign("cli", "write")

    stage.play(cli)
    between = town.tasks.get(task.id)
    stage.program = lambda _spec: (town.tasks.complete(task.id, "a poem", by=cli.id), Outcome(exit_status=0))[1]
    stage.play(cli)

    assert (between.state, between.attempt, between.failure_reason) == (TaskState.ASSIGNED, 1, "unfinished")
    assert stage.told[0] != stage.told[1]
    assert town.tasks.get(task.id).result == "a poem"
    assert town.agents.get(cli.id).state is AgentState.IDLE


@pytest.mark.parametrize("reason", [TurnReason.EXIT_STATUS, TurnReason.TIMEOUT, TurnReason.NO_OUTPUT])
def test_a_task_that_fails_every_time_does_not_loop(town: Rehearsal, ada: Agent, stage: Stage, reason: TurnReason) -> None:
    task = town.assign("ada", "exit 1")
    stage.program = failing(reason)

    played = stage.play(ada, turns=6)

    failed = town.tasks.get(task.id)
    assert played == [True] * 3 + [False] * 3
    assert (failed.state, failed.failure_reason, failed.attempt) == (TaskState.FAILED, reason.value, 3)
    assert "the last words" in str(failed.result)
    assert town.messages.lengths([ada.id]) == [(0, 0, 0, 1)]
    assert [message.task_id for message in town.messages.peek("supervisor")] == [task.id]


def test_a_message_that_kills_its_worker_each_time_is_given_up(town: Rehearsal, ada: Agent, stage: Stage) -> None:
    message = send(town, "ada", "poison")

    class Killed(BaseException):
        pass

    def die(_spec: RunSpec) -> Outcome:
        raise Killed

    stage.program = die
    for _ in range(3):
        with pytest.raises(Killed):
            stage.play(ada)
        town.let_lease_run_out(ada.id)
        town.recovery.sweep()
    stage.play(ada, turns=2)

    receipt = town.messages.receipt(message.id)
    assert (receipt.state, receipt.reason, len(stage.specs)) == (ReceiptState.DEAD, "worker_lost", 3)


def test_a_program_that_does_not_exist_is_not_tried_again_and_again(town: Rehearsal, ada: Agent, stage: Stage) -> None:
    task = town.assign("ada", "write")
    stage.program = failing(TurnReason.NOT_FOUND)

    played = stage.play(ada, turns=3)

    agent = town.agents.get(ada.id)
    assert (played, agent.state, agent.error) == ([True, False, False], AgentState.ERROR, "it failed")
    assert (town.tasks.get(task.id).state, town.tasks.get(task.id).attempt) == (TaskState.ASSIGNED, 0)


def test_what_an_agent_only_needs_to_know_comes_back_after_a_failure(town: Rehearsal, cli: Agent, stage: Stage) -> None:
    told = send(town, "cli", "by the way", kind=Kind.INFORMATIONAL)
    send(town, "cli", "do it")
    stage.program = failing(TurnReason.EXIT_STATUS)

    stage.play(cli)

    assert town.messages.receipt(told.id).state is ReceiptState.QUEUED
    assert [message.body for message in town.messages.peek("cli")] == ["by the way", "do it"]


def test_mail_before_the_batch_does_not_keep_work_waiting_for_ever(town: Rehearsal, cli: Agent, stage: Stage) -> None:
    for i in range(60):
        send(town, "cli", f"by the way {i}", kind=Kind.INFORMATIONAL)
    task = town.assign("cli", "write")

    stage.program = lambda spec: (
        (town.tasks.complete(task.id, "a poem", by=cli.id) if spec.identity.task_id == task.id else None),
        Outcome(exit_status=0),
    )[1]
    stage.play(cli, turns=4)

    assert town.tasks.get(task.id).state is TaskState.COMPLETED


@pytest.mark.parametrize("name", ["ada", "cli"])
def test_pings_and_questions_about_its_state_are_answered(town: Rehearsal, ada: Agent, cli: Agent, stage: Stage, name: str) -> None:
    asked = [town.messages.compose(name, kind, sender="supervisor") for kind in (Kind.PING, Kind.STATUS_REQUEST)]
    for message in asked:
        town.messages.post(message)

    stage.play(town.agents.find(name), turns=2)

    answers = [(message.type, message.correlation_id) for message in town.messages.peek("supervisor")]
    assert answers == [(Kind.PONG, asked[0].id), (Kind.STATUS_RESPONSE, asked[1].id)]
    assert stage.specs == []


@pytest.mark.parametrize("name", ["ada", "cli"])
def test_an_agent_that_is_told_to_shut_down_finishes_and_stops(town: Rehearsal, ada: Agent, cli: Agent, stage: Stage, name: str) -> None:
    agent = town.agents.find(name)
    send(town, name, "by the way", kind=Kind.INFORMATIONAL)
    town.messages.post(town.messages.compose(name, Kind.SHUTDOWN))
    send(town, name, "one last thing")

    stage.play(agent, turns=3)
    town.recovery.sweep()

    after = town.agents.get(agent.id)
    assert (after.state, after.stop_reason) == (AgentState.STOPPED, StopReason.REQUESTED)
    assert len(stage.specs) == 1


def test_a_program_that_takes_tasks_only_declines_questions(town: Rehearsal, ada: Agent, stage: Stage) -> None:
    question = send(town, "ada", "how are you?", kind=Kind.QUERY)

    stage.play(ada)

    (answer,) = town.messages.peek("supervisor")
    assert isinstance(answer.ack_type, AckType)
    assert (answer.ack_type.type, answer.correlation_id) == ("rejected", question.id)
    assert stage.specs == []


def test_a_turn_that_lost_its_lease_settles_nothing(town: Rehearsal, ada: Agent, stage: Stage) -> None:
    message = send(town, "ada", "one")

    def lose_it(_spec: RunSpec) -> Outcome:
        town.let_lease_run_out(ada.id)
        town.recovery.sweep()
        return Outcome(reason=TurnReason.LOST_LEASE)

    stage.program = lose_it
    stage.play(ada)

    receipt = town.messages.receipt(message.id)
    assert (receipt.state, receipt.attempt) == (ReceiptState.QUEUED, 1)


def test_several_urgent_messages_keep_their_order_through_a_failure(town: Rehearsal, cli: Agent, stage: Stage) -> None:
    sent: list[MessageId] = [message.id for message in send_many(town, "cli", "a", "b", "c", urgent=True)]
    stage.program = failing(TurnReason.CANCELLED)

    stage.play(cli)

    assert [message.id for message in town.messages.peek("cli", urgent=True)] == sent


def test_an_agent_without_a_record_gets_no_turn(town: Rehearsal, ada: Agent, stage: Stage) -> None:
    """A worker that still has a bell for it must neither spin nor bring it back."""
    town.agents.kill("ada")
    town.recovery.prune()

    assert stage.play(ada) == [False]
    assert town.agents.all() == []
