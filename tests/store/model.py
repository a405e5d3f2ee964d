"""A mailbox as it ought to be: five lists and a rule for each step, in a few lines of Python."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Letter", "MailboxModel"]

MAX_ATTEMPTS = 2


@dataclass
class Letter:
    """A message: where it belongs, how often it was tried, whether it asks for something."""

    id: str
    wakes: bool
    urgent: bool = False
    task: str | None = None
    attempt: int = 0


@dataclass
class MailboxModel:
    """What lies where; `turn` is the number of the turn that has `taken`."""

    urgent: list[Letter] = field(default_factory=list)
    inbox: list[Letter] = field(default_factory=list)
    taken: list[Letter] = field(default_factory=list)
    dead: list[Letter] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    turn: int | None = None

    @property
    def waiting(self) -> int:
        """How much mail asks for a turn."""
        return sum(letter.wakes for letter in self.urgent + self.inbox)

    def send(self, letter: Letter, *, head: bool = False) -> None:
        """A message arrives."""
        if letter.urgent:
            self.urgent.append(letter)
        elif head:
            self.inbox.insert(0, letter)
        else:
            self.inbox.append(letter)

    def begin(self, epoch: int, most: int) -> list[Letter]:
        """A turn takes a batch: urgent mail first, and what failed before alone."""
        self.turn = epoch
        while len(self.taken) < most and (queue := self.urgent or self.inbox):
            if self.taken and queue[0].attempt:
                break
            self.taken.append(queue.pop(0))
            if self.taken[-1].attempt:
                break
        return self.taken

    def end(self, returned: set[str], *, counted: bool) -> None:
        """A turn is over: some of its mail goes back to the front, the rest is settled."""
        for letter in reversed(self.taken):
            if letter.id in returned:
                letter.attempt += counted
                (self.urgent if letter.urgent else self.inbox).insert(0, letter)
            else:
                self._settle(letter)
        self.taken, self.turn = [], None

    def bury(self, letter: Letter) -> None:
        """A message of the turn is given up."""
        self.taken.remove(letter)
        self.dead.append(letter)

    def take_out(self, letter: Letter) -> None:
        """A waiting message is read by hand."""
        (self.urgent if letter.urgent else self.inbox).remove(letter)
        self._settle(letter)

    def revive(self, letter: Letter) -> None:
        """A dead letter is delivered again."""
        self.dead.remove(letter)
        letter.attempt, letter.urgent = 0, False
        self.inbox.append(letter)

    def _settle(self, letter: Letter) -> None:
        assert letter.id not in self.settled, "settled twice"
        self.settled.add(letter.id)
