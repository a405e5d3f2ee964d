"""What is asked of missions."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tinytown.api.paging import PageQuery
from tinytown.domain.mission import Policy
from tinytown.domain.objective import GITHUB, Host, Number, Owner, Repo
from tinytown.services.town_folder import LARGEST_FILE

__all__ = [
    "DocObjective", "DocRequest",
    "FailMissionRequest",
    "ForceQuery",
    "HomeRequest",
    "IssueObjective",
    "ManifestRequest",
    "MissionEventsQuery",
    "MissionQuery",
    "MissionRequest",
    "MissionsQuery",
    "NoteRequest",
    "PauseMissionRequest",
    "PlanRequest",
    "StopMissionRequest",
    "TextObjective",
]  # fmt: skip


class IssueObjective(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="issue"):
    """An issue to be settled."""

    owner: Annotated[Owner, msgspec.Meta(examples=["acme"])]
    repo: Annotated[Repo, msgspec.Meta(examples=["shop"])]
    number: Annotated[Number, msgspec.Meta(examples=[7])]
    host: Annotated[Host, msgspec.Meta(description="Where it is; left out: the town's own `[github] host`.")] | None = None

    @property
    def text(self) -> str:
        """How people write it."""
        where = "" if self.host is None else f"{self.host}/"
        return f"{where}{self.owner}/{self.repo}#{self.number}"


class TextObjective(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="text"):
    """An issue to be settled, as people write it: `#12`, `owner/repo#12`, or the address of its page."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, examples=["acme/shop#7"])]


class DocObjective(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="doc"):
    """A document that says what is to be done."""

    path: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, description="From the town's folder.", examples=["docs/plan.md"])]


class DocRequest(DocObjective, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="doc"):
    """A document that says what is to be done: a file below the town's folder, on townhall's machine, or one that is sent along."""

    text: Annotated[str, msgspec.Meta(max_length=LARGEST_FILE, description="What is in it; left out: it is read there.")] | None = None


class ManifestRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file in TOML or YAML that says more of the objectives, and may add to them.

    The documents that it speaks of are sent along, as objectives.
    """

    path: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, description="What it is called.", examples=["mission.toml"])]
    text: Annotated[str, msgspec.Meta(max_length=LARGEST_FILE, examples=['[[items]]\ntitle = "Write the changelog"\nkind = "followup"\n'])]


class HomeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The repository of numbers that stand alone."""

    owner: Annotated[Owner, msgspec.Meta(examples=["acme"])]
    repo: Annotated[Repo, msgspec.Meta(examples=["shop"])]
    host: Host = GITHUB


Objectives = Annotated[tuple[IssueObjective | TextObjective | DocRequest, ...], msgspec.Meta(max_length=100)]


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a mission would be for."""

    objectives: Annotated[Objectives, msgspec.Meta(description="May be empty if there is a manifest.")]
    manifest: ManifestRequest | None = None
    home: HomeRequest | None = None
    """Left out: the repository that the town's folder is a clone of."""


class MissionRequest(PlanRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new mission."""

    policy: (
        Annotated[
            Policy,
            msgspec.Meta(
                description="It is taken whole: what it leaves out is as told there. Without any, the town's `[mission]` settings hold."
            ),
        ]
        | None
    ) = None


class MissionsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which missions are asked for."""

    active_only: Annotated[bool, msgspec.Meta(description="Only those that are planned, run or are blocked.")] = True
    include_missions: Annotated[bool, msgspec.Meta(description="With everything about each mission.")] = False


class MissionQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a mission is asked for."""

    include_work: bool = False
    """With the items of its work."""
    include_watches: bool = False
    """With what is watched for it."""
    include_events: bool = False
    """With what happened in it lately."""
    include_notes: bool = False
    """With what people said to it, those notes first that nobody has dealt with."""


class ForceQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a mission goes that is still active."""

    force: bool = False
    """Even if it has not ended."""


class PauseMissionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a mission is paused."""

    reason: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class StopMissionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a mission is stopped."""

    force: Annotated[bool, msgspec.Meta(description="Give it up, so that it cannot be resumed.")] = False


class FailMissionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a mission is given up."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)] | None = None


class NoteRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody has to say to a mission."""

    body: Annotated[str, msgspec.Meta(min_length=1, max_length=100_000, examples=["the client needs the old format for one release more"])]


class MissionEventsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many events are asked for."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100, description="How many at most: 1 to 100.")] = 20
