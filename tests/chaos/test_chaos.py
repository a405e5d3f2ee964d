"""Two thousand tasks over three workers, with everything being killed all the time."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.chaos.__main__ import summary
from tests.chaos.plan import Plan
from tests.chaos.storm import weather


def test_nothing_is_lost_with_bells_on_a_stream(home: Path, redis_server_binary: Path) -> None:
    """A shorter run, since it is the same work: only the bells are elsewhere."""
    plan = Plan(seed=secrets.randbelow(10**6), tasks=150, kills=27, restarts=7, clock_kills=7, drops=30, repeats=30, streams=True)

    report = weather(plan, home=home)

    assert report.wrong == [], summary(report)
    assert report.harm["kill worker"] >= 2
    assert report.harm["restart redis"] >= 1
    assert report.harm["bells dropped"] + report.harm["bells repeated"] > 0


@pytest.mark.timeout(400)
def test_nothing_is_lost_and_nothing_is_settled_twice(home: Path, redis_server_binary: Path) -> None:
    """A failure prints its seed: `python -m tests.chaos 2000 --seed S` does the same harm again."""
    plan = Plan(seed=secrets.randbelow(10**6), tasks=2000)

    report = weather(plan, home=home)

    assert report.wrong == [], summary(report)
    assert report.harm["kill worker"] >= 2
    assert report.harm["restart redis"] >= 1
    assert report.verdict.leases_lost > 0
    assert report.running_seen > 100
