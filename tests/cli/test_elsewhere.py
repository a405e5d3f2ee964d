"""A town elsewhere, through its townhall: the same answers, and what is different on purpose."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.at_work import at_work, deliver
from tests.cli.conftest import Said, Tt
from tests.cli.ways import Townhall
from tinytown.domain.message import Kind
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


def _plain(said: Said) -> tuple[int, str, str]:
    """Without ages, and without the folder of the town, which a town elsewhere has not."""
    out = re.sub(r"(?m)^(town +\S+).*$", r"\1", AGE.sub("0s", said.out))
    return said.code, re.sub(r" +", " ", out), said.err


def _lasting(said: Said) -> object:
    data = json.loads(said.out) if said.out else None
    return {name: value for name, value in data.items() if name != "root"} if isinstance(data, dict) else data
