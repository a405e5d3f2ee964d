"""The list of a user's towns loses no entry."""

from __future__ import annotations

from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

from tinytown.errors import SettingsError
from tinytown.registry import RegisteredTown, forget_town, registered_towns, remember_town


def test_towns_are_remembered_until_they_are_forgotten(user: Path, place: Path) -> None:
    remember_town(user, place / "a", "one")
    remember_town(user, place / "b", "two")

    assert forget_town(user, place / "a") is True
    assert forget_town(user, place / "a") is False

    assert registered_towns(user) == (RegisteredTown(path=str(place / "b"), name="two"),)
    assert (user / "towns.toml").stat().st_mode & 0o777 == 0o600


def test_a_town_registered_again_has_its_new_name(user: Path, place: Path) -> None:
    remember_town(user, place, "old")
    remember_town(user, place, "new")

    assert [town.name for town in registered_towns(user)] == ["new"]


def test_without_a_file_there_are_no_towns(user: Path, place: Path) -> None:
    assert registered_towns(user) == ()
    assert forget_town(user, place) is False
    assert not user.exists()


@pytest.mark.parametrize("text", ["[[towns]\n", "towns = 3\n", '[[towns]]\nname = "x"\n'])
def test_a_file_that_cannot_be_understood_is_kept(user: Path, place: Path, text: str) -> None:
    user.mkdir()
    (user / "towns.toml").write_text(text)

    with pytest.raises(SettingsError, match=r"towns\.toml"):
        remember_town(user, place, "x")
    with pytest.raises(SettingsError):
        registered_towns(user)

    assert (user / "towns.toml").read_text() == text


@pytest.mark.parametrize("name", ['a "b"', "back\\slash", "tab\tnew\nline", "ünï", "del\x7f", "emoji 🙂"])
def test_any_path_can_be_registered(user: Path, place: Path, name: str) -> None:
    remember_town(user, place / name, "x")

    assert [town.path for town in registered_towns(user)] == [str(place / name)]


def test_towns_registered_at_the_same_time_are_all_there(user: Path, place: Path) -> None:
    with ThreadPool(8) as pool:
        pool.map(lambda number: remember_town(user, place / f"t{number}", f"t{number}"), range(24))

    assert {town.name for town in registered_towns(user)} == {f"t{number}" for number in range(24)}
