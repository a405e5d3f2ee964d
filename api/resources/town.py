"""The town: what it is."""

from __future__ import annotations

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.views.town import TownView, town_view
from tinytown.domain.scope import Scope

__all__ = ["town"]

town = Tag("Town", "The workspace that everything here belongs to.")


@town.get("/v1/town", scope=Scope.TOWN_READ)
def get_town(call: Call) -> TownView:
    """Show which town this is."""
    return town_view(call.town)
