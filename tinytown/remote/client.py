"""The client: one townhall asked over HTTP, again where that can do nothing twice."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from tinytown.clock import SystemClock
from tinytown.domain.ids import new_id
from tinytown.errors import NotFound, RecordUnreadable, SettingsError, TownhallUnavailable
from tinytown.github.network import proxy_for
from tinytown.remote.access import CA_CERT, Access
from tinytown.remote.problems import error_of, problem_in

__all__ = ["Client", "Query", "opened_client", "segment"]

T = TypeVar("T")
Query = Mapping[str, object]

_LIMITS = httpx.Timeout(connect=10.0, read=65.0, write=60.0, pool=10.0)
"""Townhall ends a request that waits in less than a minute, whatever was asked."""
_PAUSES = (0.2, 0.8)
"""Seconds before a request that came to nothing is made again."""
_IN_USE_PATIENCE = 40
"""Seconds for which the answer is asked again that a request before this one, whose answer was lost, is still being given."""
_LONGEST_PAUSE = 10.0
_SKEW = timedelta(seconds=2)
_LONGEST_SEGMENT = 300


class Client:
    """Asks a townhall; what it is shown of the key is never part of an error.

    Args:
        access: where it is, and the key.
        transport: what carries requests.
        pause: waits so many seconds.
    """

    def __init__(self, access: Access, transport: httpx.BaseTransport, pause: Callable[[float], None] = time.sleep) -> None:
        self.url = access.url
        self._pause = pause
        self._clock = SystemClock()
        self._ahead = timedelta()
        headers = {"Accept": "application/json", "User-Agent": "tinytown-tt"}
        if access.key is not None:
            headers["Authorization"] = f"Bearer {access.key}"
        self._http = httpx.Client(
            base_url=f"{access.url}/", transport=transport, headers=headers, timeout=_LIMITS, follow_redirects=False, trust_env=False
        )

    def get(self, path: str, kind: type[T], query: Query | None = None) -> T:
        """What is at a path."""
        return self._decoded(self._answer("GET", path, query=query, repeatable=True), kind)

    def asked(self, path: str, kind: type[T], query: Query | None = None) -> tuple[int, T]:
        """What is at a path, with the status of the answer."""
        response = self._answer("GET", path, query=query, repeatable=True)
        return response.status_code, self._decoded(response, kind)

    def post(self, path: str, kind: type[T], body: object = None) -> T:
        """Have something done: once, however often that must be said."""
        headers = {"Idempotency-Key": new_id()}
        return self._decoded(self._answer("POST", path, body=body, headers=headers, repeatable=True), kind)

    def inquire(self, path: str, kind: type[T], body: object) -> T:
        """What townhall answers to a question that is too long for an address, and changes nothing."""
        return self._decoded(self._answer("POST", path, body=body, repeatable=True), kind)

    def patch(self, path: str, kind: type[T], body: object) -> T:
        """Have something changed; it is said once only."""
        return self._decoded(self._answer("PATCH", path, body=body, repeatable=False), kind)

    def delete(self, path: str, kind: type[T], query: Query | None = None) -> T:
        """Have something taken away: once, however often that must be said."""
        headers = {"Idempotency-Key": new_id()}
        return self._decoded(self._answer("DELETE", path, query=query, headers=headers, repeatable=True), kind)

    def now(self) -> datetime:
        """The present moment by the clock of townhall's machine, if that differs from ours by more than its answers tell."""
        return self._clock.now() + self._ahead

    def rest(self, seconds: float) -> None:
        """Wait a while before asking again."""
        self._pause(seconds)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _answer(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool,
    ) -> httpx.Response:
        content = None if body is None else msgspec.json.encode(body)
        typed = {} if content is None else {"Content-Type": "application/json"}
        request = self._http.build_request(
            method, path.lstrip("/"), params=_parameters(query), content=content, headers={**typed, **({} if headers is None else headers)}
        )
        pauses, in_use = list(_PAUSES), _IN_USE_PATIENCE
        while True:
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                if not pauses or not _may_repeat(error, repeatable=repeatable):
                    raise TownhallUnavailable(self.url, _why(error)) from error
                self._pause(pauses.pop(0))
                continue
            self._heed_date(response)
            if response.is_success:
                return response
            if in_use and repeatable and response.status_code == httpx.codes.CONFLICT and _code(response) == "idempotency_key_in_use":
                in_use -= 1
                self._pause(1.0)
            elif pauses and (pause := _worth_a_pause(response, pauses[0], repeatable=repeatable)) is not None:
                pauses.pop(0)
                self._pause(pause)
            else:
                raise error_of(response, self.url)

    def _decoded(self, response: httpx.Response, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(response.content, type=kind)
        except msgspec.MsgspecError as error:
            if not response.headers.get("content-type", "").startswith("application/json"):
                raise TownhallUnavailable(self.url, "what answers there is no townhall") from error
            raise RecordUnreadable(str(response.request.url), f"{error}; the townhall may be of another version") from error

    def _heed_date(self, response: httpx.Response) -> None:
        said = response.headers.get("date")
        if said is None:
            return
        try:
            ahead = parsedate_to_datetime(said).astimezone(UTC) - self._clock.now()
        except ValueError:
            return
        self._ahead = ahead if abs(ahead) > _SKEW else timedelta()


def opened_client(access: Access, env: Mapping[str, str]) -> Client:
    """A client of that townhall, through the proxy of the environment if it is on another machine.

    Raises:
        SettingsError: the file of the certificate authority is none.
    """
    return Client(access, _transport(access, env))


def _transport(access: Access, env: Mapping[str, str]) -> httpx.BaseTransport:
    proxy = None if access.is_local else proxy_for(access.url, env)
    context: ssl.SSLContext | bool = True
    if access.authority is not None:
        try:
            context = ssl.create_default_context(cafile=str(access.authority))
        except (OSError, ssl.SSLError):
            raise SettingsError(CA_CERT, f"{access.authority}: no certificates in PEM form can be read from it") from None
    elif not access.url.startswith("https:"):
        context = False  # or certificates would be loaded for nothing
    return httpx.HTTPTransport(verify=context, proxy=proxy, trust_env=False)


def segment(reference: str, missing: type[NotFound]) -> str:
    """A reference as one part of a path.

    Raises:
        NotFound: of the kind `missing`: nothing can be called that.
    """
    text = reference.strip()
    if not text or text in {".", ".."} or "/" in text or len(text) > _LONGEST_SEGMENT or not text.isprintable():
        raise missing(reference)
    return quote(text, safe="")


def _parameters(query: Query | None) -> list[tuple[str, str | int | float | bool | None]]:
    found: list[tuple[str, str | int | float | bool | None]] = []
    for name, value in ({} if query is None else query).items():
        several = value if isinstance(value, tuple | list) else (value,)
        found += [(name, _text(one)) for one in several if one is not None]
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _code(response: httpx.Response) -> str:
    problem = problem_in(response)
    return "" if problem is None else problem.code


def _may_repeat(error: httpx.TransportError, *, repeatable: bool) -> bool:
    """Whether to ask again: always if nothing was sent, else if doing it twice is harmless; certificates do not become better."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error) or isinstance(error, httpx.UnsupportedProtocol):
        return False
    return repeatable or isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def _worth_a_pause(response: httpx.Response, usual: float, *, repeatable: bool) -> float | None:
    """How long to wait before asking again; None if that makes no sense."""
    status = response.status_code
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wanted = response.headers.get("retry-after", "")
        pause = float(wanted) if wanted.isascii() and wanted.isdigit() else usual
        return pause if pause <= _LONGEST_PAUSE else None
    is_between = status in {502, 504} and problem_in(response) is None  # a proxy whose townhall is being replaced
    return usual if is_between and repeatable else None


def _why(error: httpx.TransportError) -> str:
    said = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in said:
        fault = said.partition("failed: ")[2] or said
        return f"its certificate is not to be trusted ({fault}); {CA_CERT} names the file of a private authority"
    if isinstance(error, httpx.TimeoutException):
        return "it did not answer in time"
    return said
