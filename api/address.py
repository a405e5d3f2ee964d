"""The address that a request comes from, through proxies that are trusted to say so."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import falcon

from tinytown.errors import SettingsError

__all__ = ["Proxies"]


class Proxies:
    """The proxies in front of townhall whose word on addresses is taken.

    Args:
        trusted: addresses and networks, such as `10.0.0.0/8`.

    Raises:
        SettingsError: one of them is neither.
    """

    def __init__(self, trusted: Iterable[str]) -> None:
        self._trusted: list[IPv4Network | IPv6Network] = []
        for text in trusted:
            try:
                self._trusted.append(ip_network(text, strict=False))
            except ValueError:
                raise SettingsError("townhall.trusted_proxies", f"{text!r} is no address and no network") from None

    def address_of(self, request: falcon.Request) -> str:
        """Who called: the last one in `X-Forwarded-For` that is no trusted proxy, else whoever is connected.

        What a caller writes into the header himself stands further left, and is never reached.
        """
        address = request.env.get("REMOTE_ADDR") or "unix"
        hops = [hop.strip() for hop in (request.get_header("X-Forwarded-For") or "").split(",") if hop.strip()]
        while hops and self._is_trusted(address):
            address = hops.pop()
        parsed = _parsed(address)
        return address[:64] if parsed is None else str(parsed)

    def _is_trusted(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self._trusted)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.strip("[]"))
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found
