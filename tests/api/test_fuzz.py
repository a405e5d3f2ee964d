"""Whatever the OpenAPI document allows, and what it does not, is answered as the document promises."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from schemathesis import Case
from schemathesis.core.transport import Response

from tests.api.auth.provider import AUDIENCE, Provider
from tests.fuzz.charge import charge, targets
from tests.fuzz.residents import settle
from tinytown.api.app import create_app
from tinytown.domain.scope import Scope
from tinytown.testing import Rehearsal, rehearse

EXAMPLES = 5
NOBODY: Mapping[str, str] = {}

each_target = pytest.mark.parametrize("label", targets())


@pytest.fixture(autouse=True)
def _streams_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.api.event_stream.LIFETIME", timedelta(0))


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Issues tokens for as long as this module runs."""
    provider = Provider()
    yield provider
    provider.close()


def town_with(label: str, **auth: Any) -> Rehearsal:
    """A town whose townhall lets nobody wait for long, and else has all the time that a busy machine may need."""
    milliseconds = 1500 if label.endswith(("/wait", "/events", "/logs")) else 60_000
    return rehearse("shop", townhall={"request_timeout_ms": milliseconds, "auth": auth, "rate_limit": {"enabled": False}})


def check_charge(label: str, town: Rehearsal, *callers: Mapping[str, str]) -> None:
    """Fail at an answer that is not as promised."""
    app = create_app(town, started_at=time.monotonic())
    asked = []

    def send(case: Case[Any], caller: Mapping[str, str]) -> Response:
        asked.append(case)
        return case.call(headers=dict(caller), app=app)

    charge(label, send, settle(town), callers, examples=EXAMPLES)
    assert asked


@each_target
def test_without_auth_every_answer_is_as_promised(label: str) -> None:
    check_charge(label, town_with(label), NOBODY)


@each_target
def test_with_api_keys_every_answer_is_as_promised(label: str) -> None:
    town = town_with(label, mode="api_key")
    keys = [town.api_keys.create(name, scopes).text for name, scopes in (("all", [Scope.ADMIN]), ("reader", [Scope.TOWN_READ]))]

    check_charge(label, town, {"X-API-Key": keys[0]}, {"Authorization": f"Bearer {keys[0]}"}, {"X-API-Key": keys[1]}, NOBODY)


@each_target
def test_with_tokens_every_answer_is_as_promised(label: str, provider: Provider) -> None:
    town = town_with(label, mode="oidc", issuer=provider.issuer, audience=AUDIENCE)
    tokens = [provider.token(scope=scope) for scope in ("admin", "town.read")]

    check_charge(label, town, *({"Authorization": f"Bearer {token}"} for token in tokens), NOBODY)


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        ("500 Internal Server Error", "application/problem+json", b"{}"),
        ("501 Not Implemented", "application/problem+json", b"{}"),
        ("418 I'm a Teapot", "application/problem+json", b"{}"),
        ("200 OK", "text/plain", b"shop"),
        ("200 OK", "application/json", b'{"name": 5}'),
    ],
)
def test_an_answer_that_was_not_promised_is_noticed(status: str, kind: str, body: bytes) -> None:
    def wrong(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, [("Content-Type", kind)])
        return [body]

    with pytest.raises((AssertionError, BaseExceptionGroup)):
        charge("GET /v1/town", lambda case, _: case.call(app=wrong), [], [NOBODY], examples=1)
