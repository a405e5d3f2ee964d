"""What an agent with very much work costs: a turn looks at some of it, never at all."""

from __future__ import annotations

from tinytown.domain.agent import Agent
from tinytown.testing import Rehearsal


def test_some_open_tasks_are_some_of_them(town: Rehearsal, ada: Agent) -> None:
    given = {town.assign("ada", f"task {number}").id for number in range(12)}
    for bell in town.bells("control"):
        town.answer(bell)

    some = town.desk.store.tasks.some_open_of(ada.id, 5)

    assert len(set(some)) == 5
    assert set(some) <= given
    assert set(town.desk.store.tasks.some_open_of(ada.id, 50)) == given
