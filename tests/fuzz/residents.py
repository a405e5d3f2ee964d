"""A town with something of everything in it, so that made-up requests find something."""

from __future__ import annotations

from tinytown.domain.turn import TurnReason
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal

__all__ = ["NAMED", "Row", "settle"]

Row = dict[str, str]
"""What the parameters of paths can be, by their names."""

NAMED = ("agent", "to", "from")
"""Members of bodies and queries that name an agent."""


def settle(town: Rehearsal) -> list[Row]:
    """Let agents move in, with mail, tasks in several states, dead letters and output; answers where they are found."""
    ada = town.spawn("ada", cli="shell", role="backend")
    grace = town.spawn("grace", cli="shell")
    letters = [town.send("grace", text).id for text in ("one that nobody can read", "another")]
    town.answer_bells(_burying)
    done = town.assign("grace", "one that is done")
    town.answer_bells()
    waiting = town.assign("ada", "one that waits", tags=("review",))
    town.assignments.answer(waiting.id, str(waiting.wanted))
    mail = [town.send("ada", text, urgent=text == "now").id for text in ("later", "now")]
    idle = town.backlog.add("one that nobody has", tags=("review",))
    town.events.write_output(ada.id, 1, b"some output \xff\n")
    return [
        {"agent": "ada", "task": waiting.id, "task_id": idle.id, "message": mail[0], "letter": letters[0]},
        {"agent": grace.id[:8], "task": done.id, "task_id": waiting.id, "message": mail[1], "letter": letters[1]},
    ]


def _burying(town: Rehearsal, turn: Turn) -> Ending:
    for message, _ in turn.mail:
        town.turns.bury(turn, message, TurnReason.TIMEOUT.value, attempts=3)
    return Ending()
