"""`python -m tests.fuzz [N] [--seed S] [--mode M]`: N requests to each operation of a real townhall; status 1 if any was wrong."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from schemathesis import Case
from schemathesis.core.transport import Response

from tests.acceptance.household import Household
from tests.acceptance.townhall import Townhall
from tests.fuzz.charge import charge, targets
from tests.fuzz.residents import Row, settle
from tests.server import Server, server_binaries
from tinytown.broker import redis_client
from tinytown.domain.scope import Scope
from tinytown.store.client import ClientConnection
from tinytown.testing import rehearse

SETTINGS = """\
name = "fuzzed"

[github]
api_url = "http://127.0.0.1:9"

[townhall]
request_timeout_ms = 1500

[townhall.rate_limit]
enabled = false

[townhall.auth]
mode = "{mode}"
failed_tries = 1000000
"""
STREAM_SECONDS = 0.3
"""A stream is left after so long; all other answers have come by then, or a little later."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A townhall that listens, and what is known of its town."""

    url: str
    rows: list[Row]
    callers: list[Mapping[str, str]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Made-up requests to every operation of a real townhall.")
    parser.add_argument("examples", type=int, nargs="?", default=100, help="how many to each operation (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="the seed of an earlier run")
    parser.add_argument("--mode", choices=["none", "api_key"], help="one way to authenticate; else each of them")
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    wrong = sum(_charged(mode, given.examples, seed) for mode in ([given.mode] if given.mode else ["none", "api_key"]))
    print(f"BROKEN: {wrong} operations, seed {seed}" if wrong else "every answer was as promised")
    return 1 if wrong else 0


def _charged(mode: str, examples: int, seed: int) -> int:
    """Charge every operation; answers how many were wrong."""
    wrong, statuses = 0, Counter[int]()
    with _place(mode) as place:

        def send(case: Case[Any], caller: Mapping[str, str]) -> Response:
            response = case.call(base_url=place.url, headers=dict(caller), timeout=STREAM_SECONDS if "stream" in case.path else 10)
            statuses[response.status_code] += 1
            return response

        for label in targets():
            try:
                charge(label, send, place.rows, place.callers, examples=examples, seed=seed)
            except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - whatever it is, it is told, and the others are charged, too
                wrong += 1
                print(f"{label}, auth {mode}: {error}", flush=True)
    print(f"auth {mode}: {statuses.total()} requests to {len(targets())} operations, {dict(sorted(statuses.items()))}", flush=True)
    return wrong


@contextmanager
def _place(mode: str) -> Iterator[Place]:
    """A town with people in it, and its townhall as a process."""
    root = Path(tempfile.mkdtemp(prefix="tt-fuzz-", dir="/tmp"))
    server = Server(next(iter(server_binaries().values())))
    server.start()
    household = Household(root, root, server.url, SETTINGS.format(mode=mode))
    try:
        with rehearse("fuzzed", connection=ClientConnection(redis_client(server.url), "server")) as town:
            rows = settle(town)
            keys = [town.api_keys.create(name, [scope]).text for name, scope in (("all", Scope.ADMIN), ("reader", Scope.TOWN_READ))]
        callers: list[Mapping[str, str]] = (
            [{}] if mode == "none" else [{"X-API-Key": keys[0]}, {"Authorization": f"Bearer {keys[0]}"}, {"X-API-Key": keys[1]}, {}]
        )
        yield Place(url=f"http://127.0.0.1:{Townhall(household).port}", rows=rows, callers=callers)
    finally:
        household.close()
        server.remove()
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
