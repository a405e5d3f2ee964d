"""The keys that an identity provider signs with: cached, fetched again when they change, kept while it is away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any

import jwt
import msgspec

from tinytown.api.outages import Outage
from tinytown.clock import Clock
from tinytown.errors import IdentityProviderUnavailable

__all__ = ["ALGORITHMS", "SigningKeys"]

ALGORITHMS: Mapping[str, tuple[str, str | None]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""What a token may be signed with, and the type and curve of the key that this takes.

Nothing symmetric: whoever can check such a signature can make one, and a
public key must never be taken for a shared secret.
"""

_ASKED_AGAIN_SECONDS = 10.0
_SMALLEST_RSA = 2048


class _Published(msgspec.Struct, frozen=True, kw_only=True):
    """A key of the set, with its uses checked."""

    kid: str | None
    algorithms: frozenset[str]
    data: dict[str, Any]


class SigningKeys:
    """A provider's keys; threads may share it.

    Args:
        fetch: asks the provider for its key set; raises IdentityProviderUnavailable.
        where: what to call the provider.
        clock: by whose monotonic time they grow old.
        lifetime: seconds after which they are fetched again.
    """

    def __init__(self, fetch: Callable[[], list[dict[str, Any]]], where: str, clock: Clock, *, lifetime: float) -> None:
        self._fetch = fetch
        self._where = where
        self._clock = clock
        self._lifetime = lifetime
        self._keys: Sequence[_Published] | None = None
        self._fetched_at = self._asked_at = float("-inf")
        self._lock = Lock()
        self._outage = Outage("the identity provider is away, so its keys from before are used")

    def fitting(self, kid: str | None, algorithm: str) -> list[jwt.PyJWK]:
        """The keys that may have signed a token which names that key and algorithm.

        Raises:
            IdentityProviderUnavailable: there are no keys, and none can be had.
        """
        found = _chosen(self._current(), kid, algorithm)
        if not found and kid is not None:  # perhaps it is a new one
            self._ask_again()
            found = _chosen(self._keys or (), kid, algorithm)
        return [key for one in found if (key := _usable(one, algorithm)) is not None]

    def _current(self) -> Sequence[_Published]:
        """The keys, as they are; fetched, if that is due."""
        if self._keys is None or self._clock.monotonic() - self._fetched_at >= self._lifetime:
            self._ask_again()
        if self._keys is None:
            raise IdentityProviderUnavailable(self._where, "it did not answer just now")
        return self._keys

    def _ask_again(self) -> None:
        """Fetch the keys, unless that was tried a moment ago: junk must not make us besiege the provider.

        Whoever has keys does not wait for another thread that fetches.
        """
        if not self._lock.acquire(blocking=self._keys is None):
            return
        try:
            if self._clock.monotonic() - self._asked_at < _ASKED_AGAIN_SECONDS:
                return
            self._asked_at = self._clock.monotonic()
            self._keys = [key for raw in self._fetch() if (key := _published(raw)) is not None]
            self._fetched_at = self._clock.monotonic()
            self._outage.is_over()
        except IdentityProviderUnavailable as error:
            if self._keys is None:
                raise
            self._outage.goes_on(error)
        finally:
            self._lock.release()


def _published(raw: dict[str, Any]) -> _Published | None:
    """A key of a set; None if it is not for signatures, not of a type that we take, or not public."""
    kid, use, operations = raw.get("kid"), raw.get("use"), raw.get("key_ops")
    if (use is not None and use != "sig") or (isinstance(operations, list) and "verify" not in operations) or "d" in raw:
        return None
    fits = {name for name, (kind, curve) in ALGORITHMS.items() if raw.get("kty") == kind and (curve is None or raw.get("crv") == curve)}
    if raw.get("alg") is not None:
        fits &= {raw["alg"]} if isinstance(raw["alg"], str) else set()
    return _Published(kid=kid if isinstance(kid, str) else None, algorithms=frozenset(fits), data=raw) if fits else None


def _chosen(keys: Sequence[_Published], kid: str | None, algorithm: str) -> list[_Published]:
    return [key for key in keys if algorithm in key.algorithms and (kid is None or key.kid in {None, kid})]


def _usable(key: _Published, algorithm: str) -> jwt.PyJWK | None:
    """The key bound to that algorithm; None if it is broken, or weak."""
    try:
        made = jwt.PyJWK(key.data, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    return made if key.data.get("kty") != "RSA" or made.key.key_size >= _SMALLEST_RSA else None
