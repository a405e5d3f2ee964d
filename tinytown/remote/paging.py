"""Pages of townhall's lists, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

from tinytown.remote.client import Client, Query

__all__ = ["MOST", "Page", "pages"]

MOST = 500
"""So much is on a page at most."""


class Page(Protocol):
    """A page of a list, and where the next one begins."""

    @property
    def next_cursor(self) -> str | None:
        """None on the last one."""
        ...


P = TypeVar("P", bound=Page)


def pages(client: Client, path: str, kind: type[P], query: Query | None = None, limit: int = MOST) -> Iterator[P]:
    """The pages of a list for as long as they are asked for, each with at most `limit` of it."""
    cursor: str | None = None
    while True:
        page = client.get(path, kind, {**({} if query is None else query), "limit": min(limit, MOST), "cursor": cursor})
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return
