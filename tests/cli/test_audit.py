"""`tt audit`: who did what, oldest first, and each call once."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from tests.cli.conftest import Tt
from tests.cli.follower import Follower
from tests.contract.test_audit import record
from tests.waiting import wait_until
from tinytown.town import Town


def test_calls_are_the_newest_oldest_first(tt: Tt, town: Town) -> None:
    for number in range(30):
        town.audit.write(record(number, 403 if number % 2 else 200))

    said = tt("audit", "-n", "2")

    assert [line.split()[2:] for line in said.lines] == [
        ["200", "success", "key:1", "192.0.2.7", "POST", "/v1/agents", "2ms", "agent=a1"],
        ["403", "denied", "key:1", "192.0.2.7", "POST", "/v1/agents", "2ms", "agent=a1"],
    ]
    assert [one["request_id"] for one in tt("audit", "-n", "3", "--json").json] == ["27", "28", "29"]
    assert [one["request_id"] for one in tt("audit", "-n", "2", "--denied", "--json").json] == ["27", "29"]


def test_a_follower_sees_each_call_once(place: Path, town: Town) -> None:
    for number in range(3):
        town.audit.write(record(number))
    follower = Follower(place, "audit", "-f", "-n", "2", "--json")
    follower.wait_until_it_waits(town)

    for number in range(3, 8):
        town.audit.write(record(number))
    wait_until(lambda: len(follower.lines) >= 7)

    assert follower.interrupt() == 130
    assert [json.loads(line)["request_id"] for line in follower.lines] == ["1", "2", "3", "4", "5", "6", "7"]


def test_a_follower_of_what_is_denied_sees_that_alone(place: Path, town: Town) -> None:
    town.audit.write(record(0, 403))
    town.audit.write(record(1))
    follower = Follower(place, "audit", "-f", "--denied", "--json")
    follower.wait_until_it_waits(town)

    for number, status in ((2, 200), (3, 401), (4, 500), (5, 403)):
        town.audit.write(record(number, status))
    wait_until(lambda: len(follower.lines) >= 3)

    assert follower.interrupt() == 130
    assert [json.loads(line)["request_id"] for line in follower.lines] == ["0", "3", "5"]


def test_a_terminal_gets_no_escapes_of_callers(tt: Tt, town: Town) -> None:
    town.audit.write(msgspec.structs.replace(record(1), path="/v1/\x1b[2J", principal="oidc:\x1b]0;x\x07", address="\x1b[1m"))

    assert "\x1b" not in tt("audit").out


def test_nobody_called_yet(tt: Tt, town: Town) -> None:
    assert tt("audit").out == "Nobody called yet.\n"
    assert tt("audit", "--denied").out == "Nothing was denied.\n"
    assert tt("audit", "--json").json == []
