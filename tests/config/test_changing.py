"""Changing settings keeps everything else in the file, and files of secrets to their owner."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

from tinytown.config import Settings, ensure_password, init_town_files, load_user, set_key, shown, unset_key
from tinytown.errors import SettingsError

Load = Callable[..., Settings]

COMMENTED = """\
# Our town
name = "ours"  # short

[agent]  # patient
# three are enough
max_attempts = 3
"""


def test_comments_and_order_survive_a_change(town_file: Path, load: Load) -> None:
    town_file.write_text(COMMENTED)

    set_key(town_file, "agent.max_attempts", "5")
    set_key(town_file, "agent.lease_secs", "20")

    assert town_file.read_text() == COMMENTED.replace("= 3", "= 5") + "lease_secs = 20\n"
    assert load().agent.max_attempts == 5


def test_a_new_setting_stands_beside_its_example(place: Path, load: Load) -> None:
    """Behind the commented tables it would become part of one as soon as somebody uncomments that."""
    path = init_town_files(place, "fresh")

    set_key(path, "default_cli", "shell")
    set_key(path, "max_agents", "20")

    lines = path.read_text().splitlines()
    assert lines[lines.index('default_cli = "shell"') - 1].startswith("# default_cli = ")
    assert lines[lines.index("max_agents = 20") - 1].startswith("use_central_redis = ")
    path.write_text(path.read_text().replace("# [", "[").replace("# command", "command"))
    assert (load().default_cli, load().max_agents) == ("shell", 20)


def test_a_new_setting_does_not_break_up_another(town_file: Path, user_file: Path) -> None:
    town_file.write_text('name = """\\\n  ours"""\n')

    set_key(town_file, "default_cli", "shell")

    assert tomllib.loads(town_file.read_text()) == {"name": "ours", "default_cli": "shell"}


def test_what_was_set_can_be_unset(town_file: Path) -> None:
    town_file.write_text(COMMENTED)

    assert unset_key(town_file, "agent.max_attempts") is True
    assert unset_key(town_file, "agent.max_attempts") is False

    assert "max_attempts" not in town_file.read_text()
    assert "# three are enough" in town_file.read_text()


def test_a_program_can_be_named_and_then_refined(town_file: Path, user_file: Path, load: Load) -> None:
    set_key(user_file, "agent_clis.mine", "mine --print")
    set_key(user_file, "agent_clis.mine.model", "large")

    mine = load().agent_clis["mine"]

    assert (mine.command, mine.model) == ("mine --print", "large")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("agent.lease", "3", "lease_secs"),
        ("agent", "3", "is a table"),
        ("agent..x", "3", "no such setting"),
        ("agent.lease_secs", "x", "a whole number, not 'x'"),
        ("agent.lease_secs", "0", ">= 1"),
        ("redis.persist", "maybe", "use aof, always, snapshot, none"),
        ("agent_clis.mine.input", "x", "use prompt, task"),
        ("redis.password", "hunter2", "no secrets"),
        ("redis.url", "redis://:hunter2@cache", "no secrets"),
        ("name", "No Name", "no-name"),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(town_file: Path, key: str, value: str, said: str) -> None:
    town_file.write_text(COMMENTED)

    with pytest.raises(SettingsError) as caught:
        set_key(town_file, key, value)

    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert town_file.read_text() == COMMENTED


def test_a_broken_file_is_not_touched(town_file: Path) -> None:
    town_file.write_text("[agent\n")

    with pytest.raises(SettingsError, match="not valid TOML"):
        set_key(town_file, "agent.lease_secs", "3")

    assert town_file.read_text() == "[agent\n"


def test_the_users_file_is_made_for_its_owner_alone(user: Path) -> None:
    set_key(user / "config.toml", "redis.password", "hunter2")

    assert user.stat().st_mode & 0o777 == 0o700
    assert (user / "config.toml").stat().st_mode & 0o777 == 0o600
    assert load_user(user).redis.password == "hunter2"


def test_a_linked_file_stays_a_link(place: Path, town_file: Path) -> None:
    town_file.rename(place / "real.toml")
    town_file.symlink_to("real.toml")

    set_key(town_file, "max_agents", "3")

    assert town_file.is_symlink()
    assert (place / "real.toml").read_text() == "max_agents = 3\n"


def test_changes_at_the_same_time_are_all_kept(town_file: Path, load: Load) -> None:
    def change(number: int) -> None:
        set_key(town_file, f"agent_clis.c{number}", "x")

    with ThreadPool(8) as pool:
        pool.map(change, range(16))

    assert len(load().agent_clis) == 16


def test_the_central_password_is_made_once(user: Path) -> None:
    with ThreadPool(8) as pool:
        made = set(pool.map(lambda _: ensure_password(user), range(8)))

    assert len(made) == 1
    assert load_user(user).redis.password in made
    assert (user / "config.toml").stat().st_mode & 0o777 == 0o600


def test_listing_settings_hides_passwords(town_file: Path, user_file: Path, load: Load) -> None:
    user_file.write_text('[redis]\npassword = "hunter2"\nurl = "redis://:hunter2@cache"\n')

    listed = dict(shown(load(TINYTOWN_REDIS_PASSWORD="hunter2"))) | dict(shown(load_user(user_file.parent)))

    assert listed["redis.password"] == "****"
    assert listed["redis.url"] == "redis://:****@cache"
    assert listed["agent.lease_secs"] == 15
