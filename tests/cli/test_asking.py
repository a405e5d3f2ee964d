"""Questions before something is lost, on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import pytest

from tests.waiting import wait_until
from tinytown.town import Town

TT = [sys.executable, "-m", "tinytown.cli.main"]


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._keys, screen = pty.openpty()

        def take_the_terminal() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [*TT, *arguments],
            cwd=folder,
            stdin=screen,
            stdout=screen,
            stderr=screen,
            start_new_session=True,
            preexec_fn=take_the_terminal,  # noqa: PLW1509 - there are no threads here
        )
        os.close(screen)
        os.set_blocking(self._keys, False)
        self.text = ""

    def shows(self, text: str) -> bool:
        with suppress(OSError):
            self.text += os.read(self._keys, 65536).decode(errors="replace")
        return text in self.text

    def type(self, keys: bytes) -> None:
        os.write(self._keys, keys)

    def status(self) -> int:
        wait_until(lambda: self.shows("\0") or self.process.poll() is not None)
        self.shows("")
        os.close(self._keys)
        return self.process.wait()


@pytest.mark.parametrize(
    ("keys", "status", "left"), [(b"y\n", 0, 0), (b"n\n", 1, 1), (b"\n", 1, 1), (b"\x04", 1, 1), (b"\x03", 130, 1)], ids=str
)
def test_only_yes_means_yes(keys: bytes, status: int, left: int, place: Path, town: Town) -> None:
    town.spawn("ada")
    terminal = Terminal(place, "reset")
    wait_until(lambda: terminal.shows("? [y/N]"))

    terminal.type(keys)

    assert terminal.status() == status
    assert ("Nothing was changed" in terminal.text) == (status == 1)
    assert len(town.agents.all()) == left
