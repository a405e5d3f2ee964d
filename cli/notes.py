"""Notes on stderr: what an operator should know about what was just asked for."""

from __future__ import annotations

import click

from tinytown.domain.agent import Agent, AgentState

__all__ = ["bell_in_words", "note", "note_if_held"]

_CALLS = {AgentState.PAUSED: "resume", AgentState.STOPPED: "restart", AgentState.ERROR: "restart"}


def note(text: str) -> None:
    """Print a note on stderr."""
    click.echo(f"note: {text}", err=True)


def note_if_held(agent: Agent, what: str) -> None:
    """Say so when mail does not wake the agent, and what would."""
    if agent.cli == "manual":
        note(f"no worker runs {agent.name}: {what} waits until somebody reads its mail")
    elif agent.is_held:
        why = "" if agent.error is None else f" ({agent.error[:200]})"
        note(f"{agent.name} is {agent.state.value}{why}: {what} will wait until `tt {_CALLS[agent.state]} {agent.name}`")
    elif agent.state is AgentState.DRAINING:
        note(f"{agent.name} is about to stop: {what} may wait until `tt restart {agent.name}`")


def bell_in_words(bell: str, name: str) -> str:
    """What a message did to its recipient."""
    if bell == "rung":
        return f"{name} wakes up for it"
    if bell == "waiting":
        return f"{name} gets it in its next turn, which is on its way"
    if bell.startswith("held:"):
        return f"{name} is held ({bell.removeprefix('held:')}), so it waits"
    return "it wakes nobody; it is read with the next turn" if name != "supervisor" else "it waits to be read"
