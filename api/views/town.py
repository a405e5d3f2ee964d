"""A town on the wire."""

from __future__ import annotations

import msgspec

from tinytown.town import Town

__all__ = ["TownView", "town_view"]


class TownView(msgspec.Struct, frozen=True, kw_only=True):
    """A town: its name, where it is, and which Redis it uses."""

    name: str
    root: str | None
    """The directory of the town on townhall's machine; null for a town without files."""
    redis_url: str | None
    """Without secrets."""


def town_view(town: Town) -> TownView:
    """The town as it is shown."""
    return TownView(
        name=town.name,
        root=None if town.root is None else str(town.root),
        redis_url=None if town.address is None else town.address.redacted,
    )
