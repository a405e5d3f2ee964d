"""Long texts that people hand over: as an argument, in a file, or on stdin."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

__all__ = ["file_option", "given_text"]

F = TypeVar("F", bound=Callable[..., Any])

LONGEST = 8 * 1024 * 1024 + 1  # one byte more than is accepted: enough to say that it is too long


def file_option(what: str) -> Callable[[F], F]:
    """Add `--file`; the function gets it as `file`."""
    return click.option("-f", "--file", metavar="PATH", type=click.Path(path_type=Path), help=f"Read {what} from a file; - for stdin.")


def given_text(argument: str | None, file: Path | None, *, name: str) -> str:
    """The text of an argument, of stdin if the argument is `-`, or of a file.

    Raises:
        UsageError: both were given, or neither.
        OSError: the file cannot be read.
    """
    if (argument is None) == (file is None):
        raise click.UsageError(f"give {name} as an argument, as - for stdin, or with --file")
    if file is not None and str(file) != "-":
        with file.open("rb") as stream:
            return _read(stream)
    if file is not None or argument == "-":
        return _read(sys.stdin.buffer)
    assert argument is not None
    return argument


def _read(stream: BinaryIO) -> str:
    return stream.read(LONGEST).decode("utf-8", "replace")
