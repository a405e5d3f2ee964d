"""Planning: objectives, documents and a manifest are read, all of them or none, and compiled into a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

import msgspec

from tinytown.domain.objective import IssueRef
from tinytown.domain.pull_request import Issue
from tinytown.errors import PlanRefused, TownError, Unavailable
from tinytown.planning.compiler import compiled
from tinytown.planning.documents import Document, document
from tinytown.planning.graph import Plan
from tinytown.planning.manifest import Entry, Manifest, manifest, tables_of
from tinytown.planning.ports import GitHub
from tinytown.planning.references import needs_default, parse_issue
from tinytown.services.desk import Desk
from tinytown.services.town_folder import TownFolder

__all__ = ["PlanningService"]

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 8
"""So many issues are fetched at the same time."""


class PlanningService:
    """Makes plans for missions; stores nothing."""

    def __init__(self, desk: Desk, github: GitHub, root: Path) -> None:
        self._desk = desk
        self._github = github
        self._root = root

    def plan(
        self, objectives: Sequence[str], *, docs: Sequence[str] = (), manifest: Path | None = None, folder: TownFolder | None = None
    ) -> Plan:
        """The plan for all that is asked for.

        Args:
            objectives: issues: `12`, `#12`, `owner/repo#12`, or addresses of their pages.
            docs: paths of documents, from the town's folder.
            manifest: a file in TOML or YAML that says more of them, and may add to them.
            folder: where files are looked for; None: the town's folder.

        Raises:
            PlanRefused: with everything that is wrong.
            Unavailable: nothing is wrong, but an issue could not be had just now.
        """
        if not objectives and not docs and manifest is None:
            raise PlanRefused(("there is nothing to plan: name an issue, a document or a manifest",))
        where = TownFolder(self._root) if folder is None else folder
        return _Reading(where, self._desk.settings.github.host, self._github).plan(objectives, docs, manifest)


class _Reading:
    """The reading for one plan, and what went wrong so far."""

    def __init__(self, folder: TownFolder, host: str, github: GitHub) -> None:
        self._folder = folder
        self._host = host
        self._github = github
        self._problems: list[str] = []

    def plan(self, objectives: Sequence[str], docs: Sequence[str], path: Path | None) -> Plan:
        given = None if path is None else self._tried(self._manifest, path)
        entries = () if given is None else given.entries
        named = (self._tried(self._objective, text) for text in objectives)
        wanted = [ref for ref in named if ref is not None]
        read = self._documents(docs, entries)
        wanted += [ref for each in read for ref in each.issues]
        wanted += [entry.issue for entry in entries if entry.issue is not None]
        left_out = {entry.issue.key for entry in entries if entry.issue is not None and entry.skip}
        issues, outages = self._fetched(ref for ref in wanted if ref.key not in left_out)
        if outages and not self._problems:
            raise outages[0]
        if self._problems:
            raise PlanRefused((*self._problems, *dict.fromkeys(map(str, outages))))
        return compiled(issues, read, given, home=self._folder.repository if docs or given is not None else None)

    def _tried(self, read: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What it reads; None if it cannot, which is noted."""
        try:
            return read(*args, **kwargs)
        except PlanRefused as error:
            self._problems += [problem for problem in error.problems if problem not in self._problems]
            return None

    def _objective(self, text: str) -> IssueRef:
        if not needs_default(text):
            return parse_issue(text, host=self._host)
        if self._folder.repository is None:
            raise PlanRefused((f"{text.strip()!r} does not say of which repository, and {self._folder.why_none}; write owner/repo#12",))
        return parse_issue(text, self._folder.repository)

    def _manifest(self, path: Path) -> Manifest:
        name = self._folder.called(path)
        given = manifest(name, tables_of(name, self._folder.text(path)), self._folder.repository, host=self._host)
        return msgspec.structs.replace(given, entries=tuple(map(self._as_called, given.entries)))

    def _as_called(self, entry: Entry) -> Entry:
        """The entry with its document as the plan names it."""
        if entry.doc is None:
            return entry
        path, mark, part = entry.doc.partition("#")
        return msgspec.structs.replace(entry, doc=f"{self._folder.called(path)}{mark}{part}")

    def _documents(self, docs: Sequence[str], entries: Sequence[Entry]) -> list[Document]:
        """The documents that are asked for, and those that the manifest speaks of, without those it leaves out."""
        whole = [entry for entry in entries if entry.doc is not None and "#" not in entry.doc]
        left_out = {entry.doc for entry in whole if entry.skip}
        names = dict.fromkeys((*map(self._folder.called, docs), *(str(entry.doc) for entry in whole)))
        read = (self._tried(self._document, name) for name in names if name not in left_out)
        return [each for each in read if each is not None]

    def _document(self, name: str) -> Document:
        return document(name, self._folder.text(name), self._folder.repository)

    def _fetched(self, refs: Iterable[IssueRef]) -> tuple[list[Issue], list[Unavailable]]:
        """The issues, each once, and what could not be had just now; what is wrong with one is noted."""
        unique: dict[str, IssueRef] = {}
        for ref in refs:
            unique.setdefault(ref.key, ref)
        if not unique:
            return [], []
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="issues") as pool:
            answers = list(pool.map(self._answer, unique.values()))
        refused = [str(answer) for answer in answers if isinstance(answer, PlanRefused)]
        self._problems += [problem for problem in refused if problem not in self._problems]
        outages = [answer for answer in answers if isinstance(answer, Unavailable)]
        return [answer for answer in answers if isinstance(answer, Issue)], outages

    def _answer(self, ref: IssueRef) -> Issue | PlanRefused | Unavailable:
        try:
            return self._github.issue(ref)
        except Unavailable as outage:
            return outage
        except TownError as error:
            sentence = str(error)
            return PlanRefused((sentence if str(ref) in sentence else f"{ref}: {sentence}",))
