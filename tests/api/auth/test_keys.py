"""Callers that show an API key: who they are, and how little a wrong one finds out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta

import pytest

from tests.api.auth.absent import Switchable
from tests.api.auth.callers import CONFIGURED, Watched, refused, show, town_with
from tinytown.api.auth.keys import KeyAuthenticator
from tinytown.clock import StoppedClock
from tinytown.domain.principal import Principal, Via
from tinytown.domain.scope import Scope
from tinytown.errors import RedisUnavailable, TooManyRequests, Unauthenticated
from tinytown.services import key_hash
from tinytown.testing import Rehearsal


@pytest.fixture
def town(connection: Switchable) -> Rehearsal:
    return town_with(connection, api_key_hash=key_hash.hashed(CONFIGURED), api_key_scopes=["town.read"])


@pytest.fixture
def clock(town: Rehearsal) -> Iterator[StoppedClock]:
    """One clock for the town's records and for the memory."""
    clock = StoppedClock(town.clock.at)
    town.desk.clock = clock
    return clock  # type: ignore[return-value]


@pytest.fixture
def keys(town: Rehearsal, clock: StoppedClock, watched: Watched) -> KeyAuthenticator:
    return KeyAuthenticator(town, clock)


def test_a_named_key_is_a_caller_of_its_own(town: Rehearsal, keys: KeyAuthenticator) -> None:
    made = town.api_keys.create("ci", [Scope.TOWN_WRITE])

    caller = show(keys, made.text)

    assert caller == Principal(id=f"key:{made.record.id}", name="ci", scopes=frozenset({Scope.TOWN_WRITE}), via=Via.NAMED_KEY)
    assert town.api_keys.find("ci").last_used_at is not None


def test_the_configured_key_stays_valid_beside_named_ones(town: Rehearsal, keys: KeyAuthenticator) -> None:
    caller = show(keys, CONFIGURED)

    assert caller == Principal(id="api_key", name="api_key", scopes=frozenset({Scope.TOWN_READ}), via=Via.CONFIGURED_KEY)


def test_missing_and_wrong_credentials_get_the_same_answer(town: Rehearsal, keys: KeyAuthenticator, clock: StoppedClock) -> None:
    live, gone, old = (town.api_keys.create(name, [Scope.ADMIN], timedelta(days=1)) for name in ("live", "gone", "old"))
    town.api_keys.revoke("gone")
    clock.at += timedelta(days=2)
    wrong = live.text[:16] + gone.text[16:]

    answers = [refused(keys, key) for key in (None, "", "x", wrong, gone.text, old.text, "tt_000000000000_" + "A" * 43, "\x00é\udcff")]

    assert {(type(error), error.status, error.code, str(error)) for error in answers} == {
        (Unauthenticated, 401, "unauthenticated", str(Unauthenticated()))
    }
    assert all(isinstance(error, Unauthenticated) and error.challenge.startswith("Bearer") for error in answers)


def test_every_wrong_named_key_costs_one_comparison(town: Rehearsal, keys: KeyAuthenticator, watched: Watched) -> None:
    """Unknown, revoked, or wrong: none answers sooner than the others."""
    made, gone = town.api_keys.create("live", [Scope.ADMIN]), town.api_keys.create("gone", [Scope.ADMIN])
    town.api_keys.revoke("gone")

    for key in (made.text[:16] + gone.text[16:], gone.text, "tt_000000000000_" + "A" * 43, "x"):
        refused(keys, key)

    assert len(watched.known) == 4
    assert watched.known[1:3] == [None, None], "what has no hash is compared with a dummy"


def test_a_dummy_costs_as_much_as_a_hash_of_ours() -> None:
    from argon2 import extract_parameters

    assert extract_parameters(key_hash._DUMMY) == extract_parameters(key_hash.hashed("x"))
    assert not key_hash.matches(None, "")


def test_a_key_is_verified_once_in_a_while(keys: KeyAuthenticator, clock: StoppedClock, watched: Watched, connection: Switchable) -> None:
    """api.md: Argon2 on every request was a cheap way to keep the server busy."""
    for _ in range(100):
        show(keys, CONFIGURED)
    once, asked = len(watched.known), connection.asked
    clock.at += timedelta(seconds=30)
    show(keys, CONFIGURED)

    assert once == 1
    assert len(watched.known) == 2
    assert asked <= 2, "what is remembered asks Redis for nothing"


def test_a_revoked_key_works_no_longer_than_it_is_remembered(town: Rehearsal, keys: KeyAuthenticator, clock: StoppedClock) -> None:
    made = town.api_keys.create("ci", [Scope.ADMIN])
    show(keys, made.text)
    town.api_keys.revoke("ci")

    clock.at += timedelta(seconds=29)
    show(keys, made.text)
    clock.at += timedelta(seconds=1)

    assert isinstance(refused(keys, made.text), Unauthenticated)


def test_an_expired_key_does_not_work_even_if_it_is_remembered(town: Rehearsal, keys: KeyAuthenticator, clock: StoppedClock) -> None:
    made = town.api_keys.create("ci", [Scope.ADMIN], timedelta(seconds=10))
    show(keys, made.text)

    clock.at += timedelta(seconds=10)

    assert isinstance(refused(keys, made.text), Unauthenticated)


def test_without_redis_a_named_key_is_neither_right_nor_wrong(
    town: Rehearsal, keys: KeyAuthenticator, clock: StoppedClock, connection: Switchable
) -> None:
    made = town.api_keys.create("ci", [Scope.ADMIN])
    show(keys, made.text)
    connection.is_away = True

    remembered = show(keys, made.text)
    clock.at += timedelta(seconds=30)
    error = refused(keys, made.text)

    assert remembered.name == "ci"
    assert isinstance(error, RedisUnavailable)
    assert error.status == 503
    assert show(keys, CONFIGURED).id == "api_key", "which needs no Redis"


def test_few_are_computed_at_a_time_and_the_same_key_once(keys: KeyAuthenticator, watched: Watched) -> None:
    with ThreadPoolExecutor(12) as pool:
        callers = list(pool.map(lambda _: show(keys, CONFIGURED), range(12)))
        errors = list(pool.map(lambda number: refused(keys, f"wrong {number}"), range(12)))

    assert {caller.id for caller in callers} == {"api_key"}
    assert {type(error) for error in errors} == {Unauthenticated}
    assert watched.most_at_once == 2
    assert len(watched.known) <= 2 + 12, "who waited for a place finds the key remembered"


def test_who_cannot_have_a_place_soon_is_refused(keys: KeyAuthenticator, watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.api.auth.keys._PATIENCE_SECONDS", 0.05)
    watched.go.clear()
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(refused, keys, f"wrong {number}") for number in range(4)]
        done = as_completed(calls, timeout=10)
        first = [next(done).result(), next(done).result()]
        watched.go.set()

    assert [type(error) for error in first] == [TooManyRequests] * 2
    assert len(watched.known) == 2


@pytest.mark.parametrize("key", ["x" * 1_000_000, "é" * 5000, "\x00" * 100, "\ud800", "tt_" + "\n" * 56, "$argon2id$v=19$m=1,t=1,p=1$$"])
def test_hostile_keys_are_wrong_keys(keys: KeyAuthenticator, key: str) -> None:
    assert isinstance(refused(keys, key), Unauthenticated)


def test_many_keys_fill_no_memory(keys: KeyAuthenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.api.auth.keys.matches", lambda *_: False)
    for number in range(3000):
        refused(keys, f"wrong {number}", f"10.0.{number // 256}.{number % 256}")

    assert len(keys._memory) == 0


def test_no_key_is_ever_logged(town: Rehearsal, keys: KeyAuthenticator, connection: Switchable, caplog: pytest.LogCaptureFixture) -> None:
    made = town.api_keys.create("ci", [Scope.ADMIN])
    with caplog.at_level(logging.DEBUG):
        show(keys, made.text)
        refused(keys, "wrong-but-secret")
        connection.is_away = True
        refused(keys, "another-secret")

    text = caplog.text
    assert made.text not in text
    assert "secret" not in text
