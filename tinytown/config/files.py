"""Reading and writing settings files: refused with a reason, written whole or not at all, one writer at a time."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tinytown.errors import SettingsError

__all__ = ["checked", "locked", "parsed", "read_text", "read_toml", "refuse", "write_whole"]

S = TypeVar("S", bound=msgspec.Struct)

_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        FileNotFoundError: there is none.
        SettingsError: it cannot be read, or is no TOML.
    """
    return parsed(path, read_text(path))


def read_text(path: Path) -> str:
    """The text of a settings file; FileNotFoundError if there is none."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except IsADirectoryError:
        raise SettingsError(str(path), "is a directory, not a file; move it away") from None
    except OSError as error:
        raise SettingsError(str(path), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(str(path), f"is not UTF-8 text (byte {error.start})") from None


def parsed(path: Path, text: str) -> dict[str, Any]:
    """The tables of a text that is said to be TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = _LINE.search(str(error))  # else it was the end of the text
        where = f"{path}:{line[1] if line is not None else len(text.splitlines())}"
        raise SettingsError(where, f"is not valid TOML: {error}") from None
    except RecursionError:
        raise SettingsError(str(path), "is nested too deeply") from None


def checked(path: Path, data: Mapping[str, Any], kind: type[S]) -> S:
    """The tables as that kind of settings.

    Raises:
        SettingsError: with the key, the file, the line, and a likely correction.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        from tinytown.config.blame import explain

        keys, why = explain(error, data, kind)
        raise refuse(path, keys, why) from None


def refuse(path: Path, keys: tuple[str, ...], why: str) -> SettingsError:
    """The error that names a key, its file and its line."""
    from tinytown.config.blame import line_of

    text = ""
    with suppress(OSError):
        text = path.read_text(encoding="utf-8", errors="replace")
    line = line_of(text, keys)
    where = f"{path}:{line}" if line is not None else str(path)
    return SettingsError(where, f"{'.'.join(keys)}: {why}" if keys else why)


def write_whole(path: Path, text: str, *, mode: int | None = None) -> None:
    """Put the text where the path leads, at once; an interruption leaves the old file.

    Args:
        path: a link is followed, so that it stays a link.
        mode: the permissions; else those of the file so far, or the usual ones.
    """
    target = Path(os.path.realpath(path))
    fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
    try:
        if mode is None:
            mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), mode)
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(target)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise SettingsError(str(path), f"cannot be written: {error.strerror}") from None


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Let one process at a time change the files of a directory."""
    import fcntl

    try:
        handle = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise SettingsError(str(directory), f"cannot be opened: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
