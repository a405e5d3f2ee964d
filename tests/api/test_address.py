"""Where a request comes from is said by whoever is connected, or by proxies that are trusted; never by the caller."""

from __future__ import annotations

import pytest
from falcon.testing import create_req

from tinytown.api.address import Proxies
from tinytown.errors import SettingsError

PROXY = "10.0.0.7"


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ([], "203.0.113.9", None, "203.0.113.9"),
        ([], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (["10.0.0.0/8"], PROXY, "198.51.100.1", "198.51.100.1"),
        (["10.0.0.0/8"], PROXY, "1.2.3.4, 198.51.100.1", "198.51.100.1"),
        (["10.0.0.0/8"], PROXY, "1.2.3.4, 198.51.100.1, 10.1.1.1", "198.51.100.1"),
        (["10.0.0.0/8"], PROXY, None, PROXY),
        (["10.0.0.0/8"], PROXY, "10.0.0.8", "10.0.0.8"),
        (["10.0.0.0/8"], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (["::1"], "::1", "[2001:db8::1]", "2001:db8::1"),
        (["127.0.0.1"], "::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (["10.0.0.7"], PROXY, "no address at all", "no address at all"),
        (["10.0.0.7"], PROXY, "x" * 500, "x" * 64),
        ([], "", None, "unix"),
    ],
)
def test_the_address_is_that_of_the_caller(trusted: list[str], peer: str, forwarded: str | None, expected: str) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = create_req(headers=headers, remote_addr=peer)
    request.env["REMOTE_ADDR"] = peer

    assert Proxies(trusted).address_of(request) == expected


def test_a_proxy_that_is_no_address_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(SettingsError, match=r"'proxy\.example' is no address"):
        Proxies(["proxy.example"])
