"""Callers that show an API key: who they are, and how little a wrong one finds out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from threading import Event, Lock
from typing import Any

import pytest

from tests.api.auth.absent import Switchable
from tinytown.api.auth import Offered
from tinytown.api.auth.keys import KeyAuthenticator
from tinytown.clock import StoppedClock
from tinytown.domain.principal import Principal, Via
from tinytown.domain.scope import Scope
from tinytown.errors import RedisUnavailable, TooManyRequests, TooManyTries, TownError, Unauthenticated
from tinytown.services import key_hash
from tinytown.testing import Rehearsal, in_memory, rehearse

CONFIGURED = "0123456789abcdef" * 4
ADDRESS = "192.0.2.7"


class Watched:
    """The comparisons with hashes that were made, and how many at a time."""

    def __init__(self) -> None:
        self.known: list[str | None] = []
        self.at_once = self.most_at_once = 0
        self.go = Event()
        self.go.set()
        self._lock = Lock()

    def matches(self, known: str | None, key: str) -> bool:
        with self._lock:
            self.known.append(known)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.go.wait(10)
        try:
            return key_hash.matches(known, key)
        finally:
            with self._lock:
                self.at_once -= 1


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched()
    monkeypatch.setattr("tinytown.api.auth.keys.matches", watched.matches)
    return watched


@pytest.fixture
def connection() -> Switchable:
    return Switchable(in_memory())


def town_with(connection: Switchable, **auth: Any) -> Rehearsal:
    return rehearse(connection=connection, townhall={"auth": {"mode": "api_key", "failed_tries": 1000, **auth}})


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


def show(keys: KeyAuthenticator, key: str, address: str | None = ADDRESS) -> Principal:
    return keys.authenticate(Offered(x_api_key=key), address=address)


def refused(keys: KeyAuthenticator, key: str | None, address: str | None = ADDRESS) -> TownError:
    with pytest.raises(TownError) as caught:
        keys.authenticate(Offered(x_api_key=key), address=address)
    return caught.value


def test_a_named_key_is_a_caller_of_its_own(town: Rehearsal, keys: KeyAuthenticator) -> None:
    made = town.api_keys.create("ci", [Scope.TOWN_WRITE])

    caller = show(keys, made.text)

    assert caller == Principal(id=f"key:{made.record.id}", name="ci", scopes=frozenset({Scope.TOWN_WRITE}), via=Via.NAMED_KEY)
    assert town.api_keys.find("ci").last_used_at is not None


def test_the_configured_key_stays_valid_beside_named_ones(town: Rehearsal, keys: KeyAuthenticator) -> None:
    caller = show(keys, CONFIGURED)

    assert caller == Principal(id="api_key", name="api_key", scopes=frozenset({Scope.TOWN_READ}), via=Via.CONFIGURED_KEY)


def test_no_scopes_are_no_scopes(connection: Switchable, watched: Watched) -> None:
    """api.md: an empty list once meant everything, which fails open."""
    town = town_with(connection, api_key_hash=key_hash.hashed(CONFIGURED))

    caller = show(KeyAuthenticator(town), CONFIGURED)

    assert [scope for scope in Scope if caller.may(scope)] == []


@pytest.mark.parametrize("variant", ["argon2i", "argon2d", "argon2id"])
def test_any_argon2_hash_will_do(connection: Switchable, variant: str) -> None:
    from argon2 import PasswordHasher, Type

    kind = {"argon2i": Type.I, "argon2d": Type.D, "argon2id": Type.ID}[variant]
    known = PasswordHasher(time_cost=1, memory_cost=64, parallelism=2, type=kind).hash("my own words")
    town = town_with(connection, api_key_hash=known, api_key_scopes=["admin"])

    assert show(KeyAuthenticator(town), "my own words").may(Scope.TOWN_WRITE)


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


def test_too_many_wrong_keys_run_no_argon2(connection: Switchable, watched: Watched) -> None:
    town = town_with(connection, failed_tries=3, api_key_hash=key_hash.hashed(CONFIGURED))
    keys = KeyAuthenticator(town)
    for _ in range(3):
        refused(keys, "wrong", "192.0.2.7")

    error = refused(keys, "wrong", "192.0.2.7")

    assert isinstance(error, TooManyTries)
    assert (error.status, 0 < error.seconds <= 60) == (429, True)
    assert len(watched.known) == 3
    assert isinstance(refused(keys, "wrong", "192.0.2.8"), Unauthenticated), "other addresses are not concerned"
    assert isinstance(refused(keys, CONFIGURED, "192.0.2.7"), TooManyTries), "nor is it found out that this one is right"


def test_a_success_takes_nothing_from_the_count_of_wrong_keys(connection: Switchable, watched: Watched) -> None:
    town = town_with(connection, failed_tries=3, api_key_hash=key_hash.hashed(CONFIGURED))
    keys = KeyAuthenticator(town)
    for _ in range(2):
        refused(keys, "wrong")
    show(keys, CONFIGURED)

    refused(keys, "wrong")

    assert isinstance(refused(keys, "wrong"), TooManyTries)


def test_a_caller_who_is_remembered_does_not_suffer_from_a_neighbour(connection: Switchable, watched: Watched) -> None:
    town = town_with(connection, failed_tries=1, api_key_hash=key_hash.hashed(CONFIGURED))
    keys = KeyAuthenticator(town)
    show(keys, CONFIGURED)

    refused(keys, "wrong")

    assert isinstance(refused(keys, "wrong"), TooManyTries)
    assert show(keys, CONFIGURED).id == "api_key"


def test_no_credentials_are_no_wrong_key(connection: Switchable, watched: Watched) -> None:
    town = town_with(connection, failed_tries=1, api_key_hash=key_hash.hashed(CONFIGURED))
    keys = KeyAuthenticator(town)

    for _ in range(3):
        refused(keys, None)

    assert show(keys, CONFIGURED).id == "api_key"


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
