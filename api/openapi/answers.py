"""The answers of an operation: every status that it may have, with its type, its headers and an example."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import msgspec

from tinytown.api.answers import Streamed, Text
from tinytown.api.openapi.examples import example_of
from tinytown.api.openapi.schemas import Schemas
from tinytown.api.operation import Operation
from tinytown.api.phrases import phrase_of
from tinytown.api.problems import MEDIA_TYPE, Problem, Refusal, describe

__all__ = ["HEADERS", "answers_of", "has_version", "problem_answers"]

_SENTENCES = {
    "bad_request": "The request cannot be understood.",
    "malformed_json": "The body is no JSON.",
    "unauthenticated": "Valid credentials are needed; whether a key exists is not told.",
    "forbidden": "The credentials lack the scope.",
    "foreign_origin": "A web page of another origin may not call a townhall without auth.",
    "not_acceptable": "The Accept header allows nothing that can be answered.",
    "request_timeout": "The body did not arrive in time.",
    "precondition_failed": "If-Match is no ETag of ours.",
    "payload_too_large": "The body is longer than is accepted.",
    "uri_too_long": "The request line is too long.",
    "headers_too_large": "The headers are too long, or too many.",
    "unsupported_media_type": "The body must be JSON.",
    "misdirected_request": "A townhall without auth goes by the names of this machine only.",
    "validation": "The body or a parameter does not fit; `errors` says where.",
    "too_many_requests": "Too many requests, or too many wrong keys; Retry-After says when to come again.",
    "idempotency_key_in_use": "A request with this key is being answered at this moment.",
    "idempotency_key_reused": "The key was used for another body.",
    "internal": "Something went wrong in townhall; its log has the request id.",
    "redis_unavailable": "Redis does not answer, or no thread is free to wait; nothing was lost.",
}
_ALWAYS = (
    (400, "bad_request"), (403, "foreign_origin"), (406, "not_acceptable"), (414, "uri_too_long"), (421, "misdirected_request"),
    (422, "validation"), (431, "headers_too_large"),
)  # fmt: skip
_GUARDED = ((401, "unauthenticated"), (403, "forbidden"), (429, "too_many_requests"))
_WITH_BODY = ((400, "malformed_json"), (408, "request_timeout"), (413, "payload_too_large"), (415, "unsupported_media_type"))

HEADERS: dict[str, dict[str, Any]] = {
    "RequestId": {"description": "By which the log and the audit know the request.", "schema": {"type": "string"}},
    "ETag": {"description": "The version of the record, for If-Match and If-None-Match.", "schema": {"type": "string"}},
    "Location": {"description": "Where the thing is that was made.", "schema": {"type": "string"}},
    "Link": {"description": "Where the list goes on (`rel=next`).", "schema": {"type": "string"}},
    "RetryAfter": {"description": "Seconds after which it is worth asking again.", "schema": {"type": "integer", "minimum": 1}},
    "RateLimit": {
        "description": "What is left of the rate, and in how many seconds it is whole.",
        "schema": {"type": "string"},
    },
    "RateLimitPolicy": {"description": "The rate.", "schema": {"type": "string"}},
    "Replayed": {"description": "`true` when this was answered to an earlier request with the same key.", "schema": {"type": "string"}},
    "Challenge": {"description": "How to authenticate.", "schema": {"type": "string"}},
}
_NAMES = {
    "RequestId": "X-Request-ID", "RetryAfter": "Retry-After", "RateLimitPolicy": "RateLimit-Policy", "Replayed": "Idempotency-Replayed",
    "Challenge": "WWW-Authenticate",
}  # fmt: skip

_EVENT = {
    "description": "One event of the stream; the data is what `listEvents` tells of it.",
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "event": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": {"$ref": "#/components/schemas/EventView"}},
        "retry": {"type": "integer"},
    },
}
_FORMS: dict[str, dict[str, Any]] = {
    "application/json": {"type": "object"},
    "application/yaml": {"type": "object"},
    "text/event-stream": _EVENT,
}
"""The schemas of answers that are sent as text and have an inner form."""


def answers_of(operation: Operation, schemas: Schemas) -> dict[str, Any]:
    """The answers by status, the good ones first."""
    found = {str(status): _answer(operation, status, kind, schemas) for status, kind in sorted(operation.answers.items())}
    if has_version(operation) and operation.method == "GET" and operation.revalidates:
        found["304"] = {"description": "It is as the caller knows it (`If-None-Match`).", "headers": _headers("RequestId", "ETag")}
    for status, codes in sorted(_refusals(operation).items()):
        if str(status) not in found:
            found[str(status)] = {"$ref": f"#/components/responses/{_name(status, codes)}"}
    return found


def problem_answers(operations: Iterable[Operation]) -> tuple[dict[str, Any], dict[str, Any]]:
    """All answers that are problems, by name, and an example for each of their codes."""
    answers: dict[str, Any] = {}
    examples: dict[str, Any] = {}
    for operation in operations:
        for status, codes in _refusals(operation).items():
            answers.setdefault(_name(status, codes), _problem(status, codes))
            for code, sentence in codes.items():
                examples.setdefault(f"{status}.{code}", {"value": _example(status, code, sentence)})
    return dict(sorted(answers.items())), dict(sorted(examples.items()))


def _name(status: int, codes: dict[str, str]) -> str:
    return f"{status}.{'.'.join(codes)}"


def has_version(operation: Operation) -> bool:
    """Whether the answer is a single record, with a version."""
    kind = operation.signature.answer
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct) and "version" in kind.__struct_fields__


def _answer(operation: Operation, status: int, kind: Any, schemas: Schemas) -> dict[str, Any]:
    headers = ["RequestId"]
    headers += ["ETag"] if has_version(operation) else []
    headers += ["Location"] if status == HTTPStatus.CREATED else []
    headers += ["Replayed"] if operation.takes_key else []
    headers += ["Link"] if operation.as_text is not None else []
    headers += ["RateLimit", "RateLimitPolicy"] if operation.scope is not None else []
    headers += ["RetryAfter"] if status >= HTTPStatus.INTERNAL_SERVER_ERROR else []
    found: dict[str, Any] = {"description": phrase_of(status), "headers": _headers(*headers)}
    if kind in {Text, Streamed}:
        found["content"] = {operation.media_type: {"schema": _FORMS.get(operation.media_type, {"type": "string"})}}
    elif kind is not None:
        schema = schemas.of(kind)
        found["content"] = {"application/json": {"schema": schema, "example": example_of(schemas, schema)}}
        if operation.as_text is not None:
            found["content"]["text/plain"] = {"schema": {"type": "string"}}
    return found


def _refusals(operation: Operation) -> dict[int, dict[str, str]]:
    """The codes of each status that is a problem, with a sentence each."""
    codes = [*_ALWAYS, (500, "internal")]
    codes += _GUARDED if operation.scope is not None or operation.is_probe else ()
    codes += _WITH_BODY if operation.signature.body is not None else ()
    codes += [(409, "idempotency_key_in_use"), (422, "idempotency_key_reused")] if operation.takes_key else []
    codes += [(412, "precondition_failed")] if operation.takes_version else []
    codes += [(503, "redis_unavailable")] if operation.scope is not None or operation.is_probe or operation.refuses else []
    found: dict[int, dict[str, str]] = {}
    for status, code in codes:
        found.setdefault(status, {})[code] = _SENTENCES[code]
    for error in operation.refuses:
        found.setdefault(error.status, {}).setdefault(error.code, (error.__doc__ or "").partition("\n")[0])
    return found


def _problem(status: int, codes: dict[str, str]) -> dict[str, Any]:
    headers = ["RequestId"]
    headers += ["RetryAfter"] if status in {429, 503} or "idempotency_key_in_use" in codes else []
    headers += ["Challenge"] if status == HTTPStatus.UNAUTHORIZED else []
    text = "\n".join(f"- `{code}`: {sentence}" for code, sentence in codes.items())
    return {
        "description": f"{phrase_of(status)}.\n\n{text}",
        "headers": _headers(*headers),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": f"#/components/schemas/{Problem.__name__}"},
                "examples": {code: {"$ref": f"#/components/examples/{status}.{code}"} for code in codes},
            }
        },
    }


def _example(status: int, code: str, sentence: str) -> Any:
    problem = describe(Refusal(status, sentence, code=code), path="/v1/…", request_id="c56a4180-65aa-42ec-a945-5fd21dec0538")
    return msgspec.to_builtins(problem)


def _headers(*names: str) -> dict[str, Any]:
    return {_NAMES.get(name, name): {"$ref": f"#/components/headers/{name}"} for name in names}
