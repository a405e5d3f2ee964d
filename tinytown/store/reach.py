"""Ways to a server: from an address to an open socket, through TLS and past sentinels.

All our clients, that of the broker too, get their sockets here, so an address
means the same to each of them.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from tinytown.config import RedisAddress
from tinytown.errors import RedisUnavailable, TownError
from tinytown.patience import patience_left
from tinytown.store.connection import text
from tinytown.store.resp import RespConnection
from tinytown.store.sockets import on_tcp, on_unix, reason_of

if TYPE_CHECKING:
    import ssl

__all__ = ["client_of", "sockets_of"]

SENTINEL_SECONDS = 1.0
"""How long one sentinel may keep us from asking the next."""


def client_of(address: RedisAddress, *, timeout: float = 10.0, connect_timeout: float = 5.0) -> RespConnection:
    """Our small client for an address; it connects when first used.

    Args:
        timeout: seconds to wait for any reply.
        connect_timeout: seconds to wait for a socket, and to be let in.
    """
    return RespConnection(
        partial(sockets_of, address),
        address=address.redacted,
        username=address.username,
        password=address.password,
        database=address.db,
        writable=bool(address.sentinels),
        timeout=timeout,
        connect_timeout=connect_timeout,
    )


def sockets_of(address: RedisAddress, within: float) -> Iterator[socket.socket]:
    """An open socket to the server, nobody logged in; with sentinels, one to each server that a sentinel names.

    Args:
        address: where it is.
        within: seconds until giving up on a server.

    Raises:
        OSError: nobody answers.
        RedisUnavailable: likewise, or a certificate cannot be read.
    """
    if address.socket is not None:
        yield on_unix(str(address.socket), within)
    elif address.sentinels:
        yield from _by_sentinels(address, within)
    else:
        yield _on_tcp(address, address.host, address.port, within)


def _on_tcp(address: RedisAddress, host: str, port: int, within: float) -> socket.socket:
    opened = on_tcp(host, port, within)
    if not address.tls:
        return opened
    try:
        # The name goes with the hello (SNI), unless it is an IP address, and is what the certificate is compared with.
        return _trust(address).wrap_socket(opened, server_hostname=host)
    except TimeoutError:
        opened.close()
        raise RedisUnavailable(str(address), "it takes connections, and does not answer in TLS") from None
    except BaseException:
        opened.close()
        raise


def _trust(address: RedisAddress) -> ssl.SSLContext:
    """Whom we trust and who we are; read for each connection, for certificates are renewed under a process that runs on."""
    import ssl

    try:
        context = ssl.create_default_context(cafile=address.ca_cert)
    except (OSError, ValueError) as error:
        raise RedisUnavailable(str(address), f"ssl_ca_certs: {address.ca_cert} cannot be used: {reason_of(error)}") from None
    context.check_hostname = address.verify and address.check_hostname
    if not address.verify:
        context.verify_mode = ssl.CERT_NONE
    if address.client_cert is not None:
        try:
            context.load_cert_chain(address.client_cert, address.client_key, password=_no_password)
        except (OSError, ValueError) as error:
            files = " and ".join(path for path in (address.client_cert, address.client_key) if path is not None)
            raise RedisUnavailable(str(address), f"ssl_certfile, ssl_keyfile: {files} cannot be used: {reason_of(error)}") from None
    return context


def _no_password() -> str:
    """A key that is encrypted would make OpenSSL ask at the terminal."""
    raise ValueError("the key is encrypted")


def _by_sentinels(address: RedisAddress, within: float) -> Iterator[socket.socket]:
    """A socket to each server that a sentinel calls the master: a sentinel that was cut off may name one of yesterday."""
    seen: set[tuple[str, int]] = set()
    opened, why = False, []
    for host, port in address.sentinels:
        if (left := patience_left()) is not None and left <= 0:
            raise TimeoutError
        asked = f"sentinel {host}:{port}"
        try:
            place = _master(address, host, port)
            if place in seen:
                continue
            seen.add(place)
            asked += f" names {place[0]}:{place[1]}"
            found = _on_tcp(address, *place, within)
        except (OSError, TownError) as error:
            why.append(f"{asked}: {error.why if isinstance(error, RedisUnavailable) else reason_of(error)}")
        else:
            opened = True
            yield found
    if why and not opened:
        raise RedisUnavailable(str(address), "; ".join(why))


def _master(address: RedisAddress, host: str, port: int) -> tuple[str, int]:
    """Where a sentinel says that the master is."""

    def sockets(within: float) -> Iterator[socket.socket]:
        yield _on_tcp(address, host, port, within)

    sentinel = RespConnection(
        sockets,
        address=f"{host}:{port}",
        username=address.sentinel_username,
        password=address.sentinel_password,
        timeout=SENTINEL_SECONDS,
        connect_timeout=SENTINEL_SECONDS,
    )
    try:
        found = sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", address.service)
    finally:
        sentinel.close()
    if found is None:
        raise RedisUnavailable(str(address), f"it knows no service {address.service!r}")
    return text(found[0]), int(found[1])
