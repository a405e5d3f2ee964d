"""`tt config`: what is in force, what decided about it, and changing it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Tt


@pytest.fixture
def town_file(place: Path) -> Path:
    """A town that has never run."""
    path = place / "tinytown.toml"
    path.write_text('# our town\nname = "shop"\n\n[agent]\nlease_secs = 20  # slow machines\n')
    return path


@pytest.fixture
def user_file(home: Path) -> Path:
    """The user's own file."""
    (home / ".tt").mkdir(mode=0o700)
    path = home / ".tt" / "config.toml"
    path.write_text('default_cli = "codex"\n\n[redis]\npassword = "geheim"\n')
    return path


def test_every_setting_is_listed_with_what_decided_about_it(
    tt: Tt, town_file: Path, user_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINYTOWN_AGENT__MAX_ATTEMPTS", "7")
    monkeypatch.setenv("TT_USE_SOCKET", "1")

    said = tt("config", "--json")

    found = {one["key"]: (one["value"], one["source"], one["where"]) for one in said.json}
    assert found["agent.lease_secs"] == (20, "town", str(town_file))
    assert found["default_cli"] == ("codex", "user", str(user_file))
    assert found["agent.max_attempts"] == (7, "environment", "TINYTOWN_AGENT__MAX_ATTEMPTS")
    assert found["redis.use_socket"] == (True, "environment", "TT_USE_SOCKET")
    assert found["worker.concurrency"] == (4, "default", None)


def test_outside_of_towns_the_users_settings_are_shown(tt: Tt, user_file: Path) -> None:
    assert tt("config", "default_cli").out == "codex\n"
    assert tt("config", "worker.concurrency").out == "4\n"


def test_no_listing_shows_a_secret(tt: Tt, town_file: Path, user_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tt("config", "--user", "agent_clis.mine.command", "mine")
    tt("config", "--user", "agent_clis.mine.env.API_KEY", "geheim")
    monkeypatch.setenv("REDIS_URL", "redis://ada:geheim@far:6379/1")

    calls = [(), ("--json",), ("redis",), ("--user",), ("redis.url",), ("agent_clis",), ("agent_clis.mine.env.API_KEY",)]
    listings = [tt("config", *call).out for call in calls]

    assert "geheim" not in "".join(listings)
    assert "redis://ada:****@far:6379/1" in listings[0]
    assert "agent_clis.mine.env.API_KEY" in listings[0]


def test_one_secret_is_shown_on_demand(tt: Tt, town_file: Path, user_file: Path) -> None:
    assert tt("config", "redis.password").out == "****\n"
    assert tt("config", "redis.password", "--show-secrets").out == "geheim\n"
    assert tt("config", "--show-secrets").code == 2
    assert tt("config", "redis", "--show-secrets").code == 2


def test_a_change_keeps_comments_and_holds_at_once(tt: Tt, town_file: Path) -> None:
    said = tt("config", "agent.lease_secs", "30")

    assert said.out == f"agent.lease_secs is set in {town_file}.\n"
    assert "lease_secs = 30  # slow machines" in town_file.read_text()
    assert "# our town" in town_file.read_text()
    assert tt("config", "agent.lease_secs").out == "30\n"


def test_a_setting_can_be_taken_out_again(tt: Tt, town_file: Path) -> None:
    gone = tt("config", "agent.lease_secs", "--unset")
    again = tt("config", "agent.lease_secs", "--unset")

    assert "is no longer set" in gone.out
    assert (again.code, "was not set" in again.out) == (0, True)
    assert tt("config", "agent.lease_secs").out == "15\n"


def test_a_change_for_all_towns_goes_into_the_users_file(tt: Tt, town_file: Path, home: Path) -> None:
    before = town_file.read_text()

    said = tt("config", "--user", "default_cli", "gemini", "--json")

    assert said.json["value"] == "gemini"
    assert (home / ".tt" / "config.toml").stat().st_mode & 0o777 == 0o600
    assert town_file.read_text() == before


def test_a_change_that_does_not_count_here_says_what_does(tt: Tt, town_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYTOWN_AGENT__LEASE_SECS", "9")

    said = tt("config", "agent.lease_secs", "30")

    assert said.code == 0
    assert "note: TINYTOWN_AGENT__LEASE_SECS decides" in said.err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("agent.leese_secs",), "did you mean agent.lease_secs?"),
        (("agent.leese_secs", "5"), "did you mean agent.lease_secs?"),
        (("nonsense.at.all", "--unset"), "there is no such setting"),
        (("agent.lease_secs", "soon"), "must be a whole number"),
        (("agent.lease_secs", "0"), "agent.lease_secs"),
        (("redis.persist", "sometimes"), "use aof, always, snapshot, none"),
        (("redis.password", "geheim"), "holds no secrets"),
        (("redis.url", "redis://:geheim@far"), "holds no secrets"),
        (("agent", "5"), "is a table"),
        (("--unset",), "needs a KEY"),
        (("agent.lease_secs", "5", "--unset"), "takes no VALUE"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(arguments: tuple[str, ...], why: str, tt: Tt, town_file: Path) -> None:
    before = town_file.read_text()

    said = tt("config", *arguments)

    assert (said.code, said.out) == (2, "")
    assert why in said.err
    assert "geheim" not in said.err
    assert town_file.read_text() == before


@pytest.mark.parametrize(("text", "where"), [("nmae = 1\n", "tinytown.toml:1"), ("name = \n", "tinytown.toml:1"), (None, "is a directory")])
def test_a_broken_town_file_is_named_with_its_line(text: str | None, where: str, tt: Tt, town_file: Path) -> None:
    town_file.unlink()
    if text is None:
        town_file.mkdir()
    else:
        town_file.write_text(text)

    said = tt("config")

    assert said.code == 2
    assert where in said.err


def test_an_empty_town_file_is_a_town_with_defaults(tt: Tt, town_file: Path) -> None:
    town_file.write_text("")

    assert tt("config", "agent.lease_secs").out == "15\n"


def test_without_a_town_there_is_nothing_to_change(tt: Tt, place: Path) -> None:
    said = tt("config", "agent.lease_secs", "5")

    assert said.code == 3
    assert "--user" in said.err
    assert list(place.iterdir()) == []


def test_a_setting_without_a_value_prints_an_empty_line(tt: Tt, town_file: Path) -> None:
    assert tt("config", "conductor_cli").out == "\n"
    assert tt("config", "conductor_cli", "--json").json["value"] is None
