"""What a failed check said, cut to what a fix needs; read once for each run."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TypeVar
from urllib.parse import quote

import msgspec

from tinytown.domain.objective import PullRef
from tinytown.domain.pull_request import Check
from tinytown.errors import GitHubRefused
from tinytown.github.checks import EXCERPT, FoundCheck
from tinytown.github.requests import Requests
from tinytown.github.shelf import Shelf

__all__ = ["Excerpts", "end_of_log"]

T = TypeVar("T")

KEPT_SECONDS = 24 * 3600.0
LOG_BYTES = 200_000
SHARE = EXCERPT // 3
"""What the summary, and the annotations, may take of an excerpt."""

_TIME = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT[\d:.]+Z ", re.MULTILINE)
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class _Output(msgspec.Struct, frozen=True):
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations_count: int = 0


class _Run(msgspec.Struct, frozen=True):
    output: _Output = _Output()


class _Annotation(msgspec.Struct, frozen=True):
    path: str = ""
    start_line: int | None = None
    message: str | None = None
    annotation_level: str | None = None


class Excerpts:
    """Reads what failed checks said."""

    def __init__(self, requests: Requests, shelf: Shelf) -> None:
        self._requests = requests
        self._shelf = shelf

    def read(self, ref: PullRef, found: FoundCheck) -> str:
        """The excerpt of one failed check; what the token may not read is left out.

        Raises:
            Unavailable: it cannot be had now.
        """
        if found.run is None:
            return ""
        place = f"repos/{quote(ref.owner)}/{quote(ref.repo)}"
        name = "excerpt:" + sha256(f"{ref.host} {place} {found.run} {found.check.conclusion}".lower().encode()).hexdigest()[:32]
        kept = self._shelf.read(name)
        if kept is not None:
            return kept[0].decode("utf-8", "replace")
        excerpt = self._gathered(str(ref), place, found)
        self._shelf.keep(name, excerpt.encode("utf-8", "replace"), KEPT_SECONDS)
        return excerpt

    def beside(self, check: Check, excerpt: str) -> Check:
        """The check with its excerpt; one that has its own keeps it."""
        return msgspec.structs.replace(check, excerpt=excerpt) if excerpt else check

    def _gathered(self, what: str, place: str, found: FoundCheck) -> str:
        run = f"{place}/check-runs/{found.run}"
        output = self._allowed(what, run, _Run, _Run()).output
        parts = [_start("\n".join(part for part in (output.title, output.summary) if part), SHARE)]
        if output.annotations_count:
            notes = self._allowed(what, f"{run}/annotations?per_page=50", list[_Annotation], [])
            parts.append(_start("\n".join(_line(note) for note in notes if note.annotation_level != "notice"), SHARE))
        rest = EXCERPT - sum(len(part) + 1 for part in parts if part)
        parts.append(_end(output.text, rest) if output.text else self._log(what, place, found, rest))
        return "\n".join(part for part in parts if part)

    def _allowed(self, what: str, path: str, kind: type[T], otherwise: T) -> T:
        """What the token may read; some may read logs and no check runs, and others the reverse."""
        try:
            return self._requests.get(what, path, kind)
        except GitHubRefused:
            return otherwise

    def _log(self, what: str, place: str, found: FoundCheck, size: int) -> str:
        if not found.has_log:
            return ""
        try:
            return end_of_log(self._requests.get_end(what, f"{place}/actions/jobs/{found.run}/logs", LOG_BYTES), size)
        except GitHubRefused:  # logs are thrown away after a while, and reading them takes one right more
            return ""


def end_of_log(log: str, size: int) -> str:
    """The end of a job's log as far as it is about the failure: after the last error only tidying-up follows."""
    text = _COLOUR.sub("", _TIME.sub("", log.replace("\r\n", "\n")))
    error = text.rfind("##[error]")
    if error >= 0:
        end = text.find("\n", error)
        text = text[: end if end >= 0 else len(text)]
    return _end(text, size)


def _line(note: _Annotation) -> str:
    place = f"{note.path}:{note.start_line}: " if note.path and note.path != ".github" else ""
    return f"{place}{note.message or ''}"


def _start(text: str, size: int) -> str:
    text = text.strip()
    return text if len(text) <= size else f"{text[: size - 1]}…"


def _end(text: str, size: int) -> str:
    text = text.strip()
    return text if len(text) <= size else f"…{text[len(text) - size + 1 :]}"
