"""Planning: objectives, documents and a manifest are read, all of them or none, and compiled into a plan."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TypeVar

from tinytown.domain.objective import IssueRef
from tinytown.domain.pull_request import Issue
from tinytown.errors import PlanRefused, TownError, Unavailable
from tinytown.planning.compiler import compiled
from tinytown.planning.documents import Document, document
from tinytown.planning.graph import Plan
from tinytown.planning.manifest import Manifest, manifest, tables_of
from tinytown.planning.ports import GitHub
from tinytown.planning.references import needs_default, parse_issue
from tinytown.planning.repository import Repository, repository_of
from tinytown.services.desk import Desk

__all__ = ["PlanningService"]

T = TypeVar("T")

LARGEST_FILE = 1024 * 1024
AT_ONCE = 8
"""So many issues are fetched at the same time."""
GIT_SECONDS = 10


class PlanningService:
    """Makes plans for missions; stores nothing."""

    def __init__(self, desk: Desk, github: GitHub, root: Path) -> None:
        self._desk = desk
        self._github = github
        self._root = root

    def plan(self, objectives: Sequence[str], *, docs: Sequence[str] = (), manifest: Path | None = None) -> Plan:
        """The plan for all that is asked for.

        Args:
            objectives: issues: `12`, `#12`, `owner/repo#12`, or addresses of their pages.
            docs: paths of documents, from the town's folder.
            manifest: a file in TOML or YAML that says more of them, and may add to them.

        Raises:
            PlanRefused: with everything that is wrong with it.
            Unavailable: nothing is wrong with it, but an issue could not be had just now.
        """
        return _Planning(self._root, self._desk.settings.github.host, self._github).compile(objectives, docs, manifest)


class _Planning:
    """One plan in the making, and what went wrong so far."""

    def __init__(self, root: Path, host: str, github: GitHub) -> None:
        self._root = root
        self._host = host
        self._github = github
        self._problems: list[str] = []

    def compile(self, objectives: Sequence[str], docs: Sequence[str], manifest: Path | None) -> Plan:
        """Read everything, then compile it."""
        if not objectives and not docs and manifest is None:
            raise PlanRefused(("there is nothing to plan: name an issue, a document or a manifest",))
        given = None if manifest is None else self._tried(lambda: self._manifest(manifest))
        wanted = [ref for text in objectives if (ref := self._tried(lambda text=text: self._objective(text))) is not None]
        read = self._documents(docs, given)
        wanted += [ref for each in read for ref in each.issues]
        entries = () if given is None else given.entries
        wanted += [entry.issue for entry in entries if entry.issue is not None]
        left_out = {entry.issue.key for entry in entries if entry.issue is not None and entry.skip}
        issues, outages = self._fetched(ref for ref in wanted if ref.key not in left_out)
        if not self._problems and outages:
            raise outages[0]
        if self._problems or outages:
            raise PlanRefused((*self._problems, *dict.fromkeys(map(str, outages))))
        return compiled(issues, read, given, home=self._home)

    def _tried(self, read: Callable[[], T]) -> T | None:
        """What it reads; None if it cannot be, which is noted."""
        try:
            return read()
        except PlanRefused as error:
            self._problems += [problem for problem in error.problems if problem not in self._problems]
            return None

    def _objective(self, text: str) -> IssueRef:
        if needs_default(text) and self._home is None:
            raise PlanRefused((f"{text.strip()!r} does not say of which repository, and {self._why_homeless}: write owner/repo#12",))
        return parse_issue(text, self._home if needs_default(text) else None, host=self._host)

    def _manifest(self, path: Path) -> Manifest:
        name = self._called(path)
        tables = tables_of(name, self._text(name, path))
        return manifest(name, tables, self._home, host=self._host)

    def _documents(self, docs: Sequence[str], given: Manifest | None) -> list[Document]:
        entries = () if given is None else given.entries
        more = [entry.doc.partition("#")[0] for entry in entries if entry.doc is not None and not (entry.skip and "#" not in entry.doc)]
        names = dict.fromkeys(self._called(Path(doc)) for doc in (*docs, *more))
        left_out = {str(PurePosixPath(entry.doc)) for entry in entries if entry.doc is not None and entry.skip and "#" not in entry.doc}
        read = (
            self._tried(lambda name=name: document(name, self._text(name, Path(name)), self._home))
            for name in names
            if name not in left_out
        )
        return [each for each in read if each is not None]

    def _fetched(self, refs: Iterable[IssueRef]) -> tuple[list[Issue], list[Unavailable]]:
        """The issues, each once; what is wrong with any is noted, and outages come apart."""
        unique: dict[str, IssueRef] = {}
        for ref in refs:
            unique.setdefault(ref.key, ref)
        issues: list[Issue] = []
        outages: list[Unavailable] = []
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="issues") as pool:
            for answer in pool.map(self._answer, unique.values()):
                match answer:
                    case Issue():
                        issues.append(answer)
                    case Unavailable():
                        outages.append(answer)
                    case _:
                        self._problems.append(str(answer))
        return issues, outages

    def _answer(self, ref: IssueRef) -> Issue | TownError:
        try:
            return self._github.issue(ref)
        except Unavailable as outage:
            return outage
        except TownError as error:
            sentence = str(error)
            return PlanRefused((sentence if str(ref) in sentence else f"{ref}: {sentence}",))

    def _called(self, path: Path) -> str:
        """A file as people call it: from the town's folder if it is in there."""
        whole = (self._root / path).absolute()
        return whole.relative_to(self._root.absolute()).as_posix() if whole.is_relative_to(self._root.absolute()) else path.as_posix()

    def _text(self, name: str, path: Path) -> str:
        place = self._root / path.expanduser()
        try:
            if not place.is_file():
                raise PlanRefused((f"{name} is {'no file' if place.exists() else 'not there'}",))
            with place.open("rb") as file:
                raw = file.read(LARGEST_FILE + 1)
            if len(raw) > LARGEST_FILE:
                raise PlanRefused((f"{name} is larger than 1 MiB",))
            return raw.decode("utf-8-sig")
        except (OSError, ValueError) as error:
            why = f"(byte {error.start})" if isinstance(error, UnicodeDecodeError) else ""
            if why:
                raise PlanRefused((f"{name} is not UTF-8 text {why}",)) from None
            raise PlanRefused((f"{name} cannot be read: {getattr(error, 'strerror', error)}",)) from None

    @property
    def _home(self) -> Repository | None:
        """The repository of the town's folder."""
        return self._origin[0]

    @property
    def _why_homeless(self) -> str:
        return self._origin[1]

    @cached_property
    def _origin(self) -> tuple[Repository | None, str]:
        """The repository that `origin` leads to; else why there is none."""
        git = ["git", "-C", str(self._root), "remote", "get-url", "origin"]
        try:
            answer = subprocess.run(
                git, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=GIT_SECONDS, check=False
            )
        except FileNotFoundError:
            return None, "git is not installed"
        except (OSError, subprocess.TimeoutExpired) as error:
            return None, f"git does not answer ({error})"
        if answer.returncode:
            return None, f"{self._root} has no git remote named origin"
        home = repository_of(answer.stdout)
        return home, "" if home is not None else "its git remote origin leads to no repository on GitHub"
