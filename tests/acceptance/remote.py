"""Servers as others run them: behind TLS and a user who may do little, or watched by a sentinel."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path
from typing import Any

import redis
import trustme

from tests.redis_server.permitted import acl_line
from tests.server import Server
from tests.waiting import wait_until

__all__ = ["PASSWORD", "Watched", "free_ports", "secured"]

PASSWORD = "s%cret"
QUOTED = "s%25cret"
KNOCK = "knock/knock"


def secured(binary: Path, authority: trustme.CA, *, callers_show_certificates: bool) -> tuple[Server, str]:
    """A server that speaks TLS only, with the user that is documented, and where it is."""
    (port,) = free_ports(1)
    server = Server(binary, durable=True)
    for name, identity in (("server", "localhost"), ("client", "tinytown")):
        certificate = authority.issue_cert(identity, common_name=identity)
        certificate.private_key_pem.write_to_path(str(server.folder / f"{name}-key.pem"))
        certificate.cert_chain_pems[0].write_to_path(str(server.folder / f"{name}.pem"))
    authority.cert_pem.write_to_path(str(server.folder / "ca.pem"))
    server.more = f"""\
bind 127.0.0.1
tls-port {port}
tls-cert-file {server.folder}/server.pem
tls-key-file {server.folder}/server-key.pem
tls-ca-cert-file {server.folder}/ca.pem
tls-auth-clients {"yes" if callers_show_certificates else "no"}
{acl_line(PASSWORD)}
"""
    shown = f"&ssl_certfile={server.folder}/client.pem&ssl_keyfile={server.folder}/client-key.pem"
    query = f"?ssl_ca_certs={server.folder}/ca.pem{shown if callers_show_certificates else ''}"
    server.start()
    return server, f"rediss://tinytown:{QUOTED}@localhost:{port}/3{query}"


class Watched:
    """A master and its replica, with the documented user, and a sentinel that lets one take over from the other."""

    def __init__(self, binary: Path) -> None:
        first, second, watch, nobody = free_ports(4)
        user = f"{acl_line(PASSWORD)}\nrepl-diskless-sync-delay 0\n"
        self.master = Server(binary, durable=True, more=f"bind 127.0.0.1\nport {first}\n{user}")
        self.replica = Server(binary, durable=True, more=f"bind 127.0.0.1\nport {second}\nreplicaof 127.0.0.1 {first}\n{user}")
        self.url = f"redis+sentinel://tinytown:{QUOTED}@127.0.0.1:{nobody},127.0.0.1:{watch}/town/0?sentinel_password={KNOCK}"
        self._place = (watch, first)
        self._sentinel: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start all three, and wait until the sentinel knows both servers."""
        self.master.start()
        self.replica.start()
        wait_until(lambda: self._replication(self.replica).get("master_link_status") == "up", 20)
        watch, first = self._place
        settings = self.master.folder / "sentinel.conf"
        settings.write_text(f"""\
bind 127.0.0.1
port {watch}
dir {self.master.folder}
requirepass {KNOCK}
sentinel monitor town 127.0.0.1 {first} 1
sentinel down-after-milliseconds town 300
sentinel failover-timeout town 3000
""")
        with (self.master.folder / "sentinel.log").open("wb") as log:
            self._sentinel = subprocess.Popen(
                [str(self.master.binary), str(settings), "--sentinel"], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        with redis.Redis(port=watch, password=KNOCK) as sentinel:
            wait_until(lambda: _replicas(sentinel) == 1, 20)

    def lose_the_master(self) -> None:
        """End the master as a crash would, with nothing on its way to the replica."""
        with redis.Redis(unix_socket_path=str(self.master.socket)) as master:
            master.set("last", "word", px=60_000)
            assert master.wait(1, 5000) == 1
        self.master.kill()

    @property
    def replica_leads(self) -> bool:
        """Whether the replica has taken over, and the sentinel says so."""
        watch, first = self._place
        with redis.Redis(port=watch, password=KNOCK) as sentinel:
            named = sentinel.sentinel_get_master_addr_by_name("town")
        return self._replication(self.replica)["role"] == "master" and bool(named[1] != first)

    def remove(self) -> None:
        """End all three."""
        if self._sentinel is not None:
            self._sentinel.kill()
            self._sentinel.wait(10)
        self.master.remove()
        self.replica.remove()

    @staticmethod
    def _replication(server: Server) -> dict[str, Any]:
        with redis.Redis(unix_socket_path=str(server.socket), decode_responses=True) as client:
            return dict(client.info("replication"))


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses at the moment."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _replicas(sentinel: redis.Redis) -> int:
    try:
        return len(sentinel.sentinel_slaves("town"))
    except redis.ConnectionError:
        return 0
