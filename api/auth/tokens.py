"""Callers that show a token of an identity provider (OpenID Connect)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Self

import jwt

from tinytown.api.auth.credentials import LONGEST, Offered
from tinytown.api.auth.provider import is_trustworthy, published_keys
from tinytown.api.auth.signing_keys import ALGORITHMS, SigningKeys
from tinytown.clock import Clock
from tinytown.config import TownhallAuth
from tinytown.domain.principal import Principal, Via
from tinytown.domain.scope import Scope, parse_scope
from tinytown.errors import Forbidden, InvalidValue, SettingsError, Unauthenticated

__all__ = ["TokenAuthenticator", "scopes_of", "words_of"]

_LONGEST_SUBJECT = 255
_BROKEN = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
"""What a text that is no valid token of ours makes of the reading of it."""


class TokenAuthenticator:
    """Knows callers by the tokens that one provider signed for us; threads may share it."""

    def __init__(self, auth: TownhallAuth, keys: SigningKeys) -> None:
        self._auth = auth
        self._keys = keys

    @classmethod
    def of(cls, auth: TownhallAuth, clock: Clock) -> Self:
        """With the provider that the settings name.

        Raises:
            SettingsError: they name none, or one that cannot be trusted.
        """
        if auth.issuer is None:
            raise SettingsError("townhall.auth.issuer", "is needed for mode = oidc: the provider, as its tokens spell it")
        if auth.audience is None:
            raise SettingsError("townhall.auth.audience", "is needed for mode = oidc: what tokens for this townhall are for")
        for name in ("issuer", "jwks_url"):
            url = getattr(auth, name)
            if url is not None and not is_trustworthy(url) and (name == "jwks_url" or auth.jwks_url is None):
                raise SettingsError(f"townhall.auth.{name}", "must be an https address; http is for this machine alone")
        fetch = partial(published_keys, auth.issuer, auth.jwks_url)
        return cls(auth, SigningKeys(fetch, auth.issuer, clock, lifetime=auth.jwks_cache_secs))

    def authenticate(self, offered: Offered, *, address: str | None, in_query: bool = False) -> Principal:
        """Say who is calling; see `Authenticator.authenticate`.

        Wrong tokens are not counted for their addresses: signatures cannot be
        guessed, and one client with an old token must not lock out its neighbours.
        """
        del address, in_query
        token = offered.bearer
        claims = None if token is None or len(token) > LONGEST else self._claims(token)
        subject = None if claims is None else claims.get("sub")
        if claims is None or not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
            raise Unauthenticated
        words = words_of(claims, self._auth.scopes_claim)
        missing = next((word for word in self._auth.required_scopes if word not in words), None)
        if missing is not None:
            raise Forbidden(missing)
        scopes = scopes_of(words, self._auth.scope_names)
        return Principal(id=f"oidc:{subject}", name=subject, scopes=scopes, via=Via.TOKEN, issuer=self._auth.issuer)

    def _claims(self, token: str) -> dict[str, Any] | None:
        """What a token says, if all about it is right."""
        try:
            header = jwt.get_unverified_header(token)
            kid, algorithm = header.get("kid"), header.get("alg")
        except _BROKEN:
            return None
        # A token that demands extensions (`crit`) demands what we do not know; keys inside of tokens are nobody's.
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or "crit" in header:
            return None
        if kid is not None and not isinstance(kid, str):
            return None
        found = (self._checked(token, key, algorithm) for key in self._keys.fitting(kid, algorithm))
        return next((claims for claims in found if claims is not None), None)

    def _checked(self, token: str, key: jwt.PyJWK, algorithm: str) -> dict[str, Any] | None:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=self._auth.audience,
                issuer=self._auth.issuer,
                leeway=self._auth.clock_skew_seconds,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except _BROKEN:
            return None


def words_of(claims: Mapping[str, Any], name: str | None) -> tuple[str, ...]:
    """The scopes of a token in the provider's words.

    Args:
        claims: what the token says.
        name: the claim that lists them, `realm_access.roles` for one within
            another; else `scope`, else `scp`.
    """
    found = claims.get(name, _within(claims, name.split("."))) if name is not None else claims.get("scope", claims.get("scp"))
    if isinstance(found, str):
        return tuple(found.split())
    return tuple(word for word in found if isinstance(word, str)) if isinstance(found, list) else ()


def scopes_of(words: tuple[str, ...], names: Mapping[str, str]) -> frozenset[Scope]:
    """Our scopes that these words stand for; words that mean nothing to us are passed over."""
    found = set()
    for word in words:
        try:
            found.add(parse_scope(names.get(word, word)))
        except InvalidValue:
            continue
    return frozenset(found)


def _within(claims: Any, path: list[str]) -> Any:
    for name in path:
        claims = claims.get(name) if isinstance(claims, dict) else None
    return claims
