"""What can be asked of GitHub: REST with ETags, GraphQL, and what a bad answer means."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NoReturn, TypeVar

import msgspec

from tinytown.config.redact import MASK
from tinytown.errors import GitHubRefused, GitHubUnavailable
from tinytown.github.budget import Budget
from tinytown.github.credentials import HOW_TO_GET_ONE, Credentials, graphql_url
from tinytown.github.exchange import Answer, Exchange, decoded
from tinytown.github.shelf import Shelf

__all__ = ["Requests"]

T = TypeVar("T")

ANSWER_SECONDS = 6 * 3600.0
LARGEST_KEPT = 256_000

_WHO_MAY = "give the token access to it; where a fine-grained one may not read checks, take a classic one, or that of `gh auth login`"


class _GraphError(msgspec.Struct, frozen=True):
    message: str = ""
    type: str = ""
    extensions: Any = None


class _GraphAnswer(msgspec.Struct, frozen=True):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[_GraphError] = []


class _Complaint(msgspec.Struct, frozen=True):
    message: str = ""


class Requests:
    """Asks, and raises what a refusal means; `what` names in errors what was asked for."""

    def __init__(self, api_url: str, exchange: Exchange, credentials: Credentials, budget: Budget, shelf: Shelf) -> None:
        self._api_url = api_url.rstrip("/")
        self._exchange = exchange
        self._credentials = credentials
        self._budget = budget
        self._shelf = shelf

    def get(self, what: str, path: str, kind: type[T]) -> T:
        """Read something; if it has not changed since, that costs nothing of the budget."""
        name = f"answer:{self._credentials.who}:{sha256(path.encode()).hexdigest()[:32]}"
        found = self._shelf.read(name)
        etag, _, kept = (b"", b"", b"") if found is None else found[0].partition(b"\n")
        answer = self._exchange.send("GET", self._url(path), headers={"If-None-Match": etag.decode()} if etag else None)
        if answer.status == 304 and etag:
            return decoded(kept, kind)
        if not answer.is_good:
            self.refuse(what, answer)
        value = decoded(answer.body, kind)
        if "etag" in answer.headers and len(answer.body) <= LARGEST_KEPT:
            self._shelf.keep(name, answer.headers["etag"].encode() + b"\n" + answer.body, ANSWER_SECONDS)
        return value

    def get_end(self, what: str, path: str, size: int) -> str:
        """The last bytes of a text, wherever GitHub keeps it; the token goes to GitHub alone."""
        answer = self._exchange.send("GET", self._url(path), tail=size)
        if not answer.is_good:
            self.refuse(what, answer)
        return answer.body.decode("utf-8", "replace")

    def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Change something, in one try; the caller judges the answer, `refuse` helps with that."""
        return self._exchange.send("PUT", self._url(path), content=msgspec.json.encode(body), again=False)

    def query(self, what: str, text: str, variables: Mapping[str, Any], kind: type[T]) -> T:
        """Ask by GraphQL; an answer with holes is none."""
        if self._credentials.token() is None:
            raise GitHubRefused(what, f"reading pull requests takes a token: {HOW_TO_GET_ONE}", "unauthorized")
        url = graphql_url(self._api_url)
        answer = self._exchange.send("POST", url, kind="graphql", content=msgspec.json.encode({"query": text, "variables": variables}))
        if answer.status == 404:
            raise GitHubRefused(what, f"there is no GraphQL at {url}: check [github] api_url, or update the server", "not_found")
        if not answer.is_good:
            self.refuse(what, answer)
        found = decoded(answer.body, _GraphAnswer)
        if found.errors:
            self._refuse_query(what, found.errors, answer)
        return decoded(found.data, kind)

    def refuse(self, what: str, answer: Answer) -> NoReturn:
        """Raise what a bad answer means.

        Raises:
            GitHubRefused: asking again is of no use.
            GitHubUnavailable: it may be, later.
        """
        said = self.said(answer)
        if answer.status == 401:
            self._credentials.forget()
            raise GitHubRefused(what, f"the token is not valid, or not any more: {HOW_TO_GET_ONE}", "unauthorized")
        if answer.status == 429 or (answer.status == 403 and _is_limit(said, answer)):
            raise self._budget.pause(self._credentials.who, answer.headers)
        if answer.status >= 500 or answer.status < 400:
            raise GitHubUnavailable(f"it answered with status {answer.status}", 30)
        if answer.status in {404, 410}:
            raise GitHubRefused(what, f"there is no such thing, or the token may not see it: {said}", "not_found")
        reason = "forbidden" if answer.status in {403, 451} else "invalid"
        advice = "; give the token access, or use another one" if answer.status == 403 else ""
        raise GitHubRefused(what, f"{said}{advice}", reason)

    def said(self, answer: Answer) -> str:
        """GitHub's own sentence, short and without secrets."""
        try:
            message = msgspec.json.decode(answer.body, type=_Complaint).message
        except (msgspec.DecodeError, UnicodeDecodeError):
            message = ""
        return self._clean(message) if message else f"it answered with status {answer.status}"

    def _refuse_query(self, what: str, errors: list[_GraphError], answer: Answer) -> NoReturn:
        for error in errors:
            said = self._clean(error.message)
            if error.type == "RATE_LIMITED" or "rate limit" in said.lower():
                raise self._budget.pause(self._credentials.who, answer.headers)
            if error.type == "NOT_FOUND":
                raise GitHubRefused(what, f"there is no such pull request, or the token may not see it: {said}", "not_found")
            if error.type in {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
                raise GitHubRefused(what, f"{said}; {_WHO_MAY}", "forbidden")
            if not error.type and error.extensions:
                raise GitHubRefused(what, f"this server does not know what is asked: {said}", "invalid")
        raise GitHubUnavailable(f"it could not answer fully: {self._clean(errors[0].message)}", 30)

    def _clean(self, text: str) -> str:
        token = self._credentials.token()
        shown = text if token is None else text.replace(token, MASK)
        return " ".join(shown.split())[:300]

    def _url(self, path: str) -> str:
        return f"{self._api_url}/{path}"


def _is_limit(said: str, answer: Answer) -> bool:
    limited = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    return limited or "rate limit" in said.lower() or "abuse detection" in said.lower()
