"""A provider's keys: cached, changed, kept while it is away, and never asked for in a storm."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.api.auth.conftest import Trusting
from tests.api.auth.provider import RSA_KEY, Provider, public_key
from tests.waiting import wait_until
from tinytown.api.auth import Offered
from tinytown.api.auth import provider as asking
from tinytown.api.auth.tokens import TokenAuthenticator
from tinytown.clock import StoppedClock
from tinytown.errors import IdentityProviderUnavailable, Unauthenticated

NEW_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
BOTH = ["/.well-known/openid-configuration", "/keys"]


def show(authenticator: TokenAuthenticator, token: str) -> str:
    return authenticator.authenticate(Offered(authorization=f"Bearer {token}"), address=None).id


def test_keys_are_asked_for_once_in_their_lifetime(provider: Provider, trusting: Trusting, clock: StoppedClock) -> None:
    authenticator = trusting(jwks_cache_secs=600)
    for _ in range(20):
        show(authenticator, provider.token())
    once = list(provider.asked)

    clock.at += timedelta(seconds=600)
    show(authenticator, provider.token())

    assert once == BOTH
    assert provider.asked == BOTH * 2


def test_a_new_key_works_at_once(provider: Provider, trusting: Trusting, clock: StoppedClock) -> None:
    authenticator = trusting()
    show(authenticator, provider.token())
    clock.at += timedelta(seconds=10)
    provider.keys.append(public_key(NEW_KEY, kid="two"))

    assert show(authenticator, provider.token(NEW_KEY, header={"kid": "two"})) == "oidc:ada"
    assert show(authenticator, provider.token()) == "oidc:ada"


def test_a_key_that_was_withdrawn_works_no_longer_than_its_lifetime(provider: Provider, trusting: Trusting, clock: StoppedClock) -> None:
    authenticator = trusting(jwks_cache_secs=60)
    show(authenticator, provider.token())
    provider.keys = [public_key(NEW_KEY, kid="two")]

    clock.at += timedelta(seconds=60)

    with pytest.raises(Unauthenticated):
        show(authenticator, provider.token())


def test_junk_does_not_make_us_besiege_the_provider(provider: Provider, trusting: Trusting, clock: StoppedClock) -> None:
    authenticator = trusting()
    for number in range(50):
        with pytest.raises(Unauthenticated):
            show(authenticator, provider.token(NEW_KEY, header={"kid": f"junk {number}"}))
    first = len(provider.asked)

    clock.at += timedelta(seconds=10)
    for number in range(50):
        with pytest.raises(Unauthenticated):
            show(authenticator, provider.token(NEW_KEY, header={"kid": f"junk {number}"}))

    assert first == 2
    assert len(provider.asked) == 4


def test_a_token_that_names_no_key_is_tried_with_all_that_fit(provider: Provider, trusting: Trusting) -> None:
    provider.keys = [public_key(NEW_KEY, kid="two"), public_key(RSA_KEY, kid="one")]

    assert show(trusting(), provider.token(header={})) == "oidc:ada"


def test_keys_stay_while_the_provider_is_away(
    provider: Provider, trusting: Trusting, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    authenticator = trusting(jwks_cache_secs=60)
    show(authenticator, provider.token())
    provider.status = 500

    with caplog.at_level(logging.INFO):
        for _ in range(5):
            clock.at += timedelta(seconds=60)
            assert show(authenticator, provider.token()) == "oidc:ada"
        provider.status = 200
        clock.at += timedelta(seconds=60)
        show(authenticator, provider.token())

    told = [record.message for record in caplog.records if "keys from before" in record.message]
    assert len(told) == 2
    assert "it answers 500" in told[0]
    assert told[1].startswith("no longer")


def test_without_any_keys_nobody_can_tell(provider: Provider, trusting: Trusting, clock: StoppedClock) -> None:
    authenticator = trusting()
    provider.status = 503
    for _ in range(20):
        with pytest.raises(IdentityProviderUnavailable) as caught:
            show(authenticator, provider.token())
    asked = len(provider.asked)

    provider.status = 200
    clock.at += timedelta(seconds=10)

    assert (caught.value.status, caught.value.code) == (503, "identity_provider_unavailable")
    assert asked == 1
    assert show(authenticator, provider.token()) == "oidc:ada"


def test_nobody_listening_is_an_outage(provider: Provider, trusting: Trusting) -> None:
    authenticator = trusting(issuer="http://127.0.0.1:1")

    with pytest.raises(IdentityProviderUnavailable):
        show(authenticator, provider.token())


def test_many_at_the_start_ask_once(provider: Provider, trusting: Trusting) -> None:
    authenticator = trusting()
    provider.may_answer.clear()

    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(show, authenticator, provider.token()) for _ in range(8)]
        wait_until(lambda: len(provider.asked) == 1)
        provider.may_answer.set()

    assert {call.result() for call in calls} == {"oidc:ada"}
    assert provider.asked == BOTH


def test_nobody_who_has_keys_waits_for_new_ones(provider: Provider, trusting: Trusting, clock: StoppedClock) -> None:
    authenticator = trusting(jwks_cache_secs=60)
    show(authenticator, provider.token())
    clock.at += timedelta(seconds=60)
    provider.may_answer.clear()

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(show, authenticator, provider.token())
        wait_until(lambda: len(provider.asked) == 3)
        quick = show(authenticator, provider.token())
        provider.may_answer.set()

    assert (quick, slow.result()) == ("oidc:ada", "oidc:ada")


def discovery(**members: object) -> Callable[[], bytes]:
    return lambda: json.dumps(members).encode()


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        (BOTH[0], discovery(issuer="https://evil.example", jwks_uri="https://evil.example/keys"), "another issuer"),
        (BOTH[0], discovery(issuer="ISSUER"), "where its keys are"),
        (BOTH[0], discovery(issuer="ISSUER", jwks_uri="http://evil.example/keys"), "only https"),
        (BOTH[0], discovery(issuer="ISSUER", jwks_uri="file:///etc/passwd"), "only https"),
        (BOTH[0], lambda: b"<html>", "malformed"),
        (BOTH[0], lambda: b"[]", "no JSON object"),
        (BOTH[0], lambda: b"\xff\xfe", "malformed|utf-8|invalid"),
        (BOTH[0], lambda: b"[" * 200_000, "recursion"),
        (BOTH[1], lambda: b'{"keys": {}}', "no key set"),
        (BOTH[1], lambda: b" " * 2_000_000, "too large"),
    ],
)
def test_an_answer_that_makes_no_sense_is_an_outage(
    provider: Provider, trusting: Trusting, path: str, answer: Callable[[], bytes], why: str
) -> None:
    provider.answers[path] = lambda: answer().replace(b"ISSUER", provider.issuer.encode())

    with pytest.raises(IdentityProviderUnavailable, match=why):
        show(trusting(), provider.token())


def test_no_redirect_is_followed(provider: Provider, trusting: Trusting) -> None:
    provider.status, provider.headers = 302, {"Location": f"{provider.issuer}/elsewhere"}

    with pytest.raises(IdentityProviderUnavailable, match="302"):
        show(trusting(), provider.token())

    assert "/elsewhere" not in provider.asked


def test_a_provider_that_says_nothing_is_not_waited_for(provider: Provider, trusting: Trusting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_SILENCE_SECONDS", 0.1)
    provider.may_answer.clear()

    with pytest.raises(IdentityProviderUnavailable, match="timed out"):
        show(trusting(), provider.token())


def test_strange_keys_beside_a_good_one_do_no_harm(provider: Provider, trusting: Trusting) -> None:
    provider.keys[:0] = [
        {},
        {"kty": 7},
        {"kty": "RSA", "kid": "one"},
        {"kty": "RSA", "n": None, "e": []},
        {"kty": ["EC"], "crv": ["P-256"]},
    ]

    assert show(trusting(), provider.token()) == "oidc:ada"
