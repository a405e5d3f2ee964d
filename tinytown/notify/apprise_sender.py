"""Services that the library Apprise knows: ntfy, Slack, e-mail and a hundred more. The only module that imports it."""

from __future__ import annotations

import re
from datetime import timedelta

from tinytown.config.redact import masked
from tinytown.domain.notification import Answer, News, Notification, NotificationId, Outcome
from tinytown.errors import SettingsError
from tinytown.notify.overhearing import overheard
from tinytown.notify.sender import mark_of, within

__all__ = ["AppriseSender"]

LONGEST_BODY = 1500
"""Characters; what is longer is read elsewhere, and many services take little more."""

_KINDS = {News.MISSION_COMPLETED: "success", News.MISSION_FAILED: "failure", News.TEST: "info"}
_STATUS = re.compile(r"error=(\d{3})\b")


class AppriseSender:
    """Tells one service, named by an address such as `ntfy://topic`.

    Raises:
        SettingsError: Apprise knows no such service, or not by such an address; the error does not repeat it.
    """

    def __init__(self, url: str, timeout: timedelta) -> None:
        import apprise

        (self.name,) = masked("urls", (url,))
        self._url = url
        self._timeout = timeout
        asset = apprise.AppriseAsset(app_id="Tinytown", app_desc="Tinytown", async_mode=False)
        with overheard():
            try:
                service = apprise.Apprise.instantiate(url, asset=asset)
            except Exception:  # noqa: BLE001  # whatever a plugin raises; its words may hold the address
                service = None
        if not isinstance(service, apprise.NotifyBase):
            raise SettingsError("notify.urls", f"{_scheme(url)} is no address of a service that Apprise knows")
        seconds = timeout.total_seconds()
        service.socket_connect_timeout = min(service.socket_connect_timeout, seconds)
        service.socket_read_timeout = seconds
        self._apprise = apprise.Apprise(asset=asset)
        self._apprise.add(service)

    def mark(self, notification: NotificationId) -> str:
        """What is kept of a service that has a notification."""
        return mark_of(notification, self._url)

    def send(self, notification: Notification, town: str) -> Outcome:
        """Tell the service; Apprise says little of why it failed, so every failure is tried again."""
        return within(2 * self._timeout, lambda: self._notify(notification, town))

    def _notify(self, notification: Notification, town: str) -> Outcome:
        body = notification.body if len(notification.body) <= LONGEST_BODY else f"{notification.body[: LONGEST_BODY - 1]}…"
        parts = [body, "" if notification.url is None else notification.url, f"town {town}"]
        with overheard() as lines:
            sent = self._apprise.notify(
                title=notification.title,
                body="\n\n".join(part for part in parts if part),
                notify_type=_KINDS.get(notification.news, "warning"),
                body_format="text",
            )
        return Outcome(Answer.DELIVERED) if sent else Outcome(Answer.FAILED, _why(lines))


def _scheme(url: str) -> str:
    scheme, mark, _ = url.partition("://")
    return f"{scheme}://…" if mark and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]{0,30}", scheme) else "what has no scheme"


def _why(lines: list[str]) -> str:
    """Why it failed, as far as that can be said: Apprise's own words may hold the address."""
    status = next((found[1] for found in map(_STATUS.search, lines) if found is not None), None)
    if status is not None:
        return f"answered {status}"
    return "cannot be reached" if any("onnection error" in line for line in lines) else "was not told; Apprise does not say why"
