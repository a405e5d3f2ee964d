"""The destinations that settings name."""

from __future__ import annotations

from tinytown.config import NotifySettings
from tinytown.errors import SettingsError
from tinytown.notify.sender import Sender, Unusable

__all__ = ["destinations"]


def destinations(settings: NotifySettings) -> tuple[Sender, ...]:
    """A sender for each destination; one that cannot be used says so when something is sent, and keeps the others from nothing."""
    return (*(_service(url, settings) for url in settings.urls), *_webhooks(settings))


def _service(url: str, settings: NotifySettings) -> Sender:
    from tinytown.notify.apprise_sender import AppriseSender

    try:
        return AppriseSender(url, settings.timeout)
    except SettingsError as error:
        return Unusable(error.where, url, error.why)


def _webhooks(settings: NotifySettings) -> tuple[Sender, ...]:
    if settings.webhook_url is None:
        return ()
    from tinytown.notify.webhook import Webhook

    try:
        return (Webhook(settings.webhook_url, settings.webhook_secret, settings.timeout),)
    except SettingsError as error:
        return (Unusable(error.where, settings.webhook_url, error.why),)
