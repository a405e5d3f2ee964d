"""What the files for other homes name is there: variables, commands, probes, secrets, and each other."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.invocations import check_command
from tests.deploy.manifests import DEPLOY, Document, containers, documents, environment_of, kubernetes
from tests.rules.project import ROOT
from tinytown.config.environment import ALIASES, KNOWN, PREFIX, overrides

FILES = [
    *(path for path in sorted(DEPLOY.rglob("*")) if path.suffix in {".yaml", ".service"} or ".env" in path.name),
    ROOT / "app.json",
]
WORKLOADS = [document for document in documents(DEPLOY) if any(containers(document))]
BASE, TRIAL = DEPLOY / "kubernetes" / "base", DEPLOY / "kubernetes" / "overlays" / "trial"

each_workload = pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_variables_of_ours_exist(path: Path) -> None:
    named = {name for name in environment_of(path) if name.startswith(PREFIX)}

    settings = dict.fromkeys(named - KNOWN - ALIASES.keys(), "1")
    unknown = []
    for name in settings:
        try:
            list(overrides({name: "1"}))
        except Exception as error:  # noqa: BLE001 - whatever it says, is it about the name?
            if "there is no such variable" in str(error):
                unknown.append(name)

    assert unknown == []


@each_workload
def test_what_a_workload_runs_can_be_run(workload: Document) -> None:
    for container in containers(workload):
        if "tinytown" not in container["image"]:
            continue
        check_command(container.get("command") or container["args"])
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            asked = container.get(probe, {})
            if "exec" in asked:
                check_command(asked["exec"]["command"])
            if "httpGet" in asked:
                assert asked["httpGet"]["path"] in {"/health", "/ready"}


def test_the_procfile_runs_what_is_there() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())

    for command in lines.values():
        assert command.startswith("exec "), "a shell in between would be told of signals in our place"
        check_command(shlex.split(command.removeprefix("exec ").replace("$PORT", "8080")))

    assert list(lines) == ["web", "clock", "worker", "release"]


@each_workload
def test_turns_are_given_time_to_end(workload: Document) -> None:
    if workload.data["apiVersion"] != "apps/v1":
        return
    pod = workload.data["spec"]["template"]["spec"]
    said = {entry["name"]: entry.get("value") for container in pod["containers"] for entry in container.get("env", [])}
    grace = int(said.get("TINYTOWN_WORKER__SHUTDOWN_GRACE_SECS") or 30) + 10 + 10

    assert "worker" not in workload.name or pod["terminationGracePeriodSeconds"] > grace


@pytest.mark.parametrize("folder", [BASE, TRIAL], ids=["base", "trial"])
def test_a_kustomization_lists_what_is_there(folder: Path) -> None:
    listed = _kustomization(folder)["resources"]

    assert all((folder / entry).exists() for entry in listed)
    assert {path.name for path in folder.glob("*.yaml")} == {entry for entry in listed if entry.endswith(".yaml")} | {"kustomization.yaml"}


def test_selectors_meet_the_pods_they_mean() -> None:
    pods = {
        document.data["metadata"]["name"]: document.data["spec"]["template"]["metadata"]["labels"]
        for document in kubernetes()
        if document.kind in {"Deployment", "StatefulSet"}
    }

    for document in kubernetes():
        spec = document.data.get("spec", {})
        selector = spec.get("podSelector", spec.get("selector"))
        if selector is None:
            continue
        wanted = selector.get("matchLabels", {} if "matchExpressions" in selector else selector)
        named = [value for rule in selector.get("matchExpressions", []) for value in rule["values"]] or list(wanted.values())
        assert set(named) <= {labels["app.kubernetes.io/component"] for labels in pods.values()}, document.name


def test_selectors_take_no_pods_of_others() -> None:
    """A namespace may hold another program with a component `clock`, or `redis`."""
    (everywhere,) = [label["pairs"] for label in _kustomization(BASE)["labels"] if label.get("includeSelectors")]

    assert everywhere == {"app.kubernetes.io/name": "tinytown"}
    for policy in documents(BASE):
        selector = policy.data.get("spec", {}).get("podSelector", {})
        if "matchExpressions" in selector:  # to which kustomize adds nothing
            assert selector["matchLabels"] == everywhere, policy.name


def test_the_entry_point_of_an_image_stays() -> None:
    """The worker's collects what coding programs leave behind; `command` would take its place."""
    for document in WORKLOADS:
        assert not [container for container in containers(document) if "command" in container], document.name


def test_images_are_those_that_are_built() -> None:
    built = set(re.findall(r"^FROM base AS (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE))
    used = {container["image"] for document in documents(BASE) for container in containers(document)}

    assert used == {f"tinytown-{target}" for target in built} == {image["name"] for image in _kustomization(BASE)["images"]}
    assert {image["newName"] for image in _kustomization(BASE)["images"]} == {image["name"] for image in _kustomization(TRIAL)["images"]}


def test_secrets_are_referred_to_and_the_example_has_all_of_them() -> None:
    example = {
        document.data["metadata"]["name"]: set(document.data["stringData"]) for document in documents(DEPLOY) if document.kind == "Secret"
    }
    asked: dict[str, set[str]] = {}
    for document in documents(BASE):
        for container in containers(document):
            for source in container.get("envFrom", []):
                if "secretRef" in source:
                    asked.setdefault(source["secretRef"]["name"], set())
            for entry in container.get("env", []):
                if "secretKeyRef" in entry.get("valueFrom", {}):
                    reference = entry["valueFrom"]["secretKeyRef"]
                    asked.setdefault(reference["name"], set()).add(reference["key"])

    assert asked.keys() == example.keys()
    assert all(keys <= example[name] for name, keys in asked.items())
    assert not [document for document in documents(BASE, TRIAL) if document.kind == "Secret"]


@each_workload
def test_containers_of_ours_may_do_no_more_than_they_need(workload: Document) -> None:
    if workload.data["apiVersion"] != "apps/v1" or "overlays" in str(workload.path):
        return
    pod = workload.data["spec"]["template"]["spec"]

    assert pod["securityContext"]["runAsNonRoot"]
    for container in pod["containers"]:
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"]
        assert not context["allowPrivilegeEscalation"]
        assert context["capabilities"]["drop"] == ["ALL"]
        assert {"requests", "limits"} <= container["resources"].keys()
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}


def test_a_worker_may_change_the_cost_of_its_pod_and_nothing_else() -> None:
    roles = [document for document in documents(BASE) if document.kind == "Role"]

    assert [role.data["rules"] for role in roles] == [[{"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"]}]]


def _kustomization(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return found
