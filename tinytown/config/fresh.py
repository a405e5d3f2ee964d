"""The files of a new town: `tinytown.toml`, and `.tt/` for what comes and goes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import msgspec

from tinytown.config.files import locked
from tinytown.config.load import TOWN_FILE
from tinytown.errors import SettingsError, TownExists

__all__ = ["fresh_text", "init_town_files"]

_FRESH = """\
# A Tinytown: named coding agents with mailboxes. `tt config` lists every setting; all but the name have defaults.
name = "{name}"

{cli}# what agents run: a preset, an entry of [agent_clis], or a command
use_central_redis = {central}{padding}# true: one Redis for all towns of a user; else a town's is its own, on a socket under .tt/

# [agent]
# max_attempts = 3              # turns that a task gets before it fails
# idle_timeout_secs = 300       # how long a worker without work stays; 0 is for ever

# [worker]
# concurrency = 4               # turns at the same time

# Passwords never go here: use REDIS_URL, TINYTOWN_REDIS_PASSWORD or ~/.tt/config.toml.
# [redis]
# persist = "aof"               # or "always", "snapshot", "none"

# [agent_clis.mine]
# command = "my-agent --print"
"""


def fresh_text(name: str, *, central: bool = False, cli: str | None = None) -> str:
    """The text of a new town file.

    Args:
        name: of the town.
        central: whether it uses the user's central Redis.
        cli: what its agents run by default; else the line is there as a comment.
    """
    word = "true" if central else "false"
    line = '# default_cli = "claude"' if cli is None else f"default_cli = {msgspec.json.encode(cli).decode()}"
    return _FRESH.format(name=name, central=word, padding=" " * (12 - len(word)), cli=f"{line:<31} ")


def init_town_files(root: Path, name: str, *, central: bool = False, cli: str | None = None) -> Path:
    """Make a town of the directory and return its town file.

    The town file comes last and whole, so that of several that try at once
    exactly one makes the town.

    Raises:
        TownExists: there is a town already; nothing was changed.
        SettingsError: the directory cannot be written to.
    """
    path = root / TOWN_FILE
    if os.path.lexists(path):
        raise TownExists(str(root))
    try:
        root.mkdir(parents=True, exist_ok=True)
        (root / ".tt" / "logs").mkdir(parents=True, exist_ok=True)
        (root / ".tt").chmod(0o700)
        with locked(root):
            _create(path, fresh_text(name, central=central, cli=cli))
            try:
                _ignore(root / ".gitignore")
            except BaseException:
                path.unlink()
                raise
    except FileExistsError as error:
        if os.path.lexists(path):
            raise TownExists(str(root)) from None
        raise SettingsError(str(error.filename), "is in the way: it must be a directory") from None
    except OSError as error:
        raise SettingsError(str(error.filename or root), f"cannot be made part of a town: {error.strerror}") from None
    return path


def _create(path: Path, text: str) -> None:
    """Make the file, whole; FileExistsError if there is one."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        try:
            os.link(fresh, path)
        except FileExistsError:
            raise
        except OSError:  # no links on this file system; we hold the lock of the directory
            if os.path.lexists(path):
                raise FileExistsError(str(path)) from None
            fresh.replace(path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _ignore(path: Path) -> None:
    """Have git ignore `.tt/`, unless it does."""
    before = path.read_bytes() if path.exists() else None
    lines = [] if before is None else before.decode("utf-8", "surrogateescape").splitlines()
    if any(line.strip() in {".tt", ".tt/", "/.tt", "/.tt/"} for line in lines):
        return
    gap = "" if not before or before.endswith(b"\n") else "\n"
    try:
        with path.open("ab") as file:
            file.write(f"{gap}# Tinytown's logs, sockets and data\n.tt/\n".encode())
    except OSError:
        with suppress(OSError):
            path.unlink() if before is None else os.truncate(path, len(before))
        raise
