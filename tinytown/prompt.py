"""What an agent is told at the beginning of a turn: everything that is asked of it, whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, TaskId, short
from tinytown.domain.message import Kind, Message
from tinytown.domain.role import hint
from tinytown.domain.task import Task
from tinytown.domain.verdict import MissionTask

__all__ = ["Mail", "PromptInput", "Unfinished", "compose", "task_text"]

_SHOWN_OF_BACKLOG = 8
_TITLE = 160  # characters of a task that is not this agent's yet


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the batch, and what its mailbox knew of it."""

    message: Message
    urgent: bool = False
    attempt: int = 1


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """A task that an earlier turn left undone, and how that turn ended."""

    why: str


class PromptInput(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a prompt is made of.

    `tasks` holds the records of all tasks that the mail is about, as this turn
    has started them, `open_tasks` some others of this agent, `open_total` counts
    all it has; `unfinished` says what
    went wrong with a task before. `names` are the canonical names that `tt send`
    understands. `backlog` holds the waiting tasks that suit the agent,
    `backlog_total` counts all that wait.
    """

    agent: Agent
    town: str
    mail: tuple[Mail, ...] = ()
    tasks: Mapping[TaskId, Task] = {}
    open_tasks: tuple[Task, ...] = ()
    open_total: int = 0
    unfinished: Mapping[TaskId, Unfinished] = {}
    names: Mapping[AgentId, str] = {}
    backlog: tuple[Task, ...] = ()
    backlog_total: int = 0


def compose(given: PromptInput) -> str:
    """The prompt of a turn, in Markdown. Nothing of a task or message is cut."""
    sections = (
        _opening(given),
        _requests(given),
        _left_open(given),
        _digest(given),
        _confirmations(given),
        _commands(given.agent.name),
        _waiting(given),
        _state(given),
        _workflow(given.agent.name),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


def task_text(task: Task) -> str:
    """The bare text of a task, for programs that take nothing else."""
    return task.description


def _opening(given: PromptInput) -> str:
    agent = given.agent
    role = "" if agent.role_id is None else f" Your role is {agent.role_id}."
    return f"# {agent.label}\n\nYou are the agent `{agent.name}` in the town `{given.town}`.{role} {hint(agent.role_id, agent.name)}"


def _requests(given: PromptInput) -> str:
    """What the batch asks for, numbered."""
    asked = [mail for mail in given.mail if mail.message.is_actionable]
    if not asked:
        return ""
    lines = ["## What is asked of you", "These messages have been taken from your mailbox for this turn; what you leave undone comes back."]
    lines += [f"### {number}. {_request(mail, given)}" for number, mail in enumerate(asked, 1)]
    return "\n\n".join(lines)


def _request(mail: Mail, given: PromptInput) -> str:
    message = mail.message
    sender = _name(message.sender, given)
    urgency = "urgent" if mail.urgent or message.priority.goes_first else "normal"
    match message.type:
        case Kind.TASK_ASSIGN:
            return _assignment(message, sender, urgency, given)
        case Kind.QUERY:
            head, answer = "Question", f'Answer with `tt send {sender} "…" --info`.'
        case Kind.SHUTDOWN:
            head, answer = "Request to stop", "Leave your work in order and end this turn."
        case Kind.TASK:
            head, answer = (
                "Request",
                f'It has no task record, so there is nothing to complete; say what came of it with `tt send {sender} "…" --info`.',
            )
        case Kind.CUSTOM:
            head, answer = f"Message of the kind `{message.kind}`", f'If it wants an answer, use `tt send {sender} "…" --info`.'
        case _:
            head, answer = message.type.value.replace("_", " ").capitalize(), "The town answers it for you."
    title = f"{head} from {sender} ({urgency}){_again(mail.attempt)}"
    body = message.body
    return "\n\n".join(part for part in (title, _quoted(f"message {short(message.id)}", body) if body else "", answer) if part)


def _assignment(message: Message, sender: str, urgency: str, given: PromptInput) -> str:
    task = None if message.task_id is msgspec.UNSET else given.tasks.get(message.task_id)
    if task is None:
        return f"Task `{message.task_id}` from {sender} ({urgency})\n\nIts record is gone, so there is nothing to do for it."
    if task.state.is_terminal:
        return f"Task `{task.id}` from {sender} ({urgency})\n\nIt is {task.state.value} already: there is nothing left to do for it."
    return f"Task from {sender} ({urgency})\n\n{_task(task, given)}"


def _task(task: Task, given: PromptInput) -> str:
    """One task, whole, with what is known of earlier attempts and how to report it."""
    facts = [f"Task id: `{task.id}`"]
    if task.tags:
        facts.append(f"Tags: {', '.join(task.tags)}")
    if task.attempt > 1 or task.id in given.unfinished:
        facts.append(f"This is attempt {max(task.attempt, 1)} of {task.max_attempts}: {_earlier(task, given)}")
    verdict = " --verdict approve" if task.mission_task is MissionTask.REVIEW else ""
    report = (
        f'When it is done: `tt task complete {task.id}{verdict} --result "what you did"`{" (or `--verdict reject`)" if verdict else ""}. '
        f'If it cannot be done: `tt task fail {task.id} --reason "why"`. '
        "Other ids in the text (missions, work items) are no task ids."
    )
    return "\n\n".join(("\n".join(f"- {fact}" for fact in facts), _quoted(f"task {task.short_id}", task.description), report))


def _earlier(task: Task, given: PromptInput) -> str:
    before = given.unfinished.get(task.id)
    if before is not None:
        return f"it is unfinished. {before.why} Look at what is there already before you go on."
    if task.failure_reason is not None:
        return f"it is unfinished ({task.failure_reason}). Look at what is there already before you go on."
    return "it is unfinished. Look at what is there already before you go on."


def _left_open(given: PromptInput) -> str:
    """The agent's other open tasks, which no message of this batch is about."""
    told = {mail.message.task_id for mail in given.mail if mail.message.type is Kind.TASK_ASSIGN}
    left = [task for task in given.open_tasks if task.id not in told]
    if not left:
        return ""
    rest = given.open_total - len(given.tasks) - len(left)
    more = [f"And {rest} more; `tt task current` lists them."] if rest > 0 else []
    return "\n\n".join(["## Also yours, and still open", *(_task(task, given) for task in left), *more])


def _digest(given: PromptInput) -> str:
    """What the agent should know, in full."""
    news = [mail.message for mail in given.mail if not mail.message.is_actionable and mail.message.type is not Kind.CONFIRMATION]
    if not news:
        return ""
    return "\n\n".join(["## For your information", *(_news(message, given) for message in news)])


def _news(message: Message, given: PromptInput) -> str:
    sender = _name(message.sender, given)
    title = {
        Kind.INFORMATIONAL: f"From {sender}:",
        Kind.TASK_DONE: f"{sender} completed task `{message.task_id}`:",
        Kind.TASK_FAILED: f"{sender} gave up task `{message.task_id}`:",
        Kind.STATUS_RESPONSE: f"{sender} is {message.state}, current task: {message.current_task or 'none'}.",
        Kind.PONG: f"{sender} is there.",
    }.get(message.type, f"{message.type.value} from {sender}:")
    body = next((text for text in (message.result, message.error, message.summary) if isinstance(text, str) and text), "")
    return title if not body else f"{title}\n\n{_quoted(f'message {short(message.id)}', body)}"


def _confirmations(given: PromptInput) -> str:
    said = Counter(
        f"{_name(mail.message.sender, given)}: {mail.message.body}" for mail in given.mail if mail.message.type is Kind.CONFIRMATION
    )
    if not said:
        return ""
    return "\n".join(["## Confirmations", "", *(f"- {text}" + (f" (×{count})" if count > 1 else "") for text, count in said.items())])


def _commands(name: str) -> str:
    return "\n".join(
        (
            "## Commands",
            "",
            "Run these in your shell; names and ids are given as above.",
            "",
            "| command | what it does |",
            "|---|---|",
            "| `tt status` | the town: agents, tasks, workers |",
            "| `tt task current` | your tasks, with their real ids |",
            '| `tt task complete <task id> --result "…"` | report a task as done |',
            '| `tt task fail <task id> --reason "…"` | report that a task cannot be done |',
            '| `tt assign <agent> "…"` | give another agent a task (`auto` finds one) |',
            "| `tt backlog list` | tasks that nobody has |",
            f"| `tt backlog claim <task id> {name}` | take one of them; it arrives in your next turn |",
            '| `tt send <agent> "…"` | a request without a task record |',
            '| `tt send <agent> "…" --query` | a question |',
            '| `tt send <agent> "…" --info` | news, an answer |',
            '| `tt send <agent> "…" --ack` | a confirmation |',
            '| `tt send <agent> "…" --urgent` | any of these, before all other mail |',
        )
    )


def _waiting(given: PromptInput) -> str:
    """The backlog, as far as it concerns this agent."""
    if given.backlog_total == 0 and not given.backlog:
        return ""
    total, suited = max(given.backlog_total, len(given.backlog)), len(given.backlog)
    lines = ["## Backlog", "", f"Waiting tasks: {total}; suited to you: {suited}."]
    if not suited:
        return "\n".join([*lines, "None of them is yours to take: leave them to others."])
    lines += ["", *(_waiting_task(task) for task in given.backlog[:_SHOWN_OF_BACKLOG])]
    if suited > _SHOWN_OF_BACKLOG:
        lines.append(f"- and {suited - _SHOWN_OF_BACKLOG} more: `tt backlog list`")
    return "\n".join(lines)


def _waiting_task(task: Task) -> str:
    tags = f" [{', '.join(task.tags)}]" if task.tags else ""
    title = task.title
    return f"- `{task.id}`{tags} {title if len(title) <= _TITLE else f'{title[:_TITLE]}…'}"


def _state(given: PromptInput) -> str:
    agent, mail = given.agent, given.mail
    asked = [one for one in mail if one.message.is_actionable]
    urgent = sum(one.urgent or one.message.priority.goes_first for one in asked)
    confirmed = sum(one.message.type is Kind.CONFIRMATION for one in mail)
    limit = f" of {agent.max_rounds}" if agent.max_rounds else ""
    return "\n".join(
        (
            "## Where you stand",
            "",
            f"- round {agent.rounds_completed + 1}{limit}",
            f"- asked of you: {len(asked)}, of these urgent: {urgent}",
            f"- for your information: {len(mail) - len(asked) - confirmed}; confirmations: {confirmed}",
        )
    )


def _workflow(name: str) -> str:
    steps = (
        "Do what is asked of you, urgent things first.",
        "Finish unfinished tasks before you begin others.",
        f"If you are free and the backlog has something suited to you, claim one task: `tt backlog claim <task id> {name}`.",
        "Stay within your role; what is another agent's work, hand over to that agent directly.",
        "Turn to `supervisor` for decisions that people must make, for priorities, and when something is badly wrong.",
        "If you are blocked, ask (`--query`) and go on with something else.",
        "Before you report, make sure of the task's id: `tt task current`.",
        "Report every task with `tt task complete` or `tt task fail`; a task without a report comes back as unfinished.",
        "Tell those who wait for your work that it is done.",
    )
    lines = ["## How to work", "", *(f"{number}. {step}" for number, step in enumerate(steps, 1))]
    return "\n".join(
        [*lines, "", "Run only the commands that this work needs, and end when it is done: nobody can answer you during this turn."]
    )


def _name(agent: AgentId, given: PromptInput) -> str:
    """How to address a participant."""
    if agent == SUPERVISOR_ID:
        return "supervisor"
    return given.names.get(agent, agent)


def _again(attempt: int) -> str:
    return "" if attempt <= 1 else f", for the {attempt}. time: an earlier turn did not end well"


def _quoted(what: str, text: str) -> str:
    """The text between two lines that say where it begins and ends."""
    return f"--- {what} ---\n{text}\n--- end of {what} ---"
