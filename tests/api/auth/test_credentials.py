"""Credentials: where they may stand, and which of several counts."""

from __future__ import annotations

from base64 import b64encode

import pytest

from tinytown.api.auth.credentials import LONGEST, Offered


def basic(pair: str) -> str:
    return f"Basic {b64encode(pair.encode()).decode()}"


@pytest.mark.parametrize(
    ("offered", "key"),
    [
        (Offered(), None),
        (Offered(authorization="Bearer k"), "k"),
        (Offered(authorization="bearer  k "), "k"),
        (Offered(authorization="BEARER\tk"), None),
        (Offered(x_api_key=" k\t"), "k"),
        (Offered(authorization=basic("keda:k")), "k"),
        (Offered(authorization=basic("k:")), "k"),
        (Offered(authorization=basic(":k")), "k"),
        (Offered(authorization=basic("a:b:c")), "b:c"),
        (Offered(authorization=basic(":")), None),
        (Offered(authorization=basic("nocolon")), None),
        (Offered(authorization="Basic %%%"), None),
        (Offered(authorization="Basic /w=="), None),
        (Offered(authorization="Basic ééé"), None),
        (Offered(authorization="Bearer"), None),
        (Offered(authorization="Bearer "), None),
        (Offered(authorization="", x_api_key=""), None),
        (Offered(query_key="k"), None),
    ],
)
def test_a_key_is_found_where_it_may_stand(offered: Offered, key: str | None) -> None:
    assert offered.key() == key


def test_bearer_counts_before_the_other_header_even_if_it_is_wrong() -> None:
    offered = Offered(authorization="Bearer wrong", x_api_key="right", query_key="right")

    assert offered.key(in_query=True) == "wrong"


@pytest.mark.parametrize("authorization", ["Digest x", "Bearer", "", "Basic %%%", "Negotiate abc"])
def test_what_is_no_key_leaves_the_other_header_to_count(authorization: str) -> None:
    assert Offered(authorization=authorization, x_api_key="k").key() == "k"


def test_a_query_counts_for_probes_alone_and_last() -> None:
    assert Offered(query_key=" k ").key(in_query=True) == "k"
    assert Offered(x_api_key="h", query_key="q").key(in_query=True) == "h"


def test_megabytes_are_not_looked_at() -> None:
    huge = "x" * 1_000_000

    assert Offered(authorization=f"Bearer {huge}", x_api_key=huge, query_key=huge).key(in_query=True) is None
    assert Offered(x_api_key="x" * LONGEST).key() == "x" * LONGEST


@pytest.mark.parametrize("text", ["\x00", "é\udcff", "a\x00b", "tt_\r\nX: y"])
def test_strange_characters_are_part_of_a_key(text: str) -> None:
    assert Offered(x_api_key=text).key() == text


def test_credentials_are_not_shown() -> None:
    assert "geheim" not in repr(Offered(authorization="Bearer geheim", x_api_key="geheim", query_key="geheim"))


def test_only_bearer_carries_a_token() -> None:
    assert Offered(authorization="bEaReR t").bearer == "t"
    assert Offered(authorization=basic("a:t"), x_api_key="t", query_key="t").bearer is None
