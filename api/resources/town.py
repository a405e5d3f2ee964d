"""The town: what it is, and how it is."""

from __future__ import annotations

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.requests.town import StatusQuery
from tinytown.api.views.status import StatusView, status_view
from tinytown.api.views.town import TownView, town_view
from tinytown.domain.scope import Scope

__all__ = ["town"]

town = Tag("Town", "The workspace that everything here belongs to.")


@town.get("/v1/town", scope=Scope.TOWN_READ)
def get_town(call: Call) -> TownView:
    """Show which town this is."""
    return town_view(call.town)


@town.get("/v1/status", scope=Scope.TOWN_READ)
def get_status(call: Call, query: StatusQuery) -> StatusView:
    """Show who does what, and whether anybody does anything.

    Of the agents the first `limit` are shown, those that need attention in
    front; the counts are of all.
    """
    seen = call.town.overview(query.limit, deep=query.deep)
    return status_view(call.town, seen, deep=query.deep, running=query.running)
