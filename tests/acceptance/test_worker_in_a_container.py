"""A worker that is told everything by its environment: where to work, what to clone, which agent to have."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.household import TT, Household
from tests.process.test_checkout import Git
from tests.waiting import wait_until
from tinytown.bootstrap import open_town


def test_workers_that_start_together_share_a_clone_and_an_agent(household: Household, tmp_path: Path) -> None:
    """There is no town file, and they are started elsewhere."""
    (household.folder / "tinytown.toml").unlink()
    git, place = Git(tmp_path), tmp_path / "workspace"
    said = {"TINYTOWN_TOWN_NAME": "afar", "TINYTOWN_TOWN_DIR": str(place), "TINYTOWN_REPO_URL": git.url}
    agent = {"TINYTOWN_AGENT_NAME": "ada", "TINYTOWN_AGENT_CLI": "shell", "TINYTOWN_AGENT_ROLE": "docs"}
    path = {"PATH": f"{household.env['PATH']}:/usr/local/bin:/bin"}

    workers = [household.run(*TT, "worker", env={**said, **agent, **path}) for _ in range(2)]
    wait_until(lambda: all("serves" in worker.output for worker in workers) or not all(worker.is_running for worker in workers))
    with open_town(place, {**household.env, **said}) as town:
        (ada,) = town.agents.all()
        done = town.wait(town.assign("ada", "pwd; cat README; git status --porcelain").id, 15)

    assert (ada.name, ada.role_id) == ("ada", "docs")
    assert done.result == f"{place}\nhello again\n"
    assert sum(f"cloning {git.url} into {place}" in worker.output for worker in workers) == 1
    assert [worker.terminated() for worker in workers] == [0, 0]


def test_what_makes_no_sense_is_a_usage_error_without_a_traceback(household: Household) -> None:
    bad = [
        {"TINYTOWN_AGENT_NAME": "a b"},
        {"TINYTOWN_AGENT_CLI": "no 'quote"},
        {"TINYTOWN_REPO_URL": "/x"},
        {"TINYTOWN_TOWN_DIR": "/no"},
    ]

    workers = [household.tt("worker", env=env) for env in bad]

    assert [worker.status() for worker in workers] == [2, 2, 2, 2]
    assert [worker.output.count("\n") for worker in workers] == [1, 1, 1, 1]
    assert [worker.output.split(":")[1].strip() for worker in workers] == [name for env in bad for name in env]
