"""GitHub: what it sends on its own, so that missions need not wait for their next look."""

from __future__ import annotations

from tinytown.api.body import Raw
from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.views.github import TakenView
from tinytown.api.webhooks import HEADERS, PATH, BadSignature, WebhooksOff, delivery_of
from tinytown.errors import InvalidValue, RecordChanged

__all__ = ["github"]

github = Tag("GitHub", "News of issues and pull requests, as GitHub's webhooks deliver them.")


@github.post(
    PATH,
    status=202,
    answers={200: TakenView},
    headers=HEADERS,
    refuses=(WebhooksOff, BadSignature, InvalidValue, RecordChanged),
)
def take_github_webhook(call: Call, body: Raw) -> TakenView:
    """Take a delivery of GitHub's webhooks.

    No API key is asked for: GitHub signs what it sends with the secret in
    `[github] webhook_secret` (TINYTOWN_GITHUB__WEBHOOK_SECRET). Missions look
    at once at what it is about, and believe GitHub's API alone: a delivery
    that comes twice, late or never changes no outcome. Choose the events
    about pull requests, reviews, checks, workflow runs, issues and comments.
    """
    delivery = delivery_of(call.request, body.data, call.town.settings.github.webhook_secret)
    if delivery.is_ping:
        call.answer_with(200)
    looking = sum(call.town.missions.pull_moved(ref) for ref in delivery.refs)
    return TakenView(event=delivery.event, refs=tuple(map(str, delivery.refs)), missions=looking)
