"""Tokens of an identity provider: what must be right about them, and what they allow."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from tests.api.auth.conftest import Trusting
from tests.api.auth.provider import CURVES, RSA_KEY, Provider, public_key, unsigned
from tinytown.api.auth import Offered
from tinytown.api.auth.tokens import TokenAuthenticator
from tinytown.domain.principal import Principal, Via
from tinytown.domain.scope import Scope
from tinytown.errors import Forbidden, SettingsError, Unauthenticated

PAST, FUTURE = 1_000_000_000, 4_000_000_000
"""Times of day that are in the ids of tests, and so must not change from run to run."""
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def show(authenticator: TokenAuthenticator, token: str) -> Principal:
    return authenticator.authenticate(Offered(authorization=f"Bearer {token}"), address="192.0.2.7")


def check_refused(authenticator: TokenAuthenticator, token: str) -> None:
    with pytest.raises(Unauthenticated):
        show(authenticator, token)


def test_a_caller_is_who_the_token_says(provider: Provider, trusting: Trusting) -> None:
    caller = show(trusting(), provider.token())

    assert caller == Principal(id="oidc:ada", name="ada", scopes=frozenset({Scope.TOWN_READ}), via=Via.TOKEN, issuer=provider.issuer)


def test_keys_are_found_where_the_settings_say(provider: Provider, trusting: Trusting) -> None:
    show(trusting(jwks_url=f"{provider.issuer}/keys"), provider.token())

    assert provider.asked == ["/keys"]


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"])
def test_asymmetric_algorithms_are_taken(provider: Provider, trusting: Trusting, algorithm: str) -> None:
    key: Any = RSA_KEY
    if algorithm in CURVES:
        key = ec.generate_private_key(CURVES[algorithm])
    elif algorithm == "EdDSA":
        key = ed25519.Ed25519PrivateKey.generate()
    provider.keys = [public_key(key, kid="one")]

    assert show(trusting(), provider.token(key, algorithm=algorithm)).id == "oidc:ada"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": PAST},
        {"exp": None},
        {"exp": "soon"},
        {"exp": [FUTURE]},
        {"nbf": FUTURE},
        {"iat": FUTURE},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"iss": ["https://evil.example"]},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"aud": None},
        {"aud": []},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": "a\x00b"},
        {"sub": "a\nb"},
    ],
    ids=str,
)
def test_claims_that_are_wrong_are_refused(provider: Provider, trusting: Trusting, claims: dict[str, Any]) -> None:
    check_refused(trusting(), provider.token(**claims))


def test_clocks_may_differ_a_little(provider: Provider, trusting: Trusting) -> None:
    now = int(time.time())
    early, late = provider.token(nbf=now + 30, iat=now + 30), provider.token(exp=now - 30)

    assert show(trusting(clock_skew_seconds=60), early).id == "oidc:ada"
    assert show(trusting(clock_skew_seconds=60), late).id == "oidc:ada"
    check_refused(trusting(clock_skew_seconds=0), early)
    check_refused(trusting(clock_skew_seconds=0), late)


def test_one_of_several_audiences_will_do(provider: Provider, trusting: Trusting) -> None:
    assert show(trusting(), provider.token(aud=["other", "townhall"])).id == "oidc:ada"


def test_a_signature_of_another_key_is_refused(provider: Provider, trusting: Trusting) -> None:
    token = provider.token()
    head, body, signature = token.split(".")

    check_refused(trusting(), provider.token(OTHER))
    check_refused(trusting(), f"{head}.{body}.{signature[:-6]}AAAAAA")
    check_refused(trusting(), f"{head}.{provider.token(sub='eve').split('.')[1]}.{signature}")


def test_a_token_without_a_signature_is_refused(provider: Provider, trusting: Trusting) -> None:
    claims = jwt.decode(provider.token(), options={"verify_signature": False})

    for name in ("none", "None", "NONE", "nOnE", ""):
        check_refused(trusting(), unsigned({"alg": name, "kid": "one"}, claims))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_no_shared_secret(provider: Provider, trusting: Trusting, algorithm: str) -> None:
    """The classic confusion: signed with HMAC, and the published key as its secret."""
    import hashlib
    import hmac

    claims = jwt.decode(provider.token(), options={"verify_signature": False})
    pem = RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = unsigned({"alg": algorithm, "kid": "one"}, claims).rpartition(".")[0]
    for secret in (pem, json.dumps(provider.keys[0]).encode(), b""):
        digest = hmac.digest(secret, head.encode(), getattr(hashlib, f"sha{algorithm[2:]}"))
        token = f"{head}.{unsigned({}, {}, digest).rpartition('.')[2]}"

        check_refused(trusting(), token)


def test_a_shared_secret_in_the_key_set_is_ignored(provider: Provider, trusting: Trusting) -> None:
    provider.keys = [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "one", "alg": "HS256"}]

    check_refused(trusting(), provider.token("secret-secret-secret-secret-secret", algorithm="HS256"))


@pytest.mark.parametrize(
    "members",
    [
        {"alg": "RS512"},
        {"alg": ["RS256"]},
        {"use": "enc"},
        {"use": ["sig"]},
        {"key_ops": ["encrypt"]},
        {"kty": "EC"},
        {"n": "AQAB"},
        {"n": 7},
    ],
    ids=str,
)
def test_a_key_that_is_for_something_else_signs_no_token(provider: Provider, trusting: Trusting, members: dict[str, Any]) -> None:
    provider.keys = [public_key(RSA_KEY, **{"kid": "one", **members})]

    check_refused(trusting(), provider.token())


def test_a_curve_fits_its_algorithm_alone(provider: Provider, trusting: Trusting) -> None:
    provider.keys = [public_key(EC_KEY, kid="one")]
    claims = jwt.decode(provider.token(), options={"verify_signature": False})

    assert show(trusting(), provider.token(EC_KEY, algorithm="ES256")).id == "oidc:ada"
    for algorithm in ("ES384", "ES512", "ES256K", "EdDSA", "RS256"):
        check_refused(trusting(), unsigned({"alg": algorithm, "kid": "one"}, claims, b"x" * 64))


def test_a_weak_key_signs_no_token(provider: Provider, trusting: Trusting) -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # that is the point
    provider.keys = [public_key(weak, kid="one")]
    claims = jwt.decode(provider.token(), options={"verify_signature": False})
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        token = jwt.encode(claims, weak, algorithm="RS256", headers={"kid": "one"})

    check_refused(trusting(), token)


def test_a_key_within_the_token_is_nobodys(provider: Provider, trusting: Trusting) -> None:
    inside = {"kid": "one", "jwk": public_key(OTHER, kid="one"), "jku": f"{provider.issuer}/evil", "x5u": f"{provider.issuer}/evil"}

    check_refused(trusting(), provider.token(OTHER, header=inside))

    assert "/evil" not in provider.asked


@pytest.mark.parametrize(
    "header", [{"crit": ["exp"]}, {"crit": ["x"], "x": 1}, {"crit": []}, {"crit": "x"}, {"kid": 7}, {"kid": ["one"]}], ids=str
)
def test_headers_that_we_do_not_understand_are_refused(provider: Provider, trusting: Trusting, header: dict[str, Any]) -> None:
    """The signature is right: what it signs demands something of us."""
    claims = jwt.decode(provider.token(), options={"verify_signature": False})
    signed = unsigned({"alg": "RS256", "kid": "one", **header}, claims).rpartition(".")[0]
    signature = RSA_KEY.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    good = unsigned({"alg": "RS256", "kid": "one"}, claims).rpartition(".")[0]
    authenticator = trusting()

    known = _joined(good, RSA_KEY.sign(good.encode(), padding.PKCS1v15(), hashes.SHA256()))

    assert show(authenticator, known).id == "oidc:ada"
    check_refused(authenticator, _joined(signed, signature))


@pytest.mark.parametrize("algorithm", [["RS256"], {"RS256": 1}, 7, None, "RS256\x00", "rs256"], ids=str)
def test_an_algorithm_is_one_of_the_known_words(provider: Provider, trusting: Trusting, algorithm: Any) -> None:
    claims = jwt.decode(provider.token(), options={"verify_signature": False})

    check_refused(trusting(), unsigned({"alg": algorithm, "kid": "one"}, claims, b"x" * 256))


@pytest.mark.parametrize(
    "token",
    ["", "x", "..", "a.b.c", "é.é.é", "\x00.\x00.\x00", "x" * 1_000_000, "." * 16_000, unsigned({"alg": "RS256"}, "[" * 5000),
     unsigned({"alg": "RS256", "kid": "one"}, '{"exp": 1e999}'), unsigned({}, {}), "bnVsbA.bnVsbA.bnVsbA", "W10.W10.W10"],
    ids=lambda token: token[:20],
)  # fmt: skip
def test_hostile_tokens_are_wrong_tokens(trusting: Trusting, token: str) -> None:
    check_refused(trusting(), token)


@pytest.mark.parametrize("exp", ["1e999", "99999999999999999999999999", "-1", "null", "true", "{}"])
def test_no_time_of_a_token_breaks_us(provider: Provider, trusting: Trusting, exp: str) -> None:
    body = json.dumps({"iss": provider.issuer, "aud": "townhall", "sub": "ada"})[:-1] + f', "exp": {exp}}}'
    token = jwt.api_jws.PyJWS().encode(body.encode(), RSA_KEY, algorithm="RS256", headers={"kid": "one"})
    authenticator = trusting()

    if exp.startswith("9"):
        assert show(authenticator, token).id == "oidc:ada"
    else:
        check_refused(authenticator, token)


def test_a_token_in_another_place_does_not_count(provider: Provider, trusting: Trusting) -> None:
    token = provider.token()

    for offered in (Offered(), Offered(x_api_key=token), Offered(query_key=token), Offered(authorization=f"Token {token}")):
        with pytest.raises(Unauthenticated):
            trusting().authenticate(offered, address=None, in_query=True)


@pytest.mark.parametrize(
    ("settings", "claims", "scopes"),
    [
        ({}, {"scope": "town.read town:write profile"}, {Scope.TOWN_READ, Scope.TOWN_WRITE}),
        ({}, {"scope": None, "scp": ["agent.manage", 7]}, {Scope.AGENT_MANAGE}),
        ({}, {"scope": None, "scp": "town.read"}, {Scope.TOWN_READ}),
        ({}, {"scope": None}, set()),
        ({}, {"scope": {"admin": True}}, set()),
        ({}, {"scope": "Admin ADMIN administrator"}, set()),
        ({"scopes_claim": "roles"}, {"scope": "admin", "roles": ["town.read"]}, {Scope.TOWN_READ}),
        ({"scopes_claim": "realm_access.roles"}, {"realm_access": {"roles": ["admin"]}}, {Scope.ADMIN}),
        ({"scopes_claim": "https://x.example/roles"}, {"https://x.example/roles": "admin"}, {Scope.ADMIN}),
        ({"scopes_claim": "a.b"}, {"a": "b"}, set()),
        ({"scope_names": {"ops": "admin", "town.read": "scaling.read"}}, {"scope": "ops"}, {Scope.ADMIN}),
        ({"scope_names": {"town.read": "scaling.read"}}, {"scope": "town.read"}, {Scope.SCALING_READ}),
    ],
)
def test_scopes_are_taken_from_the_token(
    provider: Provider, trusting: Trusting, settings: dict[str, Any], claims: dict[str, Any], scopes: set[Scope]
) -> None:
    assert show(trusting(**settings), provider.token(**claims)).scopes == scopes


def test_a_token_needs_every_required_scope(provider: Provider, trusting: Trusting) -> None:
    authenticator = trusting(required_scopes=["openid", "tinytown"])

    assert show(authenticator, provider.token(scope="tinytown openid")).id == "oidc:ada"
    with pytest.raises(Forbidden, match="tinytown"):
        show(authenticator, provider.token(scope="openid admin"))


@pytest.mark.parametrize(
    "settings",
    [
        {"issuer": None},
        {"audience": None},
        {"issuer": "http://id.example"},
        {"issuer": "id.example"},
        {"issuer": "ftp://id.example"},
        {"jwks_url": "http://id.example/keys"},
        {"jwks_url": "file:///etc/passwd"},
        {"jwks_url": "http://127.0.0.1.evil.example/keys"},
        {"jwks_url": "https://[::1"},
    ],
    ids=str,
)
def test_settings_that_trust_nobody_or_anybody_are_refused(trusting: Trusting, settings: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"townhall\.auth\."):
        trusting(**settings)


def _joined(signed: str, signature: bytes) -> str:
    return f"{signed}.{unsigned({}, {}, signature).rpartition('.')[2]}"
