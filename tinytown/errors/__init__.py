"""Every error a caller can meet, sorted by what the caller can do about it.

TownError
├── NotFound          nothing goes by that name or id
│   ├── AgentNotFound
│   ├── TaskNotFound
│   ├── MessageNotFound
│   ├── DeadLetterNotFound
│   ├── QueueNotFound
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
    │   └── RedisAuthFailed
    ├── RedisTooOld
    └── RedisMissing
"""

from __future__ import annotations

from tinytown.errors.conflict import (
    AgentExists,
    AlreadyRunning,
    AmbiguousReference,
    Conflict,
    RecordChanged,
    StaleTurn,
    TownExists,
    WrongState,
)
from tinytown.errors.not_found import (
    AgentNotFound,
    DeadLetterNotFound,
    MessageNotFound,
    NotFound,
    QueueNotFound,
    TaskNotFound,
    TownNotFound,
)
from tinytown.errors.refused import InvalidName, InvalidValue, RecordUnreadable, Refused, SettingsError
from tinytown.errors.root import TownError
from tinytown.errors.unavailable import RedisAuthFailed, RedisMissing, RedisTooOld, RedisUnavailable, TimedOut, Unavailable

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
    "QueueNotFound",
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
