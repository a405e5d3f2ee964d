"""What gunicorn has to say, said as the rest of a town's processes speak."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from tinytown.api.shown_paths import shown_path

__all__ = ["ACCESS_FORMAT", "ServerLog"]

ACCESS_FORMAT = '%(h)s "%(m)s %(U)s" %(s)s %(B)s bytes, %(M)s ms'
"""Without the query, which may hold what is nobody's business."""


class ServerLog(Logger):  # type: ignore[misc]
    """gunicorn's logger, whose lines go where all others go, unless it is told a file."""

    def setup(self, cfg: Any) -> None:
        """Hand on what would go to the terminal."""
        super().setup(cfg)
        for log, target in ((self.error_log, cfg.errorlog), (self.access_log, cfg.accesslog)):
            if target in {"-", None}:
                log.handlers[:] = [
                    handler for handler in log.handlers if type(handler) is not logging.StreamHandler
                ]  # others may be syslog's
                log.propagate = True
        logging.getLogger("gunicorn").setLevel(logging.NOTSET)

    def info(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Say what every process comes and goes for to those only who want to hear much; what matters are warnings."""
        if logging.getLogger().isEnabledFor(logging.DEBUG):
            super().info(msg, *args, **kwargs)

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """What a line about a request may hold: its path without secrets."""
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        return {**found, "U": shown_path(str(found["U"]))}
