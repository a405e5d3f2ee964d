"""The board of Grafana: it can be imported, every panel asks something, and none shows what is long over."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from tests.deploy.manifests import DEPLOY, SCHEMAS

BOARD = json.loads((DEPLOY / "grafana" / "tinytown.json").read_text(encoding="utf-8"))
PANELS: list[dict[str, Any]] = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
PER_TOWN = ("tinytown_turns_total", "tinytown_leases_lost_total", "tinytown_messages_dead_total")


def test_it_can_be_imported() -> None:
    schema = json.loads((SCHEMAS / "grafana.json").read_text(encoding="utf-8"))

    wrong = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(BOARD)]

    assert wrong == []
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    assert {"datasource", "job"} == {variable["name"] for variable in BOARD["templating"]["list"]}


def test_panels_lie_beside_each_other() -> None:
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in BOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24


def test_a_number_that_stands_alone_is_that_of_now() -> None:
    """Of a range the last one known would be shown: green, hours after the last scrape."""
    alone = [target for panel in PANELS if panel["type"] == "stat" for target in panel["targets"]]

    assert len(alone) >= 5
    assert all(target["instant"] and not target["range"] for target in alone)


def test_what_every_townhall_tells_of_the_town_is_not_added_up() -> None:
    questions = [target["expr"] for panel in PANELS for target in panel["targets"]]

    assert all('{job="$job"}' in question for question in questions)
    assert not [question for question in questions if question.startswith("sum") and any(name in question for name in PER_TOWN)]
