"""Where the files of a server of ours lie: settings, data, log, lock."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from tinytown.config import Origin, RedisAddress, Settings
from tinytown.errors import RedisUnavailable

__all__ = ["Place", "place_of", "prepare"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The directory of one server."""

    directory: Path
    base: Path
    """What relative paths in the settings start from."""

    @property
    def config(self) -> Path:
        """Its settings, written anew at each start; they may hold the password."""
        return self.directory / "redis.conf"

    @property
    def log(self) -> Path:
        """What it says."""
        return self.directory / "redis.log"

    @property
    def lock(self) -> Path:
        """Locked by whoever starts the server, and then by the server until it ends."""
        return self.directory / "redis.lock"

    @property
    def pid(self) -> Path:
        """For people: we never believe it, for the number may be another's by now."""
        return self.directory / "redis.pid"

    @property
    def aof(self) -> Path:
        """The log of all writes."""
        return self.directory / "appendonlydir"

    @property
    def snapshot(self) -> Path:
        """The whole data set at one moment."""
        return self.directory / "dump.rdb"


def place_of(settings: Settings, root: Path | None, home: Path) -> Place:
    """Where the server of a town, or the user's central one, has its files."""
    if settings.redis_from is Origin.CENTRAL:
        return Place(directory=home / "redis", base=home)
    base = Path.cwd() if root is None else root.absolute()
    return Place(directory=base / ".tt" / "redis", base=base)


def prepare(place: Place, address: RedisAddress) -> None:
    """Make the directories of the server and of its socket, closed to everybody else.

    Raises:
        RedisUnavailable: one cannot be made, or belongs to somebody else.
    """
    folders = [place.directory]
    if address.socket is not None:
        folders.append(address.socket.parent)
    for folder in folders:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder == place.directory:
                folder.chmod(0o700)
        except OSError as error:
            raise RedisUnavailable(str(address), f"{folder} cannot be made: {error.strerror}") from None
    if address.socket is not None and address.socket.parent.parent == Path("/tmp"):  # noqa: S108 - that is the case which needs care
        _refuse_strangers(address.socket.parent, address)


def _refuse_strangers(folder: Path, address: RedisAddress) -> None:
    """Anybody may have made a directory of that name in `/tmp` before us."""
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise RedisUnavailable(str(address), f"{folder} does not belong to this user alone; remove it")
