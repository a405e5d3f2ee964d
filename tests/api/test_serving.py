"""A town behind any WSGI server: who calls is seen, and every process opens the town for itself."""

from __future__ import annotations

import json
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from tinytown.api.serving import Serving
from tinytown.errors import TownNotFound
from tinytown.patience import patience_left
from tinytown.testing import rehearse
from tinytown.town import Town


@pytest.mark.parametrize(
    ("address", "mode", "status"),
    [
        ("127.0.0.1", "none", 200),
        ("::ffff:127.0.0.1", "none", 200),
        ("", "none", 200),
        ("10.0.0.7", "none", 403),
        ("a name", "none", 403),
        ("10.0.0.7", "api_key", 200),
    ],
)
def test_without_auth_callers_from_other_machines_are_turned_away(address: str, mode: str, status: int) -> None:
    serving = Serving(lambda: rehearse(townhall={"auth": {"mode": mode}}))

    answered, body = _ask(serving, "/health", address)

    assert answered == status
    assert status == 200 or body["code"] == "forbidden"


def test_a_town_that_cannot_be_opened_is_tried_again() -> None:
    towns = iter([None, rehearse()])

    def opener() -> Town:
        town = next(towns)
        if town is None:
            raise TownNotFound("/secret/place")
        return town

    serving = Serving(opener)

    first, problem = _ask(serving, "/health")
    second, _ = _ask(serving, "/health")

    assert (first, second) == (503, 200)
    assert problem["code"] == "unavailable"
    assert "/secret" not in json.dumps(problem)


def test_a_town_is_opened_again_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Town] = []

    def opener() -> Town:
        opened.append(rehearse())
        return opened[-1]

    serving = Serving(opener)

    _ask(serving, "/health")
    _ask(serving, "/health")
    monkeypatch.setattr("os.getpid", lambda: 1)
    _ask(serving, "/health")

    assert len(opened) == 2


def test_what_redis_is_asked_ends_with_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[float | None] = []

    def create_app(town: Town, **_: Any) -> Any:
        def answer(environ: Any, start_response: Any) -> list[bytes]:
            left.append(patience_left())
            return []

        return answer

    monkeypatch.setattr("tinytown.api.serving.create_app", create_app)
    serving = Serving(lambda: rehearse(townhall={"request_timeout_ms": 1500}))

    serving({"REMOTE_ADDR": "127.0.0.1"}, lambda status, headers: None)

    assert left[0] is not None
    assert 1 < left[0] <= 1.5


def _ask(serving: Serving, path: str, address: str = "127.0.0.1") -> tuple[int, Any]:
    environ: dict[str, Any] = {"PATH_INFO": path, "REMOTE_ADDR": address, "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    statuses: list[str] = []
    body = b"".join(serving(environ, lambda status, headers, exc_info=None: statuses.append(status)))
    return int(statuses[0].split()[0]), json.loads(body)
