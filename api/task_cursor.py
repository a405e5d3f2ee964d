"""Cursors of lists of tasks: a place, and the order that it is a place in."""

from __future__ import annotations

from tinytown.api.paging import cursor_after, position_of
from tinytown.api.problems import Fault, Refusal
from tinytown.domain.ids import TaskId
from tinytown.services.task_pages import Place, Sought

__all__ = ["cursor_of", "place_of"]


def cursor_of(place: Place | None, sought: Sought) -> str | None:
    """The place, to be handed back; None after the last page."""
    return None if place is None else cursor_after((sought.order, *place))


def place_of(cursor: str | None, sought: Sought) -> Place | None:
    """The place that a cursor stands for; None for the beginning.

    Raises:
        Refusal: it is no cursor of such a list.
    """
    found = position_of(cursor, tuple[str, int, str])
    if found is None:
        return None
    order, moment, task = found
    if order != sought.order or not -(2**53) < moment < 2**53:
        raise Refusal(422, "This cursor is of another list.", errors=(Fault(parameter="cursor", detail="a cursor of another list"),))
    return moment, TaskId(task)
