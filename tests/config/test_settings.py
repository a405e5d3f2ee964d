"""Settings come from the user's file, the town's file and the environment, the later above the earlier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tinytown.bootstrap import load as load_town
from tinytown.config import Persist, Settings, find_town
from tinytown.config.sources import settings_in_force
from tinytown.domain.town import slug
from tinytown.errors import SettingsError, TownNotFound

Load = Callable[..., Settings]


def test_an_empty_town_file_is_a_town_with_defaults(town_file: Path, load: Load) -> None:
    settings = load()

    assert settings.name == slug(town_file.parent.name)
    assert settings.default_cli == "claude"
    assert settings.redis.persist is Persist.AOF
    assert settings.agent.idle_timeout == timedelta(seconds=300)
    assert settings.retention.finished_tasks == timedelta(days=30)


def test_the_town_file_stands_above_the_users(town_file: Path, user_file: Path, load: Load) -> None:
    user_file.write_text('default_cli = "codex"\nconductor_cli = "gemini"\n')
    town_file.write_text('default_cli = "aider"\n')

    settings = load()

    assert settings.default_cli == "aider"
    assert settings.conductor_cli == "gemini"


def test_the_environment_stands_above_both(town_file: Path, load: Load) -> None:
    town_file.write_text('default_cli = "aider"\n[agent]\nlease_secs = 30\nmax_attempts = 7\n')

    settings = load(TINYTOWN_AGENT__LEASE_SECS="2", TINYTOWN_DEFAULT_CLI="shell", TINYTOWN_USE_STREAMS="true")

    assert settings.agent.lease == timedelta(seconds=2)
    assert settings.agent.max_attempts == 7
    assert settings.default_cli == "shell"
    assert settings.use_streams is True


def test_programs_of_both_files_are_known_and_the_towns_wins(town_file: Path, user_file: Path, load: Load) -> None:
    user_file.write_text('[agent_clis]\nmine = "mine --print"\nboth = "users"\n')
    town_file.write_text('[agent_clis.both]\ncommand = ["towns", "--x"]\ncompletes = "exit"\nenv = { A = "1" }\n')

    settings = load()

    assert settings.agent_clis["mine"].command == "mine --print"
    assert settings.agent_clis["both"].command == ("towns", "--x")
    assert settings.agent_clis["both"].completes == "exit"


def test_zero_means_no_limit_and_is_not_taken_for_absent(town_file: Path, load: Load) -> None:
    town_file.write_text("[agent]\nidle_timeout_secs = 0\nturn_timeout_secs = 0\n[retention]\nfinished_tasks_days = 0\n")

    settings = load()

    assert settings.agent.idle_timeout is None
    assert settings.agent.turn_timeout is None
    assert settings.retention.finished_tasks is None


def test_a_file_of_the_earlier_program_is_understood(town_file: Path, load: Load) -> None:
    town_file.write_text(
        'name = "old"\ndefault_cli = "claude"\nmax_agents = 10\nuse_central_redis = false\nuse_streams = false\n'
        '[redis]\nuse_socket = true\nsocket_path = ".tt/redis.sock"\nhost = "127.0.0.1"\nport = 6379\nbind = "127.0.0.1"\n'
        'persist = false\naof_path = ".tt/redis.aof"\ntls_enabled = false\n'
        '[agent]\nidle_timeout_secs = 300\n[agent_clis.claude]\nname = "claude"\ncommand = "claude --print"\n[agent_clis.claude.env]\n'
        '[townhall]\nbind = "127.0.0.1"\nrest_port = 8080\nrequest_timeout_ms = 30000\n'
        '[townhall.auth]\nmode = "none"\napi_key_scopes = []\nrequired_scopes = []\nclock_skew_seconds = 60\n'
        "[townhall.tls]\nenabled = false\n[townhall.mtls]\nenabled = false\nrequired = false\n"
    )

    settings = load()

    assert settings.name == "old"
    assert settings.redis.persist is Persist.AOF


def test_a_container_needs_no_file(place: Path, user: Path) -> None:
    env = {"TINYTOWN_TOWN_NAME": "boxed", "REDIS_URL": "redis://cache:6379/2"}

    settings = Settings.load(None, env, user)

    address = settings.redis_address(None, user)
    assert settings.name == "boxed"
    assert (address.host, address.db, address.external) == ("cache", 2, True)


def test_the_address_of_a_redis_is_enough(place: Path, user: Path) -> None:
    env = {"REDIS_URL": "rediss://cache:6379/2"}

    nowhere, in_a_folder = (Settings.load(root, env, user) for root in (None, place))

    assert (nowhere.name, in_a_folder.name) == ("tinytown", "tinytown")
    assert nowhere.redis_address(None, user).tls is True
    assert settings_in_force(None, env, user)[0].value == "tinytown"


def test_a_file_names_its_town_whatever_redis_it_is(town_file: Path, load: Load) -> None:
    town_file.write_text('name = "filed"')

    assert load(REDIS_URL="redis://cache").name == "filed"
    town_file.write_text("")
    assert load(REDIS_URL="redis://cache").name not in {"", "tinytown"}


@pytest.mark.parametrize("env", [{}, {"TINYTOWN_TOWN_NAME": "boxed"}, {"REDIS_URL": "  "}])
def test_without_a_file_and_the_address_of_a_redis_there_is_no_town(place: Path, user: Path, env: dict[str, str]) -> None:
    with pytest.raises(TownNotFound):
        Settings.load(place, env, user)


def test_reading_settings_writes_nothing(town_file: Path, user: Path, load: Load) -> None:
    load()

    assert not user.exists()
    assert [path.name for path in town_file.parent.iterdir()] == ["tinytown.toml"]


def test_the_name_in_the_environment_wins_and_is_checked(town_file: Path, load: Load) -> None:
    town_file.write_text('name = "filed"')

    assert load(TINYTOWN_TOWN_NAME="told").name == "told"
    assert load(TINYTOWN_TOWN_NAME=" ").name == "filed"
    with pytest.raises(SettingsError, match="TINYTOWN_TOWN_NAME"):
        load(TINYTOWN_TOWN_NAME="Not A Name")


def test_a_town_is_found_from_below(town_file: Path) -> None:
    deep = town_file.parent / "src" / "deep"
    deep.mkdir(parents=True)

    assert find_town(deep, {}) == town_file.parent
    assert find_town(Path("/"), {}) is None


def test_the_named_town_is_taken_wherever_we_are(town_file: Path) -> None:
    assert find_town(Path("/"), {"TINYTOWN_TOWN": str(town_file.parent)}) == town_file.parent
    with pytest.raises(TownNotFound):
        find_town(town_file.parent, {"TINYTOWN_TOWN": str(town_file.parent / "absent")})


def test_a_process_works_in_the_directory_that_it_is_told(town_file: Path, tmp_path: Path) -> None:
    """It counts as the current directory, and so less than a town that is named."""
    below, elsewhere = town_file.parent / "src", tmp_path / "elsewhere"
    below.mkdir()
    elsewhere.mkdir()

    assert find_town(None, {"TINYTOWN_TOWN_DIR": str(below)}) == town_file.parent
    assert find_town(None, {"TINYTOWN_TOWN_DIR": str(elsewhere), "TINYTOWN_TOWN": str(town_file.parent)}) == town_file.parent
    with pytest.raises(SettingsError, match=r"TINYTOWN_TOWN_DIR: there is no directory .*absent"):
        find_town(None, {"TINYTOWN_TOWN_DIR": str(elsewhere / "absent")})


def test_a_town_that_is_all_in_the_environment_has_the_directory_that_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    env = {"TINYTOWN_TOWN_DIR": str(tmp_path / "work"), "REDIS_URL": "redis://cache", "TINYTOWN_TOWN_NAME": "shop", "HOME": str(tmp_path)}

    root, settings = load_town(None, env)

    assert (root, settings.name) == (tmp_path / "work", "shop")


def test_settings_show_no_password_when_printed(town_file: Path, load: Load) -> None:
    settings = load(TINYTOWN_REDIS_PASSWORD="hunter2", REDIS_URL="redis://:hunter3@cache")

    assert "hunter" not in repr(settings)
    assert "hunter" not in str(settings.redis_address(town_file.parent, town_file.parent))
    assert "hunter" not in repr(settings.redis_address(town_file.parent, town_file.parent))
