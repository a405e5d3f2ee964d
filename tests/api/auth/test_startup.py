"""Settings under which everybody would be refused are refused themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.api.auth.absent import Switchable
from tinytown.api.auth import Offered, authenticator_for, has_live_keys
from tinytown.api.safety import settings_problems, warnings
from tinytown.domain.principal import LOCAL
from tinytown.domain.scope import Scope
from tinytown.errors import Unauthenticated
from tinytown.services.key_hash import hashed
from tinytown.testing import Rehearsal, in_memory, rehearse


def town_with(**auth: Any) -> Rehearsal:
    return rehearse(townhall={"auth": auth})


def complaints(town: Rehearsal) -> list[str]:
    """Why townhall would not start."""
    return [str(problem) for problem in settings_problems(town.settings.townhall.auth, lambda: has_live_keys(town))]


@pytest.mark.parametrize(
    ("auth", "word"),
    [
        ({"mode": "api_key"}, "there is no key"),
        ({"mode": "api_key", "api_key_hash": "plain text"}, "api_key_hash"),
        ({"mode": "api_key", "api_key_hash": "$argon2id$v=19$m=19456,t=2,p=1$aaaa"}, "api_key_hash"),
        ({"mode": "oidc"}, "issuer"),
        ({"mode": "oidc", "issuer": "https://id.example"}, "audience"),
        ({"mode": "oidc", "issuer": "http://id.example", "audience": "townhall"}, "https"),
    ],
)
def test_what_lets_nobody_in_does_not_start(auth: dict[str, Any], word: str) -> None:
    assert any(word in complaint for complaint in complaints(town_with(**auth)))


def test_a_hash_that_cannot_be_used_is_not_shown() -> None:
    (complaint,) = complaints(town_with(mode="api_key", api_key_hash="perhaps-the-key-itself"))

    assert "perhaps" not in complaint


def test_a_key_that_may_do_nothing_is_warned_of() -> None:
    town = town_with(mode="api_key", api_key_hash=hashed("k"))

    (warning,) = warnings(town.settings.townhall, [], None, now=town.desk.now())

    assert complaints(town) == []
    assert "may do nothing" in warning


def test_a_key_with_scopes_is_fine() -> None:
    town = town_with(mode="api_key", api_key_hash=hashed("k"), api_key_scopes=["town.read"])

    assert complaints(town) + warnings(town.settings.townhall, [], None, now=town.desk.now()) == []


def test_a_live_named_key_will_do() -> None:
    town = town_with(mode="api_key")
    town.api_keys.create("ci", [Scope.TOWN_READ], timedelta(days=1))
    fine = complaints(town)

    town.clock.at += timedelta(days=1)

    assert fine == []
    assert "gen-key" in complaints(town)[0]


def test_without_redis_it_starts_all_the_same() -> None:
    connection = Switchable(in_memory())
    town = rehearse(connection=connection, townhall={"auth": {"mode": "api_key"}})
    connection.is_away = True

    assert has_live_keys(town) is None
    assert complaints(town) == []


def test_a_provider_that_is_named_in_full_is_fine() -> None:
    assert complaints(town_with(mode="oidc", issuer="https://id.example", audience="townhall")) == []


def test_where_nobody_is_asked_everybody_may_do_everything() -> None:
    town = town_with(mode="none")

    caller = authenticator_for(town).authenticate(Offered(authorization="Bearer x"), address=None)

    assert complaints(town) == []
    assert caller is LOCAL
    assert all(caller.may(scope) for scope in Scope)


@pytest.mark.parametrize("auth", [{"mode": "api_key"}, {"mode": "oidc", "issuer": "https://id.example", "audience": "townhall"}])
def test_other_modes_want_credentials(auth: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        authenticator_for(town_with(**auth)).authenticate(Offered(), address=None)
