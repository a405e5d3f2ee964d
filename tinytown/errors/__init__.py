"""Every error a caller can meet, sorted by what the caller can do about it.

TownError
├── NotFound          nothing goes by that name or id
│   ├── AgentNotFound
│   ├── TaskNotFound
│   ├── MessageNotFound
│   ├── DeadLetterNotFound
│   ├── TownNotFound
│   ├── ApiKeyNotFound
│   ├── MissionNotFound
│   ├── WorkItemNotFound
│   ├── WatchNotFound
│   ├── WorkerNotFound
│   ├── NotificationNotFound
│   └── QueueNotFound
├── Conflict          the thing exists, but not in a state that allows this
│   ├── AgentExists
│   ├── TownExists
│   ├── ApiKeyExists
│   ├── AmbiguousReference
│   ├── WrongState
│   ├── WorkerBusy
│   ├── StaleTurn
│   ├── LeaseLost
│   ├── AlreadyRunning
│   ├── RecordChanged
│   ├── VersionMismatch
│   ├── KeyInUse
│   └── KeyReused
├── Refused           the input cannot be accepted as it is
│   ├── InvalidName
│   ├── InvalidValue
│   ├── SettingsError
│   ├── PlanRefused
│   ├── GitHubRefused
│   ├── NeedsRedis
│   └── RecordUnreadable
├── NotImplementedYet this version cannot do that; a later one will
├── Denied            the caller may not do that, or not now
│   ├── Unauthenticated
│   ├── Forbidden
│   └── TooManyRequests
│       └── TooManyTries
├── TimedOut          what was waited for did not happen in time
└── Unavailable       a service that is needed does not answer
    ├── DemandUnsettled
    ├── RedisUnavailable
    │   └── RedisAuthFailed
    ├── RedisForbids
    ├── RedisIsCluster
    ├── RedisTooOld
    ├── RedisMissing
    ├── IdentityProviderUnavailable
    ├── TownhallUnavailable
    └── GitHubUnavailable
"""

from __future__ import annotations

from tinytown.errors.conflict import (
    AgentExists,
    AlreadyRunning,
    AmbiguousReference,
    ApiKeyExists,
    Conflict,
    KeyInUse,
    KeyReused,
    LeaseLost,
    RecordChanged,
    StaleTurn,
    TownExists,
    VersionMismatch,
    WorkerBusy,
    WrongState,
)
from tinytown.errors.denied import Denied, Forbidden, TooManyRequests, TooManyTries, Unauthenticated
from tinytown.errors.not_found import (
    AgentNotFound,
    ApiKeyNotFound,
    DeadLetterNotFound,
    MessageNotFound,
    MissionNotFound,
    NotFound,
    NotificationNotFound,
    QueueNotFound,
    TaskNotFound,
    TownNotFound,
    WatchNotFound,
    WorkerNotFound,
    WorkItemNotFound,
)
from tinytown.errors.planned import NotImplementedYet
from tinytown.errors.refused import (
    GitHubRefused,
    InvalidName,
    InvalidValue,
    NeedsRedis,
    PlanRefused,
    RecordUnreadable,
    Refused,
    SettingsError,
)
from tinytown.errors.root import TownError
from tinytown.errors.unavailable import (
    DemandUnsettled,
    GitHubUnavailable,
    IdentityProviderUnavailable,
    RedisAuthFailed,
    RedisForbids,
    RedisIsCluster,
    RedisMissing,
    RedisTooOld,
    RedisUnavailable,
    TimedOut,
    TownhallUnavailable,
    Unavailable,
)

__all__ = [
    "AgentExists",
    "AgentNotFound",
    "AlreadyRunning",
    "AmbiguousReference",
    "ApiKeyExists",
    "ApiKeyNotFound",
    "Conflict",
    "DeadLetterNotFound",
    "DemandUnsettled",
    "Denied",
    "Forbidden",
    "GitHubRefused",
    "GitHubUnavailable",
    "IdentityProviderUnavailable",
    "InvalidName",
    "InvalidValue",
    "KeyInUse",
    "KeyReused",
    "LeaseLost",
    "MessageNotFound",
    "MissionNotFound",
    "NeedsRedis",
    "NotFound",
    "NotImplementedYet",
    "NotificationNotFound",
    "PlanRefused",
    "QueueNotFound",
    "RecordChanged",
    "RecordUnreadable",
    "RedisAuthFailed",
    "RedisForbids",
    "RedisIsCluster",
    "RedisMissing",
    "RedisTooOld",
    "RedisUnavailable",
    "Refused",
    "SettingsError",
    "StaleTurn",
    "TaskNotFound",
    "TimedOut",
    "TooManyRequests",
    "TooManyTries",
    "TownError",
    "TownExists",
    "TownNotFound",
    "TownhallUnavailable",
    "Unauthenticated",
    "Unavailable",
    "VersionMismatch",
    "WatchNotFound",
    "WorkItemNotFound",
    "WorkerBusy",
    "WorkerNotFound",
    "WrongState",
]
