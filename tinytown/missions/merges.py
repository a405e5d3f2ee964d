"""Merges: what GitHub was to be asked and should not be any more."""

from __future__ import annotations

from tinytown.domain.errand import MergePull
from tinytown.domain.mission import MissionState
from tinytown.domain.work_item import Waiting, WorkItem
from tinytown.missions.snapshot import Draft

__all__ = ["drop_stale_merges"]


def drop_stale_merges(draft: Draft) -> None:
    """Forget merges that nobody has asked GitHub for yet, and that nothing waits for now.

    GitHub may be away for hours. What was rejected, changed, held or ended meanwhile
    must not be merged when it comes back; what is resumed is asked for anew.
    """
    for errand in draft.mission.errands:
        if not isinstance(errand, MergePull):
            continue
        asked = [item for item in draft if item.pull == errand.pull and item.merge_asked == errand.head]
        if draft.mission.state is MissionState.RUNNING and any(_waits_for(item, errand) for item in asked):
            continue
        draft.change(errands=tuple(each for each in draft.mission.errands if each != errand))
        for item in asked:
            draft.change_item(item, merge_asked=None)


def _waits_for(item: WorkItem, errand: MergePull) -> bool:
    return item.waiting_on is Waiting.MERGE and item.head == errand.head
