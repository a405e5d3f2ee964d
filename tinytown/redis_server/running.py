"""The Redis of a town, running: found, or started if it is ours to start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from tinytown.config import Origin, RedisAddress, Settings, ensure_password, make_user_directory
from tinytown.errors import AlreadyRunning, RedisAuthFailed, RedisForbids, RedisIsCluster, RedisTooOld, RedisUnavailable
from tinytown.redis_server.place import place_of
from tinytown.redis_server.probe import NotListening, ServerInfo, Unsettled, check

__all__ = ["ServerStatus", "address_to_use", "ensure_running", "server_status", "stop_server"]


class ServerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a town's Redis is."""

    address: RedisAddress
    info: ServerInfo | None
    """What it says of itself; None when it cannot be used."""
    problem: str | None
    """Why it cannot be used."""
    ours: bool
    """Whether we started it, and may end it."""


def ensure_running(settings: Settings, root: Path | None, home: Path, env: Mapping[str, str]) -> RedisAddress:
    """The address of the town's Redis, which answers.

    Args:
        settings: of the town.
        root: the town's directory.
        home: the user's own directory.
        env: the environment: where programs are looked for.

    Raises:
        RedisUnavailable: it does not answer, and is not ours to start or does not start.
        RedisAuthFailed: it wants other credentials.
        RedisForbids: its user may not do what the town needs.
        RedisIsCluster: keys are spread over many servers.
        RedisTooOld: it is older than 7.0.
        RedisMissing: it would be ours to start, but there is no server program.
    """
    address = address_to_use(settings, root, home)
    try:
        check(address, settings.name)
    except (NotListening, Unsettled):
        if address.external:
            raise
        from tinytown.redis_server.binary import find_program
        from tinytown.redis_server.process import start

        if settings.redis_from is Origin.CENTRAL:
            make_user_directory(home)
        place = place_of(settings, root, home)
        start(settings.redis, address, place, lambda: find_program(settings.redis.server, home, env), env)
    return address


def stop_server(settings: Settings, root: Path | None, home: Path) -> bool:
    """End the town's server, its data written; whether there was one.

    Raises:
        RedisUnavailable: it is not ours to end, or does not end.
    """
    from tinytown.redis_server.process import is_alive, stop

    address = settings.redis_address(root, home)
    if address.external:
        raise RedisUnavailable(str(address), "others run this server; it is not ours to stop")
    place = place_of(settings, root, home)
    try:
        return stop(address, place) or is_alive(place)
    except RedisAuthFailed:
        raise AlreadyRunning(f"a server with another password at {address}", "stop it the way it was started") from None


def server_status(settings: Settings, root: Path | None, home: Path) -> ServerStatus:
    """How the town's Redis is; starts nothing."""
    address = settings.redis_address(root, home)
    place = place_of(settings, root, home)
    try:
        info = check(address, settings.name)
    except (RedisUnavailable, RedisForbids, RedisIsCluster, RedisTooOld) as error:
        return ServerStatus(address=address, info=None, problem=str(error), ours=False)
    ours = not address.external and info.config_file is not None and info.config_file.resolve() == place.config.resolve()
    return ServerStatus(address=address, info=info, problem=None, ours=ours)


def address_to_use(settings: Settings, root: Path | None, home: Path) -> RedisAddress:
    """The address; a central server on a port gets a password before it is ever started."""
    address = settings.redis_address(root, home)
    if settings.redis_from is not Origin.CENTRAL or address.external or address.socket is not None or address.password is not None:
        return address
    redis = msgspec.structs.replace(settings.redis, password=ensure_password(home))
    return msgspec.structs.replace(settings, redis=redis).redis_address(root, home)
