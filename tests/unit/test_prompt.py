"""What an agent is told: everything that is asked of it, whole, and how to answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, TaskId, new_agent_id, new_message_id, new_task_id
from tinytown.domain.message import AckType, Kind, Message, Priority
from tinytown.domain.task import Task, TaskState
from tinytown.prompt import Mail, PromptInput, Unfinished, compose, task_text

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
BOB = new_agent_id()


def agent(**changes: Any) -> Agent:
    return Agent(
        **{"id": new_agent_id(), "name": "ada", "cli": "claude", "created_at": NOW, "last_heartbeat": NOW, "last_active_at": NOW, **changes}
    )


def task(description: str, **changes: Any) -> Task:
    return Task(**{"id": new_task_id(), "description": description, "created_at": NOW, "updated_at": NOW, **changes})


def mail(of: Kind, /, *, sender: AgentId = BOB, urgent: bool = False, attempt: int = 1, **members: Any) -> Mail:
    message = Message(id=new_message_id(), sender=sender, recipient=new_agent_id(), type=of, created_at=NOW, **members)
    return Mail(message=message, urgent=urgent, attempt=attempt)


def prompt(*post: Mail, tasks: tuple[Task, ...] = (), **given: Any) -> str:
    who = given.pop("agent", agent())
    return compose(PromptInput(agent=who, town="hill", mail=post, tasks={one.id: one for one in tasks}, names={BOB: "bob"}, **given))


def test_a_task_arrives_whole() -> None:
    text = "Build it.\n\n" + "".join(f"Step {number}: do this and that, carefully.\n" for number in range(2000))
    work = task(text)

    told = prompt(mail(Kind.TASK_ASSIGN, task_id=work.id), tasks=(work,))

    assert text in told
    assert f'`tt task complete {work.id} --result "what you did"`' in told
    assert f"tt task fail {work.id} --reason" in told


@pytest.mark.parametrize(
    ("kind", "member"), [(Kind.TASK, "description"), (Kind.QUERY, "question"), (Kind.INFORMATIONAL, "summary"), (Kind.CUSTOM, "payload")]
)
def test_a_message_arrives_whole(kind: Kind, member: str) -> None:
    text = "Listen.\n" + "word " * 5000 + "\nThe end."
    members: dict[str, Any] = {member: text, **({"kind": "poem"} if kind is Kind.CUSTOM else {})}

    assert text in prompt(mail(kind, **members))


def test_the_sender_has_a_name_to_answer_to() -> None:
    told = prompt(mail(Kind.QUERY, question="Why?"), mail(Kind.QUERY, sender=SUPERVISOR_ID, question="When?"))

    assert "Question from bob (normal)" in told
    assert 'tt send bob "…" --info' in told
    assert "Question from supervisor (normal)" in told
    assert BOB not in told


def test_a_sender_that_is_gone_keeps_its_id() -> None:
    stranger = new_agent_id()

    assert f"Question from {stranger}" in prompt(mail(Kind.QUERY, sender=stranger, question="Why?"))


def test_requests_come_in_the_order_of_the_batch_and_say_what_is_urgent() -> None:
    told = prompt(
        mail(Kind.QUERY, urgent=True, question="First?"),
        mail(Kind.TASK, description="Second", priority=Priority.HIGH),
        mail(Kind.QUERY, question="Third?"),
    )

    assert told.index("### 1. Question from bob (urgent)") < told.index("### 2. Request from bob (urgent)")
    assert told.index("### 2.") < told.index("### 3. Question from bob (normal)")
    assert "asked of you: 3, of these urgent: 2" in told


def test_an_unfinished_task_says_so_with_its_attempt() -> None:
    work = task("Again", attempt=2, max_attempts=3)

    told = prompt(
        mail(Kind.TASK_ASSIGN, task_id=work.id),
        tasks=(work,),
        unfinished={work.id: Unfinished(why="The last turn ended well but reported nothing.")},
    )

    assert "This is attempt 2 of 3: it is unfinished. The last turn ended well but reported nothing." in told


def test_a_first_attempt_says_nothing_about_attempts() -> None:
    work = task("Fresh", attempt=1)

    assert "attempt" not in prompt(mail(Kind.TASK_ASSIGN, task_id=work.id), tasks=(work,)).lower()


def test_a_later_attempt_is_told_even_without_a_reason() -> None:
    work = task("Again", attempt=3, failure_reason="timeout")

    assert "This is attempt 3 of 3: it is unfinished (timeout)." in prompt(mail(Kind.TASK_ASSIGN, task_id=work.id), tasks=(work,))


def test_a_message_that_comes_again_says_so() -> None:
    assert "for the 2. time" in prompt(mail(Kind.QUERY, question="Why?", attempt=2))


def test_open_tasks_that_no_message_is_about_are_not_forgotten() -> None:
    told_of, other = task("Told"), task("An older task")

    told = prompt(mail(Kind.TASK_ASSIGN, task_id=told_of.id), tasks=(told_of,), open_tasks=(told_of, other))

    assert told.count(f"Task id: `{told_of.id}`") == 1
    assert told.index("Also yours, and still open") < told.index("An older task")


def test_open_tasks_that_are_not_shown_are_counted() -> None:
    told_of, other = task("Told"), task("An older task")
    mine = mail(Kind.TASK_ASSIGN, task_id=told_of.id)

    assert "And 98 more; `tt task current` lists them." in prompt(mine, tasks=(told_of,), open_tasks=(other,), open_total=100)
    assert "more; `tt task current`" not in prompt(mine, tasks=(told_of,), open_tasks=(other,), open_total=2)


def test_a_task_whose_record_is_gone_or_over_is_not_worked_on() -> None:
    gone, over = TaskId("f" * 36), task("Old", state=TaskState.CANCELLED)

    told = prompt(mail(Kind.TASK_ASSIGN, task_id=gone), mail(Kind.TASK_ASSIGN, task_id=over.id), tasks=(over,))

    assert "Its record is gone" in told
    assert "It is cancelled already" in told
    assert f"tt task complete {over.id}" not in told


def test_news_come_in_full_and_are_not_requests() -> None:
    done = new_task_id()

    told = prompt(
        *(mail(Kind.INFORMATIONAL, summary=f"news number {number}") for number in range(12)),
        mail(Kind.TASK_DONE, task_id=done, result="All\nof it"),
        mail(Kind.TASK_FAILED, task_id=done, error="No way"),
    )

    assert all(f"news number {number}\n" in told for number in range(12))
    assert f"bob completed task `{done}`:" in told
    assert "All\nof it" in told
    assert "No way" in told
    assert "What is asked of you" not in told
    assert "for your information: 14" in told


def test_confirmations_are_counted_and_never_dropped() -> None:
    thanks, no = AckType(type="thanks"), AckType(type="rejected", reason="too slow")

    told = prompt(*(mail(Kind.CONFIRMATION, ack_type=thanks) for _ in range(3)), mail(Kind.CONFIRMATION, ack_type=no))

    assert "- bob: thanks (×3)" in told
    assert "- bob: rejected: too slow" in told


def test_a_custom_message_with_ack_in_a_word_is_still_a_request() -> None:
    assert "roll back the package" in prompt(mail(Kind.CUSTOM, kind="feedback", payload="roll back the package"))


def test_the_commands_are_there_with_the_agents_own_name() -> None:
    told = prompt()

    for command in (
        "tt status",
        "tt task current",
        "tt task complete <task id>",
        "tt task fail <task id>",
        "tt assign <agent>",
        "tt backlog list",
        "tt backlog claim <task id> ada",
        "--query",
        "--info",
        "--ack",
        "--urgent",
    ):
        assert command in told


def test_the_backlog_shows_what_suits_and_counts_the_rest() -> None:
    suited = tuple(task(f"Task number {number}\nwith details", tags=("ui",)) for number in range(10))

    told = prompt(backlog=suited, backlog_total=25)

    assert "Waiting tasks: 25; suited to you: 10." in told
    assert f"- `{suited[7].id}` [ui] Task number 7\n" in told
    assert str(suited[8].id) not in told
    assert "and 2 more" in told


def test_a_backlog_without_anything_suited_is_left_alone() -> None:
    assert "leave them to others" in prompt(backlog_total=3)
    assert "## Backlog" not in prompt()


def test_the_agent_learns_who_and_where_it_is() -> None:
    told = prompt(agent=agent(role_id="reviewer", nickname="Ruth", rounds_completed=4, max_rounds=10))

    assert told.startswith("# Ruth [reviewer]\n")
    assert "`ada` in the town `hill`" in told
    assert "Your role is reviewer. You read what others made" in told
    assert "round 5 of 10" in told


def test_without_a_limit_the_round_stands_alone() -> None:
    assert "- round 1\n" in prompt()


def test_the_bare_task_is_its_text() -> None:
    assert task_text(task("echo hi\n")) == "echo hi\n"


def test_a_task_of_megabytes_is_composed_at_once() -> None:
    work = task("x" * 5_000_000)

    assert len(prompt(mail(Kind.TASK_ASSIGN, task_id=work.id), tasks=(work,))) > 5_000_000
