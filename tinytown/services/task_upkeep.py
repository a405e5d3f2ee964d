"""Upkeep of the order of tasks, which towns of older versions did not keep."""

from __future__ import annotations

from tinytown.clock import to_ms
from tinytown.domain.ids import TaskId
from tinytown.services.desk import Desk

__all__ = ["keep_ordered"]

AT_ONCE = 500


def keep_ordered(desk: Desk) -> int:
    """Give a place to every task that has none, some at a time; answers how many places had to be mended.

    Safe at any time and by several at once; costs one question where all is well.
    """
    order = desk.store.task_order
    if order.is_complete():
        return 0
    mended, after = 0, None
    while ids := order.known(after, AT_ONCE):
        mended += _give_places(desk, order.without_place(ids))
        after = ids[-1]
    cursor, more = "0", True
    while more:
        cursor, strangers = order.strangers(cursor, AT_ONCE)
        mended += order.mend([(0, task) for task in strangers])
        more = cursor != "0"
    return mended


def _give_places(desk: Desk, ids: list[TaskId]) -> int:
    """Give tasks the places of when they were made; what cannot be read stands last."""
    made = {task.id: to_ms(task.created_at) for task in desk.store.tasks.get_readable(ids)}
    return desk.store.task_order.mend([(made.get(task, 0), task) for task in ids])
