"""A mistake in a settings file is answered with the key, the file, the line, and what was probably meant."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tinytown.config import Settings, load_user
from tinytown.errors import SettingsError

Load = Callable[..., Settings]

MISTAKES = [
    ("\n[agent]\nlease_sec = 3", 3, ["agent.lease_sec", "lease_secs?"]),
    ('nmae = "x"', 1, ["nmae", "did you mean name?"]),
    ('[agent]\n# a comment\nlease_secs = "x"', 3, ["agent.lease_secs", "a whole number"]),
    ("agent.lease_secs = true", 1, ["agent.lease_secs", "a whole number"]),
    ("[agent]\nlease_secs = 0", 2, ["agent.lease_secs", ">= 1"]),
    ('[redis]\n\n\npersist = "sometimes"', 4, ["redis.persist", "use aof, always, snapshot, none"]),
    ("[redis]\nport = 70000", 2, ["redis.port", "65535"]),
    ('[agent_clis.a]\ncommand = "a"\n[agent_clis.b]\ncommnd = "b"', 4, ["agent_clis.b.commnd", "command?"]),
    ('[agent_clis.a]\ninput = "x"', 2, ["agent_clis.a.input", "use prompt, task"]),
    ("agent = 3", 1, ["agent", "a table"]),
    ("[[agent_clis]]\nx = 1", 1, ["agent_clis", "a table"]),
    ('[townhall.auth]\nmode = "open"', 2, ["townhall.auth.mode", "use none, api_key, oidc"]),
    ('name = "Foo Bar"', 1, ["name", "foo-bar"]),
    ("# fine\n[agent\n", 2, ["not valid TOML"]),
    ("a = 1\na = 2", 2, ["not valid TOML"]),
]


@pytest.mark.parametrize(("text", "line", "said"), MISTAKES)
def test_a_mistake_is_named_with_its_line(town_file: Path, load: Load, text: str, line: int, said: list[str]) -> None:
    town_file.write_text(text)

    with pytest.raises(SettingsError) as caught:
        load()

    assert caught.value.where == f"{town_file}:{line}"
    assert all(words in str(caught.value) for words in said), str(caught.value)


def test_a_mistake_in_the_users_file_names_that_file(town_file: Path, user_file: Path, load: Load) -> None:
    user_file.write_text("[redis]\nuse_centrl = true")

    with pytest.raises(SettingsError, match=r"config\.toml:2: redis\.use_centrl.*use_central\?"):
        load()
    with pytest.raises(SettingsError):
        load_user(user_file.parent)


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """For as long as the block lasts, not as root, who may read everything."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_directory_in_place_of_the_file_is_said_to_be_one(place: Path, load: Load) -> None:
    (place / "tinytown.toml").mkdir()

    with pytest.raises(SettingsError, match=r"tinytown\.toml: is a directory"):
        load()


def test_a_file_that_is_no_text_is_refused(town_file: Path, load: Load) -> None:
    town_file.write_bytes(b'name = "\xff\xfe"')

    with pytest.raises(SettingsError, match="UTF-8"):
        load()


def test_a_file_that_must_not_be_read_is_refused(town_file: Path, load: Load) -> None:
    town_file.chmod(0)
    town_file.parent.chmod(0o755)

    with as_somebody_else(), pytest.raises(SettingsError, match="Permission denied"):
        load()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TINYTOWN_AGNT_ID", "x", "did you mean TINYTOWN_AGENT_ID"),
        ("TINYTOWN_REDIS_PASWORD", "x", "did you mean TINYTOWN_REDIS_PASSWORD"),
        ("TINYTOWN_AGENT__LEASE_SEC", "2", "did you mean TINYTOWN_AGENT__LEASE_SECS"),
        ("TINYTOWN_AGENT__LEASE_SECS", "soon", "a whole number, not 'soon'"),
        ("TINYTOWN_AGENT__LEASE_SECS", "-1", ">= 1"),
        ("TINYTOWN_REDIS__PERSIST", "maybe", "use aof, always, snapshot, none"),
        ("TINYTOWN_AGENT", "x", "no such variable"),
        ("TINYTOWN_AGENT_CLIS", "x", "no such variable"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(town_file: Path, load: Load, variable: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(**{variable: value})

    assert caught.value.where == variable
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '[redis]\npassword = "hunter2"',
        '[redis]\nurl = "redis://:hunter2@cache:6379"',
        '[redis]\nurl = "unix:///run/redis.sock?password=hunter2"',
    ],
)
def test_a_town_file_with_a_secret_is_refused_without_repeating_it(town_file: Path, load: Load, text: str) -> None:
    """Town files are committed; a password in one is a password in the repository."""
    town_file.write_text(text)

    with pytest.raises(SettingsError, match=r"tinytown\.toml:2: redis\.(password|url).*no secrets") as caught:
        load()

    assert "hunter2" not in str(caught.value)
