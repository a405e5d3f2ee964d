"""A townhall that others can reach makes itself a key, outside of where agents work."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tinytown.api.key_file import VARIABLE, with_key_of_file
from tinytown.config import AuthMode, Settings, TownhallSettings
from tinytown.config.townhall import TownhallAuth
from tinytown.errors import SettingsError
from tinytown.services.key_hash import matches

OPEN = Settings(name="shop")


def test_a_key_is_made_once_and_is_for_its_owner_only(place: Path) -> None:
    file = place / "keys" / "townhall"

    first = with_key_of_file(OPEN, {VARIABLE: str(file)}, place / "work", exposed=True).townhall.auth
    again = with_key_of_file(OPEN, {VARIABLE: str(file)}, place / "work", exposed=True).townhall.auth

    key = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["townhall"]
    assert first.mode is AuthMode.API_KEY
    assert first.api_key_scopes == ("admin",)
    assert matches(first.api_key_hash, key)
    assert matches(again.api_key_hash, key)


def test_those_who_start_at_once_agree_on_a_key(place: Path) -> None:
    file = place / "townhall"

    with ThreadPoolExecutor(6) as crowd:
        found = list(crowd.map(lambda _: with_key_of_file(OPEN, {VARIABLE: str(file)}, place / "work", exposed=True), range(6)))

    assert all(matches(each.townhall.auth.api_key_hash, file.read_text().strip()) for each in found)


@pytest.mark.parametrize(
    ("auth", "exposed"),
    [
        (TownhallAuth(), False),
        (TownhallAuth(mode=AuthMode.OIDC), True),
        (TownhallAuth(mode=AuthMode.API_KEY, api_key_hash="$argon2id$…"), True),
    ],
    ids=["only this machine can call", "an identity provider is asked", "the key is known"],
)
def test_no_key_is_made_where_none_is_missing(place: Path, auth: TownhallAuth, exposed: bool) -> None:
    settings = Settings(name="shop", townhall=TownhallSettings(auth=auth))

    found = with_key_of_file(settings, {VARIABLE: str(place / "townhall")}, place / "work", exposed=exposed)

    assert found == settings
    assert not (place / "townhall").exists()


def test_a_blank_hash_is_none(place: Path) -> None:
    settings = Settings(name="shop", townhall=TownhallSettings(auth=TownhallAuth(mode=AuthMode.API_KEY, api_key_hash=" ")))

    found = with_key_of_file(settings, {VARIABLE: str(place / "townhall")}, place / "work", exposed=True)

    assert matches(found.townhall.auth.api_key_hash, (place / "townhall").read_text().strip())


def test_scopes_of_the_settings_are_kept(place: Path) -> None:
    settings = Settings(name="shop", townhall=TownhallSettings(auth=TownhallAuth(mode=AuthMode.API_KEY, api_key_scopes=("town.read",))))

    found = with_key_of_file(settings, {VARIABLE: str(place / "townhall")}, place / "work", exposed=False)

    assert found.townhall.auth.api_key_scopes == ("town.read",)


@pytest.mark.parametrize("text", ["", "short", "two words of some length here", "ключ, который не из ASCII"])
def test_a_file_without_a_key_is_refused(place: Path, text: str) -> None:
    (place / "townhall").write_text(text)

    with pytest.raises(SettingsError, match="holds no key") as refused:
        with_key_of_file(OPEN, {VARIABLE: str(place / "townhall")}, place / "work", exposed=True)

    assert text == "" or text not in str(refused.value)


def test_a_key_does_not_lie_where_agents_work(place: Path) -> None:
    (place / "link").symlink_to(place)

    for inside in (place / "townhall", place / "link" / "deep" / "townhall"):
        with pytest.raises(SettingsError, match="where agents work"):
            with_key_of_file(OPEN, {VARIABLE: str(inside)}, place, exposed=True)


def test_a_place_that_cannot_be_written_is_named(place: Path) -> None:
    (place / "file").write_text("")

    with pytest.raises(SettingsError, match=f"{place}/file/townhall"):
        with_key_of_file(OPEN, {VARIABLE: str(place / "file" / "townhall")}, place / "work", exposed=True)
