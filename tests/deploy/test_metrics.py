"""The board, the alerts and the triggers ask for what townhall tells, and for nothing else."""

from __future__ import annotations

import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml
from falcon.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families

from tests.deploy.manifests import DEPLOY, documents
from tinytown.api.app import create_app
from tinytown.testing import rehearse

OF_PROMETHEUS = {"up": {"job", "instance"}}
ADDED_WHEN_SCRAPED = {"job", "instance"}
PARTS = ("expr", "lhs", "rhs", "param", "vector_selector")


def _questions() -> Iterator[tuple[str, str]]:
    for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"]:
        yield from ((rule["alert"], rule["expr"]) for rule in group["rules"])
    for panel in json.loads((DEPLOY / "grafana" / "tinytown.json").read_text())["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel.get("targets", []))
    for document in documents(DEPLOY / "keda"):
        for trigger in document.data.get("spec", {}).get("triggers", []):
            if trigger["type"] == "prometheus":
                yield document.name, trigger["metadata"]["query"]


@pytest.fixture(scope="module")
def told() -> dict[str, dict[str, set[str]]]:
    """Each sample that townhall tells, with its labels and their values."""
    client = TestClient(create_app(rehearse("shop"), started_at=time.monotonic()), headers={"Host": "localhost"})
    client.simulate_get("/health")
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for family in text_string_to_metric_families(client.simulate_get("/metrics").text):
        for sample in family.samples:
            found[sample.name]["le"].update({"+Inf"} if "le" in sample.labels else set())
            for label, value in sample.labels.items():
                found[sample.name][label].add(value)
    return found


@pytest.mark.parametrize(("title", "question"), [*_questions()])
def test_a_question_can_be_answered(title: str, question: str, told: dict[str, dict[str, set[str]]]) -> None:
    for name, conditions in _selected(promql_parser.parse(question)):
        if name in OF_PROMETHEUS:
            continue
        assert name in told, f"{title}: townhall tells no {name}"
        for label, operator, value in conditions:
            assert label in told[name] or label in ADDED_WHEN_SCRAPED, f"{title}: {name} has no label {label}"
            if label in {"state", "queue", "outcome", "reason"}:
                wanted = set(value.split("|")) if operator.endswith("Re") else {value}
                assert wanted <= told[name][label], f"{title}: {name} is never told with {label} {wanted - told[name][label]}"


@pytest.mark.parametrize(("title", "question"), [*_questions()])
def test_labels_that_are_kept_are_there(title: str, question: str, told: dict[str, dict[str, set[str]]]) -> None:
    kept = {label.strip() for group in re.findall(r"\bby \(([^)]*)\)", question) for label in group.split(",")}
    names = [name for name, _ in _selected(promql_parser.parse(question)) if name not in OF_PROMETHEUS]

    assert all(kept <= told[name].keys() for name in names if len(names) == 1), title


def _selected(part: Any) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """The metrics that an expression selects, with the conditions on their labels."""
    if isinstance(part, promql_parser.VectorSelector):
        yield part.name or "", [(each.name, str(each.op), each.value) for each in part.matchers.matchers]
        return
    for name in PARTS:
        inner = getattr(part, name, None)
        if inner is not None and not isinstance(inner, str | int | float):
            yield from _selected(inner)
    for inner in getattr(part, "args", None) or []:
        yield from _selected(inner)
