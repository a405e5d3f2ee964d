"""Where a townhall is, and what opens its door."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinytown.errors import SettingsError
from tinytown.remote.access import Access, access_of

URL, KEY, KEY_PATH, CA = (f"TINYTOWN_TOWNHALL_{name}" for name in ("URL", "API_KEY", "API_KEY_PATH", "CA_CERT"))


def test_the_key_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("from-a-file\n")

    none, file, both = (
        access_of({URL: " https://town.example.com/hall/ ", **more}) for more in ({}, {KEY_PATH: str(path)}, {KEY: "itself", KEY_PATH: "x"})
    )

    assert (none.url, none.key) == ("https://town.example.com/hall", None)
    assert (file.key, both.key) == ("from-a-file", "itself")
    assert "from-a-file" not in repr(file) + str(file)


@pytest.mark.parametrize(
    "text",
    ["town.example.com", "ftp://town.example.com", "https://", "https://me:secret@town", "https://town/?key=secret", "https://town:x",
     "https://town town", "redis://localhost", "https://town/#secret", "https://t\u00f6wn"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_showing_what_may_be_secret(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        access_of({URL: text})

    assert str(refused.value).startswith(URL)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({KEY_PATH: "/nowhere/key"}, "/nowhere/key"),
        ({KEY: "two words"}, KEY),
        ({KEY: "caf\u00e9"}, KEY),
        ({CA: "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
        ({"TINYTOWN_TOWNHALL_API_KY": "hunter2"}, "TINYTOWN_TOWNHALL_API_KY"),
    ],
)
def test_what_is_wrong_is_named_and_no_key_is_shown(more: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as refused:
        access_of({URL: "https://town.example.com", **more})

    assert named in str(refused.value)
    assert not [word for word in ("hunter2", "two words", "caf\u00e9") if word in str(refused.value)]


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("\n")

    with pytest.raises(SettingsError, match="the file is empty"):
        access_of({URL: "https://town.example.com", KEY_PATH: str(tmp_path / "key")})


@pytest.mark.parametrize(
    ("url", "exposed"),
    [
        ("https://town.example.com", False), ("http://127.0.0.1:8080", False), ("http://localhost", False), ("http://[::1]:8080", False),
        ("http://townhall:8080", True), ("http://10.0.0.7", True),
    ],
)  # fmt: skip
def test_a_key_is_exposed_where_others_may_listen(url: str, exposed: bool) -> None:
    assert Access(url=url, key="k").is_exposed is exposed
    assert not Access(url=url).is_exposed
