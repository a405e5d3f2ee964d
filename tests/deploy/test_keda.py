"""The stand-in for KEDA: that it follows the rules, and that our manifests keep a town safe by them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jsonschema
import kubernetes_validate
import pytest

from tests.deploy.keda import Fallback, Keda, ScaledObject, ScalerError, Trigger, scaled_object, value_at
from tests.deploy.manifests import DEPLOY, SCHEMAS, documents
from tinytown.testing import rehearse

SECRETS = {("tinytown-scaling", "apiKey"): "the-key"}
OURS = scaled_object("metrics-api.yaml", SECRETS)
PLAIN = ScaledObject(target="worker", trigger=Trigger("http://x", "n", target=1.0))


class Town:
    """A number that can be set, and lost."""

    def __init__(self, scaled: ScaledObject = PLAIN) -> None:
        self.number: float | None = 0.0
        self.keda = Keda(scaled, self._ask)
        self.now = 0.0
        self.replicas = 0

    def _ask(self) -> float:
        if self.number is None:
            raise ScalerError
        return self.number

    def poll(self, *, after: float = 0) -> int:
        """Let time pass, and KEDA look."""
        return self._set(self.keda.poll(self._pass(after), self.replicas))

    def sync(self, *, after: float = 0) -> int:
        """Let time pass, and the autoscaler look."""
        return self._set(self.keda.sync(self._pass(after), self.replicas))

    def _pass(self, seconds: float) -> float:
        self.now += seconds
        return self.now

    def _set(self, replicas: int) -> int:
        self.replicas = replicas
        return replicas


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("desired_workers", 3.0),
        ("workers.idle", 1.0),
        ('queues.#(name=="agents").latency_seconds', 41.5),
        ("queues.1.ready", 7.0),
        ("queues.#", 2.0),
        ("as_text", 12.0),
        ("with\\.dot", 5.0),
    ],
)
def test_a_path_leads_to_a_number(path: str, expected: float) -> None:
    queues = [{"name": "agents", "latency_seconds": 41.5, "ready": 2}, {"name": "control", "ready": 7}]
    data = {"desired_workers": 3, "workers": {"idle": 1}, "queues": queues, "as_text": "12", "with.dot": 5}

    assert value_at(data, path) == expected


@pytest.mark.parametrize("path", ["nothing", "workers", "workers.no", 'queues.#(name=="x").ready', "flag", "word", "queues.9"])
def test_a_path_that_leads_to_no_number_is_an_error(path: str) -> None:
    with pytest.raises(ScalerError):
        value_at({"workers": {"idle": 1}, "queues": [], "flag": True, "word": "many"}, path)


def test_only_more_than_the_activation_wakes_and_one_is_woken_at_first() -> None:
    town = Town(replace(PLAIN, trigger=PLAIN.trigger._replace(activation=2.0)))
    seen = []
    for number in (0, 1, 2, 3):
        town.number = number
        seen.append(town.poll())

    assert seen == [0, 0, 0, 1]


def test_the_last_goes_after_the_cooldown_and_no_activity() -> None:
    town = Town()
    town.number = 1
    town.poll()
    town.number = 0

    assert [town.poll(after=200), town.poll(after=100), town.poll(after=1)] == [1, 1, 0]


def test_it_grows_at_once_as_the_policies_allow_and_within_bounds() -> None:
    town = Town(replace(PLAIN, maximum=12))
    town.number = 50
    town.poll()

    assert [town.sync(), town.sync(after=5), town.sync(after=15), town.sync(after=15)] == [5, 5, 10, 12]


def test_it_shrinks_to_the_most_of_the_window() -> None:
    town = Town(replace(PLAIN, down={"stabilizationWindowSeconds": 60}))
    town.number = 4
    town.poll()
    town.sync()
    town.number = 1

    assert [town.sync(after=seconds) for seconds in (15, 15, 15, 14, 2)] == [4, 4, 4, 4, 1]


def test_a_small_difference_moves_nothing() -> None:
    town = Town()
    town.replicas, town.number = 20, 21

    assert town.sync() == 20
    town.number = 23
    assert town.sync(after=15) == 23


def test_errors_move_nothing() -> None:
    town = Town()
    town.replicas, town.number = 3, None

    assert [town.poll(after=1000) for _ in range(20)] + [town.sync(after=1000) for _ in range(20)] == [3] * 40


def test_after_too_many_errors_there_are_as_many_as_the_fallback_says() -> None:
    town = Town(replace(PLAIN, fallback=Fallback(3, 2)))
    town.number = None

    assert [town.poll() for _ in range(4)] == [0, 0, 0, 1]
    assert town.sync() == 2


def test_a_fallback_to_none_lets_errors_scale_to_zero() -> None:
    """As KEDA does it; so ours must not."""
    town = Town(replace(PLAIN, fallback=Fallback(3, 0)))
    town.replicas, town.number = 3, None

    assert town.poll() == 0


@pytest.mark.parametrize("replicas", [1, 3, 10])
def test_by_our_manifest_errors_take_nobody_away_however_long(replicas: int) -> None:
    town = Town(OURS)
    town.replicas, town.number = replicas, None

    seen = {town.poll(after=5) for _ in range(100)} | {town.sync(after=15) for _ in range(100)}

    assert seen == {replicas}


def test_by_our_manifest_an_outage_wakes_nobody_for_a_minute_and_then_one() -> None:
    town = Town(OURS)
    town.number = None

    seen = [town.poll(after=5) for _ in range(13)]

    assert seen == [0] * 12 + [1]


def test_by_our_manifest_a_moment_of_quiet_moves_nothing() -> None:
    town = Town(OURS)
    town.number = 4
    town.poll()
    town.sync()
    flapping = []
    for number in (0, 4, 0, 4, 0, 4):
        town.number = number
        flapping += [town.sync(after=15), town.poll(after=15)]

    assert set(flapping) == {4}


def test_the_key_is_sent_as_the_manifest_says() -> None:
    asked: list[tuple[str, Mapping[str, str]]] = []

    def fetch(url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        asked.append((url, headers))
        return 200, b'{"desired_workers": 2, "n": 1}'

    number = OURS.trigger.ask(fetch)
    PLAIN.trigger._replace(key="k", method="query").ask(fetch)

    assert number == 2.0
    assert asked == [("http://tinytown-townhall.tinytown.svc:8080/api/scaling", {"X-API-Key": "the-key"}), ("http://x?api_key=k", {})]
    with pytest.raises(ScalerError, match="503"):
        OURS.trigger.ask(lambda url, headers: (503, b"{}"))


def test_what_our_triggers_read_is_told() -> None:
    signal = json.loads(json.dumps(_signal()))
    places = [trigger["metadata"]["valueLocation"] for trigger in _triggers() if trigger["type"] == "metrics-api"]

    assert [value_at(signal, place) for place in places] == [0.0] * len(places)
    assert set(places) == {"desired_workers", "desired_workers_raw"}


def test_they_scale_the_deployment_that_is_there_by_a_service_that_is_there() -> None:
    there = {
        (document.kind, document.data["metadata"]["name"])
        for document in documents(DEPLOY / "kubernetes" / "base")
        if "metadata" in document.data
    }
    targets = {
        document.data["spec"]["scaleTargetRef"]["name"] for document in documents(DEPLOY / "keda") if document.kind == "ScaledObject"
    }
    hosts = {trigger["metadata"]["url"].split("/")[2].split(".")[0] for trigger in _triggers() if trigger["type"] == "metrics-api"}

    assert {("Deployment", target) for target in targets} | {("Service", host) for host in hosts} <= there


def test_jobs_and_behaviours_are_what_kubernetes_takes() -> None:
    kinds = {document.kind: document.data["spec"] for document in documents(DEPLOY / "keda") if "triggers" in document.data["spec"]}
    behavior = kinds["ScaledObject"]["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    hpa = {"scaleTargetRef": {"kind": "Deployment", "name": "x"}, "maxReplicas": 3, "behavior": behavior}

    taken = [
        kubernetes_validate.validate({**kind, "metadata": {"name": "x"}}, version, strict=True)
        for version in ("1.30", "1.37")
        for kind in (
            {"apiVersion": "batch/v1", "kind": "Job", "spec": kinds["ScaledJob"]["jobTargetRef"]},
            {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": hpa},
        )
    ]

    assert len(taken) == 4  # what is not taken raises


@pytest.mark.parametrize(
    ("where", "mistake"),
    [
        (("spec", "triggers", 0, "metadata", "activationValue"), "1"),
        (("spec", "triggers", 0, "metadata", "targetValue"), 1),
        (("spec", "triggers", 0, "authentication"), {}),
        (("spec", "minReplicas"), 1),
        (("spec", "fallback", "behavior"), "keep"),
    ],
)
def test_a_mistake_in_a_manifest_would_be_noticed(where: tuple[str | int, ...], mistake: object) -> None:
    schema = json.loads((SCHEMAS / "keda.json").read_text())
    (document,) = [each for each in documents(DEPLOY / "keda") if each.path.name == "metrics-api.yaml"]
    jsonschema.validate(document.data, schema)
    place: Any = document.data
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = mistake

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document.data, schema)


def _triggers() -> list[dict[str, Any]]:
    return [trigger for document in documents(DEPLOY / "keda") for trigger in document.data["spec"].get("triggers", [])]


def _signal() -> dict[str, Any]:
    from msgspec import to_builtins

    found: dict[str, Any] = to_builtins(rehearse("shop").scaling.signal())
    return found
