"""GUNICORN_CMD_ARGS: what an operator may tell gunicorn over our heads, and what not."""

from __future__ import annotations

import shlex
from typing import Any, NoReturn

from gunicorn.config import Config

from tinytown.errors import InvalidValue

__all__ = ["VARIABLE", "parsed"]

VARIABLE = "GUNICORN_CMD_ARGS"

_TLS = "townhall's TLS is set in [townhall.tls] and [townhall.mtls], where it is checked"
_CODE = "it would run code of other people's inside townhall"
_OURS = "townhall does not work without its own"
_WHY_NOT = {
    **dict.fromkeys(("certfile", "keyfile", "ca_certs", "cert_reqs", "ciphers", "ssl_version", "do_handshake_on_connect"), _TLS),
    **dict.fromkeys(("suppress_ragged_eofs", "http2_cleartext", "http_protocols"), _TLS),
    **dict.fromkeys(("config", "pythonpath", "chdir", "wsgi_app", "paste", "raw_paste_global_conf", "dirty_apps", "logger_class"), _CODE),
    **dict.fromkeys(("worker_class", "preload_app", "reuse_port", "dirty_workers"), _OURS),
    **dict.fromkeys(("daemon", "pidfile"), "`tt up --detach` runs it in the background"),
    **dict.fromkeys(("control_socket", "control_socket_disable", "control_socket_mode"), "it has no control socket"),
    **dict.fromkeys(("reload", "reload_engine", "reload_extra_files", "spew", "check_config", "print_config"), "it is for development"),
}


def parsed(text: str, cfg: Config) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings that such a line makes, and those that are left out, each with why.

    Raises:
        InvalidValue: gunicorn does not understand it.
    """
    parser = cfg.parser()

    def refuse(message: str) -> NoReturn:
        raise InvalidValue(VARIABLE, message)

    parser.error = refuse
    try:
        said = vars(parser.parse_args(shlex.split(text)))
    except ValueError as error:
        raise InvalidValue(VARIABLE, str(error)) from None
    if said.pop("args"):
        raise InvalidValue(VARIABLE, "the application is townhall: give options only")
    given = {key: value for key, value in said.items() if value is not None}
    return {key: value for key, value in given.items() if key not in _WHY_NOT}, {key: _WHY_NOT[key] for key in given if key in _WHY_NOT}
