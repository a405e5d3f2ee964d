"""Places in lists that change while they are read by pages: found again by what was seen there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

import msgspec

__all__ = ["Place", "place_after"]

SEEN = 5
NEAR = 100
AT_ONCE = 500
FARTHEST = 2**31


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: how many entries were in front, and the names of the last of them, newest last.

    More than one, for the very last may be taken out before the next page is asked for.
    """

    index: Annotated[int, msgspec.Meta(ge=0, le=FARTHEST)]
    seen: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=64)], ...], msgspec.Meta(max_length=SEEN)]

    @classmethod
    def behind(cls, index: int, names: Sequence[str], before: Sequence[str] = ()) -> Place:
        """The place behind the last of these names; `before` are those of the pages before."""
        return cls(index, tuple([*before, *names][-SEEN:]))


def place_after(names: Callable[[int, int], Sequence[str | None]], place: Place) -> int:
    """How many entries are in front of the next page now.

    When nothing that was seen is there any more, all that was in front has been taken: 0.

    Args:
        names: the names of so many entries from an index on; None for one without a name.
        place: where the page before ended.
    """
    for start, count in _windows(place.index):
        found = names(start, count)
        for wanted in reversed(place.seen):
            behind = [start + number + 1 for number, name in enumerate(found) if name == wanted]
            if behind:  # of things that are called the same, the one nearest to the old place
                return min(behind, key=lambda index: abs(index - place.index))
    return 0


def _windows(index: int) -> Iterator[tuple[int, int]]:
    """Pieces of the list to look through: around the old place, then farther and farther to the front, then behind it."""
    start = max(0, index - NEAR)
    yield start, index + NEAR - start
    while start > 0:
        end, start = start, max(0, start - AT_ONCE)
        yield start, end - start
    yield index + NEAR, AT_ONCE
