"""The application as gunicorn sees it: its settings, ours below those of GUNICORN_CMD_ARGS, and what it serves."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.errors import ConfigError

from tinytown.api.binding import Binding
from tinytown.api.refusals import UnsafeStart
from tinytown.api.server.arguments import VARIABLE, parsed
from tinytown.api.server.logger import ACCESS_FORMAT, ServerLog
from tinytown.api.server.sockets import EncryptedSocket
from tinytown.api.server.worker import Worker
from tinytown.api.serving import Serving
from tinytown.config import TownhallSettings
from tinytown.errors import InvalidValue, TownError

__all__ = ["Application"]

GRACE_RESERVE = 2
"""Seconds, beyond the time of one request, that a worker may take to end."""
HEARTBEATS = Path("/dev/shm")  # noqa: S108 - gunicorn makes a file there that nobody else can open

_log = logging.getLogger(__name__)


class Application(BaseApplication):  # type: ignore[misc]
    """Settings for gunicorn, and the WSGI application that its workers serve.

    Args:
        settings: of townhall.
        bindings: where it listens, unless `arguments` says otherwise.
        arguments: what GUNICORN_CMD_ARGS says.
        serving: what is served; each worker opens the town by itself.
        encryption: makes the TLS context, at the start and at each SIGHUP.
        verbose: log every request.
    """

    def __init__(
        self,
        settings: TownhallSettings,
        bindings: tuple[Binding, ...],
        arguments: str,
        serving: Serving,
        encryption: Callable[[], ssl.SSLContext | None],
        *,
        verbose: bool,
    ) -> None:
        self._settings = settings
        self._bindings = bindings
        self._arguments = arguments
        self._encryption = encryption
        self._context: ssl.SSLContext | None = None
        self._verbose = verbose
        self._serving = serving
        super().__init__(prog="townhall")

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Where to listen, whoever said so."""
        found = []
        for text, address in zip(self.cfg.settings["bind"].get(), self.cfg.address, strict=True):
            if isinstance(address, int):
                raise InvalidValue(VARIABLE, f"{text}: townhall opens its sockets itself")
            found.append(Binding(path=address) if isinstance(address, str) else Binding(host=address[0], port=address[1]))
        return tuple(found)

    def do_load_config(self) -> None:
        """Put the settings together; errors go to the caller."""
        self.load_default_config()
        self.load_config()
        try:
            self.cfg.validate()
        except ConfigError as error:
            raise InvalidValue(VARIABLE, str(error)) from None

    def load_config(self) -> None:
        """Ours first, then what may be said over them."""
        for key, value in self._ours().items():
            self.cfg.set(key, value)
        given, left_out = parsed(self._arguments, self.cfg)
        for key, why in left_out.items():
            _log.warning("%s: %s is left out: %s", VARIABLE, key, why, extra={"action": "townhall.argument"})
        for key, value in given.items():
            try:
                self.cfg.set(key, value)
            except (TypeError, ValueError, ConfigError) as error:
                raise InvalidValue(VARIABLE, f"{key}: {error}") from None

    def load(self) -> Serving:
        """The WSGI application."""
        return self._serving

    def encrypt(self) -> None:
        """Read the certificates; with bad ones those that were read before stay."""
        try:
            context = self._encryption()
        except UnsafeStart as error:
            if self._context is None:
                raise
            _log.error("%s; the certificate from before stays in use", error, extra={"action": "townhall.certificate"})
            return
        if context is not None:
            context.sslsocket_class = EncryptedSocket
        self._context = context

    def reload(self) -> None:
        """Hear SIGHUP: new workers, and certificates that may be new."""
        super().reload()
        self.encrypt()

    def _open(self, _worker: object) -> None:
        """Open the town in a new worker, so that its first request is as quick as the others."""
        try:
            self._serving.open()
        except TownError as error:
            _log.error("the town cannot be opened: %s", error, extra={"action": "town.closed"})

    def _ours(self) -> dict[str, Any]:
        """What we tell gunicorn, where its own choice is another."""
        settings = self._settings
        tls = settings.tls
        return {
            "bind": [str(binding) for binding in self._bindings],
            "workers": settings.workers,
            "threads": settings.threads,
            "worker_class": Worker,
            "worker_connections": 1000 + settings.threads,
            "worker_tmp_dir": str(HEARTBEATS) if HEARTBEATS.is_dir() else None,  # a slow disk must not look like a hung worker
            "timeout": 60,  # of the worker's heartbeat, which no request holds up
            "graceful_timeout": -(-settings.request_timeout_ms // 1000) + GRACE_RESERVE,
            "keepalive": 30,
            "limit_request_line": 8190,
            "limit_request_fields": 64,
            "limit_request_field_size": 8190,
            "control_socket_disable": True,
            "forwarded_allow_ips": "",  # nobody's word on who is calling, and how, is taken
            "proc_name": "townhall",
            "logger_class": ServerLog,
            "loglevel": "info",
            "post_worker_init": self._open,
            "accesslog": "-" if self._verbose else None,
            "access_log_format": ACCESS_FORMAT,
            "certfile": tls.cert_file if tls.enabled else None,  # never read there: it makes gunicorn speak TLS
            "ssl_context": lambda _config, _default: self._context,
        }
