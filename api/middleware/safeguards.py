"""Safeguards: headers that keep browsers from guessing, framing and storing."""

from __future__ import annotations

import falcon

__all__ = ["Safeguards"]

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_POLICY = "default-src 'none'; frame-ancestors 'none'"


class Safeguards:
    """Adds the headers, but for those that an answer has set itself."""

    def process_response(self, request: falcon.Request, response: falcon.Response, resource: object, succeeded: bool) -> None:  # noqa: ARG002 - the hook's signature is Falcon's
        """Add them."""
        for name, value in _HEADERS.items():
            response.set_header(name, value)
        if response.get_header("Content-Security-Policy") is None:
            response.set_header("Content-Security-Policy", _POLICY)
        if response.get_header("Cache-Control") is None:
            response.set_header("Cache-Control", "no-store")
