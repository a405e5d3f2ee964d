"""The record of who did what: kept in order, capped, read back, followed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tinytown.domain.audit import AuditRecord, AuditResult, Changed, result_of
from tinytown.store.connection import Connection
from tinytown.testing import Rehearsal, rehearse


def record(number: int, status: int = 200) -> AuditRecord:
    return AuditRecord(
        time=datetime(2026, 1, 1, tzinfo=UTC),
        request_id=str(number),
        principal="key:1",
        via="named_key",
        address="192.0.2.7",
        method="POST",
        route="/v1/agents",
        path="/v1/agents",
        status=status,
        result=result_of(status),
        duration_ms=1.5,
        changed=(Changed(kind="agent", id="a1"),),
    )


def test_records_are_read_back_oldest_first(town: Rehearsal) -> None:
    for number in range(5):
        town.audit.write(record(number))

    found = town.audit.recent(3)

    assert [one for _, one in found] == [record(2), record(3), record(4)]
    assert town.audit.recent(0) == []
    assert len(town.audit.recent(100)) == 5


def test_denied_ones_are_found_however_far_back(town: Rehearsal) -> None:
    statuses = [403, *[200] * 1200, 401, 404]
    for number, status in enumerate(statuses):
        town.audit.write(record(number, status))

    found = town.audit.recent(10, result=AuditResult.DENIED)

    assert [one.status for _, one in found] == [403, 401]


def test_a_follower_goes_on_after_what_it_saw(town: Rehearsal) -> None:
    town.audit.write(record(1))
    last = town.audit.last_id()

    nothing = town.audit.follow(last, wait_ms=5)
    town.audit.write(record(2))
    further, found = town.audit.follow(last, wait_ms=5)

    assert nothing == (last, [])
    assert [one.request_id for _, one in found] == ["2"]
    assert town.audit.follow(further, wait_ms=5)[1] == []


def test_a_follower_of_nothing_begins_at_the_beginning(town: Rehearsal) -> None:
    last = town.audit.last_id()

    town.audit.write(record(1))

    assert len(town.audit.follow(last, wait_ms=5)[1]) == 1


@pytest.mark.parametrize("fields", [("data", "garbage"), ("other", "x"), ("data", '{"time":1}')])
def test_what_cannot_be_read_is_passed_over(town: Rehearsal, fields: tuple[str, str]) -> None:
    town.audit.write(record(1))
    last = town.audit.last_id()
    town.desk.store.connection.call("XADD", town.desk.store.keys.audit, "*", *fields)
    town.audit.write(record(2))

    assert [one.request_id for _, one in town.audit.recent(10)] == ["1", "2"]
    assert [one.request_id for _, one in town.audit.follow(last, wait_ms=5)[1]] == ["2"]


def test_the_record_stays_short(connection: Connection) -> None:
    town = rehearse(connection=connection, townhall={"audit": {"entries": 100}})
    for number in range(500):
        town.audit.write(record(number))

    kept = town.desk.store.connection.call("XLEN", town.desk.store.keys.audit)

    assert 100 <= kept < 250


def test_nothing_is_written_where_nobody_wants_it(connection: Connection) -> None:
    town = rehearse(connection=connection, townhall={"audit": {"enabled": False}})

    town.audit.write(record(1))

    assert town.audit.recent(10) == []
