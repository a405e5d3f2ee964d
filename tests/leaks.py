"""What a test must not leave behind: processes, and keys that never expire."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import signal
from collections.abc import Iterable
from pathlib import Path

import redis

from tests.server import Server
from tests.waiting import wait_until
from tinytown.store.keys import PERMANENT

__all__ = ["check_keys", "check_processes", "children"]

PROC = Path("/proc")  # elsewhere than on Linux the process checks see nothing and pass
GOODBYE = 5.0  # seconds that a process which is just ending may take


def children() -> set[int]:
    """The processes that this one started and has not waited for."""
    found: set[int] = set()
    for path in PROC.glob("self/task/*/children"):
        with contextlib.suppress(OSError):
            found.update(int(pid) for pid in path.read_text().split())
    return found


def check_processes(home: Path, known: Iterable[int]) -> None:
    """Fail when a process of the test with this HOME still runs, and end it."""
    __tracebackhide__ = True
    expected = set(known)

    def left() -> set[int]:
        return (children() | _living_in(home)) - expected

    try:
        wait_until(lambda: not left(), timeout=GOODBYE, every=0.02)
    except AssertionError:
        names = [f"{pid} ({_command_line(pid)})" for pid in sorted(left())]
        for pid in left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        raise AssertionError(f"the test left processes behind: {', '.join(names)}") from None


def check_keys(server: Server) -> None:
    """Fail when a key of ours has no TTL and is not documented as permanent."""
    __tracebackhide__ = True
    if not server.is_running():
        return
    with redis.Redis(unix_socket_path=str(server.socket), decode_responses=True, encoding_errors="replace") as client:
        undocumented = [key for key in client.scan_iter(match="tt:*", count=1000) if not _is_permanent(key)]
        leaked = [key for key in undocumented if client.ttl(key) == -1]
    assert not leaked, f"keys without TTL that tinytown/store/keys.py does not list as permanent: {sorted(leaked)}"


def _is_permanent(key: str) -> bool:
    within_town = key.split(":", 2)[-1]
    return any(fnmatch.fnmatchcase(within_town, pattern) for pattern in PERMANENT)


def _living_in(home: Path) -> set[int]:
    """The processes whose HOME is this folder: the test's own, and their daemons."""
    mark = b"\0HOME=" + os.fsencode(home) + b"\0"
    found: set[int] = set()
    for folder in PROC.iterdir() if PROC.is_dir() else ():
        with contextlib.suppress(OSError):
            if folder.name.isdigit() and mark in b"\0" + (folder / "environ").read_bytes() + b"\0":
                found.add(int(folder.name))
    return found


def _command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()[:200]
    return "ended"
