"""Bindings: the addresses that townhall is told to listen on, and the sockets that come of them."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Callable

import msgspec

from tinytown.api.refusals import AddressTaken, AddressUnusable, UnknownHost
from tinytown.config import TownhallSettings
from tinytown.errors import InvalidValue

__all__ = ["Binding", "addresses_of", "binding_of", "is_loopback", "listen", "parse_binding"]

Resolve = Callable[[str], tuple[str, ...]]


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """A place to listen: a host by name or address and a port, or the path of a unix socket."""

    host: str = ""
    port: int = 0
    path: str | None = None

    def __str__(self) -> str:
        if self.path is not None:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_binding(text: str, port: int, *, field: str = "--bind", explicit: bool = False) -> Binding:
    """The place that a host, an address, or either with a port stands for.

    Args:
        text: such as `localhost`, `::1`, `[::1]:8080` or `10.0.0.7:80`.
        port: where the text says none.
        field: where the text comes from, for the error.
        explicit: whether somebody asked for that port in so many words, so that the text must not say another.

    Raises:
        InvalidValue: it is none of these.
    """
    host, said = ("", None) if any(sign.isspace() or sign in "/@" for sign in text.strip()) else _split(text.strip(), field)
    if not host or "[" in host or "]" in host:
        raise InvalidValue(field, f"{text!r} is no address; for instance 127.0.0.1, localhost, ::1 or [::1]:8080")
    if said is None:
        return Binding(host=host, port=port)
    number = int(said) if said.isascii() and said.isdigit() else -1
    if not 0 <= number <= 65535:
        raise InvalidValue(field, f"{said!r} in {text!r} is no port: 0 to 65535")
    if explicit and number != port:
        raise InvalidValue(field, f"{text!r} says port {number}, --port says {port}")
    return Binding(host=host, port=number)


def binding_of(hall: TownhallSettings, bind: str | None, port: int | None) -> Binding:
    """Where townhall listens: as its command line says, else as its settings do."""
    chosen = hall.rest_port if port is None else port
    if bind is None:
        said = parse_binding(hall.bind, chosen, field="townhall.bind")
        return said if port is None else msgspec.structs.replace(said, port=port)
    return parse_binding(bind, chosen, explicit=port is not None)


def addresses_of(host: str) -> tuple[str, ...]:
    """All addresses of a host.

    Raises:
        UnknownHost: it has none.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror is not None else str(error)
        raise UnknownHost(host, why) from None
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches the address; it does not, if it stands for all there are."""
    found = ipaddress.ip_address(address)
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (found if mapped is None else mapped).is_loopback


def listen(binding: Binding, *, backlog: int, resolve: Resolve = addresses_of) -> list[socket.socket]:
    """Sockets that listen on every address of a host, all on the same port.

    Raises:
        AddressTaken: another program listens there.
        AddressUnusable: the address is not this machine's, or the port is not for this user.
        UnknownHost: the host has no address.
    """
    sockets: list[socket.socket] = []
    addresses = resolve(binding.host)
    port = binding.port
    try:
        for address in addresses:
            try:
                sockets.append(_listening(address, port, backlog))
            except OSError as error:
                if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT} and len(addresses) > 1:
                    continue  # a machine without IPv6 has the name of ::1 all the same
                raise _refusal(binding, error) from error
            port = sockets[-1].getsockname()[1]
        if not sockets:
            raise AddressUnusable(str(binding), "none of its addresses is this machine's")
    except BaseException:
        for each in sockets:
            each.close()
        raise
    return sockets


def _listening(address: str, port: int, backlog: int) -> socket.socket:
    family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0]
    found = socket.socket(family, kind, protocol)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.bind(place)
        found.listen(backlog)
    except BaseException:
        found.close()
        raise
    return found


def _refusal(binding: Binding, error: OSError) -> AddressTaken | AddressUnusable:
    if error.errno == errno.EADDRINUSE:
        return AddressTaken(str(binding))
    if error.errno == errno.EACCES:
        return AddressUnusable(str(binding), "ports below 1024 are for root; choose another with --port")
    return AddressUnusable(str(binding), error.strerror if error.strerror is not None else str(error))


def _split(text: str, field: str) -> tuple[str, str | None]:
    """Host and port; the colons of a bare IPv6 address belong to the host."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or ":" not in host or (rest and not rest.startswith(":")):
            raise InvalidValue(field, f"{text!r} is no address; an IPv6 address goes as [::1] or [::1]:8080")
        return host, rest[1:] if rest else None
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, port
    return text, None
