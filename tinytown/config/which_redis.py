"""Which Redis a town uses: its own, the user's central one, or one that others run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinytown.config.address import Origin, RedisAddress, explicit_address, is_loopback, socket_address, tcp_address
from tinytown.config.environment import forced_to_socket, value_of
from tinytown.config.settings import RedisSettings
from tinytown.config.socket_path import usable_socket
from tinytown.config.user import CENTRAL_PORT

__all__ = ["address_of", "choose_redis"]


def choose_redis(town: Mapping[str, Any], user: Mapping[str, Any], env: Mapping[str, str], home: Path) -> tuple[dict[str, Any], Origin]:
    """The `[redis]` table in force, and what decided it.

    REDIS_URL, then the town's `redis.url`, then the central Redis if the town
    (or, when it does not say, the user) wants it, then a server of the town's own.

    Args:
        town: the whole town file.
        user: the `[redis]` table of the user's file.
        env: the environment.
        home: the user's own directory.
    """
    own = {**({"server": user["server"]} if "server" in user else {}), **town.get("redis", {})}
    named = str(own.pop("url", "")).strip()
    given = {} if value_of(env, "TINYTOWN_REDIS_PASSWORD") is None else {"password": env["TINYTOWN_REDIS_PASSWORD"]}
    url = value_of(env, "REDIS_URL")
    if url is not None:
        return {**own, "url": url}, Origin.ENVIRONMENT
    if named:
        return {**own, **given, "url": named}, Origin.URL
    if forced_to_socket(env):
        return {**own, "use_socket": True}, Origin.TOWN
    if town.get("use_central_redis", user.get("use_central", False)):
        # Nothing of the town file: else the town that starts the server would decide for all.
        central = {key: value for key, value in user.items() if key != "use_central"}
        return {"port": CENTRAL_PORT, "socket_path": str(home / "redis.sock"), **central, **given}, Origin.CENTRAL
    # The user's password stays on this machine: a town file may come from anywhere and name any host.
    known = {"password": user["password"]} if user.get("password") and is_loopback(str(own.get("host", "127.0.0.1"))) else {}
    return {**own, **known, **given}, Origin.TOWN


def address_of(redis: RedisSettings, origin: Origin, *, base: Path) -> RedisAddress:
    """The address that the `[redis]` table in force stands for.

    Args:
        redis: the table, as `choose_redis` made it.
        origin: what decided it.
        base: what relative paths start from.
    """
    files = {
        "ca_cert": _path(base, redis.tls_ca_cert),
        "client_cert": _path(base, redis.tls_cert),
        "client_key": _path(base, redis.tls_key),
    }
    if redis.url is not None:
        password = None if origin is Origin.ENVIRONMENT else redis.password
        return explicit_address(redis.url, origin=origin, password=password, verify=redis.tls_verify, **files)
    if redis.use_socket:
        return socket_address(usable_socket(base / redis.socket_path), origin=origin)
    return tcp_address(
        redis.host,
        redis.port,
        origin=origin,
        password=redis.password or None,
        tls=redis.tls_enabled,
        verify=redis.tls_verify,
        **files,
    )


def _path(base: Path, text: str | None) -> str | None:
    return None if text is None else str(base / text)
