"""`townhall` as an image starts it: told everything by the environment, and asked how it is by its health check."""

from __future__ import annotations

import urllib.request
from collections import Counter

from tests.acceptance.halls import Hall
from tests.acceptance.household import Household
from tests.acceptance.townhall import free_port


def test_the_environment_of_an_image_is_enough(household: Household) -> None:
    key_file, port = household.folder.parent / f"{household.folder.name}.key", free_port()
    env = {
        "TINYTOWN_REST_BIND": "0.0.0.0",
        "TINYTOWN_REST_PORT": str(port),
        "TINYTOWN_TOWNHALL_API_KEY_PATH": str(key_file),
        "TINYTOWN_ENABLE_MCP_HTTP": "1",
    }

    hall = Hall(household, "--port", str(port), env=env)
    hall.program.says("townhall of town")
    try:
        key = key_file.read_text().strip()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/town", headers={"X-API-Key": key})
        with urllib.request.urlopen(request, timeout=10) as answer:
            status = answer.status
        alive = household.tt("townhall", "health", env=env)
        wrong = household.tt("townhall", "health", env={**env, "TINYTOWN_REST_PORT": str(free_port())})
    finally:
        key_file.unlink()

    assert status == 200
    assert hall.get("/v1/town").status == 401
    assert "serves no MCP" in hall.program.output
    assert (alive.status(), alive.output.startswith("alive, up for")) == (0, True)
    assert wrong.status() == 1
    assert "townhall does not answer on 127.0.0.1:" in wrong.output


def test_each_metric_of_a_townhall_of_several_processes_is_told_once(household: Household) -> None:
    hall = Hall(household, env={"TINYTOWN_TOWNHALL__WORKERS": "2"})

    with urllib.request.urlopen(f"{hall.url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()

    told = Counter(line.split()[2] for line in lines if line.startswith("# HELP"))
    samples = Counter(line.rpartition(" ")[0] for line in lines if not line.startswith("#"))
    assert told["tinytown_up"] == 1
    assert max(told.values()) == 1
    assert max(samples.values()) == 1
    assert not [line for line in lines if "pid=" in line]
