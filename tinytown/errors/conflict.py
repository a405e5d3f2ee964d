"""Errors about things that are in another state than they need to be."""

from __future__ import annotations

from tinytown.errors.root import TownError

__all__ = [
    "AgentExists",
    "AlreadyRunning",
    "AmbiguousReference",
    "ApiKeyExists",
    "Conflict",
    "KeyInUse",
    "KeyReused",
    "LeaseLost",
    "RecordChanged",
    "StaleTurn",
    "TownExists",
    "VersionMismatch",
    "WorkerBusy",
    "WrongState",
]


class Conflict(TownError):
    """The thing exists, but not in a state that allows this."""

    code = "conflict"
    exit_code = 4
    status = 409


class AgentExists(Conflict):
    """An agent of that name is already registered."""

    code = "agent_exists"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{self.detail}; choose another name, or `tt restart {self.name}`"

    @property
    def detail(self) -> str:
        """Which name it is."""
        return f"an agent named {self.name!r} already exists"


class TownExists(Conflict):
    """The directory is a town already."""

    code = "town_exists"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"there is a town in {self.path} already; nothing was changed"


class ApiKeyExists(Conflict):
    """A key of that name is in use."""

    code = "api_key_exists"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"an API key named {self.name!r} is in use; choose another name, or `tt auth revoke {self.name}` first"


class AmbiguousReference(Conflict):
    """Several things match; the sentence lists them."""

    code = "ambiguous_reference"

    def __init__(self, reference: str, candidates: tuple[str, ...]) -> None:
        super().__init__(reference, candidates)
        self.reference = reference
        self.candidates = candidates

    def __str__(self) -> str:
        return f"{self.reference[:80]!r} could be any of: {', '.join(self.candidates)}; give more of the name or id"


class WrongState(Conflict):
    """The state that the thing is in does not allow this step."""

    code = "wrong_state"

    def __init__(self, what: str, state: str, step: str) -> None:
        super().__init__(what, state, step)
        self.what = what
        self.state = state
        self.step = step

    def __str__(self) -> str:
        return f"{self.what} is {self.state}: it cannot be {self.step}"


class StaleTurn(Conflict):
    """The turn that speaks is no longer the agent's turn."""

    code = "stale_turn"

    def __init__(self, agent: str, epoch: int) -> None:
        super().__init__(agent, epoch)
        self.agent = agent
        self.epoch = epoch

    def __str__(self) -> str:
        return f"turn {self.epoch} of agent {self.agent} is over: another turn took its place, so nothing was changed"


class AlreadyRunning(Conflict):
    """A second one of these may not run beside the first."""

    code = "already_running"

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what, hint)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what} is already running; {self.hint}"


class LeaseLost(Conflict):
    """Another drives the mission by now; whoever lost the lease changes nothing."""

    code = "lease_lost"

    def __init__(self, mission: str) -> None:
        super().__init__(mission)
        self.mission = mission

    def __str__(self) -> str:
        return f"the lease on mission {self.mission} has run out, and another may drive it by now; nothing was changed"


class RecordChanged(Conflict):
    """Somebody else kept changing the record while we tried to."""

    code = "record_changed"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} was being changed by others at the same time; nothing was written, try again"


class VersionMismatch(Conflict):
    """The thing has changed since the caller looked at it."""

    code = "version_mismatch"
    status = 412

    def __init__(self, what: str, expected: int, found: int) -> None:
        super().__init__(what, expected, found)
        self.what = what
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return f"{self.what} is at version {self.found} and not {self.expected} any more: look at it again before you change it"


class WorkerBusy(Conflict):
    """Only an idle worker was to go, and this one runs a turn."""

    code = "worker_busy"

    def __init__(self, worker: str) -> None:
        super().__init__(worker)
        self.worker = worker

    def __str__(self) -> str:
        return f"worker {self.worker} runs a turn, so it was not asked to drain: choose an idle one, or ask it whatever it runs"


class KeyInUse(Conflict):
    """A request with this idempotency key is under way."""

    code = "idempotency_key_in_use"
    retry_after = 1

    def __str__(self) -> str:
        return "a request with this Idempotency-Key is being answered at this moment; ask again for its answer"


class KeyReused(Conflict):
    """The idempotency key belongs to another request."""

    code = "idempotency_key_reused"
    status = 422

    def __str__(self) -> str:
        return "this Idempotency-Key was used for a request with another body; each request needs a key of its own"
