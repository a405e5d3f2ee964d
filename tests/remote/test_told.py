"""Townhall tells of each record all that there is to it: what a view leaves out is missing from a laptop."""

from __future__ import annotations

import msgspec
import pytest

from tinytown.api.views.agents import AgentView
from tinytown.api.views.events import EventView
from tinytown.api.views.messages import ReceiptView
from tinytown.api.views.missions import HelpView, MissionView, NoteView
from tinytown.api.views.status import ResidentView
from tinytown.api.views.tasks import TaskView
from tinytown.api.views.watches import WatchView
from tinytown.api.views.work_items import ExternalView, ReviewView, WorkView
from tinytown.api.views.workers import WorkerView
from tinytown.domain.agent import Agent
from tinytown.domain.event import Event
from tinytown.domain.message import Receipt
from tinytown.domain.mission import Help, Mission
from tinytown.domain.note import Note
from tinytown.domain.task import Task
from tinytown.domain.watch import Watch
from tinytown.domain.work_item import External, Review, WorkItem
from tinytown.domain.worker import Worker

CALLED_OTHERWISE = {"errands": "to_be_done", "target": "target_ref", "agent": "agent_id"}


@pytest.mark.parametrize(
    ("record", "view"),
    [
        (Agent, AgentView), (Agent, ResidentView), (Task, TaskView), (Event, EventView), (Receipt, ReceiptView), (Worker, WorkerView),
        (Mission, MissionView), (Help, HelpView), (WorkItem, WorkView), (External, ExternalView), (Review, ReviewView),
        (Watch, WatchView), (Note, NoteView),
    ],
)  # fmt: skip
def test_a_view_tells_every_member_of_its_record(record: type[msgspec.Struct], view: type[msgspec.Struct]) -> None:
    members = {CALLED_OTHERWISE.get(name, name) if name not in view.__struct_fields__ else name for name in record.__struct_fields__}

    assert members <= set(view.__struct_fields__)
