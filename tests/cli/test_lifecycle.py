"""Stopping, pausing, bringing back and forgetting agents."""

from __future__ import annotations

import pytest

from tests.cli.at_work import at_work, deliver
from tests.cli.conftest import Tt
from tinytown.domain.agent import AgentState
from tinytown.domain.message import Kind
from tinytown.domain.task import TaskState
from tinytown.town import Town


@pytest.fixture(autouse=True)
def _agents(town: Town) -> None:
    for name in ("ada", "grace"):
        town.spawn(name, cli="shell")


def _state(town: Town, name: str = "ada") -> AgentState:
    return town.agents.find(name).state


def test_an_agent_without_a_turn_is_stopped_at_once(tt: Tt, town: Town) -> None:
    said = tt("kill", "ada")

    assert (said.out, _state(town)) == ("ada is stopped\n", AgentState.STOPPED)
    assert tt("kill", "ada").code == 4


def test_an_agent_with_a_turn_is_draining_until_it_ends(tt: Tt, town: Town) -> None:
    """Stopped at once was a lie: the program went on, and a restart made two of it."""
    at_work(town, "ada")

    said, again = tt("kill", "ada"), tt("restart", "ada", "--no-start")

    assert said.out == "ada is draining: its turn ends first\n"
    assert (again.code, _state(town)) == (4, AgentState.DRAINING)


def test_kill_now_asks_the_turn_to_end(tt: Tt, town: Town) -> None:
    _, turn = at_work(town, "ada")

    said = tt("kill", "ada", "--now")

    assert "is being ended" in said.out
    assert town.desk.store.turns.asked([turn.agent.id]) == [(turn.epoch, "cancel")]


def test_stop_is_for_all_agents_or_some(tt: Tt, town: Town) -> None:
    some = tt("stop", "ada")
    everyone = tt("stop", "--json")
    nobody = tt("stop")

    assert some.out == "ada is stopped\n"
    assert [agent["name"] for agent in everyone.json] == ["grace"]
    assert (nobody.code, nobody.err) == (0, "no agent is active\n")


def test_stop_stops_nobody_if_one_of_them_is_unknown(tt: Tt, town: Town) -> None:
    assert tt("stop", "ada", "nobody").code == 3
    assert _state(town) is AgentState.STARTING


def test_an_agent_that_is_closed_finishes_its_mail_first(tt: Tt, town: Town) -> None:
    """Close was kill by another name."""
    deliver(town, "ada", "one")

    said, at_once = tt("close", "ada"), tt("close", "grace")

    assert said.out == "ada is draining: it stops when its mail is done\n"
    assert at_once.out == "grace is stopped: it had no mail\n"
    assert town.turns.begin(town.agents.find("ada").id, "w", messages=5) is not None


def test_a_paused_agent_gets_no_mail_until_it_is_resumed(tt: Tt, town: Town) -> None:
    paused = tt("interrupt", "ada")
    town.send("ada", "x")
    identity = town.agents.find("ada").id
    held = town.turns.begin(identity, "w", messages=5)

    resumed = tt("resume", "ada")

    assert (paused.code, resumed.code, held) == (0, 0, None)
    assert town.turns.begin(identity, "w", messages=5) is not None


@pytest.mark.parametrize("words", [["resume"], ["restart", "--no-start"]])
def test_what_makes_no_sense_in_its_state_is_refused_with_4(words: list[str], tt: Tt, town: Town) -> None:
    said = tt(words[0], "ada", *words[1:])

    assert said.code == 4
    assert "ada is starting" in said.err


def test_an_agent_comes_back_with_its_mail_and_rounds_at_zero(tt: Tt, town: Town) -> None:
    town.agents.kill("ada")
    town.send("ada", "waited")

    said = tt("restart", "ada", "--max-rounds", 3, "--no-start")

    ada = town.agents.find("ada")
    assert said.code == 0
    assert (ada.state, ada.max_rounds, ada.rounds_completed) == (AgentState.STARTING, 3, 0)
    assert town.turns.begin(ada.id, "w", messages=5) is not None


@pytest.mark.parametrize("command", ["kill", "close", "interrupt", "resume", "restart"])
def test_an_agent_that_is_not_there_is_an_error(command: str, tt: Tt) -> None:
    assert tt(command, "nobody").code == 3


def test_prune_forgets_the_stopped_and_leaves_the_others(tt: Tt, town: Town) -> None:
    town.agents.kill("ada")

    said = tt("prune")

    assert said.lines[-1] == "1 agent forgotten"
    assert [agent.name for agent in town.agents.all()] == ["grace"]


def test_prune_keeps_agents_with_unread_mail_and_says_so(tt: Tt, town: Town) -> None:
    """It dropped the mail without a word."""
    town.agents.kill("ada")
    town.messages.send("ada", "read me", kind=Kind.INFORMATIONAL)

    said = tt("prune")

    assert said.lines == ["0 agents forgotten"]
    assert "ada stays: it has mail" in said.err
    assert town.messages.peek("ada")[0].body == "read me"


def test_prune_keeps_mail_even_if_there_are_as_many_tasks(tt: Tt, town: Town) -> None:
    deliver(town, "ada", "one")
    deliver(town, "ada", "two")
    town.messages.send("ada", "read me", kind=Kind.INFORMATIONAL)
    town.agents.kill("ada")

    tt("prune")

    assert len(town.messages.peek("ada")) == 3
    assert town.backlog.length() == 0


def test_prune_keeps_dead_letters(tt: Tt, town: Town) -> None:
    _, turn = at_work(town, "ada")
    town.turns.bury(turn, turn.mail[0][0], "exit_status", "", attempts=3)
    town.agents.kill("ada")
    town.desk.store.connection.call("HSET", town.desk.store.keys.turn(turn.agent.id), "state", "idle")

    said = tt("prune", "--all", "--yes")

    assert "ada stays" in said.err
    assert len(town.messages.dead("ada")) == 1


def test_tasks_of_a_pruned_agent_go_to_the_backlog(tt: Tt, town: Town) -> None:
    task = deliver(town, "ada", "one")
    town.agents.kill("ada")

    tt("prune")

    assert [waiting.id for waiting in town.backlog.list()] == [task.id]
    assert town.tasks.get(task.id).state is TaskState.PENDING


def test_mail_is_thrown_away_only_on_request(tt: Tt, town: Town) -> None:
    town.agents.kill("ada")
    town.send("ada", "x")

    asked, done = tt("prune", "--throw-away-mail"), tt("prune", "--throw-away-mail", "--yes", "--json")

    assert asked.code == 2
    assert [agent["name"] for agent in done.json["removed"]] == ["ada"]


def test_forgetting_everybody_needs_a_yes(tt: Tt, town: Town) -> None:
    asked = tt("prune", "--all")
    before = len(town.agents.all())

    done = tt("prune", "--all", "--yes")

    assert (asked.code, before, done.code, town.agents.all()) == (2, 2, 0, [])
    assert "--yes" in asked.err


def test_an_agent_whose_turn_runs_is_never_forgotten(tt: Tt, town: Town) -> None:
    at_work(town, "ada")

    said = tt("prune", "--all", "--throw-away-mail", "--yes")

    assert "ada stays: its turn runs" in said.err
    assert _state(town) is AgentState.WORKING
