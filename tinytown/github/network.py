"""Connections that keep to `tinytown.patience`: however slowly a server talks, a call ends in time.

httpx bounds single steps only: a server that sends a byte now and then could
hold a call for ever. Here each read and write is bounded by what is left of
the caller's patience, too.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from tinytown.patience import patience_left

__all__ = ["PatientTransport", "proxy_for"]

CONNECTIONS = 20


class PatientTransport(httpx.BaseTransport):
    """A pool of connections; threads may share it.

    Args:
        url: where it will lead; for an unencrypted one no certificates are loaded.
        proxy: through which server, if through one.
    """

    def __init__(self, url: str, proxy: str | None = None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context() if url.startswith("https:") else None,
            proxy=None if proxy is None else _proxy(proxy),
            max_connections=CONNECTIONS,
            keepalive_expiry=30.0,
            network_backend=_PatientBackend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; answers as soon as the headers are there."""
        url = request.url
        sent = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _translated():
            answer = self._pool.handle_request(sent)
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions)

    def close(self) -> None:
        """Let go of the sockets."""
        self._pool.close()


def proxy_for(url: str, env: Mapping[str, str]) -> str | None:
    """The proxy that the environment names for an address, as curl and gh would find it."""
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # known, but in no stub

    named = {name.lower().removesuffix("_proxy"): value for name, value in env.items() if name.lower().endswith("_proxy") and value}
    parts = urlsplit(url)
    found = named.get(parts.scheme, named.get("all"))
    if found is None or proxy_bypass_environment(parts.netloc, {"no": named.get("no", "")}):
        return None
    return found if "://" in found else f"http://{found}"


def _proxy(address: str) -> httpcore.Proxy:
    known = httpx.Proxy(address)
    return httpcore.Proxy(url=str(known.url), auth=known.raw_auth, headers=known.headers.raw)


def _left(timeout: float | None) -> float | None:
    left = patience_left()
    if left is None:
        return timeout
    if left <= 0:
        raise httpcore.ReadTimeout("no time is left")
    return left if timeout is None else min(left, timeout)


class _PatientStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _PatientStream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _PatientBackend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *args: Any, **options: Any) -> httpcore.NetworkStream:
        return _PatientStream(self._backend.connect_tcp(host, port, _left(timeout), *args, **options))


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        with _translated():
            yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn httpcore's errors into those of httpx, as its own transport does."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.ReadTimeout(str(error)) from error
    except httpcore.ConnectError as error:
        raise httpx.ConnectError(str(error)) from error
    except httpcore.NetworkError as error:
        raise httpx.NetworkError(str(error)) from error
    except httpcore.RemoteProtocolError as error:
        raise httpx.RemoteProtocolError(str(error)) from error
    except (httpcore.ProtocolError, httpcore.ProxyError, httpcore.UnsupportedProtocol) as error:
        raise httpx.TransportError(str(error)) from error
