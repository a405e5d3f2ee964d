"""Runs one turn's program from its start to its end, whatever it does on the way."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from tinytown.clock import Clock, SystemClock
from tinytown.domain.turn import TurnReason
from tinytown.runner.listener import Listener
from tinytown.runner.log import RoundLog, Tail
from tinytown.runner.process import CannotStart, Child
from tinytown.runner.quota import slowed_down
from tinytown.runner.spec import Outcome, RunSpec
from tinytown.runner.stop import Stop

__all__ = ["run"]

_CHUNK = 64 * 1024
_DRAIN = 0.5  # seconds in which output may still come after the program ended
_PATIENCE = 5.0  # seconds that the system may take to end what was killed
_POLL = 0.05  # where the end of a process cannot be waited for
_LAST_WORDS = 32  # chunks read after everything was killed: more than a pipe holds


def run(
    spec: RunSpec, *, on_output: Callable[[bytes], object] | None = None, stop: Stop | None = None, clock: Clock | None = None
) -> Outcome:
    """Run one turn's program and say what came of it.

    Returns when the program has ended and its whole process group with it. If
    this process is killed meanwhile, a guard ends the group.

    Args:
        on_output: called with each piece of output; its errors cost no turn.
        stop: ends the turn early when asked.
        clock: tells when a provider's "try again at 3pm" will be.
    """
    started = time.monotonic()
    try:
        turn = _Turn(spec, Listener(on_output), Stop() if stop is None else stop)
    except CannotStart as failure:
        return Outcome(reason=failure.reason, detail=failure.detail, elapsed=_since(started))
    turn.go()
    now = (SystemClock() if clock is None else clock).now()
    return turn.outcome(now, _since(started))


class _Turn:
    """The state of one run."""

    def __init__(self, spec: RunSpec, listener: Listener, stop: Stop) -> None:
        self._spec = spec
        self._stop = stop
        self._listener = listener
        self._log = RoundLog(spec.log, spec.log_bytes)
        self._tail = Tail(spec.tail_bytes)
        self._unsent = memoryview(spec.stdin)
        self._status: int | None = None
        self._left = 0
        self._reason: TurnReason | None = None
        self._detail = ""
        self._ended_at: float | None = None
        self._is_open = True
        self._killed_at: float | None = None
        self._started_at = self._heard_at = time.monotonic()
        self._kill_at = float("inf")
        self._child = Child(spec)

    def go(self) -> None:
        """Feed, read, watch and end the child."""
        woken, waker = os.pipe()
        os.set_blocking(waker, False)
        self._stop.heard_by(lambda: _wake(waker))
        try:
            with selectors.PollSelector() as selector:
                self._selector = selector
                self._await(woken, selectors.EVENT_READ, lambda: _silence(woken))
                self._await(self._child.stdout, selectors.EVENT_READ, self._read)
                self._await(self._child.stdin, selectors.EVENT_WRITE, self._feed)
                self._await(self._child.exit_fd, selectors.EVENT_READ, self._notice_end)
                while not self._is_over():
                    self._enforce()
                    for key, _ in selector.select(self._rest()):
                        key.data()
                    if self._child.exit_fd is None:
                        self._notice_end()
        finally:
            self._stop.heard_by(None)
            os.close(woken)
            os.close(waker)
            self._clean_up()

    def outcome(self, now: datetime, elapsed: timedelta) -> Outcome:
        """What came of it."""
        tail = self._tail.text()
        reason, detail, retry_after = self._reason, self._detail, None
        if reason is None and self._status != 0:
            reason, detail = TurnReason.EXIT_STATUS, _ending(self._status)
            slow = slowed_down(self._spec.cli, tail, now)
            if slow is not None:
                reason, detail, retry_after = TurnReason.RATE_LIMITED, slow.words, slow.retry_after
        return Outcome(
            reason=reason,
            detail=detail,
            exit_status=self._status,
            tail=tail,
            output_bytes=self._tail.total,
            elapsed=elapsed,
            retry_after=retry_after,
            notes=tuple(self._notes()),
        )

    def _await(self, fd: int | None, event: int, then: Callable[[], None]) -> None:
        if fd is not None:
            self._selector.register(fd, event, then)

    def _drop(self, fd: int) -> None:
        self._selector.unregister(fd)
        self._child.close(fd)

    def _read(self) -> None:
        assert self._is_open
        try:
            chunk = os.read(self._child.stdout, _CHUNK)
        except BlockingIOError:
            return
        if chunk:
            self._heard_at = time.monotonic()
            self._keep(chunk)
        else:
            self._is_open = False
            self._drop(self._child.stdout)

    def _keep(self, chunk: bytes) -> None:
        self._log.write(chunk)
        self._tail.add(chunk)
        self._listener.hear(chunk)

    def _feed(self) -> None:
        assert self._child.stdin is not None
        try:
            self._unsent = self._unsent[os.write(self._child.stdin, self._unsent[:_CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:
            self._unsent = self._unsent[:0]  # it reads no further: its own affair
        if not self._unsent:
            self._drop(self._child.stdin)

    def _notice_end(self) -> None:
        if self._ended_at is None and self._child.has_ended:
            self._ended_at = time.monotonic()
            if self._child.exit_fd is not None:
                self._drop(self._child.exit_fd)

    def _is_over(self) -> bool:
        now = time.monotonic()
        if self._ended_at is not None:
            return not self._is_open or now >= self._ended_at + _DRAIN
        return self._killed_at is not None and now >= self._killed_at + _PATIENCE

    def _enforce(self) -> None:
        """End the child if it must end; kill it if it was asked long enough ago."""
        if self._ended_at is not None or self._killed_at is not None:
            return
        now = time.monotonic()
        if self._reason is None and self._must_end(now):
            self._kill_at = now + self._spec.grace.total_seconds()
            self._child.signal(signal.SIGTERM)
            self._child.signal(signal.SIGCONT)  # one that is suspended would not hear it
        if self._reason is not None and (now >= self._kill_at or self._stop.at_once):
            self._killed_at = now
            self._child.signal(signal.SIGKILL)

    def _must_end(self, now: float) -> bool:
        spec = self._spec
        if self._stop.reason is not None:
            self._reason, self._detail = self._stop.reason, "the turn was ended while the program ran"
        elif spec.timeout is not None and now >= self._started_at + spec.timeout.total_seconds():
            self._reason, self._detail = TurnReason.TIMEOUT, f"the program ran longer than {spec.timeout.total_seconds():g} s"
        elif spec.no_output_timeout is not None and now >= self._heard_at + spec.no_output_timeout.total_seconds():
            self._reason, self._detail = TurnReason.NO_OUTPUT, f"the program was silent for {spec.no_output_timeout.total_seconds():g} s"
        return self._reason is not None

    def _rest(self) -> float | None:
        """How long nothing needs to be done unless something happens; None is for ever."""
        moments = [time.monotonic() + _POLL] if self._child.exit_fd is None else []
        if self._ended_at is not None:
            moments = [self._ended_at + _DRAIN]
        elif self._killed_at is not None:
            moments.append(self._killed_at + _PATIENCE)
        elif self._reason is not None:
            moments.append(self._kill_at)
        else:
            if self._spec.timeout is not None:
                moments.append(self._started_at + self._spec.timeout.total_seconds())
            if self._spec.no_output_timeout is not None:
                moments.append(self._heard_at + self._spec.no_output_timeout.total_seconds())
        return max(min(moments) - time.monotonic(), 0.0) if moments else None

    def _clean_up(self) -> None:
        """End the group, read what it still said, and collect the status."""
        self._left = self._child.end_rest()
        for _ in range(_LAST_WORDS if self._is_open else 0):
            try:
                chunk = os.read(self._child.stdout, _CHUNK)
            except BlockingIOError:
                break  # somebody who got away still holds the other end
            if not chunk:
                break
            self._keep(chunk)
        self._log.close()
        self._status = self._child.bury(_PATIENCE)

    def _notes(self) -> Iterator[str]:
        """What went wrong beside the turn itself."""
        if self._log.trouble is not None:
            yield self._log.trouble
        if self._log.dropped:
            yield f"{self._log.dropped} bytes of output were left out of the log"
        if self._listener.trouble is not None:
            yield self._listener.trouble
        if self._left:
            yield f"processes that the program left behind, now ended: {self._left}"
        if self._status is None:
            yield "the program did not end even when killed"


def _wake(waker: int) -> None:
    with contextlib.suppress(BlockingIOError):  # full: it is being woken already
        os.write(waker, b"!")


def _silence(woken: int) -> None:
    os.read(woken, 64)


def _since(started: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - started)


def _ending(status: int | None) -> str:
    """The end of a program in words."""
    if status is None:
        return "the program could not be ended"
    if status >= 0:
        return f"the program ended with status {status}"
    try:
        return f"the program was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"the program was ended by signal {-status}"
