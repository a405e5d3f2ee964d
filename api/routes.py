"""The routes: every noun of the API, in the order of its documentation."""

from __future__ import annotations

from collections.abc import Iterator

from tinytown.api.operation import Operation, Tag
from tinytown.api.resources.agents import agents
from tinytown.api.resources.backlog import backlog
from tinytown.api.resources.documentation import documentation
from tinytown.api.resources.events import events
from tinytown.api.resources.github import github
from tinytown.api.resources.mailboxes import mailboxes
from tinytown.api.resources.messages import messages
from tinytown.api.resources.metrics import metrics
from tinytown.api.resources.missions import missions
from tinytown.api.resources.probes import probes
from tinytown.api.resources.recovery import recovery
from tinytown.api.resources.scaling import scaling
from tinytown.api.resources.tasks import tasks
from tinytown.api.resources.town import town
from tinytown.api.resources.watches import watches
from tinytown.api.resources.work_items import work_items
from tinytown.api.resources.workers import workers

__all__ = ["TAGS", "operations", "paths"]

TAGS: tuple[Tag, ...] = (
    probes,
    scaling,
    metrics,
    town,
    agents,
    mailboxes,
    workers,
    tasks,
    backlog,
    messages,
    recovery,
    events,
    missions,
    work_items,
    watches,
    github,
    documentation,
)


def operations() -> Iterator[Operation]:
    """All operations."""
    for tag in TAGS:
        yield from tag.operations


def paths() -> dict[str, list[Operation]]:
    """The operations by their path."""
    found: dict[str, list[Operation]] = {}
    for operation in operations():
        found.setdefault(operation.path, []).append(operation)
    return found
