"""No web page can drive a town that lets everybody in from this machine."""

from __future__ import annotations

import time

import pytest
from falcon.testing import TestClient

from tests.api.test_problems import check_problem
from tinytown.api.app import create_app
from tinytown.testing import Rehearsal, rehearse


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "127.9.9.9", "town.localhost:80", "LOCALHOST"]
)
def test_this_machine_is_called_by_its_names(client: TestClient, host: str) -> None:
    assert client.simulate_get("/v1/town", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1@evil.example"]
)
def test_a_name_that_was_made_to_lead_here_is_refused(client: TestClient, host: str) -> None:
    check_problem(client.simulate_get("/v1/town", headers={"Host": host}), 421, "misdirected_request")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "file://", "http://localhost.evil.example"])
def test_a_page_of_another_origin_is_refused(client: TestClient, town: Rehearsal, origin: str) -> None:
    result = client.simulate_post("/v1/agents", json={"name": "ada"}, headers={"Origin": origin})

    check_problem(result, 403, "foreign_origin")
    assert town.agents.all() == []


def test_a_page_of_this_machine_may_call(client: TestClient) -> None:
    result = client.simulate_post("/v1/agents", json={"name": "ada"}, headers={"Origin": "http://localhost:3000"})

    assert result.status_code == 201


def test_browsers_are_told_of_no_origin_by_default(client: TestClient) -> None:
    result = client.simulate_options("/v1/agents", headers={"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"})

    assert [name for name in result.headers if name.startswith("access-control")] == []


def test_a_page_that_was_allowed_may_call() -> None:
    town = rehearse(townhall={"cors_origins": ["https://board.example.org"], "allowed_hosts": ["hall.example.org"]})
    client = TestClient(create_app(town, started_at=time.monotonic()), headers={"Host": "hall.example.org"})

    result = client.simulate_get("/v1/town", headers={"Origin": "https://board.example.org"})
    other = client.simulate_get("/v1/town", headers={"Origin": "https://evil.example"})

    assert result.headers["access-control-allow-origin"] == "https://board.example.org"
    check_problem(other, 403, "foreign_origin")
