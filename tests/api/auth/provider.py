"""An identity provider: a small real HTTP server that publishes keys and signs tokens."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

__all__ = ["AUDIENCE", "CURVES", "RSA_KEY", "Provider", "public_key", "unsigned"]

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
AUDIENCE = "townhall"


def public_key(private: Any, **members: Any) -> dict[str, Any]:
    """The public half of a key as it stands in a key set."""
    kind = {rsa.RSAPrivateKey: RSAAlgorithm, ec.EllipticCurvePrivateKey: ECAlgorithm, ed25519.Ed25519PrivateKey: OKPAlgorithm}
    algorithm: Any = next(algorithm for key, algorithm in kind.items() if isinstance(private, key))
    found: dict[str, Any] = json.loads(algorithm.to_jwk(private.public_key()))
    found.pop("key_ops", None)
    return {**found, "use": "sig", **members}


def unsigned(header: dict[str, Any], claims: dict[str, Any] | str, signature: bytes = b"") -> str:
    """A token with any header and any signature."""
    body = claims if isinstance(claims, str) else json.dumps(claims)
    parts = (json.dumps(header).encode(), body.encode(), signature)
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


class Provider:
    """Publishes `keys` at `<issuer>/keys`, and says so in its discovery document."""

    def __init__(self) -> None:
        self.keys: list[dict[str, Any]] = [public_key(RSA_KEY, kid="one")]
        self.asked: list[str] = []
        self.status = 200
        self.answers: dict[str, Callable[[], bytes]] = {}
        self.headers: dict[str, str] = {}
        self.may_answer = Event()
        self.may_answer.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def token(self, key: Any = RSA_KEY, *, algorithm: str = "RS256", header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token that is right in everything but what the claims say; None leaves one out."""
        now = int(time.time())
        said = {"iss": self.issuer, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 300, "scope": "town.read openid", **claims}
        body = json.dumps({name: value for name, value in said.items() if value is not None})
        named = {"kid": "one"} if header is None else header
        return jwt.api_jws.PyJWS().encode(body.encode(), key, algorithm=algorithm, headers=named)  # which checks no claims

    def close(self) -> None:
        """Stop listening."""
        self.may_answer.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                provider.may_answer.wait(10)
                documents = {
                    "/keys": lambda: json.dumps({"keys": provider.keys}).encode(),
                    "/.well-known/openid-configuration": lambda: json.dumps(
                        {"issuer": provider.issuer, "jwks_uri": f"{provider.issuer}/keys"}
                    ).encode(),
                    **provider.answers,
                }
                body = documents.get(self.path, lambda: b"{}")()
                self.send_response(provider.status)
                for name, value in provider.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name that the library gave it
                """Say nothing."""

        return Handler
