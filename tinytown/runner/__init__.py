"""Runs one turn of a coding program as a child process that cannot get away."""

from __future__ import annotations

from tinytown.runner.delivery import Delivered, deliver
from tinytown.runner.log import log_path
from tinytown.runner.spec import Identity, Outcome, RunSpec
from tinytown.runner.stop import Stop
from tinytown.runner.turn import run

__all__ = ["Delivered", "Identity", "Outcome", "RunSpec", "Stop", "deliver", "log_path", "run"]
