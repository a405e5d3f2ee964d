"""Rounds: one turn from the doorbell to the settled mailbox, with a program in between."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, TaskId
from tinytown.domain.message import AckType, Kind, Message
from tinytown.domain.role import fits
from tinytown.domain.task import Task
from tinytown.domain.turn import TurnReason
from tinytown.errors import InvalidValue, RedisUnavailable, StaleTurn
from tinytown.log import bound
from tinytown.presets import Input, Preset, resolve
from tinytown.services.desk import Desk
from tinytown.services.floor import Floor
from tinytown.services.leases import LeaseKeeper
from tinytown.services.outcomes import OutcomeService
from tinytown.services.tasks import TaskService
from tinytown.services.turns import Ending, Turn, TurnService

if TYPE_CHECKING:
    from tinytown.runner import Outcome, RunSpec, Stop

T = TypeVar("T")

__all__ = ["RoundService", "Run", "Workplace"]

_log = logging.getLogger(__name__)

CAUTIOUS_AFTER = 2
"""Turns of an agent in a row that lost their workers, after which it runs alone."""

OTHERS_SHOWN = 8
"""How many open tasks a prompt shows that are for later turns."""


class Run(Protocol):
    """Runs a program for one turn; `tinytown.runner.run` does."""

    def __call__(self, spec: RunSpec, *, on_output: Callable[[bytes], object] | None = None, stop: Stop | None = None) -> Outcome:
        """Run it to its end."""
        ...


class Workplace:
    """What a worker brings to its turns.

    Attributes:
        worker: the id of the worker.
        root: the town's directory, in which programs run.
        logs: the folder for their output.
        env: the environment they inherit.
        run: runs a program.
    """

    def __init__(self, worker: str, root: Path, env: Mapping[str, str], run: Run) -> None:
        self.worker = worker
        self.root = root
        self.logs = root / ".tt" / "logs"
        self.env = env
        self.run = run


class RoundService:
    """Runs the turns of agents on this worker."""

    def __init__(self, desk: Desk, tasks: TaskService, turns: TurnService, leases: LeaseKeeper, place: Workplace) -> None:
        self._desk = desk
        self._tasks = tasks
        self._turns = turns
        self._outcomes = OutcomeService(desk, tasks, turns)
        self._leases = leases
        self._floor = Floor()
        self._place = place

    def take_turn(self, agent_id: AgentId) -> bool:
        """Run one turn of an agent if it has mail and nobody else has it; False when there was nothing to do.

        An agent whose workers died one after the other runs alone: if it is what
        kills them, it takes no other turn down with it. Who must not run now is
        rung for again by the sweep, here or elsewhere.
        """
        agent = self._desk.store.agents.get(agent_id)
        if agent is None:
            return False
        with self._floor.entered(alone=agent.workers_lost >= CAUTIOUS_AFTER) as may_run:
            return may_run and self._take_turn(agent)

    def _take_turn(self, agent: Agent) -> bool:
        try:
            preset = resolve(agent.cli, self._desk.settings.agent_clis, model=agent.model)
        except InvalidValue as error:
            preset, trouble = None, str(error)
        else:
            trouble = ""
        single = preset is not None and preset.input is Input.TASK
        most = 1 if single else self._desk.settings.agent.batch_messages
        turn = self._turns.begin(agent.id, self._place.worker, messages=most, known=agent)
        if turn is None:
            return False
        with bound(turn.agent.name), self._leases.keep(turn.agent.id, turn.epoch) as stop:
            _log.debug("turn %d begins", turn.epoch, extra={"action": "turn.began"})
            attended = (turn, self._unable(turn, trouble)) if preset is None else self._attend(turn, preset, stop)
            if attended is not None:
                _patiently(lambda: self._turns.end(*attended))
            _log.info("turn %d %s", turn.epoch, _how(attended), extra={"action": "turn.ended"})
        return True

    def _unable(self, turn: Turn, trouble: str) -> Ending:
        return Ending(reason=TurnReason.NOT_FOUND, detail=trouble, returned=tuple(message.id for message, _ in turn.mail))

    def _attend(self, turn: Turn, preset: Preset, stop: Stop) -> tuple[Turn, Ending] | None:
        """Deal with the mail of a turn; None when the turn was lost in between."""
        try:
            work, passive, closing = _patiently(lambda: self._sort(turn, preset))
            idle = Ending(
                returned=() if preset.input is Input.TASK else tuple(message.id for message, _ in passive), ran=False, closing=closing
            )
            if not work and not (passive and preset.input is Input.PROMPT and self._more_waits(turn)):
                return turn, idle
            tasks = [message.task_id for message, _ in work if isinstance(message.task_id, str) and message.type is Kind.TASK_ASSIGN]
            started = _patiently(lambda: self._turns.start(turn, tasks))
        except StaleTurn:
            return None
        had_work = bool(work)
        work = [pair for pair in work if pair[0].type is not Kind.TASK_ASSIGN or pair[0].task_id in started.tasks]
        if had_work and not work:
            return started, idle  # what it was to work on was taken away in this moment
        outcome = self._run_program(started, preset, work, passive, stop)
        return _patiently(lambda: self._outcomes.settle(started, preset, work, passive, outcome, closing=closing))

    def _sort(self, turn: Turn, preset: Preset) -> tuple[list[tuple[Message, int]], list[tuple[Message, int]], bool]:
        """The mail to work on, the mail to know of, and whether the agent was told to shut down.

        What was tried too often is buried, what the runtime can answer is answered,
        and what is about a task that is no longer the agent's is settled.
        """
        work: list[tuple[Message, int]] = []
        passive: list[tuple[Message, int]] = []
        closing = False
        for message, attempt in turn.mail:
            task = turn.tasks.get(message.task_id) if isinstance(message.task_id, str) else None
            limit = self._desk.settings.agent.max_attempts if task is None else task.max_attempts
            if message.type is Kind.TASK_ASSIGN and task is None:
                continue
            if message.is_actionable and attempt >= limit:
                if not self._turns.bury(turn, message, self._why(message, task), attempts=attempt):
                    raise StaleTurn(turn.agent.name, turn.epoch)
            elif message.type is Kind.SHUTDOWN:
                closing = True
            elif message.type in {Kind.PING, Kind.STATUS_REQUEST}:
                self._answer(turn.agent, message)
            elif not message.is_actionable:
                passive.append((message, attempt))
            elif preset.input is Input.TASK and message.type not in {Kind.TASK, Kind.TASK_ASSIGN}:
                self._decline(turn.agent, message, preset)
            else:
                work.append((message, attempt))
        return work, passive, closing

    def _why(self, message: Message, task: Task | None) -> str:
        if task is not None and task.failure_reason is not None:
            return task.failure_reason
        receipt = self._desk.store.mail.receipt(message.id)
        return receipt.reason if receipt is not None and receipt.reason else TurnReason.WORKER_LOST.value

    def _more_waits(self, turn: Turn) -> bool:
        return self._desk.store.turns.info([turn.agent.id])[0].waiting > 0

    def _answer(self, agent: Agent, message: Message) -> None:
        if message.type is Kind.PING:
            reply = self._desk.message(agent.id, message.sender, Kind.PONG, correlation_id=message.id)
        else:
            current = self._desk.store.tasks.open_of(agent.id)
            state = agent.state.value
            reply = self._desk.message(
                agent.id,
                message.sender,
                Kind.STATUS_RESPONSE,
                state=state,
                current_task=current[0] if current else None,
                correlation_id=message.id,
            )
        self._desk.store.mail.send(reply)

    def _decline(self, agent: Agent, message: Message, preset: Preset) -> None:
        """Say that a program which takes bare tasks cannot read anything else."""
        ack = AckType(type="rejected", reason=f"{agent.name} runs {preset.name}, which takes tasks only")
        reply = self._desk.message(agent.id, message.sender, Kind.CONFIRMATION, ack_type=ack, correlation_id=message.id)
        self._desk.store.mail.send(reply)
        self._desk.store.events.note(agent.id, f"declined {message.summarised()}")

    def _run_program(
        self, turn: Turn, preset: Preset, work: list[tuple[Message, int]], passive: list[tuple[Message, int]], stop: Stop
    ) -> Outcome:
        from tinytown.runner import Identity, RunSpec, deliver, log_path

        agent = turn.agent
        text = self._text(turn, preset, work, passive)
        delivered = deliver(preset, text, self._place.logs.parent / "prompts" / f"{agent.name}-{turn.epoch}.md")
        settings = self._desk.settings.agent
        limit = settings.turn_timeout_secs if preset.timeout_secs is None else preset.timeout_secs
        spec = RunSpec(
            argv=delivered.argv,
            identity=Identity(
                agent_id=agent.id,
                agent_name=agent.name,
                town=str(self._place.root),
                epoch=turn.epoch,
                task_id=next(iter(turn.tasks), None),
            ),
            env={**self._place.env, **preset.env},
            cwd=self._place.root if preset.workdir is None else self._place.root / preset.workdir,
            stdin=delivered.stdin,
            cli=preset.name,
            log=log_path(self._place.logs, agent.name, turn.epoch),
            log_bytes=settings.log_bytes,
            timeout=timedelta(seconds=limit) if limit else None,
            no_output_timeout=timedelta(seconds=settings.no_output_timeout_secs) if settings.no_output_timeout_secs else None,
            grace=timedelta(seconds=settings.grace_secs),
        )
        try:
            return self._place.run(
                spec, on_output=lambda chunk: self._desk.store.events.write_output(agent.id, turn.epoch, bytes(chunk)), stop=stop
            )
        finally:
            delivered.discard()

    def _text(self, turn: Turn, preset: Preset, work: list[tuple[Message, int]], passive: list[tuple[Message, int]]) -> str:
        from tinytown.prompt import Mail, PromptInput, Unfinished, compose, task_text

        if preset.input is Input.TASK:
            message = work[0][0]
            task = turn.tasks.get(message.task_id) if isinstance(message.task_id, str) else None
            return message.body if task is None else task_text(task)
        receipts = {message.id: self._desk.store.mail.receipt(message.id) for message, attempt in work if attempt}
        reasons = {key: receipt.reason for key, receipt in receipts.items() if receipt is not None and receipt.reason}
        taken = sorted(work + passive, key=lambda pair: pair[0].is_actionable, reverse=True)
        backlog = [
            task
            for task in self._desk.store.tasks.get_readable(self._desk.store.tasks.backlog(count=200))
            if fits(turn.agent.role_id, turn.agent.name, task.description, task.tags)
        ]
        return compose(
            PromptInput(
                agent=turn.agent,
                town=self._desk.settings.name,
                mail=tuple(Mail(message=message, attempt=attempt + 1) for message, attempt in taken),
                tasks=turn.tasks,
                open_tasks=self._others(turn),
                open_total=self._desk.store.tasks.count_open_of([turn.agent.id])[0],
                unfinished={
                    TaskId(str(message.task_id)): Unfinished(why=reasons.get(message.id, TurnReason.UNFINISHED.value))
                    for message, attempt in work
                    if attempt and message.type is Kind.TASK_ASSIGN
                },
                names=self._desk.names({message.sender for message, _ in taken} | {SUPERVISOR_ID}),
                backlog=tuple(backlog[:8]),
                backlog_total=self._desk.store.tasks.backlog_length(),
            )
        )

    def _others(self, turn: Turn) -> tuple[Task, ...]:
        """A few open tasks of the agent that are not of this turn; there may be a hundred thousand."""
        some = self._desk.store.tasks.some_open_of(turn.agent.id, len(turn.tasks) + OTHERS_SHOWN)
        tasks = self._desk.store.tasks.get_readable([task for task in some if task not in turn.tasks][:OTHERS_SHOWN])
        return tuple(sorted(tasks, key=lambda task: task.created_at))


def _how(attended: tuple[Turn, Ending] | None) -> str:
    """How a turn ended, in words for the log."""
    if attended is None:
        return "was lost to another worker"
    ending = attended[1]
    if ending.reason is None:
        return "ended well"
    return f"failed: {ending.reason.value}{f' ({ending.detail})' if ending.detail else ''}"


def _patiently(step: Callable[[], T]) -> T:
    """Do it, waiting for Redis to come back if it is away; the epoch decides whether it still counts."""
    pause = 0.1
    while True:
        try:
            return step()
        except RedisUnavailable:
            time.sleep(pause)
            pause = min(2.0, pause * 2)
