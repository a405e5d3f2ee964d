"""One request to GitHub and its answer: bounded in time, within the budget, tried again where that is harmless."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

import httpx
import msgspec

from tinytown.config.missions import GitHubSettings
from tinytown.errors import GitHubUnavailable
from tinytown.github.budget import Budget
from tinytown.github.credentials import Credentials
from tinytown.patience import patience, patience_left

__all__ = ["Answer", "Exchange", "decoded"]

T = TypeVar("T")

HEADERS = {
    "Accept": "application/vnd.github+json",
    "User-Agent": "tinytown",
    "X-GitHub-Api-Version": "2022-11-28",
}
BACKOFFS = (0.1, 0.5)
"""Seconds before a second and a third try."""
PASSING = {502, 503, 504}
LARGEST_BODY = 20_000_000


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What GitHub answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_good(self) -> bool:
        """Whether it is what was asked for."""
        return 200 <= self.status < 300


class Exchange:
    """Sends requests; threads may share it.

    Args:
        http: a client whose transport keeps to `tinytown.patience`.
        sleep: waits between two tries.
    """

    def __init__(
        self,
        http: httpx.Client,
        settings: GitHubSettings,
        credentials: Credentials,
        budget: Budget,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http
        self._seconds = settings.timeout.total_seconds()
        self._credentials = credentials
        self._budget = budget
        self._sleep = sleep

    def send(
        self, method: str, url: str, *, kind: str = "core", headers: Mapping[str, str] | None = None, content: bytes | None = None,
        again: bool = True, tail: int | None = None,
    ) -> Answer:  # fmt: skip
        """Send a request, and take in what the answer says of the budget.

        Args:
            kind: which of GitHub's limits it counts against.
            again: whether sending it twice is harmless.
            tail: of a long body only so many last bytes are wanted.

        Raises:
            GitHubUnavailable: no answer in time, none at all, or the budget is used up.
        """
        who, token = self._credentials.who, self._credentials.token()
        self._budget.check(who, kind)
        authorized = {} if token is None else {"Authorization": f"Bearer {token}"}
        request = self._http.build_request(method, url, headers={**HEADERS, **authorized, **(headers or {})}, content=content)
        with patience(self._seconds):
            answer = self._tried(request, BACKOFFS if again else (), tail)
        self._budget.learn(who, kind, answer.headers)
        return answer

    def _tried(self, request: httpx.Request, backoffs: tuple[float, ...], tail: int | None) -> Answer:
        try:
            answer = self._sent(request, tail)
            if answer.status not in PASSING or "retry-after" in answer.headers or not self._may_wait(backoffs):
                return answer
        except httpx.TimeoutException:
            raise GitHubUnavailable(f"it did not answer within {self._seconds:g} s", self._seconds) from None
        except httpx.TransportError as error:
            if not self._may_wait(backoffs):
                raise GitHubUnavailable(f"it cannot be reached ({type(error).__name__})", self._seconds) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GitHubUnavailable(f"it cannot be talked to ({type(error).__name__})", 60) from None
        self._sleep(backoffs[0])
        return self._tried(request, backoffs[1:], tail)

    def _may_wait(self, backoffs: tuple[float, ...]) -> bool:
        left = patience_left()
        return bool(backoffs) and (left is None or left > backoffs[0])

    def _sent(self, request: httpx.Request, tail: int | None) -> Answer:
        response = self._http.send(request, stream=True)
        try:
            return Answer(status=response.status_code, headers=dict(response.headers), body=_read(response, tail))
        finally:
            response.close()


def _read(response: httpx.Response, tail: int | None) -> bytes:
    body, read = bytearray(), 0
    for chunk in response.iter_bytes():
        body += chunk
        read += len(chunk)
        if tail is not None:
            del body[:-tail]
        elif read > LARGEST_BODY:
            raise GitHubUnavailable(f"it answers with more than {LARGEST_BODY} bytes", 60)
        if read > LARGEST_BODY:
            break
    return bytes(body)


def decoded(body: bytes | msgspec.Raw, kind: type[T]) -> T:
    """An answer's body as what it has to be.

    Raises:
        GitHubUnavailable: it is something else.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GitHubUnavailable(f"what it answers cannot be understood: {error}", 60) from None
