"""The composition root: from settings to an open town. It alone knows every adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tinytown.config import RedisAddress, Settings, find_town, user_directory, value_of, working_directory
from tinytown.errors import TownNotFound
from tinytown.town import Town

if TYPE_CHECKING:
    from tinytown.github import GitHub
    from tinytown.notify import Sender
    from tinytown.services.desk import Desk
    from tinytown.services.leases import LeaseKeeper
    from tinytown.services.rounds import RoundService
    from tinytown.store.connection import Connection

__all__ = [
    "connect",
    "connection_to",
    "github_of",
    "load",
    "open_town",
    "open_unasked",
    "rounds_of",
    "senders_of",
    "start_redis",
]

T = TypeVar("T", bound=Town)


def load(path: Path | None, env: Mapping[str, str]) -> tuple[Path | None, Settings]:
    """The root and settings of the town that a path, or else the working directory, lies in.

    Raises:
        TownNotFound: there is none, and the environment does not describe one.
        SettingsError: something in its settings makes no sense.
    """
    if path is not None and not path.is_dir():
        raise TownNotFound(str(path))
    root = find_town(path, {} if path is not None else env)
    if root is None and (path is not None or value_of(env, "TINYTOWN_TOWN_DIR") is not None):
        root = (working_directory(env) if path is None else path).resolve()
    return root, Settings.load(root, env, user_directory(env))


def connect(
    path: Path | None,
    env: Mapping[str, str],
    *,
    light: bool = False,
    start: bool = True,
    factory: Callable[..., T] = Town,  # type: ignore[assignment]
) -> T:
    """Open a town.

    Args:
        path: where to look for it; None for the working directory.
        env: the environment.
        light: use the small client, for commands that must start fast.
        start: start its Redis when that is ours to start.
        factory: what to make of it.
    """
    root, settings = load(path, env)
    home = user_directory(env)
    address = settings.redis_address(root, home)
    if address.external:
        return factory(_checked(address, settings.name, light=light), settings, root=root, address=address)
    if start:
        from tinytown.redis_server import ensure_running

        address = ensure_running(settings, root, home, env)
    else:
        from tinytown.redis_server import check

        check(address)
    return factory(connection_to(address, light=light), settings, root=root, address=address)


def _checked(address: RedisAddress, town: str, *, light: bool) -> Connection:
    """A connection to a server that others run, which will do; far away, a second one would cost time."""
    from tinytown.redis_server.remote import check_remote

    connection = connection_to(address, light=light)
    try:
        check_remote(connection, address, town)
    except BaseException:
        connection.close()
        raise
    return connection


def open_unasked(root: Path | None, settings: Settings, env: Mapping[str, str]) -> Town:
    """Open a town without asking its Redis anything: that may come later, and go and come back.

    Args:
        root: the town's directory, as `load` found it.
        settings: of the town.
        env: the environment.
    """
    from tinytown.redis_server import address_to_use

    address = address_to_use(settings, root, user_directory(env))
    return Town(connection_to(address), settings, root=root, address=address)


def start_redis(root: Path | None, settings: Settings, env: Mapping[str, str]) -> None:
    """Make sure that a town's Redis answers, and start it when that is ours to do.

    Raises:
        RedisUnavailable: it does not answer, and is not ours to start or does not start.
        RedisTooOld: it is older than 7.0.
        RedisMissing: it would be ours to start, but there is no server program.
    """
    from tinytown.redis_server import ensure_running

    ensure_running(settings, root, user_directory(env), env)


@contextmanager
def open_town(path: Path | None, env: Mapping[str, str], *, light: bool = False, start: bool = True) -> Iterator[Town]:
    """Open a town for as long as the block runs; see `connect`."""
    town: Town = connect(path, env, light=light, start=start)
    with town:
        yield town


def connection_to(address: RedisAddress, *, light: bool = False) -> Connection:
    """A connection to a Redis: one socket for a command that is soon done, as many as threads need for a process that stays."""
    from tinytown.store.reach import client_of

    if light:
        return client_of(address)
    from tinytown.store.pool import PooledConnection

    return PooledConnection(partial(client_of, address, timeout=30.0))


def rounds_of(town: Town, env: Mapping[str, str], worker: str) -> tuple[RoundService, LeaseKeeper]:
    """What a worker needs to run turns, and to keep their leases."""
    from tinytown.runner import run
    from tinytown.services.leases import LeaseKeeper
    from tinytown.services.rounds import RoundService, Workplace

    leases = LeaseKeeper(town.desk)
    place = Workplace(worker, Path.cwd() if town.root is None else town.root, env, run)
    return RoundService(town.desk, town.tasks, town.turns, leases, place), leases


def senders_of(settings: Settings) -> tuple[Sender, ...]:
    """What tells people of what happens in a town: one for each destination."""
    from tinytown.notify import destinations

    return destinations(settings.notify)


def github_of(desk: Desk) -> GitHub:
    """The client for GitHub that a town's settings ask for, with what all processes of the town know of it."""
    from tinytown.config import environment
    from tinytown.github import client_for

    return client_for(desk.settings.github, environment(), desk.store.github, desk.clock)
