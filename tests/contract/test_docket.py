"""Bells on a stream: how much work there is, and what the entries say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.recount import check_town
from tinytown.store.connection import Connection
from tinytown.store.docket import Docket
from tinytown.store.keys import WORKERS_GROUP
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture
def town(connection: Connection) -> Iterator[Rehearsal]:
    """A town whose settings say `use_streams = true`."""
    town = rehearse(connection=connection, use_streams=True)
    yield town
    check_town(town)


def test_a_bell_waits_is_answered_and_counts_no_more(town: Rehearsal) -> None:
    nothing = read(town)
    for name in ("ada", "bob", "eve"):
        town.spawn(name)
        town.send(name, "hello")
    before = read(town)
    connection, docket = town.desk.store.connection, town.desk.store.keys.docket
    connection.call("XGROUP", "CREATE", docket, WORKERS_GROUP, "0")
    ((_, ((entry, _),)),) = connection.call("XREADGROUP", "GROUP", WORKERS_GROUP, "w", "COUNT", 1, "STREAMS", docket, ">")
    during = read(town)
    connection.call("XACK", docket, WORKERS_GROUP, entry)
    after = read(town)

    town.answer_bells()

    assert (nothing, before, during, after, read(town)) == ((0, 0), (3, 0), (2, 1), (2, 0), (0, 0))
    assert connection.call("XLEN", docket) == 3


def test_a_stream_that_nobody_ever_read_is_all_work(town: Rehearsal) -> None:
    town.spawn("ada")

    town.send("ada", "hello")

    assert read(town) == (1, 0)


def test_an_entry_names_the_agent_and_carries_no_task(town: Rehearsal) -> None:
    ada = town.spawn("ada")
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)

    ((_, fields),) = town.desk.store.connection.call("XRANGE", town.desk.store.keys.docket, "-", "+")

    told = {name.decode(): value.decode() for name, value in zip(fields[::2], fields[1::2], strict=True)}
    assert set(told) == {"id", "task_id", "type", "message", "priority", "from", "to", "timestamp"}
    assert (told["task_id"], told["type"], told["to"]) == ("", "run_agent", ada.id)


def test_assignments_are_rung_on_a_list_all_the_same(town: Rehearsal) -> None:
    town.spawn("ada")

    town.assign("ada", "write")

    assert [bell.actor for bell in town.bells("control")] == ["assign_task"]
    assert town.desk.store.connection.call("LLEN", f"{town.desk.store.keys.bell_namespace}:control") == 1


def test_a_bell_is_taken_from_the_middle_and_the_others_keep_their_order(town: Rehearsal) -> None:
    for name in ("ada", "bob", "eve"):
        town.spawn(name)
        town.send(name, "hello")
    first, second, third = town.bells("agents")

    assert town.take_bell(second)

    assert town.bells("agents") == [first, third]
    assert read(town) == (2, 0)


def read(town: Rehearsal) -> tuple[int, int]:
    docket: Docket = town.desk.store.docket.read()
    return docket.lag, docket.pending
