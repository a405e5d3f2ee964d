"""Deliveries of GitHub's webhooks: believed for their signature, by which the town's secret shows."""

from __future__ import annotations

import falcon
import msgspec

from tinytown.domain.objective import Ref
from tinytown.domain.principal import Principal, Via
from tinytown.errors import TownError, Unauthenticated
from tinytown.github.webhooks import refs_in, verify

__all__ = ["GITHUB", "HEADERS", "PATH", "BadSignature", "Delivery", "WebhooksOff", "delivery_of"]

PATH = "/v1/github/webhook"
GITHUB = Principal(id="github", name="github", scopes=frozenset(), via=Via.SIGNATURE)
HEADERS = {
    "X-Hub-Signature-256": "`sha256=` and the HMAC of the body with the secret, in hexadecimal.",
    "X-GitHub-Event": "What happened.",
    "X-GitHub-Delivery": "The id of the delivery; one that comes twice does no harm.",
}


class WebhooksOff(TownError):
    """The town has no secret for webhooks, and so takes none."""

    code = "webhooks_off"
    status = 404

    def __str__(self) -> str:
        return "this town takes no webhooks: [github] webhook_secret is not set"


class BadSignature(Unauthenticated):
    """The signature is missing, or was not made with the town's secret."""

    code = "bad_signature"
    challenge = "X-Hub-Signature-256"

    def __str__(self) -> str:
        return "X-Hub-Signature-256 is missing, or is not that of this body with the town's webhook secret"


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What GitHub sent."""

    event: str
    refs: tuple[Ref, ...]
    """The issues and pull requests that it is about."""

    @property
    def is_ping(self) -> bool:
        """Does it only try the way?"""
        return self.event == "ping"


def delivery_of(request: falcon.Request, body: bytes, secret: str | None) -> Delivery:
    """The delivery that a request is.

    Raises:
        WebhooksOff: there is no secret.
        BadSignature: it is not GitHub's.
        InvalidValue: it is, and cannot be read.
    """
    if not secret:
        raise WebhooksOff
    if not verify(secret, body, request.get_header("X-Hub-Signature-256") or ""):
        raise BadSignature
    request.context.principal = GITHUB
    event = request.get_header("X-GitHub-Event") or ""
    return Delivery(event=event, refs=refs_in(event, body))
