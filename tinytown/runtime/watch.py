"""Watches over the town's own Redis, which `tt up` brings back should it die."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from tinytown.config import Settings, user_directory
from tinytown.errors import TownError
from tinytown.redis_server import ensure_running

__all__ = ["RedisWatch"]

LOOK_EVERY = 3.0  # seconds


class RedisWatch:
    """A thread that starts the Redis whenever it does not run, unless others run it.

    Args:
        say: told what could not be done, once for each reason.
    """

    def __init__(self, root: Path, settings: Settings, env: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._root = root
        self._settings = settings
        self._env = env
        self._say = say
        self._over = threading.Event()

    def start(self) -> None:
        """Begin, if the server is ours."""
        if not self._settings.redis_address(self._root, user_directory(self._env)).external:
            threading.Thread(target=self._watch, name="redis-watch", daemon=True).start()

    def stop(self) -> None:
        """End."""
        self._over.set()

    def _watch(self) -> None:
        said = ""
        while not self._over.wait(LOOK_EVERY):
            try:
                ensure_running(self._settings, self._root, user_directory(self._env), self._env)
                said = ""
            except TownError as error:
                if str(error) != said:
                    said = str(error)
                    self._say(said)
