"""Counting a town anew, key by key: what its indexes and counters must agree with."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from tinytown.domain.agent import AgentState
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MessageId
from tinytown.domain.message import Kind, ReceiptState
from tinytown.domain.task import Task, TaskState
from tinytown.town import Town

__all__ = ["Recount", "check_town"]


class Recount:
    """A town as its records and lists say it is, without any index."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._store = town.desk.store
        self._keys = self._store.keys
        names = self._all_keys()
        self.agents = {one.id: one for one in self._store.agents.get_many([AgentId(i) for i in _ids(names, "agent:")])}
        self.tasks: dict[str, Task] = {i: town.tasks.get(i) for i in _ids(names, "task:")}  # type: ignore[arg-type]
        self.receipts = {key: msgspec.json.decode(raw) for key, raw in self._hash(self._keys.receipts).items()}
        self.turns = {one: {key: raw.decode() for key, raw in self._hash(self._keys.turn(one)).items()} for one in self.agents}
        self.mailboxes = [*self.agents, SUPERVISOR_ID]
        self.places: dict[str, list[tuple[str, AgentId]]] = {}
        for agent in self.mailboxes:
            for place in ("inbox", "urgent", "taken", "dead"):
                for entry in self._messages(place, agent):
                    self.places.setdefault(entry["id"], []).append((place, agent))

    def check(self) -> None:
        """Fail where an index or a counter differs from the count, or something lies in two places or none."""
        self._check_agents()
        self._check_tasks()
        self._check_mail()
        for agent in self.agents:
            self._check_turn(agent)
        self._check_demand()
        self._check_snapshot()

    def _check_agents(self) -> None:
        agents = self.agents.values()
        assert self._hash(self._keys.agents) == {one.name: one.id.encode() for one in agents}
        assert set(self._zset(self._keys.agent_ids)) == set(self.agents)
        assert set(self._zset(self._keys.nicknames)) == {f"{one.nickname.lower()}/{one.id}" for one in agents if one.nickname}
        for state in AgentState:
            assert set(self._zset(self._keys.agents_in(state))) == {one.id for one in agents if one.state is state}, state
        assert set(self._zset(self._keys.leases)) == {one for one in self.agents if self.turns[one]["state"] == "running"}
        assert set(self._zset(self._keys.due)) == {one for one in self.agents if self.turns[one]["state"] == "scheduled"}

    def _check_tasks(self) -> None:
        tasks = self.tasks.values()
        assert set(self._zset(self._keys.task_ids)) == set(self._zset(self._keys.tasks_created)) == set(self.tasks)
        for state in TaskState:
            assert set(self._zset(self._keys.tasks_in(state))) == {one.id for one in tasks if one.state is state}, state
        pending = [one for one in tasks if one.state is TaskState.PENDING]
        assert sorted(self._list(self._keys.backlog)) == sorted(one.id for one in pending if one.wanted is None)
        assert set(self._zset(self._keys.assignments)) == {one.id for one in pending if one.wanted is not None}
        assert set(self._hash(self._keys.assignment_bells)) == {one.id for one in pending if one.wanted is not None}
        for agent in self.agents:
            having = {one.id for one in tasks if one.assigned_to == agent and not one.state.is_terminal}
            assert set(self._store.tasks.open_of(agent)) == having
        for task in tasks:
            if task.state in {TaskState.ASSIGNED, TaskState.RUNNING}:
                self._check_told(task)

    def _check_told(self, task: Task) -> None:
        """An open task of an agent has a message in its mailbox, and runs only in a turn with a lease."""
        agent = task.assigned_to
        assert agent is not None
        told = [entry for place in ("inbox", "urgent", "taken") for entry in self._messages(place, agent)]
        assert any(entry["type"] == Kind.TASK_ASSIGN and entry["task_id"] == task.id for entry in told), f"{task.state} but nobody was told"
        if task.state is TaskState.RUNNING:
            assert self.turns[agent]["state"] == "running"
            assert agent in self._zset(self._keys.leases)

    def _check_mail(self) -> None:
        for message, places in self.places.items():
            assert len(places) == 1, f"{message} lies in {places}"
            place, agent = places[0]
            receipt = self.receipts[message]
            expected = {"inbox": ReceiptState.QUEUED, "urgent": ReceiptState.QUEUED, "taken": ReceiptState.TAKEN, "dead": ReceiptState.DEAD}
            assert (receipt["state"], receipt["agent"]) == (expected[place], agent)
        for message, receipt in self.receipts.items():
            assert (receipt["state"] == ReceiptState.SETTLED) == (message not in self.places), f"{message}: {receipt}"
        settled = {MessageId(key) for key, receipt in self.receipts.items() if receipt["state"] == ReceiptState.SETTLED}
        assert set(self._zset(self._keys.settled)) == settled

    def _check_turn(self, agent: AgentId) -> None:
        turn = self.turns[agent]
        boxes = self._messages("inbox", agent) + self._messages("urgent", agent)
        waiting = sum(self.receipts[entry["id"]]["wakes"] for entry in boxes)
        assert int(turn.get("waiting", 0)) == waiting
        if turn["state"] == "idle":
            assert not waiting or "hold" in turn, "mail waits, nothing holds it, and no turn is coming"
        if turn["state"] != "running":
            assert self._messages("taken", agent) == []

    def _check_demand(self) -> None:
        assert {name: int(count) for name, count in self._hash(self._keys.demand).items() if name != "version"} == self.demand()
        assert self._zset(self._keys.ready) == sorted("\0".join(entry) for entry in self.ready())

    def _check_snapshot(self) -> None:
        """What autoscalers are told is what is there; reading it may count anew, so this comes last."""
        found = self.town.scaling.snapshot()
        tasks = Counter(one.state for one in self.tasks.values())
        lying = [one for one in self.tasks.values() if one.state is TaskState.PENDING]
        turns = self.turns.values()
        ready = self.ready()
        running = sum(turn["state"] == "running" for turn in turns)
        waiting, taken = self._docket()
        mail = sum(int(turn["waiting"]) for turn in turns if "hold" not in turn and not (turn["state"] == "scheduled" and "delay" in turn))
        others = sum("hold" not in turn for turn in turns) - running - len(ready)
        assert (found.backlog, found.coming) == (sum(one.wanted is None for one in lying), sum(one.wanted is not None for one in lying))
        if found.streams:
            assert (found.pending, found.in_flight) == (len(lying) + waiting, taken)
        else:
            assert (found.pending, found.in_flight) == (len(lying) + mail, max(running, tasks[TaskState.RUNNING]))
        assert (found.running, found.turns) == (running, running + len(ready) + min(len(lying), max(0, others)))
        assert found.tasks == {state: tasks[state] for state in TaskState}
        assert {role: count for role, (_, count) in found.ready.items()} == Counter(role for role, _, _ in ready)
        assert {role: since for role, (since, _) in found.ready.items()} == {
            role: min(int(since) for other, since, _ in ready if other == role) for role, _, _ in ready
        }
        assert (found.backlog_since is None, found.coming_since is None) == (not found.backlog, not found.coming)
        peak = max(found.peaks, key=lambda one: one.at_ms)
        assert peak.depth >= found.pending + found.in_flight
        assert peak.turns >= found.turns

    def demand(self) -> dict[str, int]:
        """How much waits for what, by role, and what else is counted by role; see `_demand.lua`."""
        found: Counter[str] = Counter()
        for agent in self.agents:
            turn = self.turns[agent]
            role, delay = self.agents[agent].role, turn.get("delay") if turn["state"] == "scheduled" else None
            found[f"{turn.get('hold') or delay or 'ready'}/{role}"] += int(turn.get("waiting", 0))
            found[f"wakeable/{role}"] += "hold" not in turn
            found[f"running/{role}"] += turn["state"] == "running"
            found[f"worker/{turn.get('worker', '')}"] += turn["state"] == "running"
            for place in ("urgent", "dead"):
                found[f"{place}/{role}"] += len(self._list(getattr(self._keys, place)(agent), text=False))
        return {name: count for name, count in found.items() if count}

    def ready(self) -> list[tuple[str, str, AgentId]]:
        """The turns that may begin now: role, since when, agent."""
        return [
            (self.agents[agent].role, turn["scheduled_at"], agent)
            for agent, turn in self.turns.items()
            if turn["state"] == "scheduled" and int(turn["waiting"]) > 0 and not turn.get("hold") and not turn.get("delay")
        ]

    def _docket(self) -> tuple[int, int]:
        """The bells on the stream that wait and that are being answered, counted one by one."""
        call, docket = self._store.connection.call, self._keys.docket
        groups = call("XINFO", "GROUPS", docket) if call("EXISTS", docket) else []
        if not groups:
            return len(call("XRANGE", docket, "-", "+")), 0
        (fields,) = groups
        group = dict(zip(fields[::2], fields[1::2], strict=True))
        unread = call("XRANGE", docket, b"(" + group[b"last-delivered-id"], "+")
        return len(unread), len(call("XPENDING", docket, group[b"name"], "-", "+", 1_000_000))

    def _all_keys(self) -> list[str]:
        found: set[str] = set()
        cursor = b"0"
        while True:
            cursor, keys = self._store.connection.call("SCAN", cursor, "MATCH", f"{self._keys.prefix}*", "COUNT", 1000)
            found.update(key.decode()[len(self._keys.prefix) :] for key in keys)
            if cursor == b"0":
                return sorted(found)

    def _messages(self, place: str, agent: AgentId) -> list[dict[str, Any]]:
        entries = [msgspec.json.decode(raw) for raw in self._list(getattr(self._keys, place)(agent), text=False)]
        return [entry for entry in entries if isinstance(entry, dict) and "id" in entry]

    def _hash(self, key: str) -> dict[str, bytes]:
        flat = self._store.connection.call("HGETALL", key)
        return {flat[i].decode(): flat[i + 1] for i in range(0, len(flat), 2)}

    def _zset(self, key: str) -> list[str]:
        return [raw.decode() for raw in self._store.connection.call("ZRANGE", key, 0, -1)]

    def _list(self, key: str, *, text: bool = True) -> list[Any]:
        entries = self._store.connection.call("LRANGE", key, 0, -1)
        return [raw.decode() for raw in entries] if text else entries


def check_town(town: Town) -> None:
    """Fail where the town's indexes, counters and places do not agree with a count."""
    Recount(town).check()


def _ids(names: list[str], family: str) -> list[str]:
    return [name[len(family) :] for name in names if name.startswith(family) and name.count(":") == 1]
