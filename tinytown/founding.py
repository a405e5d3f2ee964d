"""Founding a town: its files, its Redis and its place in the registry; all of them, or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from tinytown.config import Origin, RedisAddress, Settings, init_town_files, load_user, proposed_name, user_directory
from tinytown.config.environment import forced_to_socket, value_of
from tinytown.domain.town import TownName, town_name
from tinytown.errors import SettingsError, TownError, TownExists
from tinytown.presets import resolve
from tinytown.redis_server import ensure_running, server_status, stop_server
from tinytown.registry import RegisteredTown, registered_towns, remember_town

__all__ = ["Founded", "found_town"]


class Founded(msgspec.Struct, frozen=True, kw_only=True):
    """A town that has just been made."""

    name: TownName
    root: Path
    address: RedisAddress
    settings: Settings
    started: bool
    """Whether its Redis was started for it."""
    notes: tuple[str, ...] = ()
    """What went otherwise than one may think."""


def found_town(root: Path, env: Mapping[str, str], *, name: str | None = None, cli: str | None = None) -> Founded:
    """Make a town of a directory. What was begun is undone when it cannot be finished.

    Args:
        root: the directory; it is made if there is none.
        env: the environment.
        name: of the town; else it is called after the repository and branch, or the directory.
        cli: what its agents run unless told otherwise.

    Raises:
        TownExists: it is a town already; nothing was changed.
        Refused: the name, the program or a settings file makes no sense.
        Unavailable: its Redis cannot be used.
    """
    root = root.absolute()
    home = user_directory(env)
    user = load_user(home)
    central = user.redis.use_central and not forced_to_socket(env)
    shared = central or value_of(env, "REDIS_URL") is not None
    others = _others(root, home)
    notes: tuple[str, ...] = ()
    chosen = _chosen_name(root, name, env, shared=shared, taken=others)
    if cli is not None:
        resolve(cli, user.agent_clis)
    site = _Site(root)
    try:
        init_town_files(root, chosen, central=central, cli=cli)
    except TownExists:
        raise
    except BaseException:
        site.clear_folders()
        raise
    try:
        settings = Settings.load(root, env, home)
        site.server = (settings, home) if server_status(settings, root, home).info is None else None
        address = ensure_running(settings, root, home, env)
    except BaseException:
        site.undo()
        raise
    if settings.name != chosen:
        notes += (f"TINYTOWN_TOWN_NAME is set, so the town is called {settings.name} for as long as it is",)
    notes += _shared_with(settings, others)
    notes += _registered(home, root, chosen)
    return Founded(
        name=town_name(settings.name), root=root, address=address, settings=settings, started=site.server is not None, notes=notes
    )


class _Site:
    """A directory as it was before the town, to be put back when the town cannot be made."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.server: tuple[Settings, Path] | None = None
        """The server that we were about to start, if none was running."""
        self._missing = [folder for folder in (root / ".tt" / "logs", root / ".tt", root, *root.parents) if not folder.exists()]
        self._ignore = root / ".gitignore"
        self._ignored: bytes | None = None
        with suppress(OSError):
            self._ignored = self._ignore.read_bytes()

    def clear_folders(self) -> None:
        """Remove the folders that are new and empty."""
        for folder in self._missing:
            with suppress(OSError):
                folder.rmdir()

    def undo(self) -> None:
        """Remove all that belongs to the town; a server that was started is ended first."""
        if self.server is not None and self.server[0].redis_from is Origin.TOWN:
            with suppress(TownError):
                stop_server(self.server[0], self.root, self.server[1])
        with suppress(OSError):
            (self.root / "tinytown.toml").unlink()
        with suppress(OSError):
            if self._ignored is None:
                self._ignore.unlink()
            else:
                self._ignore.write_bytes(self._ignored)
        if self.root / ".tt" in self._missing:
            shutil.rmtree(self.root / ".tt", ignore_errors=True)
        self.clear_folders()


def _others(root: Path, home: Path) -> tuple[RegisteredTown, ...]:
    """The user's other towns; a registry that cannot be read is no reason to have no town."""
    try:
        return tuple(town for town in registered_towns(home) if town.path != str(root.resolve()))
    except SettingsError:
        return ()  # registering will say so


def _chosen_name(root: Path, name: str | None, env: Mapping[str, str], *, shared: bool, taken: tuple[RegisteredTown, ...]) -> TownName:
    if name is not None:
        return town_name(name)
    from_environment = value_of(env, "TINYTOWN_TOWN_NAME")
    if from_environment is not None:
        return town_name(from_environment)
    return proposed_name(root, shared=shared, taken=[town.name for town in taken])


def _shared_with(settings: Settings, others: tuple[RegisteredTown, ...]) -> tuple[str, ...]:
    """A remark when another town of that name may lie in the same Redis: they would be one town."""
    if settings.redis_from is Origin.TOWN:
        return ()
    twins = [town.path for town in others if town.name == settings.name]
    return tuple(f"the town in {path} is called {settings.name}, too: if it uses this Redis, the two are one" for path in twins)


def _registered(home: Path, root: Path, name: str) -> tuple[str, ...]:
    try:
        remember_town(home, root, name)
    except TownError as error:
        return (f"`tt towns` will not show this town, for it could not be registered: {error}",)
    return ()
