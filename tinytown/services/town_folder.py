"""The town's folder as planning sees it: its documents, and the repository that it is a clone of."""

from __future__ import annotations

import subprocess
from functools import cached_property
from pathlib import Path

from tinytown.errors import PlanRefused
from tinytown.planning.repository import Repository, repository_of

__all__ = ["TownFolder"]

LARGEST_FILE = 1024 * 1024
GIT_SECONDS = 10


class TownFolder:
    """Reads files by their paths from the folder; git is asked once, and only if need be."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def called(self, path: str | Path) -> str:
        """A file as people call it: from the town's folder if it is in there."""
        whole, root = self._place(path).absolute(), self._root.absolute()
        return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else whole.as_posix()

    def text(self, path: str | Path) -> str:
        """What is in a file.

        Raises:
            PlanRefused: there is none, it is larger than 1 MiB, or no text.
        """
        name, place = self.called(path), self._place(path)
        try:
            if not place.is_file():  # a pipe would never end
                raise PlanRefused((f"{name} is {'no file' if place.exists() else 'not there'}",))
            with place.open("rb") as file:
                raw = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise PlanRefused((f"{name} cannot be read: {error.strerror}",)) from None
        if len(raw) > LARGEST_FILE:
            raise PlanRefused((f"{name} is larger than 1 MiB",))
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise PlanRefused((f"{name} is not UTF-8 text (byte {error.start})",)) from None

    @property
    def repository(self) -> Repository | None:
        """The repository of the town's folder."""
        return self._origin[0]

    @property
    def why_none(self) -> str:
        """Why the folder has no repository."""
        return self._origin[1]

    def _place(self, path: str | Path) -> Path:
        try:
            return self._root / Path(path).expanduser()
        except RuntimeError:  # `~nobody`
            return self._root / path

    @cached_property
    def _origin(self) -> tuple[Repository | None, str]:
        git = ["git", "-C", str(self._root), "remote", "get-url", "origin"]
        try:
            answer = subprocess.run(git, stdin=subprocess.DEVNULL, capture_output=True, timeout=GIT_SECONDS, check=False)
        except FileNotFoundError:
            return None, "git is not installed"
        except (OSError, subprocess.TimeoutExpired) as error:
            return None, f"git does not answer: {error}"
        if answer.returncode:
            said = answer.stderr.decode(errors="replace").strip().splitlines()
            return None, f"git finds no remote named origin ({said[0] if said else f'exit code {answer.returncode}'})"
        home = repository_of(answer.stdout.decode(errors="replace"))
        return home, "" if home is not None else "its git remote named origin leads to no repository of GitHub's form"
