"""The output of one round, in a file that never grows beyond its limit, and its end in memory."""

from __future__ import annotations

import os
from pathlib import Path

from tinytown.domain.agent import agent_name

__all__ = ["RoundLog", "Tail", "log_path"]

_BLOCK = 64 * 1024
_NOTE = b"\n[... %d bytes left out to keep this log within its limit ...]\n"
_NOTE_ROOM = 96
_SMALLEST = 4096


def log_path(logs: Path, agent: str, round_number: int) -> Path:
    """Where the output of an agent's round goes.

    Raises:
        InvalidName: that is no agent's name; nothing outside `logs` can be meant.
    """
    return logs / agent_name(agent) / f"{round_number}.log"


class RoundLog:
    """A file with the beginning and the end of what was written to it.

    What does not fit goes from the middle, and a line says so. Trouble with
    the file (no space, no permission) is remembered in `trouble`, never raised:
    the work matters more than its log.
    """

    def __init__(self, path: Path | None, limit: int) -> None:
        self.trouble: str | None = None
        self.dropped = 0
        self._path = path
        self._limit = max(limit, _SMALLEST)
        self._head = self._limit // 2
        self._gap: int | None = None
        self._size = 0
        self._fd: int | None = None
        if path is not None:
            self._open(path)

    def write(self, chunk: bytes) -> None:
        """Add to the end of the file."""
        try:
            # In pieces so small that the end which is kept never reaches into the place it is moved to.
            for start in range(0, len(chunk), step := self._limit // 8):
                if self._fd is not None:
                    self._write(chunk[start : start + step])
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """No more is written."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _open(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            # A round that is run again adds to what its first run wrote.
            self._size = os.fstat(self._fd).st_size
        except OSError as error:
            self._give_up(error)

    def _write(self, chunk: bytes) -> None:
        if self._size + len(chunk) > self._limit - _NOTE_ROOM:
            self._drop_middle()
        assert self._fd is not None
        rest = memoryview(chunk)
        while rest:
            written = os.pwrite(self._fd, rest, self._size)
            self._size += written
            rest = rest[written:]

    def _drop_middle(self) -> None:
        """Move the last quarter up behind the head and the note."""
        assert self._fd is not None
        keep = min(self._limit // 4, self._size - self._head)
        source = self._size - keep
        self.dropped += source - (self._head if self._gap is None else self._gap)
        note = _NOTE % self.dropped
        target = self._gap = self._head + len(note)
        moved = self._move(source, target)
        os.pwrite(self._fd, note, self._head)
        os.ftruncate(self._fd, moved)
        self._size = moved

    def _move(self, source: int, target: int) -> int:
        """Copy what stands from `source` on down to `target`; returns the new end."""
        assert self._fd is not None
        while source < self._size:
            data = os.pread(self._fd, min(_BLOCK, self._size - source), source)
            if not data:
                break
            os.pwrite(self._fd, data, target)
            source += len(data)
            target += len(data)
        return target

    def _give_up(self, error: OSError) -> None:
        if self.trouble is None:
            self.trouble = f"the log {self._path} is incomplete: {error.strerror}"
        self.close()


class Tail:
    """The last bytes of a stream, and how many there were."""

    def __init__(self, limit: int) -> None:
        self.total = 0
        self._limit = limit
        self._kept = bytearray()

    def add(self, chunk: bytes) -> None:
        """More of the stream."""
        self.total += len(chunk)
        self._kept += chunk[-self._limit :]
        if len(self._kept) > 2 * self._limit:
            del self._kept[: -self._limit]

    def text(self) -> str:
        """The end of the stream; what is no UTF-8 shows as replacement characters."""
        kept = bytes(self._kept[-self._limit :])
        if self.total > len(kept):
            # The cut may have gone through a character: its rest is no mistake of the program's.
            start = next((place for place, byte in enumerate(kept[:4]) if byte & 0xC0 != 0x80), 0)
            kept = kept[start:]
        return kept.decode("utf-8", "replace")
