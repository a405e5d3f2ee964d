"""Every key of a town: its name, type, owner and lifetime.

| key (after `tt:<town>:`)      | type    | lives                  | holds                                                         |
|-------------------------------|---------|------------------------|---------------------------------------------------------------|
| `agent:<id>`                  | string  | until pruned           | the agent's record, JSON                                      |
| `agents`                      | hash    | permanent              | lower-case name -> agent id                                   |
| `agents:ids`                  | zset    | permanent              | agent ids, by spelling                                        |
| `agents:nicknames`            | zset    | permanent              | `<nickname>/<agent id>`, by spelling                          |
| `agents:<state>`              | zset    | permanent              | agent ids, by when they entered the state (ms)                |
| `agent:<id>:tasks`            | set     | until empty            | the agent's open tasks                                        |
| `task:<id>`                   | string  | until retention        | the task's record, JSON                                       |
| `tasks:ids`                   | zset    | permanent              | task ids, by spelling                                         |
| `tasks:created`               | zset    | permanent              | task ids, by when they were stored (ms)                       |
| `tasks:<state>`               | zset    | permanent              | task ids, by when they entered the state (ms)                 |
| `backlog`                     | list    | permanent              | ids of pending tasks that nobody is meant for, oldest first   |
| `assignments`                 | zset    | permanent              | pending tasks meant for an agent, by when to look again (ms)  |
| `assignments:bells`           | hash    | permanent              | task id -> id of the bell that was rung for it                |
| `inbox:<id>` `urgent:<id>`    | list    | permanent              | messages, JSON, head first                                    |
| `taken:<id>`                  | list    | for a turn             | messages handed to the running turn                           |
| `dead:<id>`                   | list    | until requeued/dropped | messages given up                                             |
| `turn:<id>`                   | hash    | as the agent           | who has the lease, until when, and why not; see `TurnInfo`     |
| `turns:due`                   | zset    | permanent              | agents scheduled, by when to look again (ms)                  |
| `turns:ready`                 | zset    | permanent              | turns that may begin now: `<role> NUL <since, ms> NUL <agent>` |
| `turns:leases`                | zset    | permanent              | agents with a running turn, by the end of the lease (ms)      |
| `receipts`                    | hash    | permanent              | message id -> what became of it, JSON                         |
| `receipts:settled`            | zset    | permanent              | message ids, by when they were settled (ms); retention's list |
| `nudge:<id>`                  | list    | 60 s                   | wakes a blocking receive                                      |
| `activity:<id>`               | list    | 3600 s, 10 entries     | lines of text, newest first                                   |
| `logs:<id>`                   | stream  | about 2000 entries     | the output of the agent's turns                               |
| `events`                      | stream  | about 1000 entries     | what happened in the town                                     |
| `events:agent:<id>`           | stream  | about 100 entries      | the same, of one agent                                        |
| `events:mission:<id>`         | stream  | about 500 entries      | the same, of one mission                                      |
| `mission:<id>`                | string  | until deleted          | the mission's record, JSON                                    |
| `mission:<id>:work`           | hash    | as the mission         | work item id -> record, JSON                                  |
| `mission:<id>:watch`          | hash    | as the mission         | watch id -> record, JSON                                      |
| `mission:<id>:control`        | hash    | as the mission         | note id -> record, JSON; of those dealt with, the last 100    |
| `mission:<id>:tasks`          | set     | until empty            | the mission's open tasks                                      |
| `mission:<id>:dispatch_lock`  | string  | the lease              | who drives it at the moment: a token for each lease           |
| `mission:active`              | set     | permanent              | ids of the missions that are being driven                     |
| `missions:<state>`            | set     | permanent              | mission ids                                                   |
| `missions:ids`                | zset    | permanent              | mission ids, by spelling                                      |
| `missions:due`                | zset    | permanent              | active missions, by when to look at them (ms)                 |
| `missions:ticked`             | zset    | permanent              | mission ids, by when they were last driven (ms)               |
| `missions:bells`              | hash    | permanent              | mission id -> id of the bell that was rung for it             |
| `missions:refs`               | zset    | permanent              | `<issue or pull request> NUL <mission id>`: whose news matter |
| `missions:hands`              | hash    | permanent              | agent id -> the work item that it has, of whatever mission    |
| `missions:hungry`             | set     | permanent              | missions that have work and no agent for it                   |
| `notification:<id>`           | hash    | until sent or dropped  | `record` (JSON), `attempts`, `reached` and `refused` (marks of |
|                               |         |                        | destinations), `why`, `not_before` and `taken_until` (ms),     |
|                               |         |                        | `taken` (whose it is), `bell`, and `dead` once it is given up  |
| `notifications:due`           | zset    | permanent              | ids of those on their way, by when to look again (ms)         |
| `notifications:dead`          | zset    | 30 days                | ids of those given up, by when (ms)                           |
| `notifications:sent`          | zset    | 30 days, 10,000 ids    | ids of those that are done with, by when (ms)                 |
| `counters`                    | hash    | permanent              | totals that only grow                                         |
| `demand`                      | hash    | permanent              | how much waits for what: `<class>/<role>` -> count            |
| `scaling:peaks`               | hash    | the window             | how much there was to do at most, lately                      |
| `worker:<id>`                 | string  | some heartbeats        | a worker's registration, JSON                                 |
| `workers`                     | zset    | permanent              | worker ids, by when their registration ends (ms)              |
| `workers:drains`              | hash    | a day, or the worker's | worker id -> `grace` or `idle`: how to drain; when asked (ms) |
| `clock:leader`                | string  | the lease              | who leads                                                     |
| `clock:epoch`                 | string  | permanent              | the leader's fencing token                                    |
| `scaler:leader`               | string  | the lease              | which scaler leads                                            |
| `scaler:epoch`                | string  | permanent              | how often that changed                                        |
| `scaler:memory`               | string  | permanent              | what was started or chosen to go and is not done, JSON        |
| `answer:<digest>`             | string  | 24 h                   | what was answered to a request with an Idempotency-Key, JSON   |
| `apikeys`                     | hash    | permanent              | key id -> record of a named API key, JSON                     |
| `apikeys:names`               | hash    | permanent              | name -> id of the newest API key of that name                 |
| `audit`                       | stream  | `[townhall.audit]`     | who did what through townhall, JSON                           |
| `ratelimit:<class>:<digest>`  | string  | until the burst is full| when a caller will have used up what it took (ms)             |
| `failures:<digest>`           | string  | the window             | wrong keys from one address                                   |
| `github:budget:<who>:<kind>`  | string  | until GitHub's reset   | calls left and their limit, of one token and kind of call     |
| `github:pause:<who>`          | string  | until it is over       | why GitHub is left in peace                                   |
| `github:answer:<who>:<digest>`| string  | 6 h                    | an answer of GitHub with its ETag                             |
| `github:excerpt:<digest>`     | string  | 24 h                   | the end of what a failed check said                           |
| `broadcast`                   | channel | -                      | messages to whoever listens                                   |
| `dramatiq:<queue>` and more   | -       | Dramatiq's             | the doorbells; written here, read by the broker               |
| `docket:tasks`                | stream  | until answered; 1,000  | with `use_streams`, the bells of the queue `agents`; its      |
|                               |         | of them are kept       | consumer group is `workers`                                   |

An entry of `docket:tasks` says for which message of `dramatiq:agents.msgs` it
stands (`id`) and, for whoever looks: `task_id` (empty: a bell carries none),
`type` (the actor), `message`, `priority`, `from`, `to` (the agent's id) and
`timestamp` (RFC 3339, of the server).
"""

from __future__ import annotations

from tinytown.domain.ids import AgentId, MissionId, TaskId
from tinytown.domain.notification import NotificationId
from tinytown.domain.town import TownName

__all__ = ["PERMANENT", "WORKERS_GROUP", "Keys"]

PERMANENT = (
    "agent:*", "agents", "agents:*", "task:*", "tasks:*", "backlog", "assignments", "assignments:bells", "inbox:*", "urgent:*", "taken:*",
    "dead:*", "turn:*", "turns:*", "receipts", "receipts:settled", "logs:*", "events", "events:*", "counters", "demand", "docket:*",
    "workers", "clock:epoch", "apikeys", "apikeys:names", "audit", "dramatiq:*", "dramatiq*", "mission:*", "missions:*", "notification:*",
    "notifications:*", "scaler:epoch", "scaler:memory",
)  # fmt: skip
"""Patterns, after the town's prefix, of the keys that have no time to live."""


WORKERS_GROUP = "workers"
"""The consumer group of the docket: all workers are one, and each bell goes to one of them."""


class Keys:
    """Names the keys of one town.

    Args:
        streams: the bells of the queue `agents` go onto a stream, as the town's settings say.
    """

    def __init__(self, town: TownName, *, streams: bool = False) -> None:
        self.town = town
        self._streamed = {"agents"} if streams else set[str]()
        self.prefix = f"tt:{town}:"
        self.agents = f"{self.prefix}agents"
        self.agent_ids = f"{self.prefix}agents:ids"
        self.nicknames = f"{self.prefix}agents:nicknames"
        self.task_ids = f"{self.prefix}tasks:ids"
        self.tasks_created = f"{self.prefix}tasks:created"
        self.backlog = f"{self.prefix}backlog"
        self.assignments = f"{self.prefix}assignments"
        self.assignment_bells = f"{self.prefix}assignments:bells"
        self.due = f"{self.prefix}turns:due"
        self.ready = f"{self.prefix}turns:ready"
        self.leases = f"{self.prefix}turns:leases"
        self.receipts = f"{self.prefix}receipts"
        self.settled = f"{self.prefix}receipts:settled"
        self.counters = f"{self.prefix}counters"
        self.demand = f"{self.prefix}demand"
        self.peaks = f"{self.prefix}scaling:peaks"
        self.events = f"{self.prefix}events"
        self.workers = f"{self.prefix}workers"
        self.drains = f"{self.prefix}workers:drains"
        self.active_missions = f"{self.prefix}mission:active"
        self.mission_ids = f"{self.prefix}missions:ids"
        self.missions_due = f"{self.prefix}missions:due"
        self.missions_ticked = f"{self.prefix}missions:ticked"
        self.mission_bells = f"{self.prefix}missions:bells"
        self.mission_refs = f"{self.prefix}missions:refs"
        self.hands = f"{self.prefix}missions:hands"
        self.hungry_missions = f"{self.prefix}missions:hungry"
        self.notifications_due = f"{self.prefix}notifications:due"
        self.notifications_dead = f"{self.prefix}notifications:dead"
        self.notifications_sent = f"{self.prefix}notifications:sent"
        self.leader = f"{self.prefix}clock:leader"
        self.leader_epoch = f"{self.prefix}clock:epoch"
        self.scaler = f"{self.prefix}scaler:leader"
        self.scaler_epoch = f"{self.prefix}scaler:epoch"
        self.scaler_memory = f"{self.prefix}scaler:memory"
        self.broadcast = f"{self.prefix}broadcast"
        self.api_keys = f"{self.prefix}apikeys"
        self.api_key_names = f"{self.prefix}apikeys:names"
        self.audit = f"{self.prefix}audit"
        self.bell_namespace = f"{self.prefix}dramatiq"
        self.docket = f"{self.prefix}docket:tasks"

    def agent(self, agent: AgentId) -> str:
        """The agent's record."""
        return f"{self.prefix}agent:{agent}"

    def agents_in(self, state: str) -> str:
        """The agents in one state."""
        return f"{self.prefix}agents:{state}"

    def open_tasks(self, agent: AgentId) -> str:
        """The open tasks of one agent."""
        return f"{self.prefix}agent:{agent}:tasks"

    def task(self, task: TaskId) -> str:
        """The task's record."""
        return f"{self.prefix}task:{task}"

    def tasks_in(self, state: str) -> str:
        """The tasks in one state."""
        return f"{self.prefix}tasks:{state}"

    def inbox(self, agent: AgentId) -> str:
        """The ordinary mail of one agent."""
        return f"{self.prefix}inbox:{agent}"

    def urgent(self, agent: AgentId) -> str:
        """The urgent mail of one agent."""
        return f"{self.prefix}urgent:{agent}"

    def taken(self, agent: AgentId) -> str:
        """The mail in the hands of the running turn."""
        return f"{self.prefix}taken:{agent}"

    def dead(self, agent: AgentId) -> str:
        """The mail that was given up."""
        return f"{self.prefix}dead:{agent}"

    def turn(self, agent: AgentId) -> str:
        """The agent's turn."""
        return f"{self.prefix}turn:{agent}"

    def nudge(self, agent: AgentId) -> str:
        """Where a blocking receive waits."""
        return f"{self.prefix}nudge:{agent}"

    def activity(self, agent: AgentId) -> str:
        """What the agent did lately."""
        return f"{self.prefix}activity:{agent}"

    def logs(self, agent: AgentId) -> str:
        """The output of the agent's turns."""
        return f"{self.prefix}logs:{agent}"

    def agent_events(self, agent: AgentId) -> str:
        """The events of one agent."""
        return f"{self.prefix}events:agent:{agent}"

    def mission_events(self, mission: MissionId) -> str:
        """The events of one mission."""
        return f"{self.prefix}events:mission:{mission}"

    def mission(self, mission: MissionId) -> str:
        """The mission's record."""
        return f"{self.prefix}mission:{mission}"

    def missions_in(self, state: str) -> str:
        """The missions in one state."""
        return f"{self.prefix}missions:{state}"

    def mission_work(self, mission: MissionId) -> str:
        """The work items of one mission."""
        return f"{self.prefix}mission:{mission}:work"

    def mission_watches(self, mission: MissionId) -> str:
        """The watches of one mission."""
        return f"{self.prefix}mission:{mission}:watch"

    def mission_notes(self, mission: MissionId) -> str:
        """What people had to say to one mission."""
        return f"{self.prefix}mission:{mission}:control"

    def mission_tasks(self, mission: MissionId | None) -> str:
        """The open tasks of one mission; of none, a key that nothing is ever stored under."""
        return f"{self.prefix}mission:{'none' if mission is None else mission}:tasks"

    def dispatch_lock(self, mission: MissionId) -> str:
        """The lease on driving one mission."""
        return f"{self.prefix}mission:{mission}:dispatch_lock"

    def notification(self, notification: NotificationId) -> str:
        """A notification on its way, or given up."""
        return f"{self.prefix}notification:{notification}"

    def worker(self, worker: str) -> str:
        """A worker's registration."""
        return f"{self.prefix}worker:{worker}"

    def answer(self, digest: str) -> str:
        """What was answered to a request that may be repeated."""
        return f"{self.prefix}answer:{digest}"

    def rate_limit(self, kind: str, caller: str) -> str:
        """What one caller took of its rate."""
        return f"{self.prefix}ratelimit:{kind}:{caller}"

    def failures(self, address: str) -> str:
        """The wrong keys from one address."""
        return f"{self.prefix}failures:{address}"

    def github(self, name: str) -> str:
        """What the GitHub client remembers under one of its names."""
        return f"{self.prefix}github:{name}"

    def bell_queue(self, queue: str) -> str:
        """Where the bells of one queue wait: Dramatiq's list of message ids, or the stream.

        Scripts that ring tell one from the other by the end of the name.
        """
        return self.docket if queue in self._streamed else f"{self.bell_namespace}:{queue}"

    def bell_messages(self, queue: str) -> str:
        """Dramatiq's messages of one queue, waiting or in flight."""
        return f"{self.bell_namespace}:{queue}.msgs"

    def bell_keys(self, queue: str) -> tuple[str, str, str, str]:
        """Dramatiq's keys of one queue, on lists whatever the settings say: waiting ids, messages, ids for later, dead letters."""
        waiting = f"{self.bell_namespace}:{queue}"
        return waiting, self.bell_messages(queue), f"{waiting}.DQ", f"{waiting}.XQ"
