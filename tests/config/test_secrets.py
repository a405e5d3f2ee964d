"""Secrets of GitHub and of notifications: the user's file or the environment, and shown to nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tinytown.config import Settings, load_user, set_key, shown
from tinytown.config.sources import Source, settings_in_force
from tinytown.domain.notification import News
from tinytown.errors import SettingsError

Load = Callable[..., Settings]

SECRET = [
    ("notify.urls", '["ntfy://geheim"]', "TINYTOWN_NOTIFY__URLS"),
    ("notify.webhook_secret", '"geheim"', "TINYTOWN_NOTIFY__WEBHOOK_SECRET"),
    ("notify.webhook_url", '"https://ada:geheim@example.org"', "TINYTOWN_NOTIFY__WEBHOOK_URL"),
    ("notify.webhook_url", '"https://example.org/?key=geheim"', "TINYTOWN_NOTIFY__WEBHOOK_URL"),
    ("github.token", '"geheim"', "GITHUB_TOKEN"),
    ("github.webhook_secret", '"geheim"', "TINYTOWN_GITHUB__WEBHOOK_SECRET"),
    ("github.api_url", '"https://ada:geheim@github.example.org"', "TINYTOWN_GITHUB__API_URL"),
]


@pytest.mark.parametrize(("key", "value", "instead"), SECRET)
def test_a_town_file_holds_none_of_them(town_file: Path, load: Load, key: str, value: str, instead: str) -> None:
    town_file.write_text(f"# ours\n{key} = {value}\n")

    with pytest.raises(SettingsError, match=rf"tinytown\.toml:2: {key}.*no secrets; use {instead}") as caught:
        load()

    assert "geheim" not in str(caught.value)


def test_a_secret_cannot_be_set_in_a_town_file(town_file: Path) -> None:
    with pytest.raises(SettingsError, match="no secrets") as caught:
        set_key(town_file, "notify.urls", "ntfy://geheim")

    assert "geheim" not in str(caught.value)
    assert town_file.read_text() == ""


def test_they_come_from_the_users_file_and_above_it_the_environment(town_file: Path, user_file: Path, load: Load) -> None:
    town_file.write_text('[notify]\nwebhook_url = "https://example.org/news"\nevents = ["mission.failed"]\n')
    user_file.write_text('[notify]\nurls = ["ntfy://mine"]\nmax_attempts = 3\n[github]\ntoken = "users"\nwebhook_secret = "users"\n')

    by_file = load()
    by_environment = load(TINYTOWN_NOTIFY__URLS="ntfy://other", TINYTOWN_GITHUB__TOKEN="told")

    assert (by_file.notify.urls, by_file.notify.max_attempts) == (("ntfy://mine",), 3)
    assert (by_file.notify.webhook_url, by_file.notify.events) == ("https://example.org/news", (News.MISSION_FAILED,))
    assert (by_file.github.token, by_file.github.webhook_secret) == ("users", "users")
    assert (by_environment.notify.urls, by_environment.github.token) == (("ntfy://other",), "told")


def test_the_users_token_goes_to_no_server_that_a_town_file_names(town_file: Path, user_file: Path, user: Path, load: Load) -> None:
    """A town file may come from anywhere; the user's own file may name that server, too."""
    town_file.write_text('[github]\napi_url = "https://github.example.org/api/v3"\n')
    user_file.write_text('[github]\ntoken = "users"\n')
    elsewhere = load()
    found = {one.key: one for one in settings_in_force(town_file.parent, {}, user)}
    user_file.write_text('[github]\ntoken = "users"\napi_url = "https://github.example.org/api/v3"\n')

    there = load()

    assert (elsewhere.github.token, there.github.token) == (None, "users")
    assert load(TINYTOWN_GITHUB__TOKEN="told").github.token == "told"
    assert found["github.token"].source is Source.DEFAULT


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("ntfy://a", ("ntfy://a",)),
        ("ntfy://a,ntfy://b", ("ntfy://a", "ntfy://b")),
        (" ntfy://a  ntfy://b\n", ("ntfy://a", "ntfy://b")),
        ("ntfy://a, mailto://u:p@host?to=x@y,z@y slack://c", ("ntfy://a", "mailto://u:p@host?to=x@y,z@y", "slack://c")),
        ("", ()),
    ],
)
def test_a_list_of_the_environment_has_commas_or_blanks(town_file: Path, load: Load, text: str, urls: tuple[str, ...]) -> None:
    assert load(TINYTOWN_NOTIFY__URLS=text).notify.urls == urls


def test_any_list_can_be_set_by_the_environment(town_file: Path, load: Load) -> None:
    settings = load(TINYTOWN_TOWNHALL__TRUSTED_PROXIES="10.0.0.1, 10.1.0.0/16", TINYTOWN_NOTIFY__EVENTS="mission.failed test")

    assert settings.townhall.trusted_proxies == ("10.0.0.1", "10.1.0.0/16")
    assert settings.notify.events == (News.MISSION_FAILED, News.TEST)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("TINYTOWN_NOTIFY__EVENTS", "mission.lost", "cannot be 'mission.lost'; use mission.completed"),
        ("TINYTOWN_NOTIFY__MAX_ATTEMPTS", "0", ">= 1"),
        ("TINYTOWN_TOWNHALL__AUTH__API_KEY_SCOPES", "town.reed", "town.read"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(town_file: Path, load: Load, variable: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(**{variable: value})

    assert caught.value.where == variable
    assert said in str(caught.value)


def test_they_are_shown_to_nobody(town_file: Path, user_file: Path, user: Path, load: Load) -> None:
    user_file.write_text(
        '[notify]\nurls = ["ntfy://geheim", "geheim"]\nwebhook_secret = "geheim"\nwebhook_url = "https://example.org/geheim"\n'
        '[github]\ntoken = "geheim"\nwebhook_secret = "geheim"\n'
    )
    settings = load()
    found = {one.key: one for one in settings_in_force(town_file.parent, {}, user)}

    texts = [repr(settings), repr(load_user(user)), repr(dict(shown(settings))), repr([one.shown for one in found.values()])]

    assert "geheim" not in "".join(texts)
    assert found["notify.urls"].shown == ("ntfy://****", "****")
    assert found["notify.webhook_url"].shown == "https://example.org/****"
    assert (found["github.token"].shown, found["github.token"].where) == ("****", str(user_file))
