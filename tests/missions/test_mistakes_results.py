"""Defects 38 and 40-42: pull requests that follow one another, redirects, and what the worker is told."""

from __future__ import annotations

import pytest

from tests.missions.stage import (
    BAD,
    GOOD,
    Agents,
    agent,
    begin,
    deliver,
    item,
    live_tasks,
    made,
    planned,
    pull,
    ref,
    task_of,
    tick,
    turn,
    watches,
)
from tinytown.domain.ids import MissionId
from tinytown.domain.pull_request import Comment, PullState
from tinytown.domain.task import TaskState
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.watch import WatchStatus
from tinytown.domain.work_item import WorkStatus
from tinytown.errors import WrongState
from tinytown.testing import Rehearsal


def test_an_older_pull_request_blocks_nothing(town: Rehearsal) -> None:
    """Defect 38: it stays red, and nobody looks at it any more."""
    pull(town, 101, checks=BAD)
    pull(town, 102)
    mission = made_with_bad_checks(town)

    town.tasks.complete(task_of(town, mission, 1).id, f"Anew: {ref(102).url}")
    deliver(town)
    turn(town, "rex")
    old = [each for each in town.missions.view(mission).watches if each.target == ref(101)]

    assert all(each.superseded and each.status is WatchStatus.DONE for each in old)
    assert {each.target for each in watches(town, mission)} == {ref(102)}
    assert item(town, mission, 1).waiting_for == "somebody to merge acme/shop#102"
    assert town.desk.store.missions.waiting_for(ref(101).key) == []


def made_with_bad_checks(town: Rehearsal) -> MissionId:
    """A mission whose one item is being mended."""
    mission = begin(town, 1)
    turn(town, "ada")
    assert task_of(town, mission, 1).mission_task is MissionTask.FIX
    return mission


@pytest.mark.parametrize("result", ["{url} acme/shop#101", "acme/shop#101 ({url}/files)", "{url}#issuecomment-1"])
def test_a_pull_request_has_four_watches_however_it_is_written(town: Rehearsal, result: str) -> None:
    """Defect 38."""
    mission = begin(town, 1)
    deliver(town)
    pull(town, 101)

    town.tasks.complete(task_of(town, mission, 1).id, result.format(url=ref(101).url))
    deliver(town)

    assert len(town.missions.view(mission).watches) == 4
    assert {each.target for each in watches(town, mission)} == {ref(101)}


@pytest.mark.parametrize("words", ["As in {other}, mended in {own}.", "{own} is mended, as {other} was."])
def test_a_fix_that_mentions_another_pull_request_keeps_its_own(town: Rehearsal, words: str) -> None:
    """Defect 38."""
    pull(town, 101, checks=BAD)
    pull(town, 7, state=PullState.MERGED)
    mission = made_with_bad_checks(town)

    town.tasks.complete(task_of(town, mission, 1).id, words.format(other=ref(7).url, own=ref(101).url))
    deliver(town)

    assert item(town, mission, 1).pull == ref(101)
    assert item(town, mission, 1).status is not WorkStatus.DONE


def test_a_redirect_is_refused_where_it_makes_no_sense(town: Rehearsal) -> None:
    """Defect 40: by people's command as by a note."""
    town.spawn("bob", role="backend")
    town.spawn("eve", role="backend")
    town.agents.kill("eve")
    mission = begin(town, 1, planned(2, 1), 3)
    deliver(town)
    town.missions.update_item(mission, "#3", status=WorkStatus.DONE, by="me")
    done = item(town, mission, 3)

    for which, who in (("acme/shop#1", "eve"), ("acme/shop#2", "bob"), ("acme/shop#3", "bob"), (done.id, "bob")):
        with pytest.raises(WrongState):
            town.missions.redirect(mission, which, who, by="me")
    town.missions.complete(mission, by="me")
    with pytest.raises(WrongState):
        town.missions.redirect(mission, "acme/shop#1", "bob", by="me")

    assert item(town, mission, 3) == done
    assert live_tasks(town, mission) == []


def test_the_reviewer_of_an_item_can_be_given_its_work(town: Rehearsal) -> None:
    """Defect 40: to hold the review is not to hold the work."""
    town.spawn("kim", role="reviewer")
    mission = made(town, 1)
    reviewer = item(town, mission, 1).assigned_to
    assert reviewer is not None

    town.missions.redirect(mission, "#1", str(reviewer), by="me")
    deliver(town)

    assert task_of(town, mission, 1).mission_task is MissionTask.FIX
    assert item(town, mission, 1).author == reviewer
    assert len(live_tasks(town, mission)) == 1


def test_who_had_an_item_is_told_and_its_result_does_not_count(town: Rehearsal) -> None:
    """Defect 40: nothing that it says later is taken for the item's."""
    town.spawn("bob", role="backend")
    mission = begin(town, 1)
    deliver(town)
    old = task_of(town, mission, 1)

    town.missions.redirect(mission, "#1", "bob", "ada is on leave", by="me")
    with pytest.raises(WrongState):
        town.tasks.complete(old.id, ref(101).url)
    deliver(town)
    told = [str(message.summary) for message in town.messages.peek("ada", 10)]

    assert town.tasks.get(old.id).state is TaskState.CANCELLED
    assert any("no longer yours" in words and "ada is on leave" in words for words in told)
    assert item(town, mission, 1).pull is None
    assert task_of(town, mission, 1).wanted in {None, agent(town, "bob")}
    assert "ada is on leave" in task_of(town, mission, 1).description


def test_a_redirect_takes_no_more_slots_than_there_are(town: Rehearsal) -> None:
    """Defect 40: an item that nobody is at waits for a slot, and then goes to whom it is meant for."""
    town.spawn("bob", role="backend")
    mission = begin(town, 1, 2, max_parallel_items=1)
    deliver(town)
    free = 2 if item(town, mission, 1).task_id is not None else 1
    holder = item(town, mission, 3 - free).assigned_to
    other = "ada" if holder == agent(town, "bob") else "bob"

    town.missions.redirect(mission, f"acme/shop#{free}", other, "you know it best", by="me")
    waiting = item(town, mission, free)
    town.missions.update_item(mission, f"acme/shop#{3 - free}", status=WorkStatus.DONE, by="me")
    tick(town, mission)

    assert (waiting.status, waiting.task_id) == (WorkStatus.READY, None)
    assert item(town, mission, free).assigned_to == agent(town, other)
    assert "you know it best" in task_of(town, mission, free).description


def test_each_item_has_a_branch_of_its_own(town: Rehearsal) -> None:
    """Defect 41: and each worker is told to use a worktree."""
    town.spawn("bob", role="backend")
    mission = begin(town, 1, 2)
    deliver(town)

    branches = {each.branch for each in town.missions.view(mission).items}
    texts = [task.description for task in live_tasks(town, mission)]

    assert len(branches) == 2
    assert all(any(str(branch) in text for text in texts) for branch in branches)
    assert all("a worktree of your own" in text for text in texts)


def test_whoever_makes_reads_or_mends_it_is_told_all_of_it(town: Rehearsal) -> None:
    """Defect 42: the whole issue, what it has to fulfil, and how to report; a fix has the reasons as well."""
    body = "It must be fast.\n\n## Details\n\nVery fast.\n\n## How to report\n\nNot like this."
    remark = "## No tests\n\nThere are none.\n\n## The issue\n\nis older than this."
    mission = begin(town, planned(1, body=body, acceptance=("under 10 ms", "no new dependency")))
    script, texts = Agents(verdict=Verdict.REJECT), []
    turn(town, "ada", script)
    turn(town, "rex", script)
    texts += [*script.texts, task_of(town, mission, 1).description]
    pull(town, 101, head="newer", checks=GOOD, threads=(Comment(id="c", author="kim", is_bot=False, body=remark),))
    turn(town, "ada", script)
    texts.append(task_of(town, mission, 1).description)

    assert len(texts) == 4
    for text in texts:
        assert body in text
        assert "- under 10 ms\n- no new dependency" in text
        assert "tt task complete" in text
    assert "pull request" in texts[0].lower()
    assert remark in texts[3]


@pytest.mark.parametrize("how", ["stop", "redirect", "cancel", "kill", "hold"])
def test_what_is_to_be_mended_is_not_lost_with_the_task(town: Rehearsal, how: str) -> None:
    """Defect 42: whatever its text looks like."""
    remark = "## No tests\n\nThere are none.\n\n## The issue\n\nis older than this."
    town.spawn("bob", role="backend")
    mission = made(town, 1)
    town.missions.reject(mission, "#1", remark, by="me")
    tick(town, mission)
    deliver(town)
    if how == "stop":
        town.missions.stop(mission, by="me")
        town.missions.resume(mission, by="me")
    elif how == "redirect":
        town.missions.redirect(mission, "#1", "bob", by="me")
    elif how == "cancel":
        town.tasks.cancel(task_of(town, mission, 1).id)
    elif how == "kill":
        town.agents.kill("ada")
    else:
        town.missions.update_item(mission, "#1", status=WorkStatus.BLOCKED, by="me")
        town.missions.retry(mission, "#1", by="me")
    tick(town, mission)
    deliver(town)

    assert task_of(town, mission, 1).mission_task is MissionTask.FIX
    assert remark in task_of(town, mission, 1).description
