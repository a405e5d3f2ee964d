"""The town's folder as planning sees it: its documents, and the repository that it is a clone of."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path
from posixpath import normpath

from tinytown.errors import PlanRefused
from tinytown.planning.repository import Repository, repository_of

__all__ = ["LARGEST_FILE", "HandedFolder", "TownFolder"]

LARGEST_FILE = 1024 * 1024
"""Bytes; what is larger is no document."""
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


class HandedFolder(TownFolder):
    """The town's folder for somebody elsewhere: what they hand over, and of the folder itself what they may have read.

    Args:
        root: the town's folder.
        texts: what they hand over, by name.
        readable: the names of files in the folder that they may have read.
        home: the repository that they mean; None: that of the folder.
    """

    def __init__(self, root: Path, texts: Mapping[str, str], readable: Collection[str], home: Repository | None) -> None:
        super().__init__(root)
        self._texts = {normpath(name): text for name, text in texts.items()}
        self._readable = frozenset(readable)
        self._home = home

    def called(self, path: str | Path) -> str:
        """A file as they call it if they hand it over, else from the town's folder."""
        name = normpath(path)
        return name if name in self._texts else super().called(path)

    def text(self, path: str | Path) -> str:
        """What is in a file.

        Raises:
            PlanRefused: it was not handed over, and they may not have it read.
        """
        name = self.called(path)
        if name in self._texts:
            return self._texts[name]
        if name not in self._readable:
            raise PlanRefused((f"{name} was not sent along",))
        return super().text(path)

    @property
    def repository(self) -> Repository | None:
        """The repository that they mean."""
        return super().repository if self._home is None else self._home
