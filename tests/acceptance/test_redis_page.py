"""The page about Redis that others run: its addresses, settings and commands are taken from it and tried."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.acceptance.household import TT, Household
from tests.redis_server.permitted import permissions
from tests.rules.project import ROOT
from tests.server import Server
from tinytown.config import Origin, Settings, explicit_address

PAGE = (ROOT / "docs/redis.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_address_of_the_page_is_one_and_says_what_the_page_says() -> None:
    rows = re.findall(r"^\| `((?:rediss?|unix)[^`]+)` \| (.+) \|$", PAGE, re.MULTILINE)

    found = {url: explicit_address(url, origin=Origin.ENVIRONMENT) for url, _ in rows}

    assert len(found) == 9
    for url, meaning in rows:
        address = found[url]
        assert ("TLS" in meaning or "certif" in meaning or "vouches" in meaning) is address.tls
        assert ("database 2" in meaning or url.endswith("/2")) is (address.db == 2)
        assert ("sentinels" in meaning) is bool(address.sentinels)
        assert "secret" not in address.redacted
        assert "other" not in address.redacted


def test_the_settings_of_the_page_are_settings(place: Path, home: Path) -> None:
    (text,) = _blocks("toml")
    (place / "tinytown.toml").write_text(text)

    address = Settings.load(place, {"TINYTOWN_REDIS_PASSWORD": "x"}, home).redis_address(place, home)

    assert set(tomllib.loads(text)["redis"]) == {"url", "tls_ca_cert", "tls_cert", "tls_key"}
    assert (address.ca_cert, address.client_key) == (f"{place}/certs/ca.pem", f"{place}/certs/tls.key")


@pytest.mark.skipif(shutil.which("redis-cli") is None, reason="no redis-cli on this machine")
def test_the_commands_of_the_page_do_what_it_says(place: Path, home: Path, own_server: Server) -> None:
    status, users = _blocks("sh")
    (place / "deploy").symlink_to(ROOT / "deploy")
    made = users.replace("redis-cli", f"redis-cli -s {own_server.socket}")
    told = re.sub(r"'rediss://.*'", f"'unix://tinytown:p%23ss@{own_server.socket}'", status).replace("tt status", " ".join([*TT, "status"]))
    house = Household(place, home, None, settings=None)

    env = {**house.env, "PASSWORD": "p#ss"}
    run = subprocess.run(["bash", "-ec", made + told], cwd=place, env=env, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    assert "town   tinytown\n" in run.stdout
    assert "tinytown:****@" in run.stdout
    assert f"user tinytown on >p#ss resetkeys ~tt:tinytown:* resetchannels &tt:tinytown:* -@all +{permissions()[0]}" in (
        place / "tinytown-acl.conf"
    ).read_text(encoding="utf-8")
