"""The OpenAPI 3.1 document of townhall."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec
import yaml

from tinytown.api import routes
from tinytown.api.answers import Streamed, Text
from tinytown.api.body import JSON, Raw
from tinytown.api.openapi.answers import HEADERS, answers_of, problem_answers
from tinytown.api.openapi.examples import example_of
from tinytown.api.openapi.schemas import Schemas, portable
from tinytown.api.operation import Operation
from tinytown.api.problems import Problem
from tinytown.api.requests.events import EVENT_ID

__all__ = ["json_text", "openapi_document", "yaml_text"]

_ABOUT = """\
Townhall is the HTTP control plane of a town: named coding agents with mailboxes, their tasks and messages.

- Every error is a problem document (RFC 9457) with a stable `code` and the `request_id` that the log knows.
- Lists come in pages: hand back `next_cursor` as `cursor`.
- Single records have an ETag. A change takes it as `If-Match`, and does nothing (412) if the record has changed since.
- Where `Idempotency-Key` is taken, a repeat is answered as the first time, for a day, and makes nothing twice.
- While Redis does not answer, everything that needs it says 503 with `Retry-After`, and never a zero.
- In the mode without authentication, which is for this machine only, no credentials are looked at."""

_PATH_NOTES = {
    "agent": "A name, nickname, label, id, or the beginning of an id.",
    "task": "An id, or the beginning of one.",
    "task_id": "An id, or the beginning of one.",
    "message": "The id of a message.",
    "letter": "The id of a dead letter, or the beginning of it.",
    "token": "HIREFIRE_TOKEN, or an API key with `scaling.read`.",
    "mission_id": "An id, or at least four characters of its beginning.",
    "work_item_id": "An id, at least four characters of its beginning, or its source, such as `#7` (as `%237`).",
    "watch_id": "An id, or at least four characters of its beginning.",
    "worker": "An id, the beginning of one, or the host of a worker.",
}
_ETAG = r'^(\*|"[0-9]{1,15}")$'
_KEY = "^[ -~]*[!-~][ -~]*$"
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, or with `mode = oidc` a token of the identity provider."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key."},
    "basic": {"type": "http", "scheme": "basic", "description": "An API key as the password, or as the user name."},
    "queryKey": {"type": "apiKey", "in": "query", "name": "api_key", "description": "An API key, for probes that can send nothing else."},
}


@cache
def openapi_document() -> dict[str, Any]:
    """The whole document, from the operations that are served."""
    schemas = Schemas(_kinds())
    problems, examples = problem_answers(routes.operations())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tinytown townhall",
            "version": version("tinytown"),
            "description": _ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "http://localhost:8080", "description": "As `townhall` listens by default."}],
        "tags": [{"name": tag.name, "description": tag.about} for tag in routes.TAGS],
        "paths": {path: {each.method.lower(): _operation(each, schemas) for each in found} for path, found in routes.paths().items()},
        "components": {
            "schemas": {name: schema for name, schema in schemas.components.items() if name not in _queries()},
            "responses": problems,
            "examples": examples,
            "headers": HEADERS,
            "securitySchemes": _SCHEMES,
        },
    }


@cache
def json_text() -> str:
    """The document as JSON."""
    return msgspec.json.format(msgspec.json.encode(openapi_document()), indent=2).decode()


@cache
def yaml_text() -> str:
    """The document as YAML."""
    return yaml.dump(msgspec.json.decode(json_text()), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=140)


class _Dumper(yaml.SafeDumper):
    """Writes long texts as blocks, and everything where it belongs instead of referring to it."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


_Dumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)
)


def _kinds() -> Iterator[Any]:
    yield Problem
    for operation in routes.operations():
        yield from (kind for kind in (operation.signature.query, operation.signature.body) if kind not in {None, Raw})
        yield from (kind for kind in operation.answers.values() if kind is not None and kind not in {Text, Streamed})


def _queries() -> set[str]:
    """The types whose members are told as parameters, and nowhere else."""
    return {each.signature.query.__name__ for each in routes.operations() if each.signature.query is not None}


def _operation(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": _description(operation),
        "security": _security(operation),
        "parameters": _parameters(operation, schemas),
    }
    body = operation.signature.body
    if body is Raw:
        found["requestBody"] = {"required": True, "content": {JSON: {"schema": {"type": "object"}, "example": {}}}}
    elif body is not None:
        schema = schemas.of(body)
        example = example_of(schemas, schema, sent=True)
        found["requestBody"] = {
            "required": not operation.signature.body_is_optional,
            "content": {"application/json": {"schema": schema, "example": example}},
        }
    return {**found, "responses": answers_of(operation, schemas)}


def _description(operation: Operation) -> str:
    needs = "" if operation.scope is None else f"Needs the scope `{operation.scope}`."
    if operation.is_probe:
        needs = "Public, unless `[townhall] public_probes` is false: then it needs the scope `scaling.read`."
    return "\n\n".join(part for part in (operation.description, needs) if part)


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if operation.is_probe:
        return [{}, {"bearer": []}, {"apiKey": []}, {"basic": []}, {"queryKey": []}]
    return [] if operation.scope is None else [{"bearer": []}, {"apiKey": []}, {"basic": []}]


def _parameters(operation: Operation, schemas: Schemas) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "description": _PATH_NOTES[name], "schema": {"type": "string"}}
        for name in operation.signature.path
    ]
    if operation.signature.query is not None:
        found += schemas.parameters(operation.signature.query)
    found += [_header(name, text, {"type": "string"}) for name, text in operation.headers.items()]
    if operation.takes_key:
        text = "Makes a repeat harmless: 1 to 255 printable ASCII characters, of the caller's own choice."
        found.append(_header("Idempotency-Key", text, {"type": "string", "minLength": 1, "maxLength": 255, "pattern": _KEY}))
    if operation.takes_version:
        found.append(_header("If-Match", "The ETag of the record as the caller has seen it.", {"type": "string", "pattern": _ETAG}))
    if operation.signature.answer is Streamed:
        found.append(
            _header(
                "Last-Event-ID",
                "The id of the last event that was seen; goes on after it.",
                {"type": "string", "pattern": portable(EVENT_ID)},
            )
        )
    return found


def _header(name: str, text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": text, "schema": schema}
