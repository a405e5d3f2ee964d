"""Hosts: no web page may drive a town that lets everybody in from this machine.

A page in the user's browser can send requests to this machine, and by giving
its own name our address (DNS rebinding) it could read the answers. Both show:
in the Origin of the page, or in the Host that the browser asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import falcon

from tinytown.api.problems import Refusal

__all__ = ["Hosts"]


class Hosts:
    """Refuses requests that were meant for another host, or that a foreign page sent.

    Args:
        allowed: names beside those of this machine.
        origins: pages that may call all the same.
        signed: paths that believe a signature alone, which no page can make: they may be asked for from anywhere.
    """

    def __init__(self, allowed: Iterable[str], origins: Iterable[str], signed: Iterable[str] = ()) -> None:
        self._allowed = {name.lower() for name in allowed}
        self._signed = frozenset(signed)
        self._origins = {origin.lower().rstrip("/") for origin in origins}

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:  # noqa: ARG002 - the hook's signature is Falcon's
        """Let a request pass, or refuse it."""
        if request.path in self._signed:
            return
        host = request.get_header("Host")
        if host is not None and not self._is_ours(f"//{host}"):
            raise Refusal(
                421,
                "Townhall goes by no such Host; without auth it answers to this machine only ([townhall] allowed_hosts adds names).",
            )
        origin = request.get_header("Origin")
        if origin is not None and origin.lower() not in self._origins and not self._is_ours(origin):
            raise Refusal(
                403, "A web page of another origin may not call townhall ([townhall] cors_origins allows some).", code="foreign_origin"
            )

    def _is_ours(self, address: str) -> bool:
        try:
            name = (urlsplit(address).hostname or "").rstrip(".")
        except ValueError:
            return False
        return name == "localhost" or name.endswith(".localhost") or name == "::1" or _is_ipv4_loopback(name) or name in self._allowed


def _is_ipv4_loopback(name: str) -> bool:
    parts = name.split(".")
    return len(parts) == 4 and parts[0] == "127" and all(part.isascii() and part.isdigit() and int(part) < 256 for part in parts)
