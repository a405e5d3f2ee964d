"""How a prompt gets to a program: on standard input, in a file, or as an argument."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from tinytown.presets import Delivery, Preset

__all__ = ["Delivered", "deliver"]

MAX_ARGUMENT_BYTES = 128 * 1024 - 1
"""The longest single argument that Linux passes on, without its closing zero byte."""

_FILE, _PROMPT = "{file}", "{prompt}"


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """A command that is ready to run, and the file that was written for it."""

    argv: tuple[str, ...]
    stdin: bytes = b""
    file: Path | None = None

    def discard(self) -> None:
        """Remove the file, if there is one."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)


def deliver(preset: Preset, text: str, file: Path) -> Delivered:
    """Give the text to the program as its preset says.

    Args:
        file: where to write the text when it goes by file. An argument that is
            longer than the system allows goes by file too, with a word about it.

    Raises:
        OSError: the file cannot be written.
    """
    argv = preset.argv
    # Half a surrogate pair cannot be written anywhere, and a zero byte ends an argument.
    data = text.encode("utf-8", "replace")
    if preset.deliver is Delivery.FILE:
        return Delivered(argv=_placed(argv, _FILE, str(_write(file, data)), preset.prompt_flag), file=file)
    if preset.deliver is Delivery.STDIN:
        return Delivered(argv=argv, stdin=data)
    whole = _placed(argv, _PROMPT, data.decode().replace("\0", "\ufffd"), preset.prompt_flag)
    if max(len(word.encode()) for word in whole) <= MAX_ARGUMENT_BYTES:
        return Delivered(argv=whole)
    pointer = f"Read the file {_write(file, data)} now: all of it is your prompt. Then do what it says."
    return Delivered(argv=_placed(argv, _PROMPT, pointer, preset.prompt_flag), file=file)


def _placed(argv: tuple[str, ...], place: str, value: str, flag: str | None) -> tuple[str, ...]:
    """The command with the value in its place, or else at its end."""
    if any(place in word for word in argv):
        return tuple(word.replace(place, value) for word in argv)
    if flag is None or argv[-1] == flag:
        return (*argv, value)
    return (*argv, flag, value)


def _write(file: Path, data: bytes) -> Path:
    """Write the prompt, for the owner's eyes only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:  # noqa: PTH123 - a mode from the start
        stream.write(data)
    return file
