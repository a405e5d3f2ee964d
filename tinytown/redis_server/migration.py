"""Keeping the data when `[redis] persist` changes between two starts.

A server reads only the kind of file that its settings name: told to log, it
starts empty beside a snapshot, and the other way round. So it is started on
what is there, and told the new way while it runs.
"""

from __future__ import annotations

import shutil
import time

from tinytown.config import Persist, RedisAddress
from tinytown.errors import RedisUnavailable
from tinytown.redis_server.place import Place
from tinytown.redis_server.probe import command

__all__ = ["boot_options", "settle_persistence"]

REWRITE_SECONDS = 600.0
PAUSE_SECONDS = 0.02
LOGGED = frozenset({Persist.AOF, Persist.ALWAYS})


def boot_options(persist: Persist, place: Place) -> tuple[str, ...]:
    """What to add to the settings so that the data which is there is read."""
    if persist in LOGGED and not _has_log(place) and place.snapshot.exists():
        return ("--appendonly", "no")
    if persist is Persist.SNAPSHOT and _has_log(place):
        return ("--appendonly", "yes")
    return ()


def settle_persistence(persist: Persist, address: RedisAddress, place: Place) -> None:
    """Have the running server keep its data the way the settings say.

    Raises:
        RedisUnavailable: it cannot write them.
    """
    if not boot_options(persist, place):
        return
    if persist in LOGGED:
        _say(address, "CONFIG", "SET", "appendonly", "yes")
        _await_log(address)
        return
    _say(address, "CONFIG", "SET", "appendonly", "no")
    _say(address, "SAVE")
    # A log that stays would be taken for the newer data when logging is chosen again.
    shutil.rmtree(place.aof)


def _has_log(place: Place) -> bool:
    return any(place.aof.glob("*.manifest"))


def _await_log(address: RedisAddress) -> None:
    deadline = time.monotonic() + REWRITE_SECONDS
    while True:
        said = command(address, "INFO", "persistence").decode(errors="replace")
        facts = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
        if facts.get("aof_rewrite_in_progress") == "0" and facts.get("aof_rewrite_scheduled") == "0":
            if facts.get("aof_last_bgrewrite_status") == "ok":
                return
            raise RedisUnavailable(str(address), "its data cannot be written as a log; see the server's own log")
        if time.monotonic() > deadline:
            raise RedisUnavailable(str(address), "writing its data as a log takes too long")
        time.sleep(PAUSE_SECONDS)


def _say(address: RedisAddress, *words: str) -> None:
    reply = command(address, *words, reply_seconds=REWRITE_SECONDS)
    if reply.startswith(b"-"):
        raise RedisUnavailable(str(address), f"{words[0]} failed: {reply[1:].decode(errors='replace')}")
