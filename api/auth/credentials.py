"""The credentials in a request: where they may stand, and which of several counts."""

from __future__ import annotations

import binascii
from base64 import b64decode

import msgspec

__all__ = ["LONGEST", "Offered"]

LONGEST = 16 * 1024
"""Characters of a header beyond which nobody looks at it."""


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What a request offers as credentials, as it stands there."""

    authorization: str | None = None
    """The header Authorization."""
    x_api_key: str | None = None
    """The header X-API-Key."""
    query_key: str | None = None
    """The parameter `api_key` of the query."""

    def __repr__(self) -> str:
        return "Offered(****)"

    @property
    def bearer(self) -> str | None:
        """What stands behind `Bearer`, in any spelling of that word."""
        return self._after("bearer")

    def key(self, *, in_query: bool = False) -> str | None:
        """The API key: Bearer before Basic before X-API-Key, even if the first is wrong.

        Args:
            in_query: whether the query counts, last; addresses are written into
                logs, so this is for probes alone that can send nothing else.
        """
        query = self.query_key if in_query else None
        offers = (self.bearer, self._basic(), _trimmed(self.x_api_key), _trimmed(query))
        return next((offer for offer in offers if offer is not None), None)

    def _basic(self) -> str | None:
        """The password, or the user name of a pair without one; autoscalers can send the key in either."""
        encoded = self._after("basic")
        if encoded is None:
            return None
        try:
            user, colon, password = b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        return _trimmed(password or user) if colon else None

    def _after(self, scheme: str) -> str | None:
        text = _trimmed(self.authorization)
        if text is None:
            return None
        word, _, rest = text.partition(" ")
        return _trimmed(rest) if word.lower() == scheme else None


def _trimmed(text: str | None) -> str | None:
    if text is None or len(text) > LONGEST:
        return None
    bare = text.strip(" \t")
    return bare or None
