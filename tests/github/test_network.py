"""Connections: encrypted ones, and several at once."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme

from tests.github.conftest import ISSUE, SHOP, Make
from tests.github.standin import StandIn
from tinytown.errors import GitHubUnavailable


def test_an_encrypted_connection_is_checked(standin: StandIn, make: Make, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the same streams that keep to our patience, and with a company's own authority, if need be."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(home / "ca.pem")
    standin._server.socket = context.wrap_socket(standin._server.socket, server_side=True)
    standin.issue("acme/shop", 1, title="Pay by card")
    url = standin.logs_url.replace("http:", "https:")

    with pytest.raises(GitHubUnavailable, match="cannot be reached"):
        make(api_url=url).issue(ISSUE)
    monkeypatch.setenv("SSL_CERT_FILE", str(home / "ca.pem"))

    assert make(api_url=url).issue(ISSUE).title == "Pay by card"


def test_threads_share_a_client(standin: StandIn, make: Make) -> None:
    standin.check(standin.pull("acme/shop", 10), "build", conclusion="success")
    standin.issue("acme/shop", 1)
    github = make(timeout_secs=10)

    with ThreadPoolExecutor(8) as pool:
        pulls = [pool.submit(github.pull, SHOP) for _ in range(20)]
        issues = [pool.submit(github.issue, ISSUE) for _ in range(20)]

    assert {pull.result().head for pull in pulls} == {standin.pulls["acme/shop", 10].head}
    assert {issue.result().title for issue in issues} == {"An issue"}
