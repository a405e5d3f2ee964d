"""Townhall does not start where it would not be what its settings promise."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tinytown.api.binding import Binding, is_loopback, parse_binding
from tinytown.api.refusals import HashUnusable, KeyMissing, MtlsWithoutTls, OidcIncomplete, OpenToAnybody, ScopeUnknown, UnknownHost
from tinytown.api.safety import problems, warnings
from tinytown.config import TownhallSettings
from tinytown.errors import InvalidValue, TownError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HERE = Binding(host="127.0.0.1", port=8080)
EVERYWHERE = Binding(host="0.0.0.0", port=8080)
HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$xNo3H8pBIOoJrQj5J3w7Vw"
OIDC = {"mode": "oidc", "issuer": "https://id.example.org", "audience": "townhall"}


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.8.7", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("::ffff:10.0.0.1", False),
        ("10.0.0.1", False),
        ("fe80::1", False),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(address: str, local: bool) -> None:
    assert is_loopback(address) is local


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1"])
def test_without_auth_other_machines_must_not_reach_it(host: str) -> None:
    (problem,) = _problems({}, Binding(host=host, port=80))

    assert isinstance(problem, OpenToAnybody)
    assert str(Binding(host=host, port=80)) in str(problem)
    assert "tt auth gen-key" in str(problem)
    assert problem.exit_code == 1


def test_a_name_is_local_if_all_its_addresses_are() -> None:
    named = Binding(host="here", port=80)

    local = _problems({}, named, addresses=("127.0.0.1", "::1"))
    mixed = _problems({}, named, addresses=("127.0.0.1", "10.0.0.1"))

    assert local == []
    assert [type(problem) for problem in mixed] == [OpenToAnybody]


def test_a_name_without_an_address_is_a_problem() -> None:
    (problem,) = problems(TownhallSettings(), [Binding(host="no.such.host.invalid", port=80)], None, now=NOW)

    assert isinstance(problem, UnknownHost)


def test_a_unix_socket_is_local() -> None:
    assert _problems({}, Binding(path="/run/hall.sock")) == []


def test_every_problem_is_found() -> None:
    found = _problems({"mode": "none", "api_key_hash": "no", "api_key_scopes": ["x"]}, EVERYWHERE, mtls={"required": True})

    assert [type(problem) for problem in found] == [OpenToAnybody, MtlsWithoutTls, HashUnusable, ScopeUnknown]


@pytest.mark.parametrize(("named", "refused"), [(True, False), (None, False), (False, True)])
def test_keys_are_asked_for_only_where_there_may_be_one(named: bool | None, refused: bool) -> None:
    found = _problems({"mode": "api_key"}, EVERYWHERE, has_named_keys=named)

    assert [type(problem) for problem in found] == ([KeyMissing] if refused else [])


def test_with_a_hash_nobody_looks_for_named_keys() -> None:
    assert _problems({"mode": "api_key", "api_key_hash": HASH}, EVERYWHERE, has_named_keys=False) == []


@pytest.mark.parametrize("text", ["secret", HASH[:-6] + "!!", HASH[:40], "$2b$12$abcdefghijklmnopqrstuv", HASH.replace("m=8", "m=x")])
def test_a_hash_must_be_one(text: str) -> None:
    (problem,) = _problems({"mode": "api_key", "api_key_hash": text}, HERE)

    assert isinstance(problem, HashUnusable)
    assert text not in str(problem), "it may be the key itself"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({}, None),
        ({"jwks_url": "https://id.example.org/keys"}, None),
        ({"issuer": "http://localhost:9000"}, None),
        ({"issuer": None}, "issuer is not set"),
        ({"audience": " "}, "audience is not set"),
        ({"issuer": "id.example.org"}, "issuer is 'id.example.org'"),
        ({"jwks_url": "http://id.example.org/keys"}, "jwks_url is 'http://"),
        ({"jwks_url": "https://[oops"}, "jwks_url is"),
    ],
)
def test_tokens_can_be_checked_or_it_does_not_start(changes: dict[str, Any], complaint: str | None) -> None:
    found = _problems({**OIDC, **changes}, EVERYWHERE)

    assert [isinstance(problem, OidcIncomplete) for problem in found] == ([] if complaint is None else [True])
    assert complaint is None or complaint in str(found[0])


def test_scopes_exist() -> None:
    (problem,) = _problems({"api_key_scopes": ["town:read", "town.write", "root"]}, HERE)

    assert isinstance(problem, ScopeUnknown)
    assert "'root'" in str(problem)
    assert "agent.manage" in str(problem)


def test_keys_that_travel_in_the_open_are_warned_of() -> None:
    settings = _settings({"mode": "api_key", "api_key_hash": HASH, "api_key_scopes": ["admin"]})

    there = warnings(settings, [EVERYWHERE, HERE], None, now=NOW)
    here = warnings(settings, [HERE], None, now=NOW)

    assert len(there) == 1
    assert "without TLS" in there[0]
    assert here == []


def test_a_key_that_may_do_nothing_is_warned_of() -> None:
    (told,) = warnings(_settings({"mode": "api_key", "api_key_hash": HASH}), [HERE], None, now=NOW)

    assert "api_key_scopes is empty" in told


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("localhost", "localhost", 8080),
        (" 127.0.0.1 ", "127.0.0.1", 8080),
        ("10.0.0.7:80", "10.0.0.7", 80),
        ("::1", "::1", 8080),
        ("[::1]", "::1", 8080),
        ("[::1]:0", "::1", 0),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1", 8080),
    ],
)
def test_a_binding_is_read(text: str, host: str, port: int) -> None:
    assert parse_binding(text, 8080) == Binding(host=host, port=port)


@pytest.mark.parametrize("text", ["", ":80", "[::1", "[::1]80", "[localhost]:80", "a b", "a/b", "h:", "h:-1", "h:65536", "h:٣", "::1]"])
def test_a_binding_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"townhall\.bind"):
        parse_binding(text, 8080, field="townhall.bind")


def _problems(
    auth: dict[str, Any],
    binding: Binding,
    *,
    mtls: dict[str, Any] | None = None,
    has_named_keys: bool | None = None,
    addresses: tuple[str, ...] | None = None,
) -> list[TownError]:
    resolved = (binding.host,) if addresses is None else addresses
    settings = _settings(auth, {} if mtls is None else mtls)
    return problems(settings, [binding], Path("/"), now=NOW, has_named_keys=lambda: has_named_keys, resolve=lambda _: resolved)


def _settings(auth: dict[str, Any], mtls: dict[str, Any] | None = None) -> TownhallSettings:
    return msgspec.convert({"auth": auth, "mtls": {} if mtls is None else mtls}, TownhallSettings)
