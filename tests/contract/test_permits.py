"""Permits: rates that hold at the same moment and over time, wrong keys that are counted for each address."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.recount import check_town
from tests.waiting import wait_until
from tinytown.domain.rate import CallKind
from tinytown.store.connection import Connection
from tinytown.testing import Rehearsal, rehearse

READ, WRITE = CallKind.READ, CallKind.WRITE


@pytest.fixture
def town(connection: Connection) -> Iterator[Rehearsal]:
    """A town whose readers earn a call in 100 ms, and whose writers may not earn one during a test."""
    limits = {"read_per_minute": 600, "write_per_minute": 1, "burst": 5}
    town = rehearse(connection=connection, townhall={"rate_limit": limits, "auth": {"failed_tries": 3, "failed_window_secs": 60}})
    yield town
    check_town(town)


def test_a_burst_passes_and_no_more(town: Rehearsal) -> None:
    permits = [town.permits.take("key:1", WRITE) for _ in range(7)]

    assert [permit.allowed for permit in permits] == [True] * 5 + [False] * 2
    assert [permit.remaining for permit in permits] == [4, 3, 2, 1, 0, 0, 0]
    assert permits[0].retry_after.total_seconds() == 0
    assert 55 < permits[-1].retry_after.total_seconds() <= 60
    assert 295 < permits[-1].reset.total_seconds() <= 300


def test_refused_calls_cost_nothing(town: Rehearsal) -> None:
    for _ in range(5):
        town.permits.take("key:1", WRITE)
    first = town.permits.take("key:1", WRITE)

    last = [town.permits.take("key:1", WRITE) for _ in range(50)][-1]

    assert last.retry_after <= first.retry_after


def test_callers_and_kinds_do_not_use_up_each_others(town: Rehearsal) -> None:
    for _ in range(6):
        town.permits.take("key:1", WRITE)

    assert town.permits.take("key:2", WRITE).remaining == 4
    assert town.permits.take("key:1", READ).remaining == 4


def test_calls_are_earned_again(town: Rehearsal) -> None:
    while town.permits.take("key:1", READ).allowed:
        pass
    refused = town.permits.take("key:1", READ)

    wait_until(lambda: town.permits.take("key:1", READ).allowed, timeout=2)

    assert refused.retry_after.total_seconds() <= 0.1


def test_a_stricter_limit_shuts_nobody_out_for_longer_than_a_burst(town: Rehearsal) -> None:
    keys, connection = town.desk.store.keys, town.desk.store.connection
    town.permits.take("key:1", WRITE)
    (name,) = list(connection.call("KEYS", f"{keys.prefix}ratelimit:*"))
    connection.call("SET", name, "9999999999999999", "PX", 60_000)

    refused = town.permits.take("key:1", WRITE)

    assert not refused.allowed
    assert refused.reset.total_seconds() <= 300
    assert refused.retry_after.total_seconds() <= 60


def test_what_is_counted_goes_away_and_names_nobody(town: Rehearsal) -> None:
    town.permits.take("oidc:ada@example.org", WRITE)
    town.permits.count_failure("192.0.2.7")
    connection = town.desk.store.connection

    names = connection.call("KEYS", f"{town.desk.store.keys.prefix}*")

    assert len(names) == 2
    assert b"ada" not in b"".join(names)
    assert b"192" not in b"".join(names)
    assert all(0 < connection.call("PTTL", name) <= 60_000 for name in names)


def test_of_many_at_the_same_moment_a_burst_passes(town: Rehearsal, way: str) -> None:
    if "small client" in way:
        pytest.skip(reason="the small client is for one thread")

    with ThreadPoolExecutor(8) as pool:
        permits = list(pool.map(lambda _: town.permits.take("key:1", WRITE), range(40)))

    assert sum(permit.allowed for permit in permits) == 5


def test_wrong_keys_make_an_address_wait(town: Rehearsal) -> None:
    for _ in range(2):
        town.permits.count_failure("192.0.2.7")
    before = town.permits.wait_of("192.0.2.7")

    town.permits.count_failure("192.0.2.7")
    wait = town.permits.wait_of("192.0.2.7")

    assert before is None
    assert wait is not None
    assert 50 < wait.total_seconds() <= 60
    assert town.permits.wait_of("192.0.2.8") is None


def test_a_wrong_key_more_does_not_lengthen_the_wait(town: Rehearsal) -> None:
    for _ in range(3):
        town.permits.count_failure("192.0.2.7")
    (name,) = town.desk.store.connection.call("KEYS", f"{town.desk.store.keys.prefix}failures:*")
    town.desk.store.connection.call("PEXPIRE", name, 5000)

    town.permits.count_failure("192.0.2.7")

    wait = town.permits.wait_of("192.0.2.7")
    assert wait is not None
    assert wait.total_seconds() <= 5
