"""`python -m tests.missions.driver MISSION MOMENT`: drives a mission one tick, and waits in the middle of it for its gate.

It touches `MISSION.waits` when it has come there, goes on when `MISSION.gate` is there, and
prints what came of the tick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.waiting import wait_until
from tinytown.bootstrap import connect
from tinytown.domain.ids import MissionId
from tinytown.missions.snapshot import Decision
from tinytown.town import Town

MOMENTS = ("before the commit", "after the commit")


def main(mission: MissionId, moment: str) -> None:
    """Drive the mission in the town of this folder."""
    town: Town = connect(Path.cwd(), dict(os.environ))
    with town:
        store = town.desk.store.missions
        commit: Callable[..., str] = store.store

        def wait() -> None:
            Path(f"{mission}.waits").touch()
            wait_until(Path(f"{mission}.gate").exists, 60)

        def gated(decision: Decision, **how: Any) -> str:
            adds = bool(decision.after.mission.errands)
            if adds and moment == "before the commit":
                wait()
            answer = commit(decision, **how)
            if adds and moment == "after the commit":
                wait()
            return answer

        store.store = gated  # type: ignore[method-assign]
        sys.stdout.write(f"{town.mission_ticks.tick(mission)}\n")


if __name__ == "__main__":
    main(MissionId(sys.argv[1]), sys.argv[2])
