"""Awaiting a town's Redis while requests are answered already; one of ours is started."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path

from tinytown.bootstrap import start_redis
from tinytown.config import Settings
from tinytown.errors import TownError

__all__ = ["await_redis"]

FIRST_PAUSE = 0.2  # seconds; doubles
LONGEST_PAUSE = 5.0

_log = logging.getLogger(__name__)


def await_redis(root: Path | None, settings: Settings, env: Mapping[str, str]) -> None:
    """See to it in the background that the town's Redis is there; whatever is missing is said once."""
    threading.Thread(target=_await, args=(root, settings, env), name="await-redis", daemon=True).start()


def _await(root: Path | None, settings: Settings, env: Mapping[str, str]) -> None:
    over = threading.Event()
    pause = FIRST_PAUSE
    said = ""
    while True:
        try:
            start_redis(root, settings, env)
        except TownError as error:
            if str(error) != said:
                said = str(error)
                _log.warning("waiting for Redis: %s", said, extra={"action": "redis.awaited"})
        else:
            if said:
                _log.warning("Redis answers", extra={"action": "redis.back"})
            return
        over.wait(pause)
        pause = min(LONGEST_PAUSE, 2 * pause)
