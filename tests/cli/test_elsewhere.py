"""A town elsewhere, through its townhall: the same answers, and what is different on purpose."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.at_work import at_work, deliver, speak_as
from tests.cli.conftest import Said, Tt
from tests.cli.ways import Townhall
from tinytown.domain.message import Kind
from tinytown.errors import RedisUnavailable
from tinytown.services.agent_reading import AgentReader
from tinytown.town import Town

READS = [
    "status", "status --deep --tasks --all", "list", "list --state working", "task list", "task list --agent ada",
    "task list --agent ada --state assigned", "task list --tag docs", "task list --limit 2", "task current ada", "task current grace",
    "task show beef", "task list --agent Rose", "task list --agent a/b", "wait eve", "wait nobody", "events", "events -n 3",
    "events -n 0", "events --agent grace", "events --agent nobody", "history", "history --agent ada", "history --task beef", "logs",
    "logs ada", "logs ada -n 1", "logs ada --round 1", "logs ada --round 7", "logs nobody", "backlog list", "inbox grace", "inbox ada",
    "inbox", "inbox --all", "inbox grace --urgent", "inbox grace --count", "inbox grace --limit 1", "inbox nobody",
]  # fmt: skip
AGE = re.compile(r"\b[0-9.]+s\b")
URL = "TINYTOWN_TOWNHALL_URL"


@pytest.fixture
def busy(town: Town) -> Town:
    """A town in which something of everything has happened."""
    town.agents.spawn("ada", cli="shell", role="backend", max_rounds=9)
    for name in ("grace", "eve"):
        town.agents.spawn(name, cli="shell", nickname="Rose" if name == "grace" else None)
    town.agents.spawn("rose", cli="manual", parent="ada")
    done = deliver(town, "ada", "one\nand more")
    town.tasks.complete(done.id, "well done")
    at_work(town, "ada", "two")
    deliver(town, "ada", "three")
    town.assign("grace", "four", tags=("docs", "later"))
    town.tasks.cancel(town.assign("grace", "five").id, "not wanted")
    town.backlog.add("six", tags=("docs",))
    town.send("grace", "look", urgent=True)
    town.messages.send("supervisor", "what now?", kind=Kind.QUERY, sender="ada")
    town.events.note(town.agents.find("ada").id, "a turn ended well")
    town.events.write_output(town.agents.find("ada").id, 1, "grüße\nand more\n".encode())
    return town


@pytest.fixture
def elsewhere(tt: Tt, townhall: Townhall) -> Tt:
    """Calls `tt` through townhall."""

    def call(*arguments: object) -> Said:
        with townhall.reached():
            return tt(*arguments)

    return call


@pytest.mark.parametrize("words", READS)
def test_both_ways_say_the_same(words: str, busy: Town, tt: Tt, elsewhere: Tt) -> None:
    command = words.split()

    here, there = tt(*command), elsewhere(*command)
    here_json, there_json = tt(*command, "--json"), elsewhere(*command, "--json")

    assert _plain(there) == _plain(here)
    assert (there_json.code, there_json.err) == (here_json.code, here_json.err)
    assert _lasting(there_json) == _lasting(here_json)


@pytest.mark.parametrize(("words", "most"), [("inbox pressed --drain", 8), ("inbox --all", 15), ("status --deep", 14), ("history", 3)])
def test_few_requests_are_made_for_much(words: str, most: int, town: Town, elsewhere: Tt, townhall: Townhall) -> None:
    """Townhall allows a key so many a minute; each one more than that has to wait."""
    for name in ("pressed", *(f"agent-{number}" for number in range(11))):
        town.agents.spawn(name, cli="manual")
        town.send(name, "look")
    for number in range(100):
        town.send("pressed", f"pressing {number}", urgent=number % 2 == 0)

    said = elsewhere(*words.split())

    assert said.code == 0
    assert len(townhall.asked) <= most


@pytest.mark.parametrize(
    "words",
    [
        ("assign", "ada", "seven"), ("send", "ada", "hello"), ("spawn", "eva"), ("backlog", "add", "eight"),
        ("backlog", "assign-all", "eve"),
        ("inbox", "grace", "--drain"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_asked_again_after_a_lost_answer_is_done_once(
    words: tuple[str, ...], busy: Town, elsewhere: Tt, townhall: Townhall
) -> None:
    townhall.answers_lost = 1

    said = elsewhere(*words, "--json")

    assert (said.code, townhall.answers_lost) == (0, 0)
    assert len([task for task in busy.tasks.matching() if task.description in {"seven", "eight"}]) == (words[-1] in {"seven", "eight"})
    assert [mail.body for mail in busy.messages.peek("ada") if mail.type is Kind.TASK] == ["hello"] * (words[0] == "send")
    assert [agent.name for agent in busy.agents.all() if agent.name == "eva"] == ["eva"] * (words[0] == "spawn")
    if words[0] == "inbox":
        assert [mail["description"] for mail in said.json if "description" in mail] == ["look"]
    if words[-1] == "eve":
        assert [task["description"] for task in said.json] == ["six"]


@pytest.mark.parametrize(
    "words",
    ["init", "up", "down", "worker", "clock", "townhall", "reset --yes", "mission dispatch", "mission dispatch --once", "kill ada",
     "logs --process worker", "recover", "dlq list", "auth list"],
)  # fmt: skip
def test_what_needs_redis_says_so_and_touches_no_other_town(
    words: str, tt: Tt, town: Town, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setenv(URL, "https://town.example.com")

    said = tt(*words.split())

    assert (said.code, said.out) == (2, "")
    assert "cannot be done through townhall, and TINYTOWN_TOWNHALL_URL is set: give REDIS_URL, or name a town" in said.err


def test_a_town_that_is_named_is_meant(tt: Tt, town: Town, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command line says stands above the environment."""
    town.spawn("ada", cli="shell")
    monkeypatch.setenv(URL, "http://127.0.0.1:9")

    codes = tt("list", "--town", place).code, tt("kill", "ada").code, tt("list").code

    assert codes == (0, 0, 5)


def test_in_a_turn_the_town_of_the_turn_is_meant(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program may read a shell profile that names the townhall of another town."""
    town.spawn("ada", cli="shell")
    task, turn = at_work(town, "ada")
    speak_as(turn, monkeypatch)
    monkeypatch.setenv(URL, "http://127.0.0.1:9")

    said = tt("task", "complete", task.id, "--result", "dug")

    assert said.code == 0, said.err
    assert town.tasks.get(task.id).result == "dug"


def test_a_key_that_is_sent_unencrypted_is_warned_of_once_and_never_shown(
    tt: Tt, town: Town, townhall: Townhall, monkeypatch: pytest.MonkeyPatch
) -> None:
    with townhall.reached():
        monkeypatch.setenv(URL, "http://townhall.internal:8080")
        monkeypatch.setenv("TINYTOWN_TOWNHALL_API_KEY", "hunter2")
        said = tt("assign", "ada", "x", "--verbose")

    assert said.code == 1
    assert said.err.count("unencrypted") == 1
    assert "TINYTOWN_TOWNHALL_API_KEY" in said.err
    assert "hunter2" not in said.out + said.err


def test_nobody_there_is_5_in_one_sentence(tt: Tt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL, "http://127.0.0.1:9")
    monkeypatch.setattr("tinytown.remote.client._PAUSES", ())

    said = tt("status")

    assert (said.code, said.out) == (5, "")
    assert said.err == "tt: no townhall can be reached at http://127.0.0.1:9: [Errno 111] Connection refused\n"


def test_a_townhall_without_its_redis_is_5(busy: Town, elsewhere: Tt, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise RedisUnavailable("unix:///x", "connection lost")

    assert elsewhere("list").code == 0
    monkeypatch.setattr(AgentReader, "page", gone)
    said = elsewhere("list", "--json")

    assert (said.code, json.loads(said.err)["error"]["code"]) == (5, "redis_unavailable")


def test_nobody_is_told_to_start_a_worker_of_a_town_elsewhere(tt: Tt, busy: Town, elsewhere: Tt) -> None:
    here, there = tt("status"), elsewhere("status")

    assert "warning: no worker runs, so no agent does anything: `tt up` starts one\n" in here.err
    assert "warning: no worker runs, so no agent does anything\n" in there.err


def test_spawn_says_that_nobody_works_there_at_the_moment(town: Town, elsewhere: Tt) -> None:
    said = elsewhere("spawn", "ada")

    assert said.code == 0
    assert said.err == "note: no worker runs in this town, so nothing happens until one does\n"


def _plain(said: Said) -> tuple[int, str, str]:
    """Without ages, and without what a town elsewhere has not: a folder, and processes that `tt up` starts."""
    out = re.sub(r"(?m)^(town +\S+).*$", r"\1", AGE.sub("0s", said.out))
    return said.code, re.sub(r" +", " ", out), said.err.replace(": `tt up` starts one", "")


def _lasting(said: Said) -> object:
    data = json.loads(said.out) if said.out else None
    return {name: value for name, value in data.items() if name != "root"} if isinstance(data, dict) else data
