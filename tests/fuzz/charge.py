"""Charges: many requests to one operation, each answer held against what the OpenAPI document promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.residents import NAMED, Row
from tinytown.api.openapi import openapi_document

__all__ = ["STREAM", "Send", "charge", "targets"]

CHECKS = [status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
STREAM = "GET /v1/events/stream"
ASKING_GITHUB = {"POST /v1/missions", "POST /v1/missions/plan"}
PRECONDITIONS = ("If-Match", "Idempotency-Key")

Send = Callable[[Case[Any], Mapping[str, str]], Response]
"""Makes a request, with more headers, and answers what came of it."""


@cache
def targets() -> dict[str, Any]:
    """The operations by method and path."""
    own = deepcopy(openapi_document())  # requests are changed in place, and examples are among them
    document = schemathesis.openapi.from_dict(own)
    return {one.label: one for one in (found.ok() for found in document.get_all_operations() if isinstance(found, Ok))}


def charge(
    label: str, send: Send, rows: Sequence[Row], callers: Sequence[Mapping[str, str]], *, examples: int, seed: int | None = None
) -> None:
    """Send many requests and fail at the first answer that is not as promised.

    Args:
        label: the operation, such as `GET /v1/town`.
        send: makes a request.
        rows: what there is, for the parameters of its path.
        callers: the headers of those who call.
        examples: how many requests.
        seed: of the requests; without one they are always the same.
    """

    @settings(
        max_examples=examples if _takes_more(targets()[label]) or "{" in label else 2,
        derandomize=seed is None,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_cases(targets()[label], rows), caller=st.sampled_from(callers))
    def charging(case: Case[Any], caller: Mapping[str, str]) -> None:
        response = send(case, caller)
        _check_server(label, response)
        case.validate_response(response, checks=CHECKS)

    (charging if seed is None else seeded(seed)(charging))()


def _check_server(label: str, response: Response) -> None:
    """That a stream has no free place, or GitHub is away, is told; any other 5xx is our mistake."""
    told = {503} if label in {STREAM, *ASKING_GITHUB} else set()
    assert response.status_code < 500 or response.status_code in told, (label, response.status_code, response.content)


def _cases(target: Any, rows: Sequence[Row]) -> st.SearchStrategy[Case[Any]]:
    return st.one_of([*_ways(target, rows)]).flatmap(lambda case: st.booleans().map(lambda settled: _settled(case) if settled else case))


def _ways(target: Any, rows: Sequence[Row]) -> Iterator[st.SearchStrategy[Case[Any]]]:
    """Requests as they should be and as they should not, to what there is and to what is not."""
    names = {parameter.name for parameter in target.path_parameters}
    known = [found for row in rows if (found := {name: row[name] for name in names & set(row)})]
    for path in [None, *known]:
        yield target.as_strategy(generation_mode=GenerationMode.POSITIVE, path_parameters=path)
        if _takes_more(target):
            yield target.as_strategy(generation_mode=GenerationMode.NEGATIVE, path_parameters=path)


def _takes_more(target: Any) -> bool:
    return any(len(part) for part in (target.query, target.headers, target.body))


def _settled(case: Case[Any]) -> Case[Any]:
    """The request with names of agents that there are, and without conditions that made-up values never meet."""
    for name in PRECONDITIONS:
        case.headers.pop(name, None)
    for members in (case.body, case.query):
        if isinstance(members, dict):
            members.update({name: "ada" for name in NAMED if isinstance(members.get(name), str)})
    return case
