"""A worker that is real but for its programs: a turn of it succeeds at once.

    python -m tests.bench.noop_worker CONCURRENCY QUEUE,QUEUE [mark]

With `mark` it says for each turn when it began, in nanoseconds of the
machine's monotonic clock.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import tinytown.runner
from tinytown.actors.process import WorkerPlan, run_worker
from tinytown.config import environment
from tinytown.runner import Outcome, RunSpec


def main() -> None:
    tinytown.runner.run = _marked if "mark" in sys.argv[3:] else _noop  # where the composition root looks for it
    plan = WorkerPlan(concurrency=int(sys.argv[1]), queues=tuple(sys.argv[2].split(",")), idle_timeout=timedelta(0))
    run_worker(Path.cwd(), environment(), plan)


def _noop(spec: RunSpec, **_: Any) -> Outcome:
    del spec
    return Outcome(exit_status=0)


def _marked(spec: RunSpec, **_: Any) -> Outcome:
    print(time.monotonic_ns(), flush=True)
    return _noop(spec)


if __name__ == "__main__":
    main()
