"""The pulse: whether the townhall of this machine answers, for the health checks of containers."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tinytown.api.binding import Binding, binding_of
from tinytown.bootstrap import load
from tinytown.config import TownhallSettings
from tinytown.errors import TownError

__all__ = ["NoPulse", "feel_pulse"]

PATIENCE = 3.0
"""Seconds for an answer: less than health checks wait, so that this says why."""
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing is bound here


class NoPulse(TownError):
    """Townhall does not answer where it should listen."""

    code = "no_pulse"

    def __init__(self, place: str, why: str) -> None:
        super().__init__(place, why)
        self.place = place
        self.why = why

    def __str__(self) -> str:
        return f"townhall does not answer on {self.place}: {self.why}"


def feel_pulse(path: Path | None, env: Mapping[str, str], bind: str | None, port: int | None) -> float:
    """How long the townhall that these settings describe has been up, in seconds.

    Where it demands certificates of callers, that it lets itself be connected to has to do: the answer is 0 then.

    Args:
        path: where the town is looked for.
        env: the environment.
        bind: the address that townhall was told on its command line.
        port: the port that it was told there.

    Raises:
        NoPulse: it does not answer, or says something else.
    """
    hall = load(path, env)[1].townhall
    binding = binding_of(hall, bind, port)
    binding = msgspec.structs.replace(binding, host=_EVERYWHERE.get(binding.host, binding.host))
    try:
        if hall.mtls.required:
            socket.create_connection((binding.host, binding.port), PATIENCE).close()
            return 0.0
        return _uptime(hall, binding)
    except TimeoutError:
        raise NoPulse(str(binding), f"nothing came within {PATIENCE:g} s") from None
    except OSError as error:
        raise NoPulse(str(binding), error.strerror if error.strerror is not None else str(error)) from None
    except (http.client.HTTPException, ValueError, KeyError):
        raise NoPulse(str(binding), "another program listens there") from None


def _uptime(hall: TownhallSettings, binding: Binding) -> float:
    if hall.tls.enabled:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE  # it is this machine, and no secret is sent
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(binding.host, binding.port, timeout=PATIENCE, context=trusting)
    else:
        connection = http.client.HTTPConnection(binding.host, binding.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/health", headers={"Host": "localhost"})
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise NoPulse(str(binding), f"it says {answer.status}")
        return float(msgspec.json.decode(answer.read())["uptime_secs"])
    finally:
        connection.close()
