"""The name a town gets when nobody gives it one."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tinytown.domain.town import TownName, slug

__all__ = ["derived_name", "proposed_name"]


def proposed_name(root: Path, *, shared: bool, taken: Collection[str] = ()) -> TownName:
    """A name for a new town: of its git repository and branch, else of its directory.

    Args:
        root: the town's directory.
        shared: whether the town's Redis may hold other towns, too. Names are
            all that keeps those apart, and two checkouts of a repository on
            one branch would get the same: so the name then carries a mark of the path.
        taken: names that other towns of the user have.
    """
    root = root.resolve()
    top = _repository(root)
    branch = None if top is None else _branch(top)
    name = slug((root if top is None else top).name)
    if branch is not None:
        name = slug(f"{name}-{branch}")
    return _marked(name, root) if shared or name in taken else name


def derived_name(root: Path, *, shared: bool) -> TownName:
    """The name of a town whose file has none.

    It follows from the directory alone: with the branch in it, switching
    branches would lose sight of the whole town.
    """
    root = root.resolve()
    name = slug(root.name)
    return _marked(name, root) if shared else name


def _marked(name: TownName, root: Path) -> TownName:
    from hashlib import sha256

    mark = sha256(str(root).encode(errors="surrogateescape")).hexdigest()[:6]
    return slug(f"{name[:56]}-{mark}")


def _repository(root: Path) -> Path | None:
    """The top of the git work tree that the directory lies in."""
    return next((place for place in (root, *root.parents) if (place / ".git").exists()), None)


def _branch(top: Path) -> str | None:
    """The branch that is checked out; None when it is a bare commit.

    Read from the file, for `git` may be missing and takes longer than all else here.
    """
    try:
        folder = top / ".git"
        if folder.is_file():  # a linked work tree, or a submodule
            folder = top / folder.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    branch = head.removeprefix("ref: refs/heads/")
    return None if branch in {head, ".invalid"} else branch
