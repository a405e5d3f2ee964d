"""What agents are told of an item: whole, with all that is known, and how to report."""

from __future__ import annotations

from tinytown.domain.ids import TaskId
from tinytown.domain.verdict import MissionTask
from tinytown.domain.work_item import WorkItem, WorkKind, WorkStatus
from tinytown.missions.snapshot import Draft

__all__ = ["branch_of", "task_text"]

_HEADS = {
    MissionTask.WORK: "[Mission Work Item]",
    MissionTask.REVIEW: "[Mission Review]",
    MissionTask.FIX: "[Mission Fix]",
}
_PULL_KINDS = {WorkKind.IMPLEMENT, WorkKind.TEST, WorkKind.FOLLOWUP, WorkKind.MERGE_GATE}


def task_text(draft: Draft, item: WorkItem, kind: MissionTask, task: TaskId, remark: str = "") -> str:
    """The description of a task: what, why, with what, and how to report."""
    parts = [
        f"{_HEADS[kind]} {item.title}",
        _facts(draft, item),
        _said("What the operator says", remark),
        _said("What has to be mended", item.fix if kind is MissionTask.FIX else None),
        _said("What went wrong the last time", item.fix if kind is MissionTask.WORK else None),
        _said("The issue" if item.url is not None else "What is to be done", item.body),
        _listed("Acceptance criteria", item.acceptance),
        _listed("What it builds on", _results(draft, item)),
        _report(item, kind, task),
    ]
    return "\n\n".join(part for part in parts if part)


def branch_of(item_id: str, source: str | None, title: str) -> str:
    """The branch for an item, its own: `tt/12-make-it-so-1a2b3c4d`."""
    number = "" if source is None or "#" not in source else source.rsplit("#", 1)[1]
    words = "".join(character if character.isascii() and character.isalnum() else "-" for character in title.lower())
    slug = "-".join(part for part in words.split("-") if part)[:40].strip("-")
    return "tt/" + "-".join(part for part in (number if number.isdigit() else "", slug, item_id[:8]) if part)


def _facts(draft: Draft, item: WorkItem) -> str:
    lines = [
        f"mission: {draft.mission.id}",
        f"work item: {item.id} ({item.kind.value})",
        f"source: {'unknown' if item.source_ref is None else item.source_ref}{'' if item.url is None else f' {item.url}'}",
    ]
    if item.pull is not None:
        lines.append(f"pull request: {item.pull} {item.pull.url}")
    if item.head is not None:
        lines.append(f"commit: {item.head}")
    if item.branch is not None and item.pull is None:
        lines.append(f"branch: {item.branch}")
    return "\n".join(lines)


def _results(draft: Draft, item: WorkItem) -> tuple[str, ...]:
    done = [draft.items[other] for other in item.depends_on if other in draft.items and draft.items[other].status is WorkStatus.DONE]
    return tuple(f"{other.label}{'' if other.pull is None else f' ({other.pull.url})'}" for other in done)


def _said(title: str, text: str | None) -> str:
    return "" if text is None or not text.strip() else f"## {title}\n\n{text.strip()}"


def _listed(title: str, lines: tuple[str, ...]) -> str:
    return "" if not lines else f"## {title}\n\n" + "\n".join(f"- {line}" for line in lines)


def _report(item: WorkItem, kind: MissionTask, task: TaskId) -> str:
    complete = f"  tt task complete {task}"
    if kind is MissionTask.REVIEW:
        what = "the work" if item.pull is None else f"pull request {item.pull.url}{'' if item.head is None else f' at commit {item.head}'}"
        how = (
            f"Read {what}; change nothing yourself. Then report your verdict, with your reasons as the result:\n"
            f'{complete} --verdict approve --result "why it is good"\n'
            f'{complete} --verdict reject --result "what has to change"\n'
            "A review without a verdict does not count, and is asked for again. "
            "A program that only prints ends its output with the line `verdict: approve` or `verdict: reject`."
        )
    elif item.pull is not None:
        how = (
            f"Push to the branch of {item.pull.url}; do not open another pull request unless that one is closed. "
            "Report what you did, and name the pull request in the result:\n"
            f'{complete} --result "{item.pull.url} …"'
        )
    elif item.kind in _PULL_KINDS:
        branch = "a branch of its own" if item.branch is None else f"the branch `{item.branch}`"
        pull = (
            "If the repository has pull requests, open one and name it in the result; else commit there and say what you made"
            if item.url is None
            else f"Open a pull request that closes {item.source_ref}, and name it in the result"
        )
        how = (
            f"Others work in the same repository at the same time: use a worktree of your own, on {branch}. "
            f"{pull}, by its URL or as `owner/repo#N`:\n"
            f'{complete} --result "https://github.com/OWNER/REPO/pull/N …"'
        )
    else:
        how = f'Report what came of it:\n{complete} --result "…"\nIf there is a pull request, name it in the result.'
    return f"## How to report\n\n{how}"
