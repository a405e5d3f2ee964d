"""Real workers, scaled as KEDA would by our manifest: through a burst, a lull and an outage of Redis, and back to none."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.acceptance.cluster import Cluster
from tests.acceptance.halls import Hall, get
from tests.acceptance.household import QUICK, Household
from tests.deploy.keda import scaled_object
from tests.server import Server
from tinytown.domain.scope import Scope
from tinytown.domain.task import Task, TaskState

AGENTS = ("ada", "bob", "eve", "fay", "guy", "hal")
SETTINGS = (
    QUICK.replace("[worker]\n", "[worker]\nconcurrency = 2\n")
    + """
[townhall]
public_probes = false
scale_down_window_secs = 1

[townhall.auth]
mode = "api_key"
"""
)
FAILURES = 12
SPEED = 60.0  # a minute of the manifest in a second


def test_no_worker_is_ended_in_a_turn_and_nobody_is_scaled_by_an_error(shaky: Household, own_server: Server) -> None:
    (shaky.folder / "tinytown.toml").write_text(SETTINGS)
    shaky.spawn(*AGENTS)
    shaky.clock()
    hall = Hall(shaky)
    key = shaky.town.api_keys.create("keda", [Scope.SCALING_READ]).text
    scaled = scaled_object("metrics-api.yaml", {("tinytown-scaling", "apiKey"): key})
    cluster = Cluster(shaky, scaled, hall.place, SPEED)
    turns = {name: Turn(shaky, name) for name in AGENTS}

    # A burst: six turns, of which a worker runs two at once.
    for turn in turns.values():
        turn.assign()
    cluster.until(lambda: all(turn.began for turn in turns.values()), message="all turns to begin")
    at_most = len(cluster.pods)
    cluster.until(lambda: sum(len(worker.running) for worker in shaky.town.workers.all()) == len(AGENTS), message="workers to say so")

    # A lull: two turns are left, which one worker could run. Two have them, and both stay.
    left = {name_of(shaky, worker.running[0]) for worker in shaky.town.workers.all()[:2]}
    for name in set(AGENTS) - left:
        turns[name].open()
    cluster.until(
        lambda: len(cluster.pods) < at_most and all(turns[name].is_done for name in set(AGENTS) - left), message="an idle pod to go"
    )
    quiet = cluster.now + 3 * 60
    cluster.until(lambda: cluster.now > quiet, message="three minutes of KEDA's to pass")
    busy = list(cluster.pods)

    # An outage, long enough for the fallback: nobody is started, and nobody goes.
    before = len(cluster.scaled)
    own_server.kill()
    cluster.until(lambda: cluster.errors > FAILURES + 2, message="the fallback")
    in_outage = cluster.scaled[before:]
    own_server.start()
    cluster.until(lambda: get_signal(hall, key) == 200, message="townhall to answer again")
    still = list(cluster.pods)
    idle = next(name for name in AGENTS if name not in left)
    more = Turn(shaky, idle, "again")
    more.assign()
    cluster.until(lambda: more.began, message="a turn after the outage")
    for turn in (*(turns[name] for name in left), more):
        turn.open()
    cluster.until(lambda: not cluster.pods and all(turn.is_done for turn in (*turns.values(), more)), message="the last pod to go")
    statuses = [pod.status() for pod, _ in cluster.ended]

    assert scaled.fallback == (FAILURES, 1, "currentReplicasIfHigher")
    assert (at_most, len(busy), cluster.scaled[0].before) == (3, 2, 0)
    assert (in_outage, still) == ([], busy)
    assert [change for change in cluster.scaled if change.errors] == []
    assert [running for _, running in cluster.ended] == [0] * len(cluster.ended)
    assert statuses == [0] * len(cluster.ended)
    assert [turn.seen for turn in (*turns.values(), more)] == [["began", "ended"]] * 7
    assert get(hall.url + "/api/scaling").status == 401


class Turn:
    """A task of an agent that runs until it is let go, and writes down when it begins and ends."""

    def __init__(self, household: Household, agent: str, name: str = "first") -> None:
        self._household = household
        self._agent = agent
        self._file = household.folder / f"{agent}-{name}"
        self._gate = household.folder / f"{agent}-{name}.gate"
        self._task: Task | None = None

    def assign(self) -> None:
        """Give the task to the agent."""
        file, gate = shlex.quote(str(self._file)), shlex.quote(str(self._gate))
        self._task = self._household.town.assign(
            self._agent, f"echo began >> {file}; until [ -e {gate} ]; do sleep 0.05; done; echo ended >> {file}"
        )

    def open(self) -> None:
        """Let it go."""
        self._gate.touch()

    @property
    def seen(self) -> list[str]:
        """What it wrote."""
        return _lines(self._file)

    @property
    def began(self) -> bool:
        """Whether it runs, or has run."""
        return bool(self.seen)

    @property
    def is_done(self) -> bool:
        """Whether the task is completed."""
        assert self._task is not None
        return self._household.task(self._task).state is TaskState.COMPLETED


def get_signal(hall: Hall, key: str) -> int:
    """How townhall answers whoever has the key."""
    return get(f"{hall.url}/api/scaling?api_key={key}").status


def name_of(household: Household, agent: str) -> str:
    """What the agent of that id is called."""
    return household.town.agents.find(agent).name


def _lines(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []
