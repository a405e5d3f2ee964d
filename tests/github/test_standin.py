"""The stand-in's doors for programs that are no test."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.github.conftest import ISSUE, TOKEN, Make
from tests.github.standin import StandIn, scripted
from tests.rules.project import ROOT
from tinytown.domain.objective import PullRef
from tinytown.domain.pull_request import CheckState, IssueState, PullState
from tinytown.github.client import GitHubClient
from tinytown.github.webhooks import refs_in, verify


def knock(url: str, verb: str, **body: Any) -> dict[str, Any]:
    with urlopen(Request(f"{url}/_standin/{verb}", data=json.dumps(body).encode(), method="POST"), timeout=5) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_a_scripted_agent_opens_pushes_and_gets_merged(standin: StandIn, github: GitHubClient) -> None:
    scripted(standin, {"issues": [{"repo": "acme/shop", "number": 1}], "ci": {"checks": ["build"], "fails": {"pay": 1}}})
    opened = knock(standin.url, "pulls", repo="acme/shop", branch="pay", issue=1)
    ref = PullRef("acme", "shop", opened["number"])

    assert knock(standin.url, "pulls", repo="acme/shop", branch="pay", issue=1) == opened, "an agent that was killed opens it again"
    assert [(check.state, check.excerpt) for check in github.pull(ref).checks] == [(CheckState.FAILURE, "1 test failed")]
    pushed = knock(standin.url, "push", repo="acme/shop", branch="pay")
    assert [check.state for check in github.pull(ref).checks] == [CheckState.SUCCESS]
    github.merge(ref, pushed["head"])
    assert github.pull(ref).state is PullState.MERGED
    assert github.issue(ISSUE).state is IssueState.CLOSED


def test_it_runs_alone(home: Path, make: Make) -> None:
    script = home / "script.json"
    script.write_text(json.dumps({"issues": [{"repo": "acme/shop", "number": 1, "title": "Pay by card"}]}))
    with subprocess.Popen(
        [sys.executable, "-m", "tests.github.standin", "--script", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        url = run.stdout.readline().strip()
        try:
            assert make(api_url=url, token=TOKEN).issue(ISSUE).title == "Pay by card"
        finally:
            run.kill()


@pytest.fixture
def hook() -> Iterator[tuple[str, list[tuple[str, str, bytes]]]]:
    """Where webhooks are received, and what came."""
    came: list[tuple[str, str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.headers["X-GitHub-Event"], self.headers["X-Hub-Signature-256"], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name that the library gave it
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", came
    server.shutdown()
    server.server_close()
    thread.join()


def test_it_sends_signed_webhooks(standin: StandIn, hook: tuple[str, list[tuple[str, str, bytes]]]) -> None:
    url, came = hook
    payload = {"repository": {"full_name": "acme/shop", "html_url": "https://github.com/acme/shop"}, "pull_request": {"number": 10}}

    assert standin.deliver(url, "secret", "pull_request", payload) == 204

    [(event, signature, body)] = came
    assert verify("secret", body, signature)
    assert refs_in(event, body) == (PullRef("acme", "shop", 10),)
