"""`python -m tests.chaos [N] [--seed S] [--poison P] [--workers W] [--streams]`: a run of N tasks; status 1 if anything was lost."""

from __future__ import annotations

import argparse
import secrets
import sys

from tests.chaos.plan import Plan
from tests.chaos.storm import Report, weather


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Tasks, while workers and Redis are being killed.")
    parser.add_argument("tasks", type=int, nargs="?", default=2000, help="how many tasks (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="the seed of an earlier run; the timing still varies")
    parser.add_argument("--poison", type=int, default=3, help="how many tasks kill their worker each time (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=3, help="how many workers (default: %(default)s)")
    parser.add_argument("--streams", action="store_true", help="the bells of turns are on a stream")
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    plan = Plan(seed=seed, tasks=given.tasks, poison=given.poison, workers=given.workers, streams=given.streams)
    report = weather(plan, say=lambda line: print(line, flush=True))
    print(summary(report))
    return 1 if report.wrong else 0


def summary(report: Report) -> str:
    """What happened, for people."""
    verdict = report.verdict
    lines = [
        f"{report.plan.tasks} tasks over {report.plan.workers} workers and {report.plan.clocks} clocks in {report.seconds:.1f} s",
        f"  completed {verdict.completed}, dead letters {verdict.dead} (poisoned: {report.plan.poison})",
        f"  processes replaced {report.deaths}, leases lost {verdict.leases_lost}, tasks done again {verdict.done_again}",
        f"  harm: {', '.join(f'{name} {count}' for name, count in sorted(report.harm.items()))}",
        f"  {report.samples} samples with {report.running_seen} running tasks, each with its lease",
    ]
    if not report.wrong:
        return "\n".join([*lines, "nothing was lost, nothing was settled twice"])
    return "\n".join([*lines[:-1], f"BROKEN, seed {report.plan.seed}:", *(f"  - {sentence}" for sentence in report.wrong), report.logs])


if __name__ == "__main__":
    sys.exit(main())
