"""Opens a town whose Redis may not be there yet."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from tinytown.bootstrap import connect
from tinytown.errors import RedisUnavailable
from tinytown.process.pulse import Pulse
from tinytown.process.signals import Signals
from tinytown.town import Town

__all__ = ["connect_patiently"]

FIRST_PAUSE = 0.2  # seconds; doubles
LONGEST_PAUSE = 5.0

_log = logging.getLogger(__name__)


def connect_patiently(path: Path | None, env: Mapping[str, str], signals: Signals) -> Town | None:
    """Open a town, waiting for its Redis if need be; None when asked to end before it came.

    Raises:
        TownNotFound: there is none.
        SettingsError: its settings make no sense, or it cannot show its pulse.
        RedisMissing: its Redis would be ours to start, and there is no program for it.
    """
    pause = FIRST_PAUSE
    said = ""
    pulse = Pulse(env)
    while signals.count == 0:
        pulse.beat()
        try:
            town: Town = connect(path, env)
        except RedisUnavailable as error:
            if str(error) != said:
                said = str(error)
                _log.warning("waiting for Redis: %s", said, extra={"action": "redis.awaited"})
            signals.wait(pause)
            pause = min(LONGEST_PAUSE, 2 * pause)
        else:
            if said:
                _log.warning("Redis answers", extra={"action": "redis.back"})
            return town
    return None
