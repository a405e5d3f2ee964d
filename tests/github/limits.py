"""What the stand-in allows: tokens, the calls of an hour, and troubles that a test has ordered."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from tests.github.rest import Reply, problem

__all__ = ["Limits", "Rate", "Trouble"]

HOUR = 3600


@dataclass
class Rate:
    """The calls of one kind that are left to a token."""

    limit: int = 5000
    remaining: int = 5000
    reset: int = field(default_factory=lambda: int(time.time()) + HOUR)


@dataclass
class Trouble:
    """What happens in place of an answer, so many times."""

    path: str
    reply: Reply | None = None
    way: str = "reply"
    """`reply`, `hang` (nothing ever comes), `drip` (a byte now and then, without end), or `drop` (the connection ends)."""
    times: int = 1


@dataclass
class Limits:
    """The rules of the stand-in."""

    tokens: set[str] = field(default_factory=lambda: {"ghp_right"})
    forbidden: set[str] = field(default_factory=set)
    """Repositories that no token of ours may read."""
    rates: dict[str, Rate] = field(default_factory=lambda: {"core": Rate(), "graphql": Rate()})
    enforced: bool = True
    """Whether there are limits at all: Enterprise servers have none at first, and then send no headers."""
    has_graphql: bool = True
    has_sub_issues: bool = True
    troubles: list[Trouble] = field(default_factory=list)

    def trouble(self, path: str) -> Trouble | None:
        """The trouble that this request meets, if any."""
        for trouble in self.troubles:
            if trouble.times > 0 and re.search(trouble.path, path):
                trouble.times -= 1
                return trouble
        return None

    def refusal(self, path: str, token: str | None, kind: str) -> Reply | None:
        """Why this request is not answered, if it is not."""
        if token is not None and token not in self.tokens:
            return problem(401, "Bad credentials")
        if kind == "graphql" and token is None:
            return problem(401, "This endpoint requires you to be authenticated.")
        if (kind == "graphql" and not self.has_graphql) or (path.endswith("/sub_issues") and not self.has_sub_issues):
            return problem(404, "Not Found")
        if any(path.lower().startswith(f"/repos/{repo.lower()}/") for repo in self.forbidden):
            return problem(403, "Resource not accessible by personal access token")
        if self.enforced and self.rates[kind].remaining <= 0:
            said = "API rate limit exceeded for user ID 1."
            if kind == "graphql":
                return Reply(200, {"errors": [{"type": "RATE_LIMITED", "message": said}]})
            return problem(403, said)
        return None

    def headers(self, kind: str) -> dict[str, str]:
        """What an answer says of the limits."""
        if not self.enforced:
            return {}
        rate = self.rates[kind]
        said = {"Limit": rate.limit, "Remaining": max(0, rate.remaining), "Used": rate.limit - rate.remaining, "Reset": rate.reset}
        return {**{f"X-RateLimit-{name}": str(value) for name, value in said.items()}, "X-RateLimit-Resource": kind}
