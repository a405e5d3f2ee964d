"""What GitHub sends on its own: whether it is GitHub's, and which issues and pull requests it is about."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from tinytown.domain.objective import GITHUB, IssueRef, PullRef, Ref
from tinytown.errors import InvalidValue

__all__ = ["refs_in", "verify"]

_PULL = re.compile(r"/repos/([^/]+)/([^/]+)/pulls/(\d+)$")


class _Repository(msgspec.Struct, frozen=True):
    full_name: str = ""
    html_url: str = ""


class _Numbered(msgspec.Struct, frozen=True):
    number: int = 0
    url: str = ""
    pull_request: Any = None


class _Run(msgspec.Struct, frozen=True):
    pull_requests: list[_Numbered] = []


class _Delivery(msgspec.Struct, frozen=True):
    repository: _Repository = _Repository()
    pull_request: _Numbered | None = None
    issue: _Numbered | None = None
    check_run: _Run = _Run()
    check_suite: _Run = _Run()
    workflow_run: _Run = _Run()


def verify(secret: str, body: bytes, signature: str) -> bool:
    """Whether the header X-Hub-Signature-256 belongs to that body; without a secret nothing does."""
    if not secret:
        return False
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode("utf-8", "replace"))


def refs_in(event: str, payload: bytes) -> tuple[Ref, ...]:
    """The issues and pull requests that a delivery is about; none for events that tell of others.

    Args:
        event: the header X-GitHub-Event.
        payload: the body as it came, as JSON or as a form.

    Raises:
        InvalidValue: the payload is no JSON, or not of the shape of that event.
    """
    find = _EVENTS.get(event)
    if find is None:
        return ()
    try:
        delivery = msgspec.json.decode(_json(payload), type=_Delivery)
        return tuple(dict.fromkeys(find(delivery)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise InvalidValue("payload", f"is no delivery of the event {event}: {error}") from None


def _json(payload: bytes) -> bytes:
    """The document, which hooks of the content type `form` wrap."""
    if not payload.startswith(b"payload="):
        return payload
    return parse_qs(payload.decode("utf-8"), keep_blank_values=True, max_num_fields=10)["payload"][0].encode()


def _pull(delivery: _Delivery) -> Iterator[Ref]:
    if delivery.pull_request is not None:
        yield _made(PullRef, delivery, delivery.pull_request.number)


def _issue(delivery: _Delivery) -> Iterator[Ref]:
    if delivery.issue is not None:
        kind = IssueRef if delivery.issue.pull_request is None else PullRef
        yield _made(kind, delivery, delivery.issue.number)


def _runs(delivery: _Delivery) -> Iterator[Ref]:
    """The pull requests of checks; those from forks are not named, and are found at the next look."""
    for run in (delivery.check_run, delivery.check_suite, delivery.workflow_run):
        for pull in run.pull_requests:
            place = _PULL.search(pull.url)
            if place is not None:
                yield PullRef(owner=place[1], repo=place[2], number=int(place[3]), host=_host(delivery))


def _made(kind: type[IssueRef | PullRef], delivery: _Delivery, number: int) -> Ref:
    owner, _, repo = delivery.repository.full_name.partition("/")
    if not owner or not repo or number < 1:
        raise ValueError("it names no repository, or no number")
    return kind(owner=owner, repo=repo, number=number, host=_host(delivery))


def _host(delivery: _Delivery) -> str:
    named = urlsplit(delivery.repository.html_url).hostname
    return GITHUB if named is None else named


_EVENTS: dict[str, Callable[[_Delivery], Iterator[Ref]]] = {
    "check_run": _runs,
    "check_suite": _runs,
    "issue_comment": _issue,
    "issues": _issue,
    "pull_request": _pull,
    "pull_request_review": _pull,
    "pull_request_review_comment": _pull,
    "pull_request_review_thread": _pull,
    "workflow_run": _runs,
}
