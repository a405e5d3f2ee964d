"""The webhook: news as JSON, posted to an address of one's own and signed."""

from __future__ import annotations

import hmac
from datetime import timedelta

import httpx
import msgspec

from tinytown.config.redact import masked
from tinytown.domain.notification import Answer, Notification, NotificationId, Outcome
from tinytown.errors import SettingsError
from tinytown.notify.overhearing import overheard
from tinytown.notify.sender import mark_of, within

__all__ = ["Webhook", "signature"]

TRY_AGAIN = {408, 425, 429}
"""Answers of the kind 4xx that another time may be others."""


class Webhook:
    """Posts news to one address.

    Raises:
        SettingsError: that is no address of the web; the error does not repeat it.
    """

    def __init__(self, url: str, secret: str | None, timeout: timedelta) -> None:
        self.name = f"webhook {masked('webhook_url', url)}"
        self._url = _usable(url)
        self._address = url
        self._secret = secret
        self._timeout = timeout

    def mark(self, notification: NotificationId) -> str:
        """What is kept of a webhook that has a notification."""
        return mark_of(notification, self._address)

    def send(self, notification: Notification, town: str) -> Outcome:
        """Post the news; an answer of the kind 2xx is a delivery, and nothing is followed elsewhere."""
        return within(self._timeout, lambda: self._post(notification, town))

    def _post(self, notification: Notification, town: str) -> Outcome:
        body = _body(notification, town)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "tinytown",
            "X-Tinytown-Delivery": notification.id,
            "Idempotency-Key": notification.id,
        }
        if self._secret is not None:
            headers["X-Tinytown-Signature-256"] = signature(self._secret, body)
        try:
            with (
                overheard(),
                httpx.Client(timeout=self._timeout.total_seconds(), follow_redirects=False) as client,
                client.stream("POST", self._url, content=body, headers=headers) as answer,  # the answer's body is of no use
            ):
                return _outcome(answer.status_code, answer.headers.get("Retry-After", ""))
        except httpx.TimeoutException:
            return Outcome(Answer.FAILED, f"no answer within {self._timeout.total_seconds():g} s")
        except httpx.HTTPError as error:  # its words may hold the address
            return Outcome(Answer.FAILED, f"cannot be reached: {type(error).__name__}")


def signature(secret: str, body: bytes) -> str:
    """What `X-Tinytown-Signature-256` says of a body, as GitHub's webhooks do."""
    return f"sha256={hmac.new(secret.encode(), body, 'sha256').hexdigest()}"


def _usable(url: str) -> httpx.URL:
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme.lower() not in {"http", "https"}:
        said = f"{scheme[:20]}:// is no scheme of a webhook" if scheme.isalnum() else "it has no scheme"
        raise SettingsError("notify.webhook_url", f"{said}; it must be https:// or http://")
    try:
        parsed = httpx.URL(url)
        has_host = bool(parsed.host)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        has_host = False
    if not has_host:
        raise SettingsError("notify.webhook_url", f"is no valid {scheme}:// address")
    return parsed


def _body(notification: Notification, town: str) -> bytes:
    return msgspec.json.encode(
        {
            "id": notification.id,
            "event": notification.news,
            "title": notification.title,
            "body": notification.body,
            "town": town,
            "mission_id": notification.mission_id,
            "url": notification.url,
            "at": notification.at,
        }
    )


def _outcome(status: int, retry_after: str) -> Outcome:
    if 200 <= status < 300:
        return Outcome(Answer.DELIVERED)
    final = 400 <= status < 500 and status not in TRY_AGAIN
    wait = timedelta(seconds=int(retry_after)) if retry_after.isdecimal() and len(retry_after) < 6 else None
    return Outcome(Answer.REFUSED if final else Answer.FAILED, f"answered {status}", wait)
