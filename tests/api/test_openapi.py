"""The OpenAPI document is whole, says what is served and nothing else, and lies in the repository as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import schemathesis
import yaml
from falcon.testing import TestClient
from schemathesis.core.result import Ok

from tests.rules.project import ROOT
from tinytown.api import routes
from tinytown.api.openapi import json_text, openapi_document, yaml_text
from tinytown.api.operation import Operation

DOCUMENT = openapi_document()
OPERATIONS = {each.id: each for each in routes.operations()}
LIKE_HTTP = {"get", "post", "patch", "delete", "put", "head", "options", "trace"}

each_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


def described(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.method.lower()]
    return found


def nodes(part: Any, pointer: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in the document, with where it is."""
    if isinstance(part, dict):
        yield pointer, part
        for name, each in part.items():
            yield from nodes(each, f"{pointer}/{name}")
    elif isinstance(part, list):
        for number, each in enumerate(part):
            yield from nodes(each, f"{pointer}/{number}")


def referred(reference: str) -> Any:
    """What a `$ref` leads to."""
    found: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def faults(schema: dict[str, Any], value: Any) -> list[str]:
    """What of a value is not as a schema says, which refers into the document."""
    validator = jsonschema_rs.validator_for({**schema, "components": DOCUMENT["components"]})
    return [str(error) for error in validator.iter_errors(msgspec.to_builtins(value))]


def test_the_file_in_the_repository_is_current() -> None:
    written = ROOT / "docs" / "openapi" / "townhall-v1.yaml"

    assert written.exists(), "run `make docs`"
    assert written.read_text(encoding="utf-8") == yaml_text(), "run `make docs`"


def test_both_forms_say_the_same() -> None:
    assert yaml.load(yaml_text(), yaml.CSafeLoader) == msgspec.json.decode(json_text()) == msgspec.to_builtins(DOCUMENT)


def test_what_is_served_is_the_document(client: TestClient) -> None:
    assert client.simulate_get("/openapi.json").text == json_text()
    assert client.simulate_get("/openapi.yaml").text == yaml_text()


def test_programs_can_load_it() -> None:
    document = schemathesis.openapi.from_dict(DOCUMENT)

    document.validate()

    assert {found.ok().label for found in document.get_all_operations() if isinstance(found, Ok)} == {
        f"{each.method} {each.path}" for each in OPERATIONS.values()
    }


def test_operations_and_routes_are_the_same() -> None:
    told = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}

    assert told == {(each.path, each.method.lower()) for each in OPERATIONS.values()}
    assert {method for _, method in told} <= LIKE_HTTP


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [found["operationId"] for methods in DOCUMENT["paths"].values() for found in methods.values()]

    assert len(ids) == len(set(ids)) == len(list(routes.operations()))


def test_every_reference_leads_somewhere() -> None:
    references = {node["$ref"] for _, node in nodes(DOCUMENT) if isinstance(node.get("$ref"), str)}

    assert references
    assert all(referred(reference) is not None for reference in references)


def test_nothing_is_described_for_nobody() -> None:
    used = {node["$ref"] for _, node in nodes(DOCUMENT) if isinstance(node.get("$ref"), str)}
    there = {f"#/components/{kind}/{name}" for kind, found in DOCUMENT["components"].items() if kind != "securitySchemes" for name in found}

    assert there - used == set()


@each_operation
def test_an_operation_says_what_it_is(operation: Operation) -> None:
    found = described(operation)

    assert found["summary"]
    assert found["tags"] == [operation.tag]
    assert operation.tag in {tag["name"] for tag in DOCUMENT["tags"]}
    assert found["description"] or operation.scope is None
    assert all(parameter["description"] for parameter in found["parameters"]), "every parameter says what it is"


@each_operation
def test_an_operation_says_who_may_call_it(operation: Operation) -> None:
    asked = described(operation)["security"]

    assert {scheme for way in asked for scheme in way} <= set(DOCUMENT["components"]["securitySchemes"])
    if operation.scope is None:
        assert asked == [] or {} in asked
    else:
        assert asked
        assert {} not in asked
        assert operation.scope in described(operation)["description"]


@each_operation
def test_parameters_of_the_path_are_those_of_the_description(operation: Operation) -> None:
    told = [each["name"] for each in described(operation)["parameters"] if each["in"] == "path"]

    assert sorted(told) == sorted(re.findall(r"{(\w+)}", operation.path))


@each_operation
def test_every_answer_is_told_with_its_type(operation: Operation) -> None:
    answers = described(operation)["responses"]

    assert all(200 <= int(status) < 600 for status in answers)
    assert any(int(status) < 300 for status in answers)
    for status, answer in answers.items():
        found = referred(answer["$ref"]) if "$ref" in answer else answer
        assert found["description"]
        assert "X-Request-ID" in found["headers"]
        assert (status == "304") != bool(found.get("content")), "all but 304 have a body"


@each_operation
def test_examples_are_what_their_schemas_describe(operation: Operation) -> None:
    found = described(operation)
    contents = [*found.get("requestBody", {}).get("content", {}).values()]
    contents += [content for answer in found["responses"].values() for content in answer.get("content", {}).values()]

    assert [fault for content in contents if "example" in content for fault in faults(content["schema"], content["example"])] == []


@pytest.mark.parametrize("operation", [each for each in OPERATIONS.values() if each.signature.body is not None], ids=lambda each: each.id)
def test_the_example_of_a_body_is_taken(operation: Operation) -> None:
    example = described(operation)["requestBody"]["content"]["application/json"]["example"]

    assert msgspec.json.decode(msgspec.json.encode(example), type=operation.signature.body) is not None


def test_the_example_of_a_problem_is_one() -> None:
    examples = DOCUMENT["components"]["examples"]

    assert examples
    for name, example in examples.items():
        assert faults({"$ref": "#/components/schemas/Problem"}, example["value"]) == []
        assert name == f"{example['value']['status']}.{example['value']['code']}"


def test_patterns_are_written_as_json_schema_has_them() -> None:
    patterns = [node["pattern"] for _, node in nodes(DOCUMENT) if isinstance(node.get("pattern"), str)]

    assert patterns
    assert [pattern for pattern in patterns if r"\A" in pattern or r"\Z" in pattern] == []


def test_every_component_has_a_name_that_is_allowed() -> None:
    names = [name for found in DOCUMENT["components"].values() for name in found]

    assert [name for name in names if re.fullmatch(r"[a-zA-Z0-9._-]+", name) is None] == []
