"""What one turn of a program is to be, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import msgspec

from tinytown.domain.turn import TurnReason

__all__ = ["Identity", "Outcome", "RunSpec"]


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Whose turn it is, as the program finds it in its environment."""

    agent_id: str
    agent_name: str
    town: str
    epoch: int
    task_id: str | None = None

    def variables(self) -> dict[str, str | None]:
        """The environment variables; None means that an inherited one must go."""
        return {
            "TINYTOWN_AGENT_ID": self.agent_id,
            "TINYTOWN_AGENT_NAME": self.agent_name,
            "TINYTOWN_TOWN": self.town,
            "TINYTOWN_TASK_ID": self.task_id,
            "TINYTOWN_TURN_EPOCH": str(self.epoch),
        }


class RunSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a program.

    `cli` is the name of its preset, by which its words for "slow down" are
    known. `log` is the file that receives the output, kept below `log_bytes`
    by dropping the middle; None writes none. A limit of None is no limit.
    """

    argv: tuple[str, ...]
    identity: Identity
    env: Mapping[str, str]
    cwd: Path
    stdin: bytes = b""
    cli: str = ""
    log: Path | None = None
    log_bytes: int = 10 * 1024 * 1024
    tail_bytes: int = 64 * 1024
    timeout: timedelta | None = None
    no_output_timeout: timedelta | None = None
    grace: timedelta = timedelta(seconds=10)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a run.

    Without `reason` it ended well. `exit_status` is None when the program
    never started, and minus the signal's number when one ended it. `notes`
    are sentences about what went wrong beside it: no log could be written,
    processes were left behind.
    """

    reason: TurnReason | None = None
    detail: str = ""
    exit_status: int | None = None
    tail: str = ""
    output_bytes: int = 0
    elapsed: timedelta = timedelta(0)
    retry_after: timedelta | None = None
    notes: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Did the program end by itself, and well?"""
        return self.reason is None
