"""From an address to an open socket: what is checked of a server, what it is told, and who is asked where it is."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis
import trustme
from cryptography.hazmat.primitives import serialization

from tests.server import Server
from tests.store.standin import Answer, StandIn
from tests.waiting import wait_until
from tinytown.bootstrap import connection_to
from tinytown.broker import redis_client
from tinytown.config import Origin, RedisAddress, explicit_address
from tinytown.errors import RedisAuthFailed, RedisForbids, RedisIsCluster, RedisUnavailable
from tinytown.redis_server import check
from tinytown.store.reach import sockets_of


@pytest.fixture
def stand_in() -> Iterator[Callable[..., StandIn]]:
    """Makes servers that stand in for real ones."""
    made: list[StandIn] = []

    def make(answer: Answer = lambda _: b"+PONG\r\n", context: ssl.SSLContext | None = None) -> StandIn:
        made.append(StandIn(answer, context))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who vouches for servers."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    """A file with the certificate of the authority."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem"


PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


def _small(address: RedisAddress) -> object:
    with closing(connection_to(address, light=True)) as connection:
        return connection.call("PING")


def _pool(address: RedisAddress) -> object:
    with closing(connection_to(address)) as connection:
        return connection.call("PING")


def _redis_py(address: RedisAddress) -> object:
    with redis_client(address) as client:
        try:
            return b"PONG" if client.ping() else None
        except redis.AuthenticationError as error:
            raise RedisAuthFailed(str(address), str(error)) from error
        except redis.ConnectionError as error:
            raise RedisUnavailable(str(address), str(error)) from error


each_client = pytest.mark.parametrize("ping", [_small, _pool, _redis_py], ids=["small client", "pool", "redis-py"])


def _at(url: str) -> RedisAddress:
    return explicit_address(url, origin=Origin.ENVIRONMENT)


def _speaking(authority: trustme.CA, *identities: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*identities).configure_cert(context)
    return context


@each_client
def test_a_host_is_named_in_the_hello_and_compared_with_the_certificate(
    ping: Callable[[RedisAddress], object], stand_in: Callable[..., StandIn], authority: trustme.CA, trusted: Path
) -> None:
    right = stand_in(context=_speaking(authority, "localhost"))
    wrong = stand_in(context=_speaking(authority, "cache.example.org"))

    answered = ping(_at(f"rediss://localhost:{right.port}?ssl_ca_certs={trusted}"))
    unchecked = ping(_at(f"rediss://localhost:{wrong.port}?ssl_ca_certs={trusted}&ssl_check_hostname=false"))
    with pytest.raises(RedisUnavailable, match=r"(?i)hostname mismatch"):
        ping(_at(f"rediss://localhost:{wrong.port}?ssl_ca_certs={trusted}"))

    assert (answered, unchecked) == (b"PONG", b"PONG")
    assert right.names == ["localhost"]


@each_client
def test_an_ip_address_is_compared_and_not_named(
    ping: Callable[[RedisAddress], object], stand_in: Callable[..., StandIn], authority: trustme.CA, trusted: Path
) -> None:
    right, wrong = (stand_in(context=_speaking(authority, identity)) for identity in ("127.0.0.1", "10.0.0.1"))

    answered = ping(_at(f"rediss://127.0.0.1:{right.port}?ssl_ca_certs={trusted}"))
    with pytest.raises(RedisUnavailable, match=r"(?i)ip address mismatch"):
        ping(_at(f"rediss://127.0.0.1:{wrong.port}?ssl_ca_certs={trusted}"))

    assert answered == b"PONG"
    assert right.names == [None]


@each_client
def test_a_stranger_is_refused_unless_the_address_trusts_anybody(
    ping: Callable[[RedisAddress], object], stand_in: Callable[..., StandIn], trusted: Path
) -> None:
    stranger = stand_in(context=_speaking(trustme.CA(), "localhost"))

    for url in (f"ssl_ca_certs={trusted}", f"ssl_ca_certs={trusted}&ssl_cert_reqs=optional", ""):
        with pytest.raises(RedisUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            ping(_at(f"rediss://localhost:{stranger.port}?{url}"))

    assert ping(_at(f"rediss://localhost:{stranger.port}?ssl_cert_reqs=none")) == b"PONG"


def test_a_server_that_speaks_no_tls_is_told_from_one_that_is_slow(stand_in: Callable[..., StandIn]) -> None:
    """Redis says nothing to a greeting in TLS."""
    plain = stand_in(lambda _: b"")

    with pytest.raises(RedisUnavailable, match="takes connections, and does not answer in TLS"):
        next(sockets_of(_at(f"rediss://localhost:{plain.port}"), 0.1))


def test_a_connection_through_tls_is_used_until_the_server_hangs_up(
    stand_in: Callable[..., StandIn], authority: trustme.CA, trusted: Path
) -> None:
    """What TLS says for itself after the hello is no end of the connection."""
    server = stand_in(context=_speaking(authority, "localhost"))
    with closing(connection_to(_at(f"rediss://localhost:{server.port}?ssl_ca_certs={trusted}"))) as pool:
        answers = [pool.call("PING") for _ in range(5)]
        before = server.callers

        server.hang_up()

        assert wait_until(lambda: pool.call("PING") == b"PONG" and server.callers > 1)
    assert (answers, before, server.callers) == ([b"PONG"] * 5, 1, 2)


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("ssl_ca_certs=/absent/ca.pem", r"ssl_ca_certs: /absent/ca.pem cannot be used: No such file"),
        ("ssl_ca_certs={key}", r"ssl_ca_certs: .*key.pem cannot be used"),
        ("ssl_certfile=/absent/c.pem&ssl_keyfile=/absent/k.pem", r"/absent/c.pem and /absent/k.pem cannot be used: No such file"),
        ("ssl_certfile={ca}&ssl_keyfile={key}", r"ca.pem and .*key.pem cannot be used: .*(?i:mismatch)"),
        ("ssl_certfile={ca}&ssl_keyfile={locked}", r"cannot be used: the key is encrypted"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    stand_in: Callable[..., StandIn], authority: trustme.CA, trusted: Path, query: str, complaint: str
) -> None:
    server = stand_in()
    key, locked = trusted.with_name("key.pem"), trusted.with_name("locked.pem")
    authority.issue_cert("x").private_key_pem.write_to_path(str(key))
    key_itself = serialization.load_pem_private_key(key.read_bytes(), None)
    locked.write_bytes(key_itself.private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(b"secret")))
    address = _at(f"rediss://localhost:{server.port}?{query.format(ca=trusted, key=key, locked=locked)}")

    for ask in (_small, check):
        with pytest.raises(RedisUnavailable, match=complaint):
            ask(address)


@each_client
def test_a_socket_may_have_a_user_a_password_and_a_database(ping: Callable[[RedisAddress], object], own_server: Server) -> None:
    own_server.say("ACL SETUSER ann on >se/cret ~* +ping +select +set")
    place = own_server.socket

    for url in (f"unix://ann:se%2Fcret@{place}?db=3", f"unix://{place}?db=3&username=ann&password=se/cret"):
        assert ping(_at(url)) == b"PONG"
    with closing(connection_to(_at(f"unix://ann:se%2Fcret@{place}?db=3"))) as connection:
        connection.call("SET", "here", "1")
    with pytest.raises(RedisAuthFailed, match="WRONGPASS"):
        ping(_at(f"unix://ann:other@{place}"))
    with pytest.raises(RedisUnavailable, match=r"database 99.*out of range"):
        ping(_at(f"unix://{place}?db=99"))

    own_server.say("SWAPDB 0 3")
    assert own_server.say("EXISTS here") == ":1"


@pytest.mark.parametrize(
    ("said", "kind", "reason"),
    [
        (b"-MOVED 3999 10.0.0.1:6379\r\n", RedisIsCluster, "cluster mode.*MOVED"),
        (b"-CROSSSLOT Keys in request don't hash to the same slot\r\n", RedisIsCluster, "cluster mode.*CROSSSLOT"),
        (b"-CLUSTERDOWN Hash slot not served\r\n", RedisIsCluster, "cluster mode"),
        (b"-NOPERM User x has no permissions to run the 'get' command\r\n", RedisForbids, r"forbids.*'get'.*docs/redis\.md"),
        (b"-ERR The user executing the script can't run this command or subcommand\r\n", RedisForbids, "forbids"),
        (b"-NOREPLICAS Not enough good replicas to write.\r\n", RedisUnavailable, "NOREPLICAS"),
    ],
)
def test_a_refusal_says_what_is_wrong_with_the_server(
    stand_in: Callable[..., StandIn], said: bytes, kind: type[Exception], reason: str
) -> None:
    server = stand_in(lambda _: said)

    with pytest.raises(kind, match=reason), closing(connection_to(_at(f"redis://127.0.0.1:{server.port}"))) as connection:
        connection.call("GET", "x")


@each_client
@pytest.mark.parametrize("word", [b"READONLY You can't write against a read only replica.", b"UNBLOCKED force unblock"])
def test_a_server_that_was_made_a_replica_is_left_at_once(
    ping: Callable[[RedisAddress], object], stand_in: Callable[..., StandIn], word: bytes
) -> None:
    """A name or a proxy leads to another server by then, but only whoever connects anew gets there."""
    refusals = [b"-" + word + b"\r\n"]
    server = stand_in(lambda _: refusals.pop() if refusals else b"+PONG\r\n")
    address = _at(f"redis://127.0.0.1:{server.port}")
    if ping is _redis_py:
        with redis_client(address) as client:
            with pytest.raises(redis.RedisError):
                client.ping()
            assert client.ping()
    else:
        with closing(connection_to(address, light=ping is _small)) as connection:
            with pytest.raises(RedisUnavailable, match=word.decode()[:8]):
                connection.call("PING")
            assert connection.call("PING") == b"PONG"

    assert server.callers == 2


class TestSentinels:
    """Stand-ins for sentinels and for the servers that they name."""

    @each_client
    def test_the_one_that_was_cut_off_is_not_believed(
        self, ping: Callable[[RedisAddress], object], stand_in: Callable[..., StandIn]
    ) -> None:
        old, new = (stand_in(_as_role(role)) for role in (b"slave", b"master"))
        stale, fresh = (stand_in(_naming(server.port)) for server in (old, new))

        answered = ping(_at(f"redis+sentinel://127.0.0.1:{stale.port},127.0.0.1:{fresh.port}/town"))

        assert answered == b"PONG"
        assert (old.callers, new.callers) == (1, 1)

    def test_a_server_that_may_not_be_asked_for_its_role_is_believed(self, stand_in: Callable[..., StandIn]) -> None:
        shy = stand_in(lambda asked: b"-NOPERM no permissions to run the 'role' command\r\n" if b"ROLE" in asked else b"+PONG\r\n")
        sentinel = stand_in(_naming(shy.port))

        assert _small(_at(f"redis+sentinel://127.0.0.1:{sentinel.port}/town")) == b"PONG"

    def test_a_replica_alone_is_an_outage(self, stand_in: Callable[..., StandIn]) -> None:
        replica = stand_in(_as_role(b"slave"))
        sentinel = stand_in(_naming(replica.port))

        with pytest.raises(RedisUnavailable, match="is a replica"):
            _small(_at(f"redis+sentinel://127.0.0.1:{sentinel.port}/town"))

    def test_each_has_a_say_in_why_there_is_no_server(self, stand_in: Callable[..., StandIn]) -> None:
        unknowing, strict = stand_in(lambda _: b"*-1\r\n"), stand_in(lambda _: b"-NOAUTH Authentication required.\r\n")
        gone = stand_in()
        gone.close()
        places = ",".join(f"127.0.0.1:{each.port}" for each in (unknowing, strict, gone))

        for ask in (_small, check):
            with pytest.raises(RedisUnavailable) as caught:
                ask(_at(f"redis+sentinel://:hunter2@{places}/town"))

            assert f"sentinel 127.0.0.1:{unknowing.port}: it knows no service 'town'" in str(caught.value)
            assert "NOAUTH" in str(caught.value)
            assert f"sentinel 127.0.0.1:{gone.port}: Connection refused" in str(caught.value)
            assert "hunter2" not in str(caught.value)

    def test_they_have_a_user_and_a_password_of_their_own(self, stand_in: Callable[..., StandIn]) -> None:
        master = stand_in(lambda asked: b"+OK\r\n*1\r\n$6\r\nmaster\r\n" if b"AUTH" in asked else b"+PONG\r\n")
        sentinel = stand_in(lambda asked: b"+OK\r\n" if b"AUTH" in asked else _naming(master.port)(asked))

        _small(_at(f"redis+sentinel://ann:one@127.0.0.1:{sentinel.port}/town?sentinel_username=bob&sentinel_password=two"))

        assert [b"bob" in each and b"two" in each for each in sentinel.requests] == [True, False]
        assert b"ann" in master.requests[0]
        assert b"one" in master.requests[0]


def _as_role(role: bytes) -> Answer:
    return lambda asked: b"*1\r\n$%d\r\n%b\r\n" % (len(role), role) if b"ROLE" in asked else b"+PONG\r\n"


def _naming(port: int) -> Answer:
    return lambda _: b"*2\r\n$9\r\n127.0.0.1\r\n$%d\r\n%d\r\n" % (len(str(port)), port)
