"""Every YAML file of the project is what it says it is."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.deploy.manifests import DEPLOY, SCHEMAS, Document, documents, parsed
from tests.rules.project import ROOT

OLDEST_KUBERNETES, NEWEST_KUBERNETES = "1.30", "1.37"
ELSEWHERE = {"docs/openapi/townhall-v1.yaml"}
"""Checked with the program that makes it."""

OWN = {
    "Kustomization": "kustomization",
    "CremaConfig": "crema",
    "WorkerPool": "cloudrun",
    "ScaledObject": "keda",
    "ScaledJob": "keda",
    "TriggerAuthentication": "keda",
}
VENDORED = {".github/workflows": "github-workflows", ".github/dependabot": "dependabot", "deploy/compose": "compose-spec"}
BY_PATH = {"deploy/prometheus/alerts.yaml": "prometheus-rules", "deploy/prometheus/scrape.yaml": "prometheus-config"}

EVERYTHING = [document for document in documents(ROOT) if str(document.path.relative_to(ROOT)) not in ELSEWHERE]


@pytest.mark.parametrize("document", EVERYTHING, ids=lambda document: document.name)
def test_a_document_keeps_to_its_schema(document: Document) -> None:
    assert complaints(document) == []


def test_all_homes_are_looked_at() -> None:
    folders = {document.path.relative_to(ROOT).parts[:2] for document in EVERYTHING}

    assert {("deploy", "kubernetes"), ("deploy", "cloudrun"), ("deploy", "prometheus"), ("deploy", "compose.yaml")} <= folders
    assert (".github", "workflows") in folders


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nbelongings: {}", "belongings"),
        ("apiVersion: v1\nkind: Nothing\nmetadata: {name: x}", "no schema"),
        ("just: words", "no schema"),
    ],
)
def test_a_mistake_would_be_found(text: str, complaint: str) -> None:
    found = complaints(Document(DEPLOY / "mistake.yaml", yaml.safe_load(text)))

    assert complaint in " ".join(found)


def test_a_key_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(yaml.YAMLError, match="image stands there twice"):
        parsed("containers:\n  - image: a\n    name: x\n    image: b")


def test_the_description_for_heroku_keeps_to_its_schema() -> None:
    described = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))

    jsonschema.validate(described, _own("heroku-app"))

    assert set(described["formation"]) == {"web", "clock", "worker"}


def complaints(document: Document) -> list[str]:
    """What is wrong with a document; that nobody knows its schema is wrong, too."""
    schema = _schema_of(document)
    if schema is not None:
        validator = jsonschema.validators.validator_for(schema)(schema)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document.data)]
    if "apiVersion" not in document.data:
        return ["no schema is known for it"]
    found = []
    for version in (OLDEST_KUBERNETES, NEWEST_KUBERNETES):
        try:
            kubernetes_validate.validate(document.data, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{version}: {error.message}")
        except kubernetes_validate.SchemaNotFoundError:
            found.append(f"{version}: no schema is known for it")
    return found


def _schema_of(document: Document) -> dict[str, Any] | None:
    where = str(document.path.relative_to(ROOT))
    if where in BY_PATH:
        return _own(BY_PATH[where])
    for beginning, name in VENDORED.items():
        if where.startswith(beginning):
            return _vendored(name)
    if document.data.get("apiVersion") == "serving.knative.dev/v1":
        return _own("cloudrun")
    return _own(OWN[document.kind]) if document.kind in OWN else None


@cache
def _own(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return found


@cache
def _vendored(name: str) -> dict[str, Any]:
    text = files("check_jsonschema.builtin_schemas").joinpath("vendor", f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
