"""A stand-in for GitHub: the shapes of its API over real HTTP; `python -m tests.github.standin` runs it alone."""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import re
import sys
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from tests.github import graph, rest
from tests.github.doors import knock
from tests.github.limits import Limits, Trouble
from tests.github.rest import Reply
from tests.github.world import PullRecord, World

__all__ = ["StandIn", "scripted"]


class StandIn(World):
    """A GitHub of the test's own, in a thread of this process.

    Attributes:
        limits: tokens, limits and troubles; a test changes them as it likes.
        requests: how often each `METHOD /path` was asked, `POST /graphql Name` by question.
        seen: the headers of each request, in order.
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__()
        self.limits = Limits()
        self.requests: Counter[str] = Counter()
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.over = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.logs_url = f"http://localhost:{self._server.server_port}"  # another origin, as GitHub's logs are
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening, and let go of those who hang."""
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail(self, path: str, status: int = 500, *, message: str = "Server Error", times: int = 1, **headers: str) -> None:
        """Answer requests whose path matches with a problem, so many times."""
        self.limits.troubles.append(Trouble(path, rest.problem(status, message, **headers), times=times))

    def garble(self, path: str, body: str = "<html>Unicorn!</html>", *, status: int = 200, times: int = 1) -> None:
        """Answer with something that is no document of GitHub's."""
        self.limits.troubles.append(Trouble(path, Reply(status, body), times=times))

    def trouble(self, path: str, way: str, *, times: int = 1) -> None:
        """Let requests `hang`, `drip` or `drop`."""
        self.limits.troubles.append(Trouble(path, way=way, times=times))

    def exhaust(self, kind: str, remaining: int = 0) -> None:
        """Let so few calls of a kind be left."""
        self.limits.rates[kind].remaining = remaining

    def asked(self, pattern: str = "") -> int:
        """How many requests there were whose `METHOD /path` matches."""
        return sum(count for name, count in self.requests.items() if re.search(pattern, name))

    def deliver(self, url: str, secret: str, event: str, payload: dict[str, Any]) -> int:
        """Send a webhook as GitHub does; answers the status."""
        body = json.dumps(payload).encode()
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-Hub-Signature-256": signature,
            "X-GitHub-Delivery": self.sha(),
        }
        with urlopen(Request(url, data=body, headers=headers, method="POST"), timeout=10) as answer:
            return int(answer.status)

    def respond(self, method: str, target: str, headers: dict[str, str], content: bytes) -> Reply:
        """The answer to a request."""
        parts = urlsplit(target)
        body = json.loads(content) if content else {}
        if parts.path.startswith("/_standin/"):
            return self._aside(method, parts.path, body)
        kind = "graphql" if parts.path.endswith("/graphql") else "core"
        token = headers.get("authorization", "").removeprefix("Bearer ") or None
        with self.lock:
            self._count(method, parts.path, body, kind)
            reply = self.limits.refusal(parts.path, token, kind)
            if reply is None:
                reply = self._answered(method, parts.path, dict(parse_qsl(parts.query)), body, kind)
                reply = _conditional(reply, headers) if method == "GET" else reply
                free = reply.status == 304 and token is not None
                self.limits.rates[kind].remaining -= 0 if free else 1
            reply.headers.update(self.limits.headers(kind))
            return reply

    def _answered(self, method: str, path: str, query: dict[str, str], body: dict[str, Any], kind: str) -> Reply:
        if kind == "graphql":
            return Reply(200, graph.answer(self, body, lambda repo: repo not in self.limits.forbidden))
        return rest.answer(self, method, path.removeprefix("/api/v3"), query, body)

    def _count(self, method: str, path: str, body: dict[str, Any], kind: str) -> None:
        named = re.search(r"query (\w+)\(", body.get("query", "")) if kind == "graphql" else None
        self.requests[f"{method} {path}{'' if named is None else f' {named[1]}'}"] += 1

    def _aside(self, method: str, path: str, body: dict[str, Any]) -> Reply:
        name, _, rest_of_path = path.removeprefix("/_standin/").partition("/")
        if method == "GET" and name == "logs":
            logs = (run for pull in self.pulls.values() for runs in pull.checks.values() for run in runs if str(run.id) == rest_of_path)
            return Reply(200, "".join(getattr(run, "log", "") for run in logs))
        with self.lock:
            return knock(self, name, body) if method == "POST" else rest.problem(404, "Not Found")


def _conditional(reply: Reply, headers: dict[str, str]) -> Reply:
    if reply.status != 200 or isinstance(reply.body, str):
        return reply
    reply.headers["ETag"] = etag = f'W/"{hashlib.sha256(json.dumps(reply.body).encode()).hexdigest()}"'
    return Reply(304, "", {"ETag": etag}) if headers.get("if-none-match") == etag else reply


def _handler(standin: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            content = self.rfile.read(int(headers.get("content-length", 0)))
            standin.seen.append((f"{self.command} {self.path}", headers))
            trouble = standin.limits.trouble(self.path)
            if trouble is None:
                self.say(standin.respond(self.command, self.path, headers, content))
            elif trouble.reply is not None:
                standin.requests[f"{self.command} {urlsplit(self.path).path}"] += 1
                self.say(Reply(trouble.reply.status, trouble.reply.body, dict(trouble.reply.headers)))
            else:
                standin.requests[f"{self.command} {urlsplit(self.path).path}"] += 1
                self.be_troublesome(trouble.way)

        do_GET = do_POST = do_PUT = answer  # noqa: N815  # the names that the library gave them

        def say(self, reply: Reply) -> None:
            body = reply.body.encode() if isinstance(reply.body, str) else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "text/plain" if isinstance(reply.body, str) else "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if reply.status != 304:
                with suppress(ConnectionError):  # whoever asked may have been killed
                    self.wfile.write(body)

        def be_troublesome(self, way: str) -> None:
            self.close_connection = True
            if way == "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
            try:
                while way != "drop" and not standin.over.wait(0.05):
                    if way == "drip":
                        self.wfile.write(b".")
                        self.wfile.flush()
            except OSError:
                return  # whoever asked has gone

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name that the library gave it
            """Say nothing."""

    return Handler


def scripted(standin: StandIn, script: dict[str, Any]) -> None:
    """Set it up: `issues` (as the arguments of `issue`), and `ci` with the names of `checks` that each push runs.

    `ci.fails` says how many pushes of a branch (or pull request's number) fail first.
    """
    for issue in script.get("issues", []):
        standin.issue(**issue)
    ci = script.get("ci", {})
    fails = Counter({str(name): times for name, times in ci.get("fails", {}).items()})

    def run_checks(pull: PullRecord) -> None:
        unlucky = next((name for name in (pull.branch, str(pull.number)) if fails[name] > 0), None)
        if unlucky is not None:
            fails[unlucky] -= 1
        for name in ci.get("checks", []):
            standin.check(
                pull, name, conclusion="success" if unlucky is None else "failure", summary="" if unlucky is None else "1 test failed"
            )

    standin.when_pushed = run_checks


def main() -> None:
    """Run it until it is told to end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--script", type=Path)
    options = parser.parse_args()
    with StandIn(options.port) as standin:
        if options.script is not None:
            scripted(standin, json.loads(options.script.read_text(encoding="utf-8")))
        sys.stdout.write(f"{standin.url}\n")
        sys.stdout.flush()
        try:
            standin.over.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
