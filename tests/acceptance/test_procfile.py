"""The Procfile under a runner of Procfiles, told what `app.json` tells Heroku."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.acceptance.household import Household, Program
from tests.acceptance.townhall import Answer, free_port
from tests.rules.project import ROOT
from tests.waiting import wait_until
from tinytown.services.key_hash import hashed

KEY = "a-key-that-somebody-made"
PROGRAMS = Path(sys.executable).parent


class Dynos:
    """A copy of the Procfile in a folder, and what is run from it."""

    def __init__(self, household: Household, env: dict[str, str]) -> None:
        shutil.copy(ROOT / "Procfile", household.folder)
        self.port = free_port()
        self._household = household
        self._env = {**env, "PORT": str(self.port), "PATH": f"{PROGRAMS}{os.pathsep}{household.env['PATH']}"}

    def run(self, *words: str) -> Program:
        """Start honcho."""
        return self._household.run(str(PROGRAMS / "honcho"), "--no-colour", *words, env=self._env)

    def ask(self, method: str, path: str, data: object = None, **headers: str) -> Answer:
        """Send one request to the port that the runner was given."""
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            sent = {} if data is None else {"Content-Type": "application/json"}
            connection.request(method, path, None if data is None else json.dumps(data), {**sent, **headers})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def is_ready(self) -> bool:
        """Whether townhall says that it can work."""
        try:
            return self.ask("GET", "/ready").status == 200
        except OSError:
            return False


@pytest.fixture
def described(household: Household) -> dict[str, str]:
    """What `app.json` sets, and a hash in the place of the one it asks for; there is no town file."""
    (household.folder / "tinytown.toml").unlink()
    variables = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))["env"]
    required = {name for name, said in variables.items() if said.get("required", "value" not in said and "generator" not in said)}
    assert required == {"TINYTOWN_TOWNHALL__AUTH__API_KEY_HASH"}
    given = {name: said["value"] for name, said in variables.items() if "value" in said}
    return {**given, "TINYTOWN_TOWNHALL__AUTH__API_KEY_HASH": hashed(KEY)}


def test_the_procfile_runs_a_town_that_ends_cleanly(household: Household, described: dict[str, str]) -> None:
    dynos = Dynos(household, described)
    release = dynos.run("run", "tt", "release", "--json")
    runner = dynos.run("start", "web", "clock", "worker")
    wait_until(lambda: dynos.is_ready() or not runner.is_running, 20, message="townhall to be ready")

    stranger = dynos.ask("GET", "/v1/agents")
    caller = {"Authorization": f"Bearer {KEY}"}
    dynos.ask("POST", "/v1/agents", {"name": "ada", "cli": "shell"}, **caller)
    dynos.ask("POST", "/v1/tasks/assign", {"agent": "ada", "task": "echo done by $TINYTOWN_AGENT_NAME"}, **caller)
    waited = dynos.ask("GET", "/v1/agents/ada/wait?until=rest&timeout_secs=20", **caller)
    result = dynos.ask("GET", "/v1/agents/ada/result", **caller)
    ended = runner.terminated()

    assert release.status() == 0
    assert json.loads(release.output)["townhall_auth"] == "api_key"
    assert stranger.status == 401
    assert (waited.json["timed_out"], result.json["result"]) == (False, "done by ada\n"), runner.output
    assert ended == 128 + 15  # the runner says by which signal it ended
    assert [f"{name}.1 stopped (rc=0)" in runner.output for name in ("web", "clock", "worker")] == [True] * 3, runner.output


def test_a_release_that_cannot_work_is_held_back(household: Household, described: dict[str, str]) -> None:
    """Heroku keeps the version that runs when the release phase fails."""
    open_to_all = {"TINYTOWN_TOWNHALL__BIND": "0.0.0.0", "TINYTOWN_TOWN_NAME": "shop"}

    astray = Dynos(household, {**described, "REDIS_URL": "redis://127.0.0.1:1"}).run("start", "release")
    misspelt = Dynos(household, {**described, "TINYTOWN_MAX_AGENST": "3"}).run("start", "release")
    unguarded = Dynos(household, open_to_all).run("start", "release")

    assert (astray.status(), misspelt.status(), unguarded.status()) == (5, 2, 1)
    assert "cannot reach Redis at redis://127.0.0.1:1" in astray.output
    assert "TINYTOWN_MAX_AGENST: there is no such variable" in misspelt.output
    assert "auth" in unguarded.output
