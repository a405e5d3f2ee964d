"""The files that describe other homes of a town, as data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.rules.project import ROOT

__all__ = ["DEPLOY", "SCHEMAS", "Document", "containers", "documents", "environment_of", "kubernetes", "parsed"]

DEPLOY = ROOT / "deploy"
SCHEMAS = Path(__file__).parent / "schemas"
_NOT_OURS = {".venv", ".git", "node_modules", "build", "dist", "schemas"}


class Document(NamedTuple):
    """One document of a YAML file."""

    path: Path
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        """What it says it is; empty where it says nothing."""
        return str(self.data.get("kind", ""))

    @property
    def name(self) -> str:
        """Its file, and what it is called."""
        return f"{self.path.relative_to(ROOT)}:{self.data.get('metadata', {}).get('name', self.kind)}"


def documents(*folders: Path) -> list[Document]:
    """Every document of every YAML file in these folders, dot-folders of ours among them."""
    found = []
    for folder in folders:
        for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")]):
            if _NOT_OURS.isdisjoint(path.relative_to(ROOT).parts):
                found += [Document(path, data) for data in _read(path) if data is not None]
    return found


def _read(path: Path) -> Iterator[Any]:
    """The documents of a file; `on:` of a workflow is a word there, and not the truth value of YAML 1.1."""
    for data in yaml.load_all(path.read_text(encoding="utf-8"), _Strict):
        if isinstance(data, dict) and True in data:
            data["on"] = data.pop(True)
        yield data


def parsed(text: str) -> list[dict[str, Any]]:
    """The documents of a text.

    Raises:
        yaml.YAMLError: it is no YAML, or says something twice.
    """
    return [data for data in yaml.load_all(text, _Strict) if data is not None]


def kubernetes() -> list[Document]:
    """What `kubectl apply` would be given."""
    return [document for document in documents(DEPLOY / "kubernetes") if document.kind != "Kustomization"]


def containers(document: Document) -> Iterator[dict[str, Any]]:
    """The containers of a workload, of Kubernetes or of Cloud Run."""
    spec = document.data.get("spec", {})
    pod = spec.get("jobTargetRef", spec).get("template", {}).get("spec", {})
    yield from pod.get("containers", [])


def environment_of(path: Path) -> Iterator[str]:
    """The names of variables that a file sets for processes of a town."""
    if path.suffix == ".json":
        yield from json.loads(path.read_text(encoding="utf-8")).get("env", {})
        return
    if path.suffix not in {".yaml", ".yml"}:
        for line in path.read_text(encoding="utf-8").splitlines():
            name, sign, _ = line.lstrip("# ").removeprefix("Environment=").partition("=")
            if sign and name.isupper() and name.replace("_", "").isalnum():
                yield name
        return
    for document in documents(path.parent):
        if document.path != path:
            continue
        yield from (entry["name"] for container in containers(document) for entry in container.get("env", []))
        if document.kind == "ConfigMap":
            yield from document.data["data"]
        for service in document.data.get("services", {}).values():
            yield from service.get("environment", {})


class _Strict(yaml.SafeLoader):
    """Takes no key twice: of the two, readers of YAML silently drop one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Make a mapping of it, or refuse."""
        own = [self.construct_object(key, deep=True) for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = {str(key) for key in own if own.count(key) > 1}
        if twice:
            raise yaml.MarkedYAMLError(problem=f"{', '.join(twice)} stands there twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)
