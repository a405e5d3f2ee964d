"""`python -m tests.fuzz [EXAMPLES] [--seed S] [--auth none|api_key]`: status 1 if townhall answers what its document does not say."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.halls import Hall
from tests.acceptance.household import QUICK, Household
from tests.server import Server, server_binaries
from tinytown.domain.scope import Scope

HALL = """
[townhall]
request_timeout_ms = 2000

[townhall.rate_limit]
enabled = false

[townhall.auth]
mode = "{mode}"
failed_tries = 1000000
"""
"""Nobody waits for long, and nobody is turned away for asking too much."""

CHECKS = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 501]

[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 413, 414, 415, 422, 429, 431, 501]
"""

UNTRUE = ("positive_data_acceptance", "ensure_resource_availability", "use_after_free")
"""Checks that ask for what no document can promise: that any cursor or name will do, that what is fuzzed by others stays, and
that nothing can be seen of what is gone."""


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Whatever the document allows and forbids, asked of townhall."
    )
    parser.add_argument("examples", type=int, nargs="?", default=100, help="how many requests of each operation (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="the seed of an earlier run")
    parser.add_argument("--auth", choices=("none", "api_key"), default="none", help="how townhall knows its callers (default: %(default)s)")
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    with household(given.auth) as home:
        for name in ("ada", "grace"):
            home.town.spawn(name, cli="shell")
        key = [] if given.auth == "none" else ["--header", f"Authorization: Bearer {home.town.api_keys.create('fuzz', [Scope.ADMIN]).text}"]
        hall = Hall(home)
        status = schemathesis(home.folder, hall.url, given.auth, "--max-examples", str(given.examples), "--seed", str(seed), *key)
        if not hall.program.is_running:
            print(hall.program.output)
            return 1
        return status


@contextmanager
def household(mode: str) -> Iterator[Household]:
    """A town in a folder of its own, on a server of its own."""
    binary = next(iter(server_binaries().values()))
    folder = Path(tempfile.mkdtemp(prefix="tt-", dir="/tmp"))
    (folder / "home").mkdir()
    server = Server(binary)
    server.start()
    home = Household(folder, folder / "home", server.url, QUICK + HALL.format(mode=mode))
    try:
        yield home
    finally:
        home.close()
        server.remove()
        shutil.rmtree(folder)


def schemathesis(folder: Path, url: str, mode: str, *options: str) -> int:
    """Run it, and answer its exit status."""
    config = folder / "schemathesis.toml"
    config.write_text(CHECKS)
    untrue = UNTRUE if mode != "none" else (*UNTRUE, "ignored_auth")
    words = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run", f"{url}/openapi.json",
        "--exclude-checks", ",".join(untrue), "--exclude-operation-id", "streamEvents",  # which goes on for minutes
        "--generation-with-security-parameters", "false", "--continue-on-failure", "--warnings", "off", "--no-color",
    ]  # fmt: skip
    return subprocess.run([*words, *options], cwd=folder, env={**os.environ, "COLUMNS": "140"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
