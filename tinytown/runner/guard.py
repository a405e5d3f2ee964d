"""Ends what a worker's turns left running once the worker itself is gone.

A worker starts this file as a script of its own (`python -I -S guard.py TOKEN`)
and holds the other end of its standard input. Lines `+PID` and `-PID` say which
process groups belong to running turns; end of file says that the worker is dead.
It imports nothing but the smallest modules: it must start at once and stay small.
"""

from __future__ import annotations

import os
import signal
import sys
import time

__all__ = ["MARK", "marked", "serve"]

MARK = b"TINYTOWN_RUN"
"""The environment variable by which a turn's processes are known, wherever they went."""

GRACE = 1.0  # seconds between asking and killing
CHUNK = 4096


def marked(value: bytes) -> set[int]:
    """The living processes whose mark begins with `value` (Linux; elsewhere none)."""
    found: set[int] = set()
    needle = b"\0" + MARK + b"=" + value
    own = os.getpid()
    try:
        names = os.listdir("/proc")  # noqa: PTH208 - pathlib would double the time that this takes to start
    except OSError:
        return found
    for name in names:
        if not name.isdigit() or int(name) == own:
            continue
        try:
            with open(f"/proc/{name}/environ", "rb", buffering=0) as file:  # noqa: PTH123
                if needle in b"\0" + file.read(-1):
                    found.add(int(name))
        except OSError:
            continue  # ended meanwhile, or another user's
    return found


def serve(inbox: int, token: bytes) -> None:
    """Keep the list of groups until the worker is gone, then end them."""
    groups: set[int] = set()
    rest = b""
    while chunk := os.read(inbox, CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            (groups.add if line[:1] == b"+" else groups.discard)(int(line[1:]))
    _end(groups, token + b".")


def _end(groups: set[int], mark: bytes) -> None:
    """Ask all of them to end, and make them end soon after."""
    deadline = time.monotonic() + GRACE
    strays = _signal(groups, mark, signal.SIGTERM)
    while (strays or _alive(groups)) and time.monotonic() < deadline:
        time.sleep(0.05)
        strays = marked(mark)
    # A child that was being started when the worker died shows its mark a little later.
    for pause in (0.0, 0.05, 0.2, 0.5):
        time.sleep(pause)
        _signal(groups, mark, signal.SIGKILL)


def _signal(groups: set[int], mark: bytes, number: int) -> set[int]:
    """Send the signal to the groups and to the marked processes, which are returned."""
    strays = marked(mark)
    for group in groups:
        _send(-group, number)
    for pid in strays:
        _send(pid, number)
    return strays


def _alive(groups: set[int]) -> bool:
    return any(_send(-group, 0) for group in groups)


def _send(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except OSError:
        return False
    return True


def _main() -> None:
    """Become a daemon, so that nobody waits for this process nor signals it by chance."""
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    os.chdir("/")
    serve(0, sys.argv[1].encode())


if __name__ == "__main__":
    _main()
