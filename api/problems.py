"""Problem documents: every error of the API in one shape (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping

import falcon
import msgspec

from tinytown.api.phrases import phrase_of
from tinytown.errors import PlanRefused, TownError, Unavailable

__all__ = ["Fault", "Problem", "Refusal", "describe", "of_http_error", "of_town_error", "show"]

MEDIA_TYPE = "application/problem+json"
TYPE = "https://tinytown.dev/errors/"
RETRY_AFTER_SECONDS = 2

_CODES = {
    400: "bad_request", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 406: "not_acceptable",
    408: "request_timeout", 409: "conflict", 411: "length_required", 412: "precondition_failed", 413: "payload_too_large",
    414: "uri_too_long", 415: "unsupported_media_type", 421: "misdirected_request", 422: "validation", 428: "precondition_required",
    429: "too_many_requests", 431: "headers_too_large", 500: "internal", 501: "not_implemented", 503: "unavailable", 504: "timed_out",
}  # fmt: skip

_SILENT = {
    500: "Something went wrong in townhall; its log has the request id.",
    503: "A service that townhall needs does not answer; nothing was lost, try again in a moment.",
}
"""What callers are told of errors whose own words may say too much."""


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong with a request, and where."""

    detail: str
    """What is wrong."""
    pointer: str | None = None
    """Where in the body (RFC 6901)."""
    parameter: str | None = None
    """Which parameter of the query."""
    header: str | None = None
    """Which header."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was not done."""

    type: str
    """A URI that stands for the kind of problem."""
    title: str
    """The status in words."""
    status: int
    """The HTTP status."""
    detail: str
    """A sentence about this very problem, for people."""
    instance: str
    """The path that was asked for."""
    code: str
    """The kind of problem, for programs; it is stable."""
    request_id: str
    """By which the log and the audit know the request."""
    errors: tuple[Fault, ...] = ()
    """What is wrong with the request, piece by piece."""


class Refusal(Exception):
    """A request that is answered with a problem before anything is done."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str | None = None,
        errors: tuple[Fault, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, code, errors, headers)
        self.status = status
        self.detail = detail
        self.code = _CODES.get(status, "error") if code is None else code
        self.errors = errors
        self.headers = {} if headers is None else dict(headers)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.detail}"


def of_town_error(error: TownError) -> Refusal:
    """The refusal that an error of the town means."""
    headers = {}
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(max(1, round(retry_after)))
    elif isinstance(error, Unavailable):
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    challenge = getattr(error, "challenge", None)
    if challenge is not None:
        headers["WWW-Authenticate"] = challenge
    field = getattr(error, "field", None)
    faults = tuple(Fault(detail=problem) for problem in error.problems) if isinstance(error, PlanRefused) else ()
    if error.status == 422 and isinstance(field, str):
        faults = (Fault(detail=error.detail, pointer=f"/{field}"),)
    return Refusal(error.status, _SILENT.get(error.status, error.detail), code=error.code, errors=faults, headers=headers)


def of_http_error(error: falcon.HTTPError) -> Refusal:
    """The refusal that an error of the framework means."""
    status = error.status_code
    said = {
        404: "There is nothing at this path; /docs lists what there is.",
        405: "This path does not answer that method; the header Allow lists those it does.",
    }
    detail = said.get(status) or error.description or f"{phrase_of(status)}."
    headers = error.headers if isinstance(error.headers, Mapping) else dict(error.headers or ())
    return Refusal(status, detail, headers=headers)


def describe(refusal: Refusal, *, path: str, request_id: str) -> Problem:
    """The document of a refusal."""
    return Problem(
        type=f"{TYPE}{refusal.status}",
        title=phrase_of(refusal.status),
        status=refusal.status,
        detail=refusal.detail,
        instance=path,
        code=refusal.code,
        request_id=request_id,
        errors=refusal.errors,
    )


def show(refusal: Refusal, request: falcon.Request, response: falcon.Response) -> None:
    """Make a refusal the answer to a request."""
    problem = describe(refusal, path=request.path, request_id=request.context.request_id)
    response.status = refusal.status
    response.stream = None
    response.text = None
    response.data = msgspec.json.encode(problem)
    response.content_type = MEDIA_TYPE
    response.set_headers(refusal.headers)
