"""Errors about callers who may not do what they ask, or not now."""

from __future__ import annotations

import math

from tinytown.errors.root import TownError

__all__ = ["Denied", "Forbidden", "TooManyRequests", "TooManyTries", "Unauthenticated"]


class Denied(TownError):
    """The caller may not do that, or not now."""

    code = "denied"
    status = 403


class Unauthenticated(Denied):
    """Nobody showed who they are; the same sentence whether a key is missing or wrong."""

    code = "unauthenticated"
    status = 401
    challenge = 'Bearer realm="tinytown"'
    """For the header WWW-Authenticate."""

    def __str__(self) -> str:
        return "valid credentials are needed: Authorization: Bearer, or X-API-Key"


class Forbidden(Denied):
    """The caller is known, and lacks a scope."""

    code = "forbidden"

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope

    @property
    def challenge(self) -> str:
        """For the header WWW-Authenticate, as RFC 6750 has it."""
        word = "".join(sign for sign in self.scope if "!" <= sign <= "~" and sign not in '"\\')
        return f'Bearer realm="tinytown", error="insufficient_scope", scope="{word}"'

    def __str__(self) -> str:
        return f"this needs the scope {self.scope}, which the credentials do not have"


class TooManyRequests(Denied):
    """The caller asks more often than is allowed; `retry_after` in seconds."""

    code = "too_many_requests"
    status = 429

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after

    @property
    def seconds(self) -> int:
        """For the header Retry-After: whole seconds, at least one."""
        return max(1, math.ceil(self.retry_after))

    def __str__(self) -> str:
        return f"too many requests; try again in {self.seconds} s"


class TooManyTries(TooManyRequests):
    """Too many wrong keys came from this address."""

    code = "too_many_tries"

    def __str__(self) -> str:
        return f"too many wrong keys from this address; try again in {self.seconds} s"
