"""Servers on TCP: behind a password, with TLS, and not mistaken for those of others."""

from __future__ import annotations

import socket
import subprocess
from contextlib import closing
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.redis_server.client import connected
from tests.redis_server.conftest import MakeTown
from tests.server import Server, speaks_tls
from tinytown.config import load_user
from tinytown.errors import RedisAuthFailed, RedisUnavailable, SettingsError
from tinytown.redis_server import check, server_status

PASSWORD = 'a "b" \\ #é@/%41'


def knocking(port: int, password: str | None = None) -> redis.Redis:
    """A client without manners or patience."""
    return redis.Redis(port=port, password=password, decode_responses=True, retry=Retry(NoBackoff(), 0))


@pytest.fixture
def port() -> int:
    """A port that nobody uses at the moment."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_server_on_tcp_wants_the_password(make_town: MakeTown, program: Path, port: int) -> None:
    town = make_town(program, f"use_socket = false\nport = {port}")
    town.env["TINYTOWN_REDIS_PASSWORD"] = PASSWORD

    address = town.up()

    with connected(address) as client:
        assert client.ping()
    with knocking(port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_the_password_is_in_a_file_of_the_owner_and_on_no_command_line(make_town: MakeTown, a_program: Path, port: int) -> None:
    town = make_town(a_program, f"use_socket = false\nport = {port}")
    town.env["TINYTOWN_REDIS_PASSWORD"] = "hunter2"

    town.up()

    assert (town.files / "redis.conf").stat().st_mode & 0o777 == 0o600
    assert "hunter2" in (town.files / "redis.conf").read_text()
    seen = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(town.info().pid)], capture_output=True, text=True, check=True)
    assert "redis" in seen.stdout or "valkey" in seen.stdout
    assert "hunter2" not in seen.stdout


def test_an_empty_password_is_none(make_town: MakeTown, a_program: Path, port: int) -> None:
    town = make_town(a_program, f"use_socket = false\nport = {port}")
    town.env["TINYTOWN_REDIS_PASSWORD"] = ""

    town.up()

    with knocking(port) as anybody:
        assert anybody.ping()
        assert anybody.config_get("protected-mode") == {"protected-mode": "yes"}
        assert anybody.config_get("bind") == {"bind": "127.0.0.1"}


def test_a_wrong_password_is_told_apart_from_a_missing_server(make_town: MakeTown, a_program: Path, port: int) -> None:
    """And no second server is tried where one refuses us."""
    town = make_town(a_program, f"use_socket = false\nport = {port}")
    town.env["TINYTOWN_REDIS_PASSWORD"] = "right"
    town.up()

    town.env["TINYTOWN_REDIS_PASSWORD"] = "wrong"
    with pytest.raises(RedisAuthFailed) as wrong:
        town.up()
    town.env.pop("TINYTOWN_REDIS_PASSWORD")
    with pytest.raises(RedisAuthFailed) as absent:
        town.up()

    assert "WRONGPASS" in str(wrong.value)
    assert "NOAUTH" in str(absent.value)
    town.env["TINYTOWN_REDIS_PASSWORD"] = "right"


def test_a_password_for_a_server_without_one_is_said_to_be_wrong(make_town: MakeTown, a_program: Path, port: int) -> None:
    town = make_town(a_program, f"use_socket = false\nport = {port}")
    town.up()

    town.env["TINYTOWN_REDIS_PASSWORD"] = "needless"
    with pytest.raises(RedisAuthFailed):
        town.up()

    town.env.clear()


def test_the_central_server_on_a_port_gets_a_password(make_town: MakeTown, a_program: Path, port: int, home: Path) -> None:
    town = make_town(None)
    (home / ".tt").mkdir()
    (home / ".tt" / "config.toml").write_text(f'# mine\n[redis]\nuse_central = true\nport = {port}\nserver = "{a_program}"\n')

    address = town.up()

    password = load_user(home / ".tt").redis.password
    assert password is not None
    assert password.startswith("tt_")
    assert (home / ".tt" / "config.toml").read_text().startswith("# mine\n")
    assert (home / ".tt" / "config.toml").stat().st_mode & 0o777 == 0o600
    with connected(address) as client:
        assert client.ping()
    with pytest.raises(redis.AuthenticationError), knocking(port) as stranger:
        stranger.ping()


def test_a_server_of_others_on_our_port_is_used_and_left_running(make_town: MakeTown, a_program: Path, port: int) -> None:
    """It needs no server program here, and `tt down --redis` must not end it."""
    other = make_town(a_program, f"use_socket = false\nport = {port}")
    other.up()
    town = make_town(Path("/absent/redis-server"), f"use_socket = false\nport = {port}", root=other.root / "below")

    town.up()
    with pytest.raises(RedisUnavailable, match="somebody else"):
        town.down()

    assert server_status(town.settings, town.root, town.home).ours is False
    assert other.info().pid == town.info().pid


def test_a_port_that_somebody_else_has_is_named(make_town: MakeTown, a_program: Path, port: int) -> None:
    town = make_town(a_program, f"use_socket = false\nport = {port}")
    with closing(socket.socket()) as stranger:
        stranger.bind(("127.0.0.1", port))

        with pytest.raises(RedisUnavailable, match=r"(?s)ended at once.*in use"):
            town.up()


def test_an_external_server_is_never_started(make_town: MakeTown, a_program: Path, port: int) -> None:
    town = make_town(a_program)
    town.env["REDIS_URL"] = f"redis://:hunter2@127.0.0.1:{port}"

    with pytest.raises(RedisUnavailable) as caught:
        town.up()

    assert f"redis://:****@127.0.0.1:{port}" in str(caught.value)
    assert not (town.root / ".tt").exists()


def test_an_external_server_is_used_as_it_is(make_town: MakeTown, server: Server) -> None:
    town = make_town(None)
    town.env["REDIS_URL"] = server.url

    town.up()

    assert town.info().version.count(".") == 2
    assert server.is_running()
    with pytest.raises(RedisUnavailable, match="not ours"):
        town.down()


def test_a_user_with_a_name_can_log_in(make_town: MakeTown, a_program: Path, port: int) -> None:
    town = make_town(a_program, f"use_socket = false\nport = {port}")
    with connected(town.up()) as client:
        client.acl_setuser("ann", enabled=True, passwords=["+se/cret"], commands=["+@all"], keys=["*"])

    town.env["REDIS_URL"] = f"redis://ann:se%2Fcret@127.0.0.1:{port}/3"
    town.up()
    town.env["REDIS_URL"] = f"redis://ann:other@127.0.0.1:{port}"
    with pytest.raises(RedisAuthFailed, match="WRONGPASS"):
        town.up()

    town.env.pop("REDIS_URL")


def certificate(folder: Path) -> None:
    """A key, and a certificate for 127.0.0.1 that vouches for itself."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder,
        check=True,
        capture_output=True,
    )  # fmt: skip


TLS = 'use_socket = false\ntls_enabled = true\ntls_cert = "cert.pem"\ntls_key = "key.pem"\ntls_ca_cert = "cert.pem"\n'


def test_a_server_with_tls_is_reached_or_said_to_have_none(make_town: MakeTown, program: Path, port: int) -> None:
    town = make_town(program, f"{TLS}port = {port}")
    certificate(town.root)
    town.env["TINYTOWN_REDIS_PASSWORD"] = PASSWORD

    if not speaks_tls(program):
        with pytest.raises(RedisUnavailable, match="built without TLS"):
            town.up()
        return
    address = town.up()

    assert address.redacted.startswith(f"rediss://:****@127.0.0.1:{port}")
    assert check(address).pid == town.info().pid
    with connected(address) as client:
        assert client.ping()
    with knocking(port, PASSWORD) as plain, pytest.raises(redis.RedisError):
        plain.ping()


def test_tls_without_a_certificate_is_a_mistake_in_the_settings(make_town: MakeTown, a_program: Path, port: int) -> None:
    town = make_town(a_program, f"use_socket = false\ntls_enabled = true\nport = {port}")

    with pytest.raises(SettingsError, match="tls_cert"):
        town.up()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"-DENIED Redis is running in protected mode\r\n", "protected mode"),
        (b"-ERR max number of clients reached\r\n", "max number of clients"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "loading"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "no Redis"),
        (b"$99999999999\r\n", "no Redis"),
        (b"+PONG\r\n$7\r\n redis \r\n", "before 7.0"),
        (b"+PONG\r\n$19\r\n6.9.240 redis 6.9.240\r\n", "6.9"),
        (b"+PONG\r\n-NOPERM this user has no permissions to run the 'eval' command\r\n", "forbids what Tinytown needs.*'eval'"),
        (b"+PONG\r\n-CROSSSLOT Keys in request don't hash to the same slot\r\n", "cluster mode, which Tinytown does not support"),
        (b"", "closed"),
    ],
)
def test_what_answers_oddly_is_told_apart(make_town: MakeTown, port: int, said: bytes, reason: str) -> None:
    town = make_town(None)
    town.env["REDIS_URL"] = f"redis://127.0.0.1:{port}"
    with closing(socket.create_server(("127.0.0.1", port))) as listener, ThreadPool(1) as pool:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(said)

        answered = pool.apply_async(answer)

        with pytest.raises(Exception, match=reason):
            town.up()
        answered.get(10)


def test_a_listener_that_says_nothing_costs_two_seconds(make_town: MakeTown, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    town = make_town(None)
    address_env = {"REDIS_URL": f"redis://127.0.0.1:{port}"}
    town.env.update(address_env)
    address = town.settings.redis_address(town.root, town.home)

    with closing(socket.create_server(("127.0.0.1", port))), pytest.raises(RedisUnavailable, match="no answer in time"):
        check(address, reply_seconds=0.05)
