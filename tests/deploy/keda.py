"""A stand-in for KEDA and the autoscaler of Kubernetes: it reads our manifests, and follows their rules (KEDA 2.20).

Seconds are those of the manifests; whoever calls says how late it is, so a test
may let them pass as fast as it likes.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.deploy.manifests import DEPLOY, documents

__all__ = ["Fallback", "Keda", "ScaledObject", "ScalerError", "Trigger", "scaled_object", "value_at"]

SYNC_EVERY = 15.0  # seconds between two looks of the autoscaler of Kubernetes
TOLERANCE = 0.1
POLICIES_UP = ({"type": "Pods", "value": 4, "periodSeconds": 15}, {"type": "Percent", "value": 100, "periodSeconds": 15})
POLICIES_DOWN = ({"type": "Percent", "value": 100, "periodSeconds": 15},)

Fetch = Callable[[str, Mapping[str, str]], tuple[int, bytes]]
"""Asks for a URL with headers, and answers status and body; `OSError` when nobody answers."""


class ScalerError(Exception):
    """The number could not be had."""


class Fallback(NamedTuple):
    """What counts as the number after so many errors in a row."""

    failure_threshold: int
    replicas: int
    behavior: str = "static"

    def of(self, current: int) -> int:
        """How many there should be, when there are so many."""
        return {
            "static": self.replicas,
            "currentReplicas": current,
            "currentReplicasIfHigher": max(current, self.replicas),
            "currentReplicasIfLower": min(current, self.replicas),
        }[self.behavior]


class Trigger(NamedTuple):
    """A trigger `metrics-api`."""

    url: str
    location: str
    target: float
    activation: float = 0.0
    key: str | None = None
    method: str = "header"
    parameter: str = ""

    def ask(self, fetch: Fetch) -> float:
        """The number, as KEDA's scaler reads it."""
        url, headers = self.url, dict[str, str]()
        if self.key is not None and self.method == "query":
            url += f"{'&' if '?' in url else '?'}{self.parameter or 'api_key'}={self.key}"
        elif self.key is not None:
            headers[self.parameter or "X-API-KEY"] = self.key
        try:
            status, body = fetch(url, headers)
        except OSError as error:
            raise ScalerError(str(error)) from error
        if status != 200:
            raise ScalerError(f"{self.url}: api returned {status}")
        return value_at(json.loads(body), self.location)


@dataclass(frozen=True, kw_only=True)
class ScaledObject:
    """A ScaledObject with one trigger; what a manifest leaves out is as in KEDA."""

    target: str
    trigger: Trigger
    polling: float = 30.0
    cooldown: float = 300.0
    minimum: int = 0
    maximum: int = 100
    fallback: Fallback | None = None
    up: Mapping[str, Any] = field(default_factory=dict)
    down: Mapping[str, Any] = field(default_factory=dict)


def scaled_object(file: str, secrets: Mapping[tuple[str, str], str]) -> ScaledObject:
    """The one in a file of deploy/keda, let in by what our TriggerAuthentication finds in the secrets."""
    found = [document for document in documents(DEPLOY / "keda") if document.path.name == file and document.kind == "ScaledObject"]
    spec = found[0].data["spec"]
    (given,) = spec["triggers"]
    assert given["type"] == "metrics-api"
    said = given["metadata"]
    key = None
    if "apiKey" in re.split(r"\s*,\s*", said.get("authMode", "")):
        key = _parameters(given["authenticationRef"]["name"], secrets)["apiKey"]
    behavior = spec.get("advanced", {}).get("horizontalPodAutoscalerConfig", {}).get("behavior", {})
    known = {"polling": "pollingInterval", "cooldown": "cooldownPeriod", "minimum": "minReplicaCount", "maximum": "maxReplicaCount"}
    fallback = spec.get("fallback")
    return ScaledObject(
        target=spec["scaleTargetRef"]["name"],
        trigger=Trigger(
            url=said["url"],
            location=said["valueLocation"],
            target=float(said["targetValue"]),
            activation=float(said.get("activationTargetValue", 0)),
            key=key,
            method=said.get("method", "header"),
            parameter=said.get("keyParamName", ""),
        ),
        fallback=None
        if fallback is None
        else Fallback(fallback["failureThreshold"], fallback["replicas"], fallback.get("behavior", "static")),
        up=behavior.get("scaleUp", {}),
        down=behavior.get("scaleDown", {}),
        **{name: spec[theirs] for name, theirs in known.items() if theirs in spec},
    )


def _parameters(name: str, secrets: Mapping[tuple[str, str], str]) -> dict[str, str]:
    for document in documents(DEPLOY / "keda"):
        if document.kind == "TriggerAuthentication" and document.data["metadata"]["name"] == name:
            return {entry["parameter"]: secrets[entry["name"], entry["key"]] for entry in document.data["spec"]["secretTargetRef"]}
    raise AssertionError(f"no TriggerAuthentication is called {name}")


def value_at(data: Any, path: str) -> float:
    """The number at a path in the manner of GJSON: names, places in lists, and `#(name=="value")`."""
    for part in re.findall(r"#\([^)]*\)|(?:[^.\\]|\\.)+", path):
        query = re.fullmatch(r'#\((\w+)=="([^"]*)"\)', part)
        if query is not None:
            rows = data if isinstance(data, list) else []
            data = next((row for row in rows if row.get(query[1]) == query[2]), None)
        elif part == "#":
            data = len(data) if isinstance(data, list) else None
        elif isinstance(data, list):
            data = data[int(part)] if part.isdigit() and int(part) < len(data) else None
        else:
            data = data.get(part.replace("\\", "")) if isinstance(data, dict) else None
    if isinstance(data, str):
        try:
            return float(data)
        except ValueError:
            raise ScalerError(f"valueLocation {path!r} points to a string that is no quantity") from None
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise ScalerError(f"valueLocation {path!r} must point to a number, not {data!r}")
    return float(data)


class Keda:
    """Says how many replicas there should be: none or one by KEDA itself, one or more by the autoscaler of Kubernetes.

    Args:
        scaled: what it goes by.
        ask: how it gets the number.
    """

    def __init__(self, scaled: ScaledObject, ask: Callable[[], float]) -> None:
        self.scaled = scaled
        self._ask = ask
        self._last_active: float | None = None
        self._recommended: list[tuple[float, int]] = []
        self._changes: list[tuple[float, int]] = []
        self.failures = 0

    def poll(self, now: float, current: int) -> int:
        """What KEDA makes of it, every `pollingInterval`."""
        scaled = self.scaled
        value = self._number(current)
        if value is not None and (value > scaled.trigger.activation or self._falls_back):
            self._last_active = now
            return max(1, scaled.minimum) if current == 0 else current
        is_error = value is None
        if is_error and (scaled.fallback is None or scaled.fallback.replicas != 0):
            return current
        if current > 0 and scaled.minimum == 0:  # a fallback to no replicas ends up here, errors or not
            cooled_down = self._last_active is None or self._last_active + scaled.cooldown < now
            return 0 if cooled_down else current
        return max(current, scaled.minimum)

    def sync(self, now: float, current: int) -> int:
        """What the autoscaler of Kubernetes makes of it, every 15 s; of none it makes nothing."""
        value = None if current == 0 else self._number(current)
        if value is None:
            return current
        ratio = value / (self.scaled.trigger.target * current)
        wanted = current if abs(1 - ratio) <= TOLERANCE else math.ceil(value / self.scaled.trigger.target)
        wanted = self._limited(now, current, self._stabilized(now, current, wanted))
        wanted = min(max(wanted, self.scaled.minimum, 1), self.scaled.maximum)
        self._changes.append((now, wanted - current))
        return wanted

    @property
    def _falls_back(self) -> bool:
        return self.scaled.fallback is not None and self.failures > self.scaled.fallback.failure_threshold

    def _number(self, current: int) -> float | None:
        """The number, or what counts as it; None is an error."""
        try:
            value = self._ask()
        except ScalerError:
            self.failures += 1
            if not self._falls_back:
                return None
            assert self.scaled.fallback is not None
            return self.scaled.fallback.of(current) * self.scaled.trigger.target
        self.failures = 0
        return value

    def _stabilized(self, now: float, current: int, wanted: int) -> int:
        """No more than the least of the window for growing, no less than the most of the window for shrinking."""
        grow = self.scaled.up.get("stabilizationWindowSeconds", 0)
        shrink = self.scaled.down.get("stabilizationWindowSeconds", 300)
        if not self._recommended:
            self._recommended.append((now, current))
        least = min([wanted, *(count for at, count in self._recommended if at > now - grow)])
        most = max([wanted, *(count for at, count in self._recommended if at > now - shrink)])
        self._recommended = [(at, count) for at, count in self._recommended if at > now - max(grow, shrink)] + [(now, wanted)]
        return min(max(current, least), most)

    def _limited(self, now: float, current: int, wanted: int) -> int:
        """No faster than the policies allow."""
        if wanted > current:
            limits = [self._reach(now, current, policy, 1) for policy in self.scaled.up.get("policies", POLICIES_UP)]
            return min(wanted, max(limits))
        limits = [self._reach(now, current, policy, -1) for policy in self.scaled.down.get("policies", POLICIES_DOWN)]
        return max(wanted, min(limits))

    def _reach(self, now: float, current: int, policy: Mapping[str, Any], sign: int) -> int:
        """How far one policy lets it go from where it was at the start of the period."""
        since = now - policy["periodSeconds"]
        start = current - sum(by for at, by in self._changes if at > since and by * sign > 0)
        if policy["type"] == "Pods":
            return start + sign * int(policy["value"])
        return math.ceil(start * (1 + sign * int(policy["value"]) / 100))
