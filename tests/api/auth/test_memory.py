"""What is remembered of verified keys: for how long, of how many, and in which form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

from tinytown.api.auth.memory import KeyMemory
from tinytown.clock import StoppedClock
from tinytown.domain.principal import LOCAL

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SPAN = timedelta(seconds=30)


def test_a_key_is_remembered_for_its_time_and_no_longer() -> None:
    clock = StoppedClock(NOON)
    memory = KeyMemory(clock, SPAN)
    memory.keep("k", LOCAL, seen_at=clock.monotonic())

    clock.at += timedelta(seconds=29.9)
    before = memory.recall("k")
    clock.at += timedelta(seconds=0.1)

    assert before is LOCAL
    assert memory.recall("k") is None
    assert len(memory) == 0


def test_recalling_does_not_lengthen_the_time() -> None:
    clock = StoppedClock(NOON)
    memory = KeyMemory(clock, SPAN)
    memory.keep("k", LOCAL, seen_at=clock.monotonic())

    for _ in range(29):
        clock.at += timedelta(seconds=1)
        assert memory.recall("k") is LOCAL
    clock.at += timedelta(seconds=1)

    assert memory.recall("k") is None


def test_the_time_counts_from_when_the_record_was_read() -> None:
    """Waiting for a place to compute must not make a revoked key live longer."""
    clock = StoppedClock(NOON)
    memory = KeyMemory(clock, SPAN)
    seen_at = clock.monotonic()
    clock.at += timedelta(seconds=20)

    memory.keep("k", LOCAL, seen_at=seen_at)
    clock.at += timedelta(seconds=10)

    assert memory.recall("k") is None


def test_a_key_that_expires_is_forgotten_at_once() -> None:
    clock = StoppedClock(NOON)
    memory = KeyMemory(clock, SPAN)
    memory.keep("k", LOCAL, seen_at=clock.monotonic(), expires_at=NOON + timedelta(seconds=5))

    clock.at += timedelta(seconds=4)
    before = memory.recall("k")
    clock.at += timedelta(seconds=1)

    assert before is LOCAL
    assert memory.recall("k") is None


def test_nothing_is_remembered_where_nobody_wants_it() -> None:
    clock = StoppedClock(NOON)
    memory = KeyMemory(clock, timedelta())

    memory.keep("k", LOCAL, seen_at=clock.monotonic())

    assert memory.recall("k") is None


def test_the_keys_used_last_are_kept() -> None:
    clock = StoppedClock(NOON)
    memory = KeyMemory(clock, SPAN, size=3)
    for key in "abc":
        memory.keep(key, LOCAL, seen_at=clock.monotonic())

    memory.recall("a")
    memory.keep("d", LOCAL, seen_at=clock.monotonic())

    assert [key for key in "abcd" if memory.recall(key) is not None] == ["a", "c", "d"]


def test_the_key_itself_is_not_in_the_memory() -> None:
    clock = StoppedClock(NOON)
    one, other = KeyMemory(clock, SPAN), KeyMemory(clock, SPAN)
    for memory in (one, other):
        memory.keep("tt_geheim", LOCAL, seen_at=clock.monotonic())

    assert "geheim" not in repr(one._entries)
    assert one._entries.keys() != other._entries.keys(), "each process has a secret of its own"


def test_threads_may_share_it() -> None:
    clock = StoppedClock(NOON)
    memory = KeyMemory(clock, SPAN, size=50)
    failed: list[Exception] = []

    def use(number: int) -> None:
        try:
            for turn in range(2000):
                memory.keep(f"{number}/{turn % 90}", LOCAL, seen_at=clock.monotonic())
                memory.recall(f"{number}/{turn % 70}")
        except Exception as error:  # noqa: BLE001  # whatever a race makes
            failed.append(error)

    threads = [Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert len(memory) == 50
