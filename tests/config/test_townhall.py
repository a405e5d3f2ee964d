"""The settings of townhall: scopes that exist, secrets in their place, limits that follow the mode."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tinytown.config import AuthMode, Settings
from tinytown.config.edit import set_key
from tinytown.config.sources import settings_in_force
from tinytown.domain.scope import Scope
from tinytown.errors import SettingsError

Load = Callable[..., Settings]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[townhall.auth]\napi_key_scopes = ["town.read", "town.reed"]', 2),
        ('[townhall.auth]\nmode = "oidc"\nscope_names = { operators = "root" }', 3),
    ],
)
def test_a_scope_that_does_not_exist_is_refused_with_those_that_do(town_file: Path, load: Load, text: str, line: int) -> None:
    town_file.write_text(text)

    with pytest.raises(SettingsError) as caught:
        load()

    assert caught.value.where == f"{town_file}:{line}"
    assert all(scope in str(caught.value) for scope in Scope)


def test_scopes_are_understood_in_both_spellings(town_file: Path, load: Load) -> None:
    town_file.write_text('[townhall.auth]\napi_key_scopes = ["town:read", "agent.manage"]')

    assert load().townhall.auth.key_scopes == {Scope.TOWN_READ, Scope.AGENT_MANAGE}


def test_no_scopes_are_no_scopes(town_file: Path, load: Load) -> None:
    assert load().townhall.auth.key_scopes == frozenset()


def test_an_unknown_scope_cannot_be_set(town_file: Path) -> None:
    with pytest.raises(SettingsError, match=r"town\.write"):
        set_key(town_file, "townhall.auth.api_key_scopes", "everything")

    assert town_file.read_text() == ""


@pytest.mark.parametrize(("mode", "on"), [("none", False), ("api_key", True), ("oidc", True)])
def test_callers_are_limited_where_they_have_names(town_file: Path, load: Load, mode: str, on: bool) -> None:
    town_file.write_text(f'[townhall.auth]\nmode = "{mode}"')

    assert load().townhall.limits_rates is on
    assert load().townhall.auth.mode is AuthMode(mode)


@pytest.mark.parametrize("on", [True, False])
def test_what_is_said_about_limits_counts(town_file: Path, load: Load, on: bool) -> None:
    town_file.write_text(f"[townhall.rate_limit]\nenabled = {str(on).lower()}")

    assert load().townhall.limits_rates is on


def test_a_town_file_holds_no_token(town_file: Path, load: Load) -> None:
    town_file.write_text('[townhall]\nhirefire_token = "geheim"')

    with pytest.raises(SettingsError, match=r"tinytown\.toml:2: townhall\.hirefire_token.*HIREFIRE_TOKEN") as caught:
        load()

    assert "geheim" not in str(caught.value)


def test_a_token_is_taken_from_the_users_file_and_above_it_the_environment(town_file: Path, user_file: Path, load: Load) -> None:
    town_file.write_text("[townhall]\nrest_port = 9000\n")
    user_file.write_text('[townhall]\nhirefire_token = "of the user"')

    assert load().townhall.hirefire_token == "of the user"
    assert load().townhall.rest_port == 9000
    assert load(TINYTOWN_TOWNHALL__HIREFIRE_TOKEN="long").townhall.hirefire_token == "long"
    assert load(HIREFIRE_TOKEN="short").townhall.hirefire_token == "short"
    assert load(HIREFIRE_TOKEN="short", TINYTOWN_TOWNHALL__HIREFIRE_TOKEN="long").townhall.hirefire_token == "short"


def test_a_token_is_shown_to_nobody(town_file: Path, user_file: Path, user: Path, load: Load) -> None:
    user_file.write_text('[townhall]\nhirefire_token = "geheim"')
    settings = load()
    found = {one.key: one for one in settings_in_force(town_file.parent, {"HIREFIRE_TOKEN": "geheim"}, user)}

    assert "geheim" not in repr(settings) + repr(settings.townhall)
    assert found["townhall.hirefire_token"].shown == "****"
    assert found["townhall.hirefire_token"].where == "HIREFIRE_TOKEN"
