"""The compiler: issues, documents and a manifest become one plan, or everything that is wrong is said at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

import msgspec

from tinytown.domain.objective import DocObjective, IssueRef
from tinytown.domain.pull_request import Issue, IssueState
from tinytown.domain.work_item import WorkKind
from tinytown.errors import PlanRefused
from tinytown.planning.acceptance import criteria
from tinytown.planning.documents import Document, Part, free_key, titled
from tinytown.planning.graph import Plan, PlannedItem, ordered
from tinytown.planning.inference import inferred
from tinytown.planning.manifest import Entry, Manifest
from tinytown.planning.phrases import dependencies, tracked
from tinytown.planning.repository import Repository

__all__ = ["compiled"]

Wish = IssueRef | str
"""What an item depends on: an issue, or another item by its key or title."""


class _Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An item whose dependencies are not looked up yet."""

    item: PlannedItem
    wishes: tuple[Wish, ...]
    place: str
    """What to name when a wish cannot be fulfilled."""
    doc: str | None = None


def compiled(
    issues: Sequence[Issue],
    documents: Sequence[Document] = (),
    manifest: Manifest | None = None,
    *,
    home: Repository | None = None,
) -> Plan:
    """The plan of what they ask for together; the same issue twice is one item.

    Args:
        issues: in the order in which they were asked for.
        documents: in the same manner.
        manifest: what it says of an item outweighs what the item says of itself.
        home: the repository of `#N` in documents and in work that the manifest adds.

    Raises:
        PlanRefused: an entry is for nothing, a dependency is unknown, or there is a circle.
    """
    given = Manifest(name="") if manifest is None else manifest
    unique = _once(issues)
    known = {issue.ref.key for issue in unique}
    drafts = [_of_issue(issue, known) for issue in unique]
    drafts += [_of_part(part, document.path, home) for document in documents for part in document.parts]
    drafts += _own(given, home)
    drafts, left_out, misplaced = _as_told(drafts, given)
    items, unknown = _linked(drafts, left_out)
    problems = [*_pulls_among(unique), *misplaced, *unknown]
    if not problems and not items:
        problems.append("there is nothing to do: no issue, no open task and no section was found")
    if problems:
        raise PlanRefused(tuple(problems))
    own = [given.name] if any(entry.title is not None for entry in given.entries) else []
    names = dict.fromkeys([*(document.path for document in documents), *own])
    kept = [issue for issue in unique if issue.ref.key not in left_out]
    return Plan(
        objectives=(*(issue.ref for issue in kept), *map(DocObjective, names)),
        items=ordered(items),
        warnings=tuple(_warnings(kept, documents, items, left_out)),
        policy=given.policy,
    )


def _once(issues: Sequence[Issue]) -> list[Issue]:
    unique: dict[str, Issue] = {}
    for issue in issues:
        unique.setdefault(issue.ref.key, issue)
    return list(unique.values())


def _pulls_among(issues: Sequence[Issue]) -> list[str]:
    return [
        f"{issue.ref} is a pull request; a mission works on issues: name the issue that it is for"
        for issue in issues
        if issue.is_pull_request
    ]


def _of_issue(issue: Issue, known: set[str]) -> _Draft:
    """The item of an issue; a child that is ticked off is waited for only if the mission has it."""
    home = Repository(issue.ref.owner, issue.ref.repo, issue.ref.host)
    kind, role = inferred(issue.labels, issue.title, issue.body)
    children = [ref for ref, settled in tracked(issue.body, home) if not settled or ref.key in known]
    item = PlannedItem(
        key=str(issue.ref),
        title=title if (title := titled(issue.title)) else str(issue.ref),
        kind=kind,
        role=role,
        source_ref=str(issue.ref),
        url=issue.ref.url,
        body=issue.body,
        acceptance=criteria(issue.body),
    )
    return _Draft(item=item, wishes=(*dependencies(issue.body, home), *issue.sub_issues, *children), place=str(issue.ref))


def _of_part(part: Part, path: str, home: Repository | None) -> _Draft:
    kind, role = inferred((), part.title, part.body)
    item = PlannedItem(
        key=part.key,
        title=part.title,
        kind=WorkKind.DESIGN if part.is_whole else kind,
        role=role,
        source_ref=part.key,
        body=part.body,
        acceptance=part.acceptance,
    )
    return _Draft(item=item, wishes=dependencies(f"{part.title}\n\n{part.body}", home), place=part.key, doc=path)


def _own(manifest: Manifest, home: Repository | None) -> Iterator[_Draft]:
    """The work that the manifest adds."""
    taken: dict[str, int] = {}
    for entry in manifest.entries:
        if entry.title is None or entry.skip:
            continue
        title = titled(entry.title)
        kind, role = inferred((), title, entry.body)
        key = free_key(manifest.name, title, taken)
        item = PlannedItem(key=key, title=title, kind=kind, role=role, source_ref=key, body=entry.body, acceptance=criteria(entry.body))
        yield _told(_Draft(item=item, wishes=dependencies(entry.body, home), place=entry.place), entry)


def _as_told(drafts: Sequence[_Draft], manifest: Manifest) -> tuple[list[_Draft], dict[str, str], list[str]]:
    """The drafts as the manifest wants them, what it leaves out by any name, and entries that are for nothing."""
    current = {_folded(draft.item.key): draft for draft in drafts}
    left_out: dict[str, str] = {}
    problems: list[str] = []
    # A part of a document has the last word over the whole.
    for entry in sorted(manifest.entries, key=lambda entry: entry.doc is not None and "#" in entry.doc):
        keys = _meant(entry, current)
        if entry.issue is not None and entry.skip:
            left_out[entry.issue.key] = str(entry.issue)
        elif entry.title is None and not keys and not (entry.doc is not None and "#" not in entry.doc):
            problems.append(f"{entry.place}: {'there is no such part' if entry.doc is not None else 'that issue is not in the mission'}")
        for key in keys:
            if entry.skip:
                gone = current.pop(key).item
                left_out |= {_folded(name): gone.key for name in (gone.key, gone.title)}
            else:
                current[key] = _told(current[key], entry)
    return list(current.values()), left_out, problems


def _meant(entry: Entry, drafts: dict[str, _Draft]) -> list[str]:
    """The keys of the drafts that an entry speaks of."""
    if entry.issue is not None:
        return [entry.issue.key] if entry.issue.key in drafts else []
    if entry.doc is None:
        return []
    return [key for key, draft in drafts.items() if key == _folded(entry.doc) or draft.doc == entry.doc]


def _told(draft: _Draft, entry: Entry) -> _Draft:
    item = msgspec.structs.replace(
        draft.item,
        kind=draft.item.kind if entry.kind is None else entry.kind,
        # An empty role takes the inferred one away.
        role=draft.item.role if entry.role is None else entry.role or None,
        priority=draft.item.priority if entry.priority is None else entry.priority,
    )
    if entry.depends_on is None:
        return msgspec.structs.replace(draft, item=item)
    return msgspec.structs.replace(draft, item=item, wishes=entry.depends_on, place=entry.place)


def _linked(drafts: Sequence[_Draft], left_out: dict[str, str]) -> tuple[list[PlannedItem], list[str]]:
    """The items with their dependencies looked up, and what was not found."""
    by_key = {_folded(draft.item.key): draft.item.key for draft in drafts}
    names = dict(by_key)
    for draft in drafts:
        slug = draft.item.key.rpartition("#")[2]
        for name in (draft.item.title, *(() if slug.isdigit() else (slug, f"#{slug}"))):
            names.setdefault(_folded(name), draft.item.key)
    items: list[PlannedItem] = []
    problems: list[str] = []
    for draft in drafts:
        inside: dict[str, None] = {}
        outside: dict[str, IssueRef] = {}
        for wish in draft.wishes:
            name = _folded(str(wish))
            key = by_key.get(name) if isinstance(wish, IssueRef) else names.get(name)
            if key is not None:
                inside[key] = None
            elif isinstance(wish, IssueRef):
                outside.setdefault(wish.key, wish)
            elif name not in left_out:
                near = difflib.get_close_matches(name, names, n=1)
                hint = f"; did you mean {names[near[0]]}?" if near else ""
                problems.append(f"{draft.place}: depends_on: there is no item {wish!r}{hint}")
        items.append(msgspec.structs.replace(draft.item, depends_on=tuple(inside), externals=tuple(outside.values())))
    return items, problems


def _warnings(
    issues: Sequence[Issue], documents: Sequence[Document], items: Sequence[PlannedItem], left_out: dict[str, str]
) -> Iterator[str]:
    for issue in issues:
        if issue.state is not IssueState.OPEN:
            yield f"{issue.ref} is closed already{', as not planned' if issue.state is IssueState.NOT_PLANNED else ''}"
    for document in documents:
        if not document.parts and not document.issues:
            yield f"{document.path} has no open task"
    for item in items:
        for ref in item.externals:
            if ref.key in left_out:
                yield f"{item.key} waits for {ref}, which the manifest leaves out"


def _folded(name: str) -> str:
    return " ".join(name.lower().split())
