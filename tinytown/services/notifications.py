"""Notifications: the outbox of news for people, and its delivery to every destination once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from tinytown.domain.ids import new_id
from tinytown.domain.notification import Answer, News, Notification, NotificationId, Outcome, Outgoing
from tinytown.errors import AmbiguousReference, NotificationNotFound, WrongState
from tinytown.services.desk import Desk

if TYPE_CHECKING:
    from tinytown.notify import Sender

__all__ = ["NotificationService"]

BACKOFF = timedelta(seconds=10)
LONGEST_BACKOFF = timedelta(hours=1)
MERCY = timedelta(seconds=30)
"""How much longer a lease is than the slowest destination may take."""
_AT_ONCE = 500
_LONGEST_WHY = 500


class NotificationService:
    """Tells people what happened.

    Args:
        desk: of the town.
        senders: asked for when there is something to send, for their libraries are large.
    """

    def __init__(self, desk: Desk, senders: Callable[[], Sequence[Sender]]) -> None:
        self._desk = desk
        self._store = desk.store.notifications
        self._senders = senders

    def post(self, notification: Notification) -> bool:
        """Have people told; whether that is new. News that nobody wants, or that was posted before, changes nothing."""
        settings = self._desk.settings.notify
        if notification.news is not News.TEST and notification.news not in settings.events:
            return False
        if notification.url is None and notification.mission_id is not None:
            notification = msgspec.structs.replace(notification, url=settings.link_to(notification.mission_id))
        return self._store.add(notification) == "added"

    def deliver(self, notification: NotificationId) -> str:
        """Tell every destination that does not know yet; safe to do twice, and by two at once.

        Returns:
            `sent`, `failed` (it is tried again) or `dead` (given up); or why nothing was done:
            `gone`, `busy`, `later`, or `lost` (it took so long that another has it now).
        """
        who = new_id()
        answer = self._store.take(notification, who, self._lease)
        if answer != "taken":
            return answer
        taken = self._store.get(notification)
        if taken is None:
            return "gone"
        if taken.notification is None:
            return self._settled(taken, who, "dead", why="its record cannot be read")
        if taken.attempts > self._desk.settings.notify.max_attempts:
            return self._settled(taken, who, "dead", why="; ".join(part for part in (taken.why, "who delivered it died") if part))
        return self._told(taken, taken.notification, who)

    def try_out(self) -> list[tuple[str, Outcome]]:
        """Tell every destination at once that this is a test: what each is called, and what came of it."""
        town = self._desk.store.keys.town
        test = Notification(
            id=NotificationId(new_id()),
            news=News.TEST,
            title=f"Tinytown: a test from {town}",
            body="Notifications of this town arrive here.",
            at=self._desk.now(),
        )
        return [(sender.name, sender.send(test, town)) for sender in self._senders()]

    def pending(self, limit: int = 100) -> list[Outgoing]:
        """Notifications on their way, the next one first."""
        return self._store.pending(limit)

    def dead(self, limit: int = 100) -> list[Outgoing]:
        """Notifications that were given up, the longest ago first."""
        return self._store.dead(limit)

    def find(self, reference: str) -> Outgoing:
        """One that is on its way or was given up, by its id or at least four characters of it.

        Raises:
            NotificationNotFound: there is none.
            AmbiguousReference: several ids begin so.
        """
        exact = self._store.get(NotificationId(reference))
        if exact is not None:
            return exact
        known = [*self.pending(10_000), *self.dead(10_000)] if len(reference) >= 4 else []
        begun = [out for out in known if out.id.startswith(reference)]
        if len(begun) > 1:
            raise AmbiguousReference(reference, tuple(out.id for out in begun[:10]))
        if not begun:
            raise NotificationNotFound(reference)
        return begun[0]

    def requeue(self, reference: str) -> Outgoing:
        """Try one again at once, with all its attempts, at the destinations that do not have it.

        Raises:
            NotificationNotFound: there is none.
            WrongState: somebody delivers it at this moment.
        """
        found = self.find(reference)
        answer = self._store.requeue(found.id)
        if answer == "gone":
            raise NotificationNotFound(reference)
        if answer == "busy":
            raise WrongState(f"notification {found.id}", "being delivered", "requeued")
        return found

    def drop(self, reference: str) -> Outgoing:
        """Forget one; whoever posts it again changes nothing.

        Raises:
            NotificationNotFound: there is none.
        """
        found = self.find(reference)
        if self._store.drop(found.id) == "gone":
            raise NotificationNotFound(reference)
        return found

    def ring_due(self) -> int:
        """Ring for what waited long enough and for bells that were lost; answers how often."""
        return sum(self._store.ring_again(each) == "rung" for each in self._store.overdue(_AT_ONCE))

    def forget_old_news(self) -> int:
        """Drop what was given up a month ago; answers how many that were."""
        from tinytown.store.notifications import KEPT

        return sum(self._store.drop(each) == "dropped" for each in self._store.dead_for(KEPT, _AT_ONCE))

    @property
    def _lease(self) -> timedelta:
        return 2 * self._desk.settings.notify.timeout + MERCY

    def _told(self, taken: Outgoing, notification: Notification, who: str) -> str:
        """Tell whoever does not know yet, note at once who knows, and settle."""
        refused = bool(taken.refused)
        failures: list[str] = []
        wait: timedelta | None = None
        again = False
        for sender in self._senders():
            mark = sender.mark(taken.id)
            if mark in taken.reached | taken.refused:
                failures += [said for said in taken.why.split("; ") if mark in taken.refused and said.startswith(f"{sender.name}: ")]
                continue
            outcome = sender.send(notification, self._desk.store.keys.town)
            what = {Answer.DELIVERED: "reached", Answer.REFUSED: "refused", Answer.FAILED: ""}[outcome.answer]
            if self._store.mark(taken.id, who, self._lease, what, mark) == "lost":
                return "lost"
            if outcome.answer is not Answer.DELIVERED:
                failures.append(f"{sender.name}: {outcome.why}")
            again |= outcome.answer is Answer.FAILED
            refused |= outcome.answer is Answer.REFUSED
            wait = max((span for span in (wait, outcome.retry_after) if span is not None), default=None)
        why = "; ".join(failures)
        if again and taken.attempts < self._desk.settings.notify.max_attempts:
            return self._settled(taken, who, "failed", again_in=_backoff(taken.attempts, wait), why=why)
        return self._settled(taken, who, "dead" if again or refused else "sent", why=why)

    def _settled(self, taken: Outgoing, who: str, end: str, *, again_in: timedelta = timedelta(), why: str = "") -> str:
        if self._store.settle(taken.id, who, end, again_in=again_in, why=why[:_LONGEST_WHY]) != "settled":
            return "lost"
        import logging  # whoever looks at missions loads this module, and has no use for it

        log = logging.getLogger(__name__)
        if end == "dead":
            log.warning("notification %s is given up: %s", taken.id, why, extra={"action": "notification.dead"})
        elif end == "failed":
            log.info("notification %s is tried again: %s", taken.id, why, extra={"action": "notification.failed"})
        return end


def _backoff(attempts: int, wait: timedelta | None) -> timedelta:
    """How long until the next attempt: twice as long each time, or as long as a destination asks for."""
    doubled = BACKOFF * (1 << min(attempts - 1, 16))
    return min(LONGEST_BACKOFF, doubled if wait is None else max(doubled, wait))
