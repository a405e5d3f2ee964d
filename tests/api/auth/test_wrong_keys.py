"""Wrong keys from one address, and keys whose hash is in the settings."""

from __future__ import annotations

import pytest

from tests.api.auth.absent import Switchable
from tests.api.auth.callers import CONFIGURED, Watched, refused, show, town_with
from tinytown.api.auth.keys import KeyAuthenticator
from tinytown.domain.scope import Scope
from tinytown.errors import TooManyTries, Unauthenticated
from tinytown.services import key_hash


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
