"""The page on missions tells the truth: its examples are read by the program, and its tables are complete."""

from __future__ import annotations

import re
import tomllib

import msgspec

from tests.rules.project import ROOT
from tinytown.config.missions import GitHubSettings
from tinytown.config.notify import NotifySettings
from tinytown.domain.mission import Policy
from tinytown.planning.manifest import manifest, tables_of

PAGE = (ROOT / "docs" / "missions.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_manifest_is_one() -> None:
    read = manifest("plan.toml", tables_of("plan.toml", EXAMPLES[0]), None, host="github.com")

    assert [entry.title for entry in read.entries][-1] == "Write the release notes"
    assert read.policy == {"max_parallel_items": 3, "auto_merge": True}


def test_the_settings_are_some() -> None:
    notify, github = (tomllib.loads(text) for text in EXAMPLES[1:])

    assert msgspec.convert(notify["notify"], NotifySettings).urls == ("ntfy://my-topic",)
    assert msgspec.convert(github["github"], GitHubSettings).host == "ghe.example.org"


def test_the_table_of_the_policy_is_complete_and_right() -> None:
    section = PAGE.split("## Policy", 1)[1].split("\n## ", 1)[0]
    named = set(re.findall(r"`([a-z_]+)`", "\n".join(line.split("|")[1] for line in section.splitlines() if line.startswith("| `"))))
    rows = {line.split("|")[1].strip(" `"): line.split("|")[2].strip(" `") for line in section.splitlines() if line.startswith("| `")}
    usual = msgspec.to_builtins(Policy())

    assert named | {"no_checks_grace_secs"} == set(usual)
    for name, shown in rows.items():
        if name in usual and not isinstance(usual[name], tuple):
            assert shown == str(usual[name]).lower(), name
