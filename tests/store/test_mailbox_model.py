"""Anything, in any order: mail and turns behave as a simple model says, and nothing is ever lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.recount import Recount
from tests.server import Server
from tests.store.model import MAX_ATTEMPTS, Letter, MailboxModel
from tinytown.domain.ids import AgentId, MessageId, TaskId
from tinytown.domain.message import Kind, Message, Priority
from tinytown.domain.task import TaskState
from tinytown.domain.turn import TurnReason
from tinytown.errors import Conflict
from tinytown.services.messages import DeadMail
from tinytown.services.turns import Ending, Turn
from tinytown.store.resp import RespConnection
from tinytown.testing import Doorbell, Rehearsal, rehearse

NAMES = {"ada": None, "bob": "reviewer"}
"""The agents, with their roles."""
BATCH = 3
names = st.sampled_from([*NAMES])
reasons = st.sampled_from([None, TurnReason.EXIT_STATUS, TurnReason.UNFINISHED, TurnReason.CANCELLED, TurnReason.RATE_LIMITED])
WEIGHTED = [
    *["bells"] * 30, *["end"] * 20, *["task"] * 12, *["tail"] * 6, "urgent", "urgent", "head", "passive", "old bell", *["crash"] * 8,
    *["sweep"] * 8, *["time passes"] * 8, "lose bells", "sleep", "kill", "close", "interrupt", *["resume", "restart"] * 6,
    "complete", "cancel", "fail", "requeue", "hand over", "read", "backlog", "backlog", "revive", "drop",
]  # fmt: skip
_numbers = count()


class Mailboxes(RuleBasedStateMachine):
    """Two agents, their mail, and everything that people, workers, the clock and bad luck do to them."""

    server: Server

    @initialize()
    def open_town(self) -> None:
        self.connection = RespConnection(str(self.server.socket), address="server")
        self.connection.call("FLUSHALL")
        tables: dict[str, Any] = {"agent": {"max_attempts": MAX_ATTEMPTS, "batch_messages": BATCH, "backoff_secs": 60}}
        self.town: Rehearsal = rehearse(f"town-{next(_numbers)}", connection=self.connection, **tables)
        self.agents: dict[str, AgentId] = {name: self.town.spawn(name, cli="shell", role=role).id for name, role in NAMES.items()}
        self.models = {name: MailboxModel() for name in NAMES}
        self.turns: list[tuple[str, Turn]] = []
        self.old_bells: list[Doorbell] = []
        self.tasks: list[TaskId] = []
        self.epochs = dict.fromkeys(NAMES, 0)

    @rule(what=st.sampled_from(WEIGHTED), name=names, index=st.integers(0, 5), reason=reasons)
    def step(self, what: str, name: str, index: int, reason: TurnReason | None) -> None:
        """Anybody does anything. One rule, so that the weights are ours: most steps should be mail and turns."""
        match what:
            case "task":
                self.tasks.append(self.town.assign(name, "write").id)
            case "urgent" | "head" | "tail" | "passive":
                self._send(name, what)
            case "bells":
                for _ in range(index + 1):
                    if bells := self.town.bells():
                        self._hear(bells[-1 if index % 2 else 0], keep=index == 5)
            case "old bell" if self.old_bells:
                self._answer(self.old_bells[-1 - index % len(self.old_bells)])
            case "end" if self.turns:
                self._end(*self.turns[-1 - (index // 3) % len(self.turns)], reason)
            case "crash" if self.models[name].turn is not None:
                self.town.let_lease_run_out(self.agents[name])
            case "lose bells":
                self.town.lose_bells()
            case "time passes":
                self.town.let_backoff_pass(self.agents[name])
                self.town.let_answers_be_due()
            case "sweep":
                for agent in self.town.recovery.sweep().reaped:
                    self._reaped(self._name(agent))
            case "sleep":
                self.town.recovery.stop_idle({self.agents[name]})
            case "kill" | "close" | "interrupt" | "resume" | "restart":
                with suppress(Conflict):
                    getattr(self.town.agents, what)(name)
            case "complete" | "cancel" | "fail" | "requeue" | "hand over" if self.tasks:
                self._decide(self.tasks[-1 - index % len(self.tasks)], what, name)
            case "read":
                self._read_by_hand(name, index)
            case "backlog":
                for task in self.town.backlog.assign_all(name):
                    self._delivered(name, task.id)
            case "revive" | "drop":
                for letter in self.town.messages.dead(name):
                    self._deal_with(name, letter, drop=what == "drop")

    @invariant()
    def books_agree(self) -> None:
        """Every index and counter agrees with a count, and every list with the model."""
        if not hasattr(self, "town"):
            return
        recount = Recount(self.town)
        recount.check()
        for name, model in self.models.items():
            for place in ("urgent", "inbox", "taken", "dead"):
                lying = [one["id"] for one in recount._messages(place, self.agents[name])]
                assert lying == [letter.id for letter in getattr(model, place)], place
            info = self.town.desk.store.turns.info([self.agents[name]])[0]
            assert info.epoch >= self.epochs[name], "epochs never go back"
            self.epochs[name] = info.epoch
            assert all(recount.receipts[letter]["state"] == "settled" for letter in model.settled)

    def teardown(self) -> None:
        """Whatever happened: with everybody awake and time enough, all mail is dealt with and all tasks end."""
        if not hasattr(self, "town"):
            return
        town = self.town
        for _ in range(4 * MAX_ATTEMPTS):
            for name, agent in self.agents.items():
                for step in (town.agents.resume, town.agents.restart):
                    with suppress(Conflict):
                        step(name)
                if town.desk.store.turns.info([agent])[0].state == "running":
                    town.let_lease_run_out(agent)
                town.let_backoff_pass(agent)
            town.let_answers_be_due()
            town.recovery.sweep()
            town.backlog.assign_all("ada")
            town.answer_bells()
        Recount(town).check()
        assert [one for one in town.tasks.matching() if not one.state.is_terminal] == []
        receipts = Recount(town).receipts.values()
        assert {one["state"] for one in receipts if one["wakes"]} <= {"settled", "dead"}
        self.connection.close()

    def _send(self, name: str, how: str) -> None:
        kind = Kind.INFORMATIONAL if how == "passive" else Kind.TASK
        priority = Priority.HIGH if how == "head" else Priority.NORMAL
        message, _ = self.town.messages.send(name, how, kind=kind, urgent=how == "urgent", priority=priority)
        self.models[name].send(Letter(message.id, message.is_actionable, how == "urgent"), head=how == "head")

    def _hear(self, bell: Doorbell, *, keep: bool) -> None:
        self.old_bells.append(bell)
        if not keep:
            self.town.take_bell(bell)
        self._answer(bell)

    def _end(self, name: str, turn: Turn, reason: TurnReason | None) -> None:
        """A worker, of a living turn or of one long over, says how it went."""
        how = Ending(reason=reason)
        if reason is None:
            for task in turn.tasks:
                with suppress(Conflict):
                    self.town.tasks.complete(task, by=turn.agent.id, epoch=turn.epoch)
        mail = [] if reason is None else [one for one, attempt in turn.mail if not self._give_up(name, turn, one, attempt, how)]
        ended = self.town.turns.end(turn, Ending(reason=reason, returned=tuple(one.id for one in mail)))
        assert (ended is not None) == self._lives(name, turn)
        if ended is not None:
            self.models[name].end({one.id for one in mail}, counted=how.counts)

    def _decide(self, task: TaskId, what: str, name: str) -> None:
        tasks = self.town.tasks
        steps: dict[str, Callable[[], object]] = {
            "complete": lambda: tasks.complete(task, "done"),
            "cancel": lambda: tasks.cancel(task),
            "fail": lambda: tasks.fail(task, "no"),
            "requeue": lambda: tasks.requeue(task),
            "hand over": lambda: tasks.requeue(task, name),
        }
        with suppress(Conflict):
            steps[what]()

    def _read_by_hand(self, name: str, index: int) -> None:
        model = self.models[name]
        if letters := [letter for letter in model.urgent + model.inbox if letter.task is None]:
            letter = letters[index % len(letters)]
            self.town.messages.take(name, letter.id)
            model.take_out(letter)

    def _deal_with(self, name: str, letter: DeadMail, *, drop: bool) -> None:
        model = self.models[name]
        found = next(one for one in model.dead if letter.message is not None and one.id == letter.message.id)
        if drop or found.task is not None:
            self.town.messages.drop_dead(letter)
            model.dead.remove(found)
            model.settled.add(found.id)
        else:
            self.town.messages.requeue_dead(letter)
            model.revive(found)

    def _answer(self, bell: Doorbell) -> None:
        if bell.actor == "assign_task":
            before = self.town.tasks.get(bell.args[0])  # type: ignore[arg-type]
            after = self.town.tasks.deliver(before.id, bell.args[1])
            if before.state is TaskState.PENDING and after is not None and after.state is TaskState.ASSIGNED:
                self._delivered(self._name(after.assigned_to), after.id)
            return
        name = self._name(bell.args[0])
        model, agent = self.models[name], self.agents[name]
        info = self.town.desk.store.turns.info([agent])[0]
        now = self.town.desk.store.turns.now_ms()
        if info.state == "running" and info.lease_until < now:
            self._reaped(name)
        free = info.state != "running" or info.lease_until < now
        early = info.state == "scheduled" and info.not_before > now
        expected = free and not early and not info.hold and model.waiting > 0
        turn = self.town.begin_turn(agent)
        if turn is None:
            # Whoever found the dead turn may have found, too, that the agent was told to stop.
            assert not expected or self.town.desk.store.turns.info([agent])[0].hold
            return
        batch = model.begin(turn.epoch, BATCH)
        assert [(message.id, attempt) for message, attempt in turn.mail] == [(letter.id, letter.attempt) for letter in batch]
        assert all(attempt <= MAX_ATTEMPTS for _, attempt in turn.mail), "what was tried too often is not tried again"
        self._begun(name, turn)

    def _begun(self, name: str, turn: Turn) -> None:
        for message, attempt in turn.mail:
            if attempt >= MAX_ATTEMPTS and message.is_actionable:
                self._bury(name, turn, message)
        dead = {letter.id for letter in self.models[name].dead}
        kept = {message.id for message, _ in turn.mail if message.id not in dead}
        tasks = [task.id for task in turn.tasks.values() if self.town.tasks.get(task.id).state is TaskState.ASSIGNED]
        started = self.town.turns.start(turn, tasks)
        self.turns.append((name, _with_mail(started, kept)))

    def _give_up(self, name: str, turn: Turn, message: Message, attempt: int, ending: Ending) -> bool:
        if not (message.is_actionable and ending.counts and attempt + 1 >= MAX_ATTEMPTS):
            return False
        return self._bury(name, turn, message)

    def _bury(self, name: str, turn: Turn, message: Message) -> bool:
        lives = self._lives(name, turn)
        assert self.town.turns.bury(turn, message, "exit_status", "", attempts=3) == lives
        letters = [letter for letter in self.models[name].taken if letter.id == message.id] if lives else []
        for letter in letters:
            self.models[name].bury(letter)
        return lives

    def _lives(self, name: str, turn: Turn) -> bool:
        return self.models[name].turn == turn.epoch

    def _reaped(self, name: str) -> None:
        model = self.models[name]
        model.end({letter.id for letter in model.taken}, counted=True)

    def _delivered(self, name: str, task: str) -> None:
        boxes = self.town.messages.peek(name, 1000)
        message = next(one for one in reversed(boxes) if one.task_id == task)
        self.models[name].send(Letter(message.id, wakes=True, task=task))

    def _name(self, agent: str | None) -> str:
        return next(name for name, one in self.agents.items() if one == agent)


def _with_mail(turn: Turn, kept: set[MessageId]) -> Turn:
    return msgspec.structs.replace(turn, mail=tuple(pair for pair in turn.mail if pair[0].id in kept))


def test_mail_and_turns_behave_as_the_model_says(server: Server) -> None:
    machine = type("MailboxesHere", (Mailboxes,), {"server": server})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
            database=None,
        ),
    )

    assert server.is_running()
