"""Which Redis a town uses, and how its address looks to clients and to people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from tinytown.config import Origin, RedisAddress, Settings, explicit_address, redacted
from tinytown.errors import SettingsError

Load = Callable[..., Settings]


@pytest.fixture
def address(place: Path, user: Path, town_file: Path, load: Load) -> Callable[..., RedisAddress]:
    """The address that the files and this environment lead to."""
    return lambda **env: load(**env).redis_address(place, user)


Address = Callable[..., RedisAddress]


def test_a_town_has_a_socket_of_its_own_by_default(place: Path, address: Address) -> None:
    found = address()

    assert found.socket == place / ".tt" / "redis.sock"
    assert (found.external, found.origin) == (False, Origin.TOWN)


def test_redis_url_stands_above_everything(town_file: Path, user_file: Path, address: Address) -> None:
    town_file.write_text('use_central_redis = true\n[redis]\nurl = "redis://filed"\n')

    found = address(REDIS_URL="rediss://ann:p%40ss@told:7000/3", TINYTOWN_REDIS_PASSWORD="other", TT_USE_SOCKET="1")

    assert (found.host, found.port, found.db, found.tls) == ("told", 7000, 3, True)
    assert (found.username, found.password) == ("ann", "p@ss")
    assert (found.external, found.origin) == (True, Origin.ENVIRONMENT)
    assert found.redacted == "rediss://ann:****@told:7000/3"


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_variable_is_none(town_file: Path, address: Address, blank: str) -> None:
    town_file.write_text("[redis]\nuse_socket = false\n")

    found = address(REDIS_URL=blank, TINYTOWN_REDIS_PASSWORD=blank)

    assert found.url == "redis://127.0.0.1:6379"
    assert found.password is None


def test_a_url_of_the_town_takes_its_password_from_the_environment(town_file: Path, address: Address) -> None:
    town_file.write_text('[redis]\nurl = "rediss://ann@cache:6379"\n')

    found = address(TINYTOWN_REDIS_PASSWORD="a/b@c")

    assert (found.username, found.password, found.origin) == ("ann", "a/b@c", Origin.URL)
    assert found.url == "rediss://ann:a%2Fb%40c@cache:6379"
    assert found.redacted == "rediss://ann:****@cache:6379"


def test_the_users_password_is_not_sent_to_hosts_that_a_town_file_names(town_file: Path, user_file: Path, address: Address) -> None:
    """A cloned repository may name any host; it must not learn the user's password."""
    user_file.write_text('[redis]\npassword = "hunter2"\n')

    town_file.write_text('[redis]\nurl = "redis://evil.example"\n')
    by_url = address()
    town_file.write_text('[redis]\nuse_socket = false\nhost = "evil.example"\n')
    by_host = address()

    assert by_url.password is None
    assert by_host.password is None


@pytest.mark.parametrize("password", ["a@b", "a/b", "a#b", "a%b", "a:b", "a?b", "ü€", " x ", "%41"])
def test_any_password_arrives_as_it_was_written(town_file: Path, address: Address, password: str) -> None:
    """It has to be percent-encoded, for clients decode it."""
    town_file.write_text("[redis]\nuse_socket = false\nport = 7001\n")

    found = address(TINYTOWN_REDIS_PASSWORD=password)

    client = redis.Redis.from_url(found.url)
    assert client.connection_pool.connection_kwargs["password"] == password
    assert found.password == password
    assert found.redacted == "redis://:****@127.0.0.1:7001"


def test_an_ipv6_host_is_bracketed(town_file: Path, address: Address) -> None:
    town_file.write_text('[redis]\nuse_socket = false\nhost = "::1"\nport = 7001\n')

    found = address()

    assert found.url == "redis://[::1]:7001"
    assert found.external is False
    assert redis.Redis.from_url(found.url).connection_pool.connection_kwargs["host"] == "::1"


@pytest.mark.parametrize(("host", "external"), [("localhost", False), ("127.1.2.3", False), ("10.0.0.1", True), ("cache", True)])
def test_a_server_on_another_machine_is_not_ours_to_start(town_file: Path, address: Address, host: str, external: bool) -> None:
    town_file.write_text(f'[redis]\nuse_socket = false\nhost = "{host}"\n')

    assert address().external is external


def test_a_client_of_our_tls_server_knows_whom_to_trust(place: Path, town_file: Path, address: Address) -> None:
    town_file.write_text('[redis]\nuse_socket = false\ntls_enabled = true\ntls_ca_cert = "certs/ca.pem"\n')

    found = address()

    assert found.ca_cert == str(place / "certs" / "ca.pem")
    assert redis.Redis.from_url(found.url).connection_pool.connection_kwargs["ssl_ca_certs"] == found.ca_cert


def test_what_the_file_says_of_tls_and_what_an_address_says_is_one_thing(place: Path, town_file: Path, address: Address) -> None:
    files = "".join(f'tls_{name} = "{name}.pem"\n' for name in ("ca_cert", "cert", "key"))
    town_file.write_text(f'[redis]\nurl = "rediss://cache"\n{files}')
    by_file, above = address(), address(REDIS_URL="rediss://cache?ssl_ca_certs=/other.pem")
    town_file.write_text(f'[redis]\nuse_socket = false\nhost = "cache"\ntls_enabled = true\n{files}')
    by_host = address()
    town_file.write_text(f"[redis]\nuse_socket = false\ntls_enabled = true\n{files}")
    ours = address()

    shown = (str(place / "ca_cert.pem"), str(place / "cert.pem"), str(place / "key.pem"))
    assert [(each.ca_cert, each.client_cert, each.client_key) for each in (by_file, by_host)] == [shown, shown]
    assert (above.ca_cert, above.client_cert) == ("/other.pem", shown[1])
    assert (ours.ca_cert, ours.client_cert) == (shown[0], None)
    assert explicit_address(by_file.url, origin=Origin.URL) == by_file


def test_sentinels_are_named_in_the_address(town_file: Path, address: Address) -> None:
    found = address(
        REDIS_URL="rediss+sentinel://ann:p%40ss@one,two:7000,[::1]:7001/my%20town/3?sentinel_username=bob&sentinel_password=p%26q"
    )

    assert found.sentinels == (("one", 26379), ("two", 7000), ("::1", 7001))
    assert (found.service, found.db, found.tls, found.external) == ("my town", 3, True, True)
    assert (found.username, found.password) == ("ann", "p@ss")
    assert (found.sentinel_username, found.sentinel_password) == ("bob", "p&q")


def test_sentinels_of_a_town_file_take_the_password_of_the_environment(town_file: Path, address: Address) -> None:
    town_file.write_text('[redis]\nurl = "redis+sentinel://ann@one,two/town"\n')

    found = address(TINYTOWN_REDIS_PASSWORD="a/b")

    assert found.password == "a/b"
    assert found.redacted == "redis+sentinel://ann:****@one,two/town"
    town_file.write_text('[redis]\nurl = "redis+sentinel://one/town?sentinel_password=x"\n')
    with pytest.raises(SettingsError, match="no secrets"):
        address()


def test_the_central_redis_is_one_socket_for_all_towns(user: Path, town_file: Path, address: Address) -> None:
    town_file.write_text('use_central_redis = true\n[redis]\nport = 1\nhost = "elsewhere"\n')

    found = address()

    assert found.socket == user / "redis.sock"
    assert found.origin is Origin.CENTRAL


def test_the_central_redis_is_what_the_users_file_says_today(town_file: Path, user_file: Path, address: Address) -> None:
    """Towns keep no copy of its port and password, which would grow stale."""
    town_file.write_text("use_central_redis = true\n")
    user_file.write_text('[redis]\nport = 16400\npassword = "one"\n')
    before = address()
    user_file.write_text('[redis]\nport = 16401\npassword = "two"\n')

    after = address()

    assert (before.port, before.password) == (16400, "one")
    assert (after.port, after.password) == (16401, "two")


def test_a_town_that_does_not_say_follows_the_user(town_file: Path, user_file: Path, address: Address) -> None:
    user_file.write_text("[redis]\nuse_central = true\n")

    assert address().origin is Origin.CENTRAL
    assert address(TT_USE_SOCKET="true").origin is Origin.TOWN
    town_file.write_text("use_central_redis = false")
    assert address().origin is Origin.TOWN


def test_a_socket_of_a_deep_town_gets_a_path_that_fits(user: Path, place: Path) -> None:
    deep = place / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    (deep / "tinytown.toml").touch()

    first = Settings.load(deep, {}, user).redis_address(deep, user)
    again = Settings.load(deep, {"XDG_RUNTIME_DIR": "/run/user/1"}, user).redis_address(deep, user)

    assert first.socket is not None
    assert len(str(first.socket)) <= 103
    assert again.socket == first.socket


def test_a_path_with_blanks_reaches_the_client(user: Path, place: Path) -> None:
    root = place / "my town?"
    root.mkdir()
    (root / "tinytown.toml").touch()

    found = Settings.load(root, {}, user).redis_address(root, user)

    assert redis.Redis.from_url(found.url).connection_pool.connection_kwargs["path"] == str(found.socket)


@pytest.mark.parametrize(
    "url",
    [
        "cache:6379",
        "http://cache",
        "redis://",
        "redis://cache:port",
        "redis://:p/hunter2@cache",
        "redis://:p#hunter2@cache",
        "redis://:hunter2?x@cache",
        "redis://:hunter2@cache/first",
        "unix://relative.sock",
        "redis://[::1",
        "redis://:hunter2@cache?ssl_ca_certs=ca.pem",
        "rediss://:hunter2@cache?ssl_cert_reqs=perhaps",
        "rediss://:hunter2@cache?ssl_ca_cert=ca.pem",
        "redis+sentinel://:hunter2@watch",
        "redis+sentinel://:hunter2@watch/",
        "redis+sentinel://:hunter2@watch,,other/town",
        "redis+sentinel://:hunter2@watch:port/town",
        "redis+sentinel://:hunter2@watch:0/town",
        "redis+sentinel://:hunter2@watch/town/first",
        "redis+sentinel://:p/hunter2@watch/town",
        "redis+sentinel://:p#hunter2@watch/town",
    ],
)
def test_an_address_that_makes_no_sense_is_refused_without_its_password(address: Address, url: str) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL") as caught:
        address(REDIS_URL=url)

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://cache:6379/0", "redis://cache:6379/0"),
        ("redis://:secret@cache", "redis://:****@cache"),
        ("rediss://ann:secret@cache:1/2", "rediss://ann:****@cache:1/2"),
        ("redis://an%40n:s%40crt@cache", "redis://an%40n:****@cache"),
        ("redis://ann@cache", "redis://ann@cache"),
        ("unix:///run/redis.sock?db=1&password=secret", "unix:///run/redis.sock?db=1&password=****"),
        ("unix://ann:secret@/run/redis.sock", "unix://ann:****@/run/redis.sock"),
        ("unix:///run/redis.sock?password=s@cret", "unix:///run/redis.sock?password=****"),
        ("redis://ann:secret@cache?token=secret", "redis://ann:****@cache?token=****"),
        ("redis://cache?secret", "redis://cache?****"),
        (
            "redis+sentinel://ann:secret@a:1,b:2/town/3?sentinel_username=bob&sentinel_password=secret",
            "redis+sentinel://ann:****@a:1,b:2/town/3?sentinel_username=bob&sentinel_password=****",
        ),
        ("redis://:se/cr@et@cache", "redis://:****@cache"),
        ("redis://:secret#x@cache", "redis://:****@cache"),
        ("redis://:secret?x@cache", "redis://:****@cache"),
        ("redis:/:secret@cache", "redis:****@cache"),
        ("ann:secret@cache", "ann:****@cache"),
        ("", ""),
    ],
)
def test_no_secret_is_left_in_a_shown_address(url: str, shown: str) -> None:
    assert redacted(url) == shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("url", "verifies"),
    [
        ("rediss://:secret@host:6380/0", False),
        ("rediss://:secret@host:6380/0?ssl_cert_reqs=required", True),
        ("redis://:secret@host:6379/0", True),
    ],
    ids=["says nothing", "says so itself", "has no TLS"],
)
def test_an_environment_that_dictates_the_address_can_say_that_certificates_prove_nothing(url: str, verifies: bool) -> None:
    found = explicit_address(url, origin=Origin.ENVIRONMENT, verify=False)

    assert found.verify is verifies
    assert ("ssl_cert_reqs=none" in found.url) is not verifies
