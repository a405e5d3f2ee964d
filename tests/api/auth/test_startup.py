"""Settings under which everybody would be refused are refused themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.api.auth.absent import Switchable
from tinytown.api.auth import Offered, authenticator_for, check_auth
from tinytown.domain.principal import LOCAL
from tinytown.domain.scope import Scope
from tinytown.errors import SettingsError
from tinytown.services.key_hash import hashed
from tinytown.testing import Rehearsal, in_memory, rehearse


def town_with(**auth: Any) -> Rehearsal:
    return rehearse(townhall={"auth": auth})


@pytest.mark.parametrize(
    ("auth", "setting"),
    [
        ({"mode": "api_key"}, "there is no key"),
        ({"mode": "api_key", "api_key_hash": ""}, "api_key_hash"),
        ({"mode": "api_key", "api_key_hash": "plain text"}, "api_key_hash"),
        ({"mode": "api_key", "api_key_hash": "$argon2id$v=19$m=19456,t=2,p=1$aaaa"}, "api_key_hash"),
        ({"mode": "oidc"}, "issuer"),
        ({"mode": "oidc", "issuer": "https://id.example"}, "audience"),
        ({"mode": "oidc", "issuer": "http://id.example", "audience": "townhall"}, "https"),
    ],
)
def test_what_lets_nobody_in_does_not_start(auth: dict[str, Any], setting: str) -> None:
    with pytest.raises(SettingsError, match=setting):
        check_auth(town_with(**auth))


def test_a_hash_that_cannot_be_used_is_not_shown() -> None:
    with pytest.raises(SettingsError) as caught:
        check_auth(town_with(mode="api_key", api_key_hash="perhaps-the-key-itself"))

    assert "perhaps" not in str(caught.value)


def test_a_key_that_may_do_nothing_is_warned_of() -> None:
    warnings = check_auth(town_with(mode="api_key", api_key_hash=hashed("k")))

    assert len(warnings) == 1
    assert "may do nothing" in warnings[0]


def test_a_key_with_scopes_is_fine() -> None:
    assert check_auth(town_with(mode="api_key", api_key_hash=hashed("k"), api_key_scopes=["town.read"])) == []


def test_a_live_named_key_will_do() -> None:
    town = town_with(mode="api_key")
    town.api_keys.create("ci", [Scope.TOWN_READ], timedelta(days=1))
    fine = check_auth(town)

    town.clock.at += timedelta(days=1)

    assert fine == []
    with pytest.raises(SettingsError, match="gen-key"):
        check_auth(town)


def test_without_redis_it_starts_with_a_warning() -> None:
    connection = Switchable(in_memory())
    town = rehearse(connection=connection, townhall={"auth": {"mode": "api_key"}})
    connection.is_away = True

    assert "cannot be seen" in check_auth(town)[0]


def test_a_provider_that_is_named_in_full_is_fine() -> None:
    assert check_auth(town_with(mode="oidc", issuer="https://id.example", audience="townhall")) == []


def test_where_nobody_is_asked_everybody_may_do_everything() -> None:
    town = town_with(mode="none")

    caller = authenticator_for(town).authenticate(Offered(authorization="Bearer x"), address=None)

    assert check_auth(town) == []
    assert caller is LOCAL
    assert all(caller.may(scope) for scope in Scope)


@pytest.mark.parametrize("auth", [{"mode": "api_key"}, {"mode": "oidc", "issuer": "https://id.example", "audience": "townhall"}])
def test_other_modes_want_credentials(auth: dict[str, Any]) -> None:
    from tinytown.errors import Unauthenticated

    with pytest.raises(Unauthenticated):
        authenticator_for(town_with(**auth)).authenticate(Offered(), address=None)
