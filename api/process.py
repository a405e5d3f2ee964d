"""The townhall process: settings checked, sockets opened, requests answered until it is told to end."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from tinytown.api.auth import has_live_keys
from tinytown.api.awaiting import await_redis
from tinytown.api.binding import binding_of, is_loopback, listen
from tinytown.api.key_file import with_key_of_file
from tinytown.api.refusals import CannotListen, OpenToAnybody
from tinytown.api.safety import is_local, problems, settings_problems, warnings
from tinytown.api.server.application import Application
from tinytown.api.server.arguments import VARIABLE
from tinytown.api.server.master import Master
from tinytown.api.serving import Serving
from tinytown.api.tls import server_context
from tinytown.bootstrap import load, open_unasked, start_redis
from tinytown.clock import SystemClock
from tinytown.config import AuthMode, Settings, user_directory, value_of, working_directory
from tinytown.errors import RedisUnavailable, TownError
from tinytown.process import Leash, Signals
from tinytown.runtime.notice import Board
from tinytown.town import Town

__all__ = ["TownhallPlan", "run_townhall"]

TRY_AGAIN_SECONDS = 5.0
LOOK_SECONDS = 1.0

_log = logging.getLogger(__name__)


class TownhallPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says about a townhall process."""

    bind: str | None = None
    port: int | None = None
    verbose: bool = False
    until_eof: bool = False
    """End, too, when standard input ends."""
    patient: bool = False
    """Where it cannot start, try again now and then: the town around it goes on."""


class _Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """All that is needed to begin."""

    root: Path | None
    settings: Settings
    app: Application
    sockets: list[socket.socket]

    @property
    def urls(self) -> str:
        """Where it listens."""
        hall = self.settings.townhall
        scheme = "https" if hall.tls.enabled else "http"
        ports = iter(self.sockets)
        found = []
        for binding in self.app.bindings:
            if binding.path is None and binding.port == 0:
                binding = msgspec.structs.replace(binding, port=next(ports).getsockname()[1])  # noqa: PLW2901
            found.append(str(binding) if binding.path is not None else f"{scheme}://{binding}")
        return ", ".join(found)


def run_townhall(path: Path | None, env: Mapping[str, str], plan: TownhallPlan) -> int:
    """Run a townhall until it is told to end; answers the exit code.

    Args:
        path: where the town is looked for.
        env: the environment.
        plan: what the command line says.

    Raises:
        TownError: it cannot start, or must not.
    """
    leash = Leash(until_eof=plan.until_eof)
    with Signals() as signals, _counts() as metrics:
        board = Board(load(path, env)[0])
        try:
            prepared = (
                _prepared(path, env, plan, metrics)
                if not plan.patient
                else _at_last(path, env, plan, metrics, board=board, signals=signals, leash=leash)
            )
            return 0 if prepared is None else _serve(prepared, lambda: signals.count > 0 or leash.is_cut(), board)
        except TownError:
            board.leave()
            raise


@contextmanager
def _counts() -> Iterator[Path]:
    """A folder in which the workers keep their counts of requests together; the master takes it away in the end."""
    folder, pid = Path(tempfile.mkdtemp(prefix="townhall-")), os.getpid()
    try:
        yield folder
    finally:
        if os.getpid() == pid:
            shutil.rmtree(folder, ignore_errors=True)


def _at_last(
    path: Path | None, env: Mapping[str, str], plan: TownhallPlan, metrics: Path, *, board: Board, signals: Signals, leash: Leash
) -> _Prepared | None:
    """What is needed, as soon as it can be had; None when asked to end before."""
    said = ""
    due = 0.0
    while signals.count == 0 and not leash.is_cut():
        if time.monotonic() >= due:
            try:
                return _prepared(path, env, plan, metrics)
            except TownError as error:
                if str(error) != said:
                    said = str(error)
                    _log.warning("townhall waits: %s", said, extra={"action": "townhall.waiting"})
                    board.say(problem=said)
            due = time.monotonic() + TRY_AGAIN_SECONDS
        signals.wait(LOOK_SECONDS)
    board.leave()
    return None


def _prepared(path: Path | None, env: Mapping[str, str], plan: TownhallPlan, metrics: Path) -> _Prepared:
    """Check what can be checked, and open the sockets.

    Args:
        path: where the town is looked for.
        env: the environment.
        plan: what the command line says.
        metrics: where the worker processes keep their counts together.

    Raises:
        TownError: something forbids to start.
    """
    root, settings = load(path, env)
    if value_of(env, "TINYTOWN_ENABLE_MCP_HTTP") not in {None, "0"}:
        _log.warning("TINYTOWN_ENABLE_MCP_HTTP is set, but this version serves no MCP", extra={"action": "townhall.warned"})
    binding = binding_of(settings.townhall, plan.bind, plan.port)
    with suppress(CannotListen):  # the check below says so
        settings = with_key_of_file(settings, env, working_directory(env) if root is None else root, exposed=not is_local(binding))
    hall = settings.townhall
    clock = SystemClock()

    def open_here() -> Town:
        await_redis(root, settings, env)
        return open_unasked(root, settings, env)

    def encryption() -> ssl.SSLContext | None:
        return server_context(hall, root, clock.now())

    serving = Serving(open_here, started_at=clock.monotonic(), metrics=metrics)
    app = Application(hall, (binding,), env.get(VARIABLE, ""), serving, encryption, verbose=plan.verbose)
    _check(root, settings, app)
    app.encrypt()
    _start_own_redis(root, settings, env)
    _check_keys(settings, open_here)
    sockets = _open(app, hall.auth.mode)
    return _Prepared(root=root, settings=settings, app=app, sockets=sockets)


def _check(root: Path | None, settings: Settings, app: Application) -> None:
    """Refuse what is unsafe, and warn of what is doubtful."""
    now = SystemClock().now()
    first, *others = problems(settings.townhall, app.bindings, root, now=now) or (None,)
    for other in others:
        _log.error("%s", other, extra={"action": "townhall.refused"})
    if first is not None:
        raise first
    for warning in warnings(settings.townhall, app.bindings, root, now=now):
        _log.warning("%s", warning, extra={"action": "townhall.warned"})


def _check_keys(settings: Settings, opener: Callable[[], Town]) -> None:
    """Refuse to start where keys are asked for, and there is none; Redis knows those with names.

    Raises:
        KeyMissing: nobody could call.
    """
    auth = settings.townhall.auth
    if auth.mode is not AuthMode.API_KEY or auth.api_key_hash is not None:
        return
    with opener() as town:
        for problem in settings_problems(auth, lambda: has_live_keys(town)):
            raise problem


def _start_own_redis(root: Path | None, settings: Settings, env: Mapping[str, str]) -> None:
    """Start the Redis if that is ours to do; one that does not come is awaited while requests are answered.

    Raises:
        RedisMissing: there is no program for it.
    """
    if settings.redis_address(root, user_directory(env)).external:
        return
    try:
        start_redis(root, settings, env)
    except RedisUnavailable as error:
        _log.warning("waiting for Redis: %s", error, extra={"action": "redis.awaited"})


def _open(app: Application, mode: AuthMode) -> list[socket.socket]:
    """The sockets that listen; where nobody is asked who they are, other machines must not reach one of them."""
    sockets: list[socket.socket] = []
    try:
        for binding in app.bindings:
            if binding.path is None:
                sockets += listen(binding, backlog=app.cfg.backlog)
        for each in sockets:
            address = str(each.getsockname()[0])
            if mode is AuthMode.NONE and not is_loopback(address):  # a name may have got another address since it was checked
                raise OpenToAnybody(address)
    except TownError:
        for each in sockets:
            each.close()
        raise
    return sockets


def _tell(settings: Settings, urls: str, board: Board) -> None:
    board.say(url=urls)
    mode = settings.townhall.auth.mode.value
    _log.info("townhall of town %s listens on %s, auth %s", settings.name, urls, mode, extra={"action": "townhall.started"})


def _serve(prepared: _Prepared, is_over: Callable[[], bool], board: Board) -> int:
    """Answer requests; returns in the master only."""
    urls = prepared.urls
    master = Master(prepared.app, prepared.sockets, is_over)  # has the sockets now
    _tell(prepared.settings, urls, board)
    pid = os.getpid()
    gc.collect()
    gc.freeze()  # the workers share what is never touched
    try:
        master.run()
    except SystemExit as end:
        if os.getpid() != pid:
            raise
        board.leave()
        _log.info("townhall has ended", extra={"action": "townhall.ended"})
        return end.code if isinstance(end.code, int) else 0
    return 0
