"""The commands of `tt`, a module for each noun; this table is all that is known of them until one is called."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["COMMANDS", "SECTIONS", "Row"]


class Row(NamedTuple):
    """A command: its name, where it is (`module:attribute`), and its help in a few words."""

    name: str
    target: str
    help: str


def _row(name: str, place: str, help_text: str) -> Row:
    return Row(name, f"tinytown.cli.commands.{place}", help_text)


SECTIONS: dict[str, tuple[Row, ...]] = {
    "Town": (
        _row("init", "towns:init", "Make a town in this directory."),
        _row("up", "up:up", "Run the clock, a worker and townhall."),
        _row("down", "down:down", "Drain and stop what `up` started."),
        _row("status", "status:status", "Show who does what."),
        _row("config", "settings:config", "Show and change settings."),
        _row("towns", "towns:towns", "List the towns of this machine."),
        _row("reset", "towns:reset", "Delete everything a town has in Redis."),
        _row("demo", "demo:demo", "Watch a town at work, in a temporary folder."),
    ),
    "Agents": (
        _row("spawn", "agents:spawn", "Add an agent."),
        _row("list", "agents:list_agents", "List the agents."),
        _row("stop", "lifecycle:stop", "Stop all agents, or some, after their turns."),
        _row("kill", "lifecycle:kill", "Stop an agent."),
        _row("interrupt", "lifecycle:interrupt", "Pause an agent."),
        _row("resume", "lifecycle:resume", "Let a paused agent carry on."),
        _row("close", "lifecycle:close", "Let an agent finish its mail, then stop it."),
        _row("restart", "lifecycle:restart", "Start a stopped agent again."),
        _row("prune", "lifecycle:prune", "Remove stopped agents."),
    ),
    "Work": (
        _row("assign", "tasks:assign", "Give a task to an agent."),
        _row("task", "tasks:task", "Show tasks and change their state."),
        _row("backlog", "backlog:backlog", "Keep tasks until somebody takes them."),
        _row("mission", "missions:mission", "Have issues and documents worked off, as a graph of tasks."),
        _row("wait", "waiting:wait", "Wait for a task or an agent."),
        _row("send", "messages:send", "Send a message to an agent."),
        _row("inbox", "messages:inbox", "Show the mail of an agent, or what became of a message."),
    ),
    "Watching": (
        _row("logs", "logs:logs", "Show what an agent's turns printed."),
        _row("events", "events:events", "Show what happened, and follow it."),
        _row("history", "events:history", "Show what an agent or a task went through."),
        _row("notify", "notifications:notify", "Try notifications out; list, requeue and drop them."),
    ),
    "Repair": (
        _row("recover", "recovery:recover", "Bring back what died."),
        _row("reclaim", "recovery:reclaim", "Move the work of agents that are gone."),
        _row("dlq", "dead_letters:dlq", "Look into dead letters, requeue or drop them."),
    ),
    "Townhall": (
        _row("auth", "auth:auth", "Make, list and revoke keys for townhall."),
        _row("audit", "audit:audit", "Show who did what through townhall."),
    ),
    "Processes and set-up": (
        _row("worker", "worker:worker", "Run agents' turns in this process."),
        _row("workers", "workers:workers", "List the workers, and let them go."),
        _row("scaler", "scaler:scaler", "Start workers for the work, and let idle ones go."),
        _row("clock", "clock:clock", "Keep time: sweep, retention, wake-ups."),
        _row("townhall", "townhall:townhall", "Serve the town over HTTP."),
        _row("pulse", "pulse:pulse", "Ask whether the worker or clock here is alive."),
        _row("release", "release:release", "Check that a town can run here, before its processes start."),
        _row("bootstrap", "redis_server:bootstrap", "Put a Redis server into ~/.tt."),
        _row("completion", "completion:completion", "Print the completion script of a shell."),
    ),
}

COMMANDS: dict[str, Row] = {row.name: row for rows in SECTIONS.values() for row in rows}
