"""Whom a caller's certificate is for."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import trustme

from tinytown.api.tls import ClientCertificate, client_certificate, server_context
from tinytown.config import TownhallSettings


@pytest.mark.parametrize("shown", [True, False])
def test_a_caller_is_known_by_a_certificate_that_was_verified(tmp_path: Path, shown: bool) -> None:
    authority, callers = trustme.CA(), trustme.CA()
    theirs = ssl.create_default_context()
    authority.configure_trust(theirs)
    if shown:
        callers.issue_cert("ci.example.org", "10.0.0.7", common_name="ci", organization_name="Example").configure_cert(theirs)

    found = _seen_by_townhall(_context(tmp_path, authority, callers), theirs)

    if not shown:
        assert found is None
        return
    assert found is not None
    assert found.common_name == "ci"
    assert found.names == ("DNS:ci.example.org", "IP Address:10.0.0.7")
    assert "O=Example" in found.subject
    assert found.subject.endswith("CN=ci")


def test_without_tls_nobody_has_a_certificate() -> None:
    ours, theirs = socket.socketpair()
    with closing(ours), closing(theirs):
        assert client_certificate({"gunicorn.socket": ours}) is None
        assert client_certificate({}) is None


def _context(folder: Path, authority: trustme.CA, callers: trustme.CA) -> ssl.SSLContext:
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    callers.cert_pem.write_to_path(str(folder / "callers.pem"))
    tables = {
        "tls": {"enabled": True, "cert_file": "cert.pem", "key_file": "key.pem"},
        "mtls": {"enabled": True, "ca_file": str(folder / "callers.pem")},
    }
    context = server_context(msgspec.convert(tables, TownhallSettings), folder, datetime.now(UTC))
    assert context is not None
    return context


def _seen_by_townhall(ours: ssl.SSLContext, theirs: ssl.SSLContext) -> ClientCertificate | None:
    here, there = socket.socketpair()

    def call() -> None:
        with theirs.wrap_socket(there, server_hostname="localhost") as calling:
            calling.recv(1)

    caller = threading.Thread(target=call)
    caller.start()
    with ours.wrap_socket(here, server_side=True) as served:
        found = client_certificate({"gunicorn.socket": served})
        served.sendall(b"x")
    caller.join(5)
    return found
