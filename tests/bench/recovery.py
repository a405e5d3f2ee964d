"""How long the work of a killed worker lies still, with default settings."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.figure import Figure
from tests.bench.place import Place
from tests.waiting import wait_until
from tinytown.town import Town

__all__ = ["measure"]

GOAL = 20.0


def measure() -> list[Figure]:
    """From SIGKILL to the same turn running on another worker; the kill comes just after the lease was renewed, when it is longest."""
    with Place() as place, place.town() as town:
        agent = town.spawn("ada", cli="shell").id
        place.tt("clock")
        first = place.tt("worker", "--idle-timeout", "0")
        wait_until(lambda: len(town.workers.all()) == 1 and town.leader()[0] is not None, timeout=30)
        begun = place.root / "begun"
        town.assign("ada", "echo begun >> begun; exec sleep 60")
        wait_until(lambda: _lines(begun) == 1, timeout=30)
        place.tt("worker", "--idle-timeout", "0")
        wait_until(lambda: len(town.workers.all()) == 2, timeout=30)
        lease = town.desk.store.turns.info([agent])[0].lease_until
        wait_until(lambda: town.desk.store.turns.info([agent])[0].lease_until != lease, timeout=30)
        killed = time.monotonic()
        first.kill()
        wait_until(lambda: _lines(begun) == 2, timeout=60)
        took = time.monotonic() - killed
        note = f"lease {_secs(town, 'lease')}, sweep {_secs(town, 'sweep')}; killed just after the lease was renewed"
    return [Figure(section="recovery", name="SIGKILL of a worker to its turn on another", value=took, unit="s", goal=GOAL, note=note)]


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


def _secs(town: Town, name: str) -> str:
    span = town.settings.agent.lease if name == "lease" else town.settings.clock.sweep
    return f"{span.total_seconds():g} s"
