"""The scaler's loop, a look at a time: whose memory it goes by, and a town that cannot be read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tinytown.errors import DemandUnsettled
from tinytown.process import Signals
from tinytown.scheduler.scaler.commands import ScalerCommand
from tinytown.scheduler.scaler.decision import Rules
from tinytown.scheduler.scaler.process import ScalerPlan, _Scaler
from tinytown.testing import Rehearsal, rehearse
from tinytown.town import Town

ENV = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def town() -> Rehearsal:
    """A town in memory."""
    return rehearse("shop")


@pytest.fixture
def signals() -> Iterator[Signals]:
    """Ears for signals."""
    with Signals() as signals:
        yield signals


def scaler(town: Town, signals: Signals, *, minimum: int = 1) -> _Scaler:
    """A scaler whose command always succeeds."""
    command = ScalerCommand.parsed("up", "true", timedelta(seconds=5), ENV)
    return _Scaler(town, ENV, ScalerPlan(rules=Rules(minimum=minimum), up=command, down=None, poll=timedelta(seconds=5)), signals)


def test_one_that_comes_to_lead_carries_on_where_the_last_one_was(town: Rehearsal, signals: Signals) -> None:
    first, second = scaler(town, signals), scaler(town, signals)
    first._look()
    second._look()
    before = second._memory.starting

    first._leader.leave()
    second._leader._asked_at = 0.0
    second._look()

    assert before == ()
    assert len(second._memory.starting) == 1
    assert not second._looks_again


def test_one_whose_lease_ran_out_while_nobody_else_led_forgets_nothing(town: Rehearsal, signals: Signals) -> None:
    """What it did when Redis went away it could not write down."""
    only = scaler(town, signals)
    only._look()
    town.desk.store.connection.call("DEL", town.desk.store.keys.scaler, town.desk.store.keys.scaler_memory)
    only._leader._sure_until, only._leader._asked_at = None, 0.0

    only._look()

    assert len(only._memory.starting) == 1
    assert town.desk.store.scaler.memory().starting == only._memory.starting


def test_a_town_that_cannot_be_read_is_complained_of_once_and_left_as_it_is(
    town: Rehearsal, signals: Signals, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unsettled() -> None:
        raise DemandUnsettled

    one = scaler(town, signals, minimum=3)
    monkeypatch.setattr(town.scaling, "outlook", unsettled)

    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            one._look_or_complain()

    assert [record.getMessage().startswith("nothing is changed: ") for record in caplog.records] == [True]
    assert one._memory.starting == ()
