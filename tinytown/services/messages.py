"""Messages: sending, reading, and what became of each; dead letters too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec

from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MessageId, TaskId, is_id_prefix, is_uuid
from tinytown.domain.message import Kind, Message, Priority, Receipt, ack_from_text
from tinytown.domain.task import Task
from tinytown.errors import AgentNotFound, AmbiguousReference, DeadLetterNotFound, InvalidValue, MessageNotFound, WrongState
from tinytown.services.agents import AgentService
from tinytown.services.dead_letters import DeadMail, DeadMark, DeadPage, dead_mail, dead_page
from tinytown.services.desk import Desk
from tinytown.services.mailboxes import MailPage, Mark, mail_page
from tinytown.services.tasks import AUTO, TaskService
from tinytown.store.mailbox import Lengths

__all__ = ["DeadMail", "MessageService"]

_TEXT_OF = {Kind.TASK: "description", Kind.QUERY: "question", Kind.INFORMATIONAL: "summary"}
_MOST_TEXT = 8 * 1024 * 1024


class MessageService:
    """Everything that is done to messages outside of a turn."""

    def __init__(self, desk: Desk, agents: AgentService, tasks: TaskService) -> None:
        self._desk = desk
        self._agents = agents
        self._tasks = tasks
        self._mail = desk.store.mail

    def send(
        self,
        to: str,
        text: str,
        *,
        kind: Kind = Kind.TASK,
        sender: str | AgentId = SUPERVISOR_ID,
        urgent: bool = False,
        priority: Priority = Priority.NORMAL,
        correlation: MessageId | None = None,
        identity: MessageId | None = None,
    ) -> tuple[Message, str]:
        """Send words to an agent, or to the `supervisor`; answers the message, and what the bell did.

        The bell is `rung`, `waiting` (a turn is coming anyway), `kept` (such mail
        wakes nobody) or `held:<why>` (the agent is paused, stopped or in error).
        With `identity`, an id that the caller made, a second one is a `duplicate` and not sent.

        Raises:
            AgentNotFound: there is no such recipient or sender.
            InvalidValue: the text is empty or too long, or that kind has no words.
        """
        own_id = {} if identity is None else {"id": identity}
        if kind is Kind.CONFIRMATION:
            ack = ack_from_text(text)
            message = self.compose(to, kind, sender=sender, priority=priority, correlation=correlation, ack_type=ack, **own_id)
            return self.post(message, urgent=urgent)
        if kind not in _TEXT_OF:
            raise InvalidValue("kind", f"{kind.value} messages carry no free text; use `compose` and `post`")
        if not text.strip():
            raise InvalidValue("message", "the text is empty")
        if len(text.encode("utf-8", "surrogatepass")) > _MOST_TEXT:
            raise InvalidValue("message", f"the text is longer than {_MOST_TEXT} bytes; put it into a file and name that")
        words = {_TEXT_OF[kind]: text.encode("utf-8", "replace").decode()}
        message = self.compose(to, kind, sender=sender, priority=priority, correlation=correlation, **words, **own_id)
        return self.post(message, urgent=urgent)

    def compose(
        self,
        to: str,
        kind: Kind,
        /,
        *,
        sender: str | AgentId = SUPERVISOR_ID,
        priority: Priority = Priority.NORMAL,
        correlation: MessageId | None = None,
        **members: object,
    ) -> Message:
        """A message of any of the thirteen types, not sent yet."""
        return self._desk.message(
            self._agents.find_id(sender), self._agents.find_id(to), kind, priority=priority, correlation_id=correlation, **members
        )

    def post(self, message: Message, *, urgent: bool = False) -> tuple[Message, str]:
        """Send a composed message; sending the same one again changes nothing."""
        return message, self._desk.tell(message, urgent=urgent)

    def receive(self, agent: str, timeout: timedelta | None = None) -> Message | None:
        """Take the next message for good, urgent ones first, waiting up to `timeout` for one; None when there is none."""
        identity = self._agents.find_id(agent)
        found = self._mail.receive(identity, listen=timeout is not None)
        if timeout is None:
            return found[0] if found else None
        end = self._desk.clock.monotonic() + timeout.total_seconds()
        while not found and (left := end - self._desk.clock.monotonic()) > 0:
            self._mail.wait_for_mail(identity, left)
            found = self._mail.receive(identity, listen=True)
        return found[0] if found else None

    def receive_urgent(self, agent: str, count: int = 100) -> list[Message]:
        """Take up to `count` urgent messages for good, oldest first."""
        return self._mail.receive(self._agents.find_id(agent), count, urgent_only=True)

    def receive_some(self, agent: str, count: int) -> list[Message]:
        """Take up to `count` messages for good, urgent ones first."""
        return self._mail.receive(self._agents.find_id(agent), count) if count > 0 else []

    def drain(self, agent: str, *, urgent: bool = False, cautiously: bool = False) -> Iterator[Message]:
        """Take all messages for good, a bounded number at a time.

        Args:
            agent: whose.
            urgent: only the urgent ones, which come first anyway.
            cautiously: one at a time, so that no other is lost with whoever reads them.
        """
        identity = self._agents.find_id(agent)
        while found := self._mail.receive(identity, 1 if cautiously else 100, urgent_only=urgent):
            yield from found

    def peek(self, agent: str, count: int = 10, *, urgent: bool = False) -> list[Message]:
        """The next `count` messages, left where they are."""
        return self._mail.peek(self._agents.find_id(agent), count, urgent=urgent)

    def glance(self, agent: str, count: int, *, urgent: bool = False) -> tuple[Lengths, list[Message]]:
        """How many messages an agent has, and the next `count`, urgent ones first or urgent ones only, left where they are."""
        identity = self._agents.find_id(agent)
        (lengths,) = self._mail.lengths([identity])
        messages = self._mail.peek(identity, count, urgent=True)
        if not urgent:
            messages += self._mail.peek(identity, count - len(messages))
        return lengths, messages

    def page(self, whose: AgentId, after: Mark | None = None, limit: int = 50) -> MailPage:
        """A page of the mail of an agent, or of the supervisor, left where it is."""
        return mail_page(self._desk, whose, after, limit)

    def lengths(self, agents: list[AgentId]) -> list[Lengths]:
        """How many messages each agent has: inbox, urgent, taken, dead."""
        return self._mail.lengths(agents)

    def receipt(self, message: str) -> Receipt:
        """What became of a message: queued, taken (by which turn), settled, or dead (why).

        Raises:
            MessageNotFound: never sent, or settled too long ago.
        """
        wanted = message.strip().lower()
        found = self._mail.receipt(MessageId(wanted)) if is_uuid(wanted) else None
        if found is None:
            raise MessageNotFound(message)
        return found

    def take(self, agent: str, message: str) -> Message:
        """Take one message out of a mailbox for good, by its id or the beginning of it.

        Raises:
            MessageNotFound: it does not lie there.
            AmbiguousReference: several begin like that.
        """
        identity, wanted = self._agents.find_id(agent), message.strip().lower()
        lying = self._mail.entries(identity, 10_000) if is_id_prefix(wanted) else []
        meant = [(source, entry, found) for source, entry, found in lying if found is not None and found.id.startswith(wanted)]
        if len(meant) > 1:
            raise AmbiguousReference(message, tuple(found.id for _, _, found in meant))
        for source, entry, found in meant:
            if self._mail.settle(source, entry, found, identity, "received"):
                return found
        raise MessageNotFound(message)

    def broadcast(self, text: str, *, sender: str | AgentId = SUPERVISOR_ID) -> int:
        """Tell everybody who is subscribed at the moment; answers how many those are."""
        return self._mail.publish(self._desk.message(self._agents.find_id(sender), SUPERVISOR_ID, Kind.INFORMATIONAL, summary=text))

    def subscribe(self, stop: Callable[[], bool] = lambda: False) -> Iterator[Message]:
        """Yield what is broadcast, until `stop` says so."""
        return self._mail.subscribe(stop)

    def dead(self, agent: str | None = None) -> list[DeadMail]:
        """The dead letters of an agent, or of all agents."""
        agents = self._agents.all() if agent is None else [self._agents.find(agent)]
        with_some = [one for one, length in zip(agents, self._mail.lengths([one.id for one in agents]), strict=True) if length[3]]
        return [dead_mail(one, letter) for one in with_some for letter in self._mail.dead(one.id)]

    def dead_page(self, agent: str | None = None, after: DeadMark | None = None, limit: int = 50) -> DeadPage:
        """A page of the dead letters of an agent, or of all agents."""
        agents = self._agents.all() if agent is None else [self._agents.find(agent)]
        return dead_page(self._desk, agents, after, limit)

    def find_dead(self, reference: str) -> DeadMail:
        """The dead letter with that name, or the beginning of it, be it a message or not.

        Raises:
            DeadLetterNotFound: there is none.
            AmbiguousReference: several begin like that.
        """
        wanted = reference.strip().lower()
        found = [letter for letter in self.dead() if len(wanted) >= 4 and letter.name.startswith(wanted)]
        if not found:
            raise DeadLetterNotFound(reference)
        if len({letter.name for letter in found}) > 1:
            raise AmbiguousReference(reference, tuple(letter.name for letter in found))
        return found[0]

    def requeue_dead(self, letter: DeadMail, to: str | None = None) -> Task | Message:
        """Try a dead letter again. What has failed stays failed: a task is tried again as a new one.

        Raises:
            DeadLetterNotFound: it is gone.
            WrongState: it is no message, and can only be dropped.
        """
        if letter.message is None:
            raise WrongState(f"dead letter {letter.name}", "no message", "tried again, only dropped")
        if letter.message.type is Kind.TASK_ASSIGN and isinstance(letter.message.task_id, str):
            return self._try_again(letter, letter.message, self._tasks.get(letter.message.task_id), letter.agent.id if to is None else to)
        target = letter.agent.id if to is None else self._agents.find_id(to)
        moved = msgspec.structs.replace(letter.message, recipient=target)
        source = self._desk.store.keys.dead(letter.agent.id)
        answer = self._mail.move(source, letter.raw, moved, letter.agent.id)
        if answer == "no agent":
            raise AgentNotFound(target)
        if answer == "gone":
            raise DeadLetterNotFound(letter.message.id)
        return moved

    def _try_again(self, letter: DeadMail, message: Message, old: Task, to: str) -> Task:
        """Make a new task of a failed one; it bears the id of the letter, so that two who try make one."""
        wanted = AUTO if to.strip().lower() == AUTO else self._agents.find_id(to)
        if wanted == SUPERVISOR_ID:
            raise AgentNotFound(to)
        fresh = self._tasks.new(old.description, tags=old.tags, parent=old.id, max_attempts=old.max_attempts, wanted=wanted)
        again = msgspec.structs.replace(fresh, id=TaskId(message.id))
        self._desk.store.tasks.add(again)
        self.drop_dead(letter, f"tried again as task {again.id}")
        return again

    def drop_dead(self, letter: DeadMail, why: str = "dropped") -> None:
        """Throw a dead letter away.

        Raises:
            DeadLetterNotFound: it is gone already.
        """
        if not self._mail.settle(self._desk.store.keys.dead(letter.agent.id), letter.raw, letter.message, letter.agent.id, why):
            raise DeadLetterNotFound(letter.name)
