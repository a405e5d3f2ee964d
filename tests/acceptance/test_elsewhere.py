"""A laptop and a town elsewhere: real processes, TLS with a private authority, and the page about it word for word."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.acceptance.halls import Hall
from tests.acceptance.household import QUICK, TT, Household, Program
from tests.acceptance.tour import console_blocks, expect_tour
from tests.rules.project import ROOT
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.scope import Scope

CLOUD = """
[townhall.auth]
mode = "api_key"

[townhall.tls]
enabled = true
cert_file = "cert.pem"
key_file = "key.pem"
"""
SETTING_UP, LAPTOP = console_blocks((ROOT / "docs/remote.md").read_text(encoding="utf-8"))


@pytest.fixture
def cloud(place: Path, home: Path, server: Server) -> Iterator[Household]:
    """A town whose townhall speaks TLS, with a certificate of a private authority, `ca.pem`."""
    household = Household(place, home, server.url, QUICK + CLOUD)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(place / "ca.pem"))
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(place / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(place / "cert.pem"))
    yield household
    household.close()


def test_a_laptop_knows_an_address_and_a_key_and_nothing_else(cloud: Household, tmp_path: Path) -> None:
    key = cloud.town.api_keys.create("laptop", [Scope.TOWN_READ, Scope.TOWN_WRITE, Scope.AGENT_MANAGE]).text
    hall = Hall(cloud, "--bind", "localhost")
    cloud.clock()
    cloud.worker()
    (tmp_path / "town.key").write_text(key)
    programs = str(Path(sys.executable).parent)
    laptop = {
        "HOME": str(tmp_path),
        "PATH": os.pathsep.join((programs, os.defpath)),
        "TINYTOWN_TOWNHALL_CA_CERT": str(cloud.folder / "ca.pem"),
    }

    expect_tour(LAPTOP, tmp_path, laptop, spelt=lambda command: command.replace("https://town.example.com", hall.url))

    reached = {**laptop, "TINYTOWN_TOWNHALL_URL": hall.url, "TINYTOWN_TOWNHALL_API_KEY": key}
    follower = Program([*TT, "events", "-f", "-n", "0", "--json"], tmp_path, reached, tmp_path / "followed")
    strangers = Program([*TT, "list"], tmp_path, {**reached, "TINYTOWN_TOWNHALL_CA_CERT": ""}, tmp_path / "strangers")
    wait_until(lambda: cloud.town.send("ada", "hello") and "agent_state_changed" in follower.output, 15)
    follower.signal(signal.SIGINT)

    assert (follower.status(), strangers.status()) == (130, 5)
    assert all(json.loads(line)["id"] for line in follower.output.split("\n") if line)
    assert "its certificate is not to be trusted" in strangers.output
    assert key not in strangers.output + follower.output + hall.program.output


def test_the_key_of_the_page_can_be_made(household: Household) -> None:
    ((command, _),) = SETTING_UP

    made = household.tt(*command.split()[1:])

    assert made.status() == 0, made.output
    assert "laptop" in [key.name for key in household.town.api_keys.list()]
