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

from tests.deploy.manifests import DEPLOY, documents, kubernetes
from tinytown.api.app import create_app
from tinytown.errors import RedisUnavailable
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


def test_an_outage_of_redis_reaches_prometheus(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes with a 503 is thrown away, and no alert could ever see `tinytown_ready` fall."""
    town = rehearse("shop")
    client = TestClient(create_app(town, started_at=time.monotonic()), headers={"Host": "localhost"})
    (job,) = yaml.safe_load((DEPLOY / "prometheus" / "scrape.yaml").read_text())["scrape_configs"]
    asked = job["metrics_path"], {name: values[0] for name, values in job["params"].items()}

    monkeypatch.setattr(town.scaling, "snapshot", _away)
    answer = client.simulate_get(asked[0], params=asked[1])

    assert answer.status_code == 200
    assert "tinytown_ready 0.0\n" in answer.text
    assert "tinytown_desired_workers" not in answer.text
    assert ("TinytownRedisAway", "tinytown_ready == 0") in _questions()
    assert _of_pods() == {f"prometheus.io/param_{name}": value for name, value in asked[1].items()}


def test_no_two_alerts_have_a_name_and_each_says_what_to_think_of_it() -> None:
    rules = [rule for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"] for rule in group["rules"]]

    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert {"summary", "description"} <= rule["annotations"].keys()


def _away() -> None:
    raise RedisUnavailable("redis://10.0.0.7:6379", "connection refused")


def _of_pods() -> dict[str, str]:
    """What the pods of townhall tell a Prometheus that finds them by their annotations."""
    (townhall,) = (each for each in kubernetes() if each.name.endswith("townhall.yaml:tinytown-townhall") and each.kind == "Deployment")
    notes: dict[str, str] = townhall.data["spec"]["template"]["metadata"]["annotations"]
    return {name: value for name, value in notes.items() if "param" in name}


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
