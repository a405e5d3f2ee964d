"""Asking an identity provider over HTTP: where its keys are, and for them."""

from __future__ import annotations

import ipaddress
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tinytown.errors import IdentityProviderUnavailable

__all__ = ["is_trustworthy", "published_keys"]

_SILENCE_SECONDS = 5.0
_WHOLE_SECONDS = 10.0
_LARGEST = 1024 * 1024
_MOST_KEYS = 100


def is_trustworthy(url: str) -> bool:
    """Whether nobody on the way can change what comes from there: https, or this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port  # which is checked only when it is asked for
    except ValueError:
        return False
    return host is not None and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host)))


def published_keys(issuer: str, jwks_url: str | None) -> list[dict[str, Any]]:
    """The keys that a provider publishes, as they stand in its key set (RFC 7517).

    Args:
        issuer: which provider; without `jwks_url` its discovery document says where they are.
        jwks_url: where they are.

    Raises:
        IdentityProviderUnavailable: they cannot be had.
    """
    url = _discovered(issuer) if jwks_url is None else jwks_url
    keys = _document(url).get("keys")
    if not isinstance(keys, list):
        raise IdentityProviderUnavailable(url, "it is no key set")
    return [key for key in keys[:_MOST_KEYS] if isinstance(key, dict)]


def _discovered(issuer: str) -> str:
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    document = _document(url)
    if document.get("issuer") != issuer:  # or one provider could speak for another
        raise IdentityProviderUnavailable(url, "it speaks for another issuer")
    found = document.get("jwks_uri")
    if not isinstance(found, str):
        raise IdentityProviderUnavailable(url, "it does not say where its keys are")
    return found


def _document(url: str) -> dict[str, Any]:
    if not is_trustworthy(url):
        raise IdentityProviderUnavailable(url, "only https is trusted")
    request = urllib.request.Request(url, headers={"Accept": "application/json", "User-Agent": "tinytown"})  # noqa: S310  # checked above
    try:
        with _opener(url).open(request, timeout=_SILENCE_SECONDS) as response:
            document = msgspec.json.decode(_read(response))
    except urllib.error.HTTPError as error:
        error.close()
        raise IdentityProviderUnavailable(url, f"it answers {error.code}") from error
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise IdentityProviderUnavailable(url, f"{error}"[:200]) from error
    if not isinstance(document, dict):
        raise IdentityProviderUnavailable(url, "it is no JSON object")
    return document


def _read(response: Any) -> bytes:
    """The body, which must be small and come soon."""
    deadline = time.monotonic() + _WHOLE_SECONDS
    body = b""
    while piece := response.read1(64 * 1024):
        body += piece
        if len(body) > _LARGEST:
            raise ValueError("the answer is too large")
        if time.monotonic() > deadline:
            raise TimeoutError("the answer takes too long")
    return body


def _opener(url: str) -> urllib.request.OpenerDirector:
    """What asks: by HTTP alone, and following no redirect, which could lead anywhere."""
    host = urlsplit(url).hostname
    proxies = urllib.request.ProxyHandler({} if host is not None and _is_here(host) else None)
    web = urllib.request.HTTPHandler(), urllib.request.HTTPSHandler()
    opener = urllib.request.OpenerDirector()
    for handler in (proxies, *web, urllib.request.HTTPErrorProcessor(), urllib.request.HTTPDefaultErrorHandler()):
        opener.add_handler(handler)
    return opener


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
