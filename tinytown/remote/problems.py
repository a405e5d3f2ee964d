"""Problems: the errors of a town, rebuilt from what townhall answers, so that they mean the same here as there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tinytown import errors
from tinytown.errors import Conflict, Denied, NotFound, Refused, TownError, TownhallUnavailable, Unavailable
from tinytown.remote.access import API_KEY, API_KEY_PATH

if TYPE_CHECKING:
    import httpx

__all__ = ["Problem", "error_of", "problem_in"]

_NO_PATH = "not_found"
"""The code of a path that townhall does not know."""
_BY_STATUS: dict[int, type[TownError]] = {
    400: Refused, 401: Denied, 403: Denied, 404: NotFound, 409: Conflict, 412: Conflict, 413: Refused, 415: Refused, 422: Refused,
    429: Denied,
}  # fmt: skip
_ADVICE = {
    "unauthenticated": f"no valid key was shown: set {API_KEY}, or {API_KEY_PATH} to the file that holds it",
}


class _Fault(msgspec.Struct, frozen=True, kw_only=True):
    detail: str = ""
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None

    def __str__(self) -> str:
        where = next((place for place in (self.pointer, self.parameter, self.header) if place is not None), None)
        return self.detail if where is None else f"{where.lstrip('/')}: {self.detail}"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What a problem document says (RFC 9457)."""

    code: str
    detail: str = ""
    errors: tuple[_Fault, ...] = ()


def problem_in(response: httpx.Response) -> Problem | None:
    """The problem document of an answer; None if there is none, as when something between here and townhall answers."""
    try:
        return msgspec.json.decode(response.content, type=Problem)
    except msgspec.MsgspecError:
        return None


def error_of(response: httpx.Response, url: str) -> TownError:
    """The error that an answer means; it is caught as the same kind, and has the same code and exit code.

    Args:
        response: with a status that is no success.
        url: of the townhall.
    """
    problem, status = problem_in(response), response.status_code
    if problem is None or problem.code == _NO_PATH:
        return TownhallUnavailable(url, _strange(response, known=problem is not None))
    kind = _kind_of(problem.code)
    if kind is None:
        kind = _BY_STATUS.get(status, Unavailable if status in {502, 503, 504} else TownError)
    return _told(kind, problem.code)(_sentence(problem))


def _sentence(problem: Problem) -> str:
    said = _ADVICE.get(problem.code, problem.detail)
    faults = [str(fault) for fault in problem.errors if fault.detail and fault.detail not in said]
    if problem.code == "plan_refused" and len(faults) > 1:
        return "\n  ".join((said.splitlines()[0], *faults))
    return f"{said.rstrip('.')}: {'; '.join(faults)}" if faults else said


def _strange(response: httpx.Response, *, known: bool) -> str:
    if response.is_redirect:
        to = response.headers.get("location", "nowhere")[:300]
        return f"it sends us on to {to}; the key is not shown to anybody else, so set TINYTOWN_TOWNHALL_URL to where townhall is"
    if known:
        return "it does not know what was asked for; its version may be another one"
    return f"what answers there ({response.status_code} {response.reason_phrase}) is no townhall"


def _kind_of(code: str) -> type[TownError] | None:
    known = (getattr(errors, name) for name in errors.__all__)
    return next((kind for kind in known if kind.code == code), None)


def _told(kind: type[TownError], code: str) -> type[TownError]:
    """That kind of error with a sentence of its own, instead of the members that the sentence would be made of."""

    class Told(kind):  # type: ignore[valid-type,misc]
        def __init__(self, sentence: str) -> None:
            Exception.__init__(self, sentence)
            self.sentence_told = sentence

        @property
        def detail(self) -> str:
            return self.sentence_told

        def __str__(self) -> str:
            return f"{self.detail}; {self.advice}" if isinstance(self, NotFound) and self.advice else self.detail

    Told.code = code
    Told.__name__ = Told.__qualname__ = kind.__name__
    return Told
