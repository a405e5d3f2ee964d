"""`tt release`: what is found before the processes of a town start."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Tt
from tests.redis_server.permitted import acl_line
from tests.server import Server
from tinytown.services.key_hash import hashed


@pytest.fixture(autouse=True)
def town(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told of by the environment alone."""
    monkeypatch.setenv("TINYTOWN_TOWN_NAME", "shop")


@pytest.mark.usefixtures("redis_elsewhere")
def test_what_was_found_is_told(tt: Tt, server: Server) -> None:
    said, found = tt("release"), tt("release", "--json")

    assert (said.code, said.err) == (0, "")
    assert said.lines[0] == "Town shop can run, with tinytown 0.1.0."
    assert "permits all that is needed; when its memory is full: noeviction" in said.out
    assert "auth none" in said.out
    assert "none leads yet" in said.out
    assert (found.json["town"], found.json["eviction"], found.json["warnings"]) == ("shop", "noeviction", [])
    assert found.json["product"] in {"redis", "valkey"}
    assert found.json["redis_version"][0].isdigit()
    assert server.say("DBSIZE") == ":0"


def test_a_redis_that_forgets_is_warned_of(tt: Tt, own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", own_server.url)
    own_server.say("CONFIG SET maxmemory-policy allkeys-lru")

    said, found = tt("release"), tt("release", "--json")

    assert (said.code, found.code) == (0, 0)
    assert "warning: Redis may throw records away when its memory is full (allkeys-lru); set maxmemory-policy noeviction" in said.err
    assert found.err == ""
    assert "allkeys-lru" in found.json["warnings"][0]


def test_what_may_not_be_asked_is_no_failure(tt: Tt, own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Managed services forbid INFO and CONFIG; the documented permissions hold neither."""
    own_server.say(f"ACL SETUSER {acl_line('secret').removeprefix('user ')}")
    monkeypatch.setenv("REDIS_URL", own_server.url.replace("unix://", "unix://tinytown:secret@"))
    monkeypatch.setenv("TINYTOWN_TOWN_NAME", "tinytown")

    said, found = tt("release"), tt("release", "--json")

    assert (said.code, said.err) == (0, "")
    assert "cannot be asked; it must be noeviction" in said.out
    assert "secret" not in said.out + found.out
    assert found.json["eviction"] is None


def test_every_permission_that_is_missing_is_named(tt: Tt, own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    own_server.say("ACL SETUSER bob on >secret ~* &* +@all -blmove -publish")
    monkeypatch.setenv("REDIS_URL", own_server.url.replace("unix://", "unix://bob:secret@"))

    said = tt("release")

    assert (said.code, said.out) == (5, "")
    assert "forbids what Tinytown needs: publish, blmove;" in said.err


def test_a_redis_that_cannot_be_used_is_5(tt: Tt, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setenv("REDIS_URL", f"unix://{place}/nobody.sock")

    said, found = tt("release"), tt("release", "--json")

    assert (said.code, found.code) == (5, 5)
    assert said.err.startswith("tt: cannot reach Redis at unix:")
    assert '"code":"redis_unavailable"' in found.err


@pytest.mark.usefixtures("redis_elsewhere")
@pytest.mark.parametrize(
    ("variables", "code", "sentence"),
    [
        ({"TINYTOWN_MAX_AGENST": "3"}, 2, "TINYTOWN_MAX_AGENST: there is no such variable"),
        ({"TINYTOWN_AGENT__LEASE_SECS": "soon"}, 2, "TINYTOWN_AGENT__LEASE_SECS"),
        ({"TINYTOWN_TOWNHALL__BIND": "0.0.0.0"}, 1, "auth"),
        ({"TINYTOWN_TOWNHALL__AUTH__MODE": "api_key"}, 1, "key"),
        ({"TINYTOWN_TOWNHALL__AUTH__MODE": "api_key", "TINYTOWN_TOWNHALL__AUTH__API_KEY_HASH": "no-hash"}, 1, "api_key_hash"),
        ({"TINYTOWN_TOWNHALL__AUTH__MODE": "oidc"}, 1, "issuer"),
        ({"TINYTOWN_TOWNHALL__TLS__ENABLED": "true"}, 1, "cert_file"),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else "",
)
def test_what_would_keep_townhall_from_starting_fails_now(
    tt: Tt, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], code: int, sentence: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    said = tt("release")

    assert (said.code, said.out) == (code, "")
    assert said.err.startswith("tt: ")
    assert sentence in said.err
    assert "Traceback" not in said.err


@pytest.mark.usefixtures("redis_elsewhere")
def test_a_townhall_that_will_make_itself_a_key_may_start(tt: Tt, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("TINYTOWN_TOWNHALL__BIND", "0.0.0.0")
    monkeypatch.setenv("TINYTOWN_TOWNHALL_API_KEY_PATH", str(home / "key"))

    found = tt("release", "--json")

    assert (found.code, found.json["townhall_auth"]) == (0, "api_key")
    assert not (home / "key").exists()


@pytest.mark.usefixtures("redis_elsewhere")
def test_a_key_that_may_do_nothing_is_warned_of(tt: Tt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYTOWN_TOWNHALL__AUTH__MODE", "api_key")
    monkeypatch.setenv("TINYTOWN_TOWNHALL__AUTH__API_KEY_HASH", hashed("a-key-that-somebody-made"))

    said = tt("release")

    assert said.code == 0
    assert "warning: [townhall.auth] api_key_scopes is empty" in said.err
