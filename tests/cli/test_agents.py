"""`tt spawn` and `tt list`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Tt
from tests.cli.ways import by_redis_only
from tinytown.errors import AgentNotFound
from tinytown.town import Town


def test_an_agent_is_spawned_with_everything_that_was_said(tt: Tt, town: Town) -> None:
    tt("spawn", "grace", "--no-start")

    said = tt("spawn", "Ada", "-c", "claude", "--model", "opus", "--role", "reviewer", "--nickname", "Countess", "--parent", "grace",
              "--max-rounds", 7, "--no-start")  # fmt: skip

    ada = town.agents.find("ada")
    assert said.code == 0, said.err
    assert said.out == f"Countess [reviewer] is in the town as ada ({ada.short_id}) and runs claude.\n"
    assert (ada.cli, ada.model, ada.role_id, ada.max_rounds) == ("claude", "opus", "reviewer", 7)
    assert ada.parent_agent_id == town.agents.find("grace").id


def test_a_name_is_given_once_in_a_town(tt: Tt, town: Town) -> None:
    """Two agents of one name would make every later reference ambiguous."""
    tt("spawn", "ada", "--no-start")

    said = tt("spawn", "ADA", "--no-start")

    assert (said.code, len(town.agents.all())) == (4, 1)
    assert "already exists" in said.err


def test_a_wrong_parent_leaves_no_agent_behind(tt: Tt, town: Town) -> None:
    said = tt("spawn", "ada", "--parent", "nobody", "--no-start")

    assert (said.code, town.agents.all()) == (3, [])
    assert "nobody" in said.err


def test_a_whole_command_is_kept_as_it_was_given(tt: Tt, town: Town) -> None:
    """It was replaced by the preset of its first word."""
    said = tt("spawn", "ada", "--cli", "claude --model x", "--no-start", "--json")

    assert said.json["cli"] == "claude --model x"


@by_redis_only("`tt up` does not help a town elsewhere")
def test_spawn_says_when_nobody_will_run_the_agent(tt: Tt, town: Town) -> None:
    said = tt("spawn", "ada", "--no-start")

    assert "no worker runs" in said.err
    assert "`tt up`" in said.err


def test_spawn_starts_nothing_for_a_town_whose_redis_is_elsewhere(tt: Tt, town: Town, place: Path) -> None:
    said = tt("spawn", "ada")

    assert said.code == 0
    assert "no worker runs" in said.err
    assert not (place / ".tt" / "logs" / "up.log").exists()


@by_redis_only("nothing is started on this machine for a town elsewhere")
@pytest.mark.parametrize("words", [("spawn", "eve"), ("restart", "ada")])
def test_spawn_and_restart_start_the_towns_processes(words: tuple[str, ...], tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    def ensure_up(town: Town) -> bool:
        started.append(town.name)
        return True

    monkeypatch.setattr("tinytown.runtime.ensure_up", ensure_up)
    town.spawn("ada", cli="shell")
    town.agents.kill("ada")

    quiet, said = tt(*words, "--no-start"), tt(words[0], "grace" if words[0] == "spawn" else _killed_again(town))

    assert (quiet.code, said.code, started) == (0, 0, ["shop"])
    assert "started in the background" in said.err


def _killed_again(town: Town) -> str:
    return town.agents.kill("ada").name


@pytest.mark.parametrize("name", ["../../x", "a b", "SUPERVISOR", "conductor", "", "x" * 64, "ümlaut", "-x"])
def test_a_name_that_cannot_be_used_is_refused_with_2(name: str, tt: Tt, town: Town) -> None:
    said = tt("spawn", "--no-start", "--", name)

    assert (said.code, said.out, town.agents.all()) == (2, "", [])
    assert "cannot be the name of an agent" in said.err


@pytest.mark.parametrize("option", ["--role", "--nickname", "--model", "--cli"])
@pytest.mark.parametrize("text", ["\udcff", "red \x1b[31m", "two\nlines", "x" * 5000])
def test_what_would_upset_a_terminal_is_refused(option: str, text: str, tt: Tt, town: Town) -> None:
    said = tt("spawn", "ada", option, text, "--no-start")

    assert (said.code, town.agents.all()) == (2, [])
    assert len(said.err) < 300


def test_a_name_of_a_megabyte_is_refused_in_a_short_sentence(tt: Tt, town: Town) -> None:
    name = "x" * 1_000_000

    refused, unknown = tt("spawn", name, "--no-start"), tt("kill", name)

    assert (refused.code, unknown.code) == (2, 3)
    assert len(refused.err) + len(unknown.err) < 600


def test_the_list_is_sorted_and_complete(tt: Tt, town: Town) -> None:
    for name in ("grace", "ada", "eve"):
        town.spawn(name, cli="shell")

    said = tt("list")

    assert [line.split()[0] for line in said.lines] == ["NAME", "ada", "eve", "grace"]
    assert said.err == ""


def test_the_list_of_one_state_says_so_when_it_is_empty(tt: Tt, town: Town) -> None:
    town.spawn("ada", cli="shell")
    town.spawn("grace", cli="shell")
    town.agents.kill("grace")

    stopped, paused = tt("list", "--state", "stopped", "--json"), tt("list", "--state", "paused")

    assert [agent["name"] for agent in stopped.json] == ["grace"]
    assert (paused.out, paused.err) == ("", "no agent is paused\n")


def test_the_list_says_how_to_get_rid_of_stopped_agents_on_stderr(tt: Tt, town: Town) -> None:
    town.spawn("ada", cli="shell")
    town.agents.kill("ada")

    said = tt("list")

    assert "`tt prune`" in said.err
    assert "prune" not in said.out


def test_an_agent_is_found_by_name_nickname_and_the_beginning_of_its_id(tt: Tt, town: Town) -> None:
    ada = town.agents.spawn("ada", cli="shell", nickname="Countess")

    codes = [tt("send", reference, "hello").code for reference in ("ADA", "countess", ada.id, ada.id[:4], ada.label)]

    assert codes == [0] * 5
    assert tt("send", "count", "hello").code == 3


def test_who_is_meant_must_be_clear(tt: Tt, town: Town) -> None:
    town.agents.spawn("ada", cli="shell", nickname="Rose")
    town.agents.spawn("eve", cli="shell", nickname="Rose")

    said = tt("kill", "rose")

    assert said.code == 4
    assert "ada" in said.err
    assert "eve" in said.err


@by_redis_only("there is no townhall without a town")
def test_without_a_town_the_answer_is_3(tt: Tt) -> None:
    said = tt("list")

    assert (said.code, said.out) == (3, "")
    assert "`tt init`" in said.err


def test_nobody_is_registered_when_the_program_is_nonsense(tt: Tt, town: Town) -> None:
    said = tt("spawn", "ada", "--cli", "'unbalanced", "--no-start")

    assert said.code == 2
    with pytest.raises(AgentNotFound):
        town.agents.find("ada")
