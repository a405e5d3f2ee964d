"""The deletion cost of a pod, told to a stand-in for the Kubernetes API over TLS."""

from __future__ import annotations

import json
import logging
import ssl
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.waiting import wait_until
from tinytown.actors.deletion_cost import DeletionCost, cost_of
from tinytown.actors.host import Host
from tinytown.actors.registration import Registration
from tinytown.actors.upkeep import Upkeep
from tinytown.errors import Refused, SettingsError, Unavailable
from tinytown.pod import Pod, pod_of
from tinytown.testing import rehearse

PATH = "/api/v1/namespaces/town/pods/worker-7"


class Api:
    """Takes patches of one pod from one bearer, and answers as it is told."""

    def __init__(self, folder: Path) -> None:
        self.account = folder
        self.costs: list[str] = []
        self.status = 200
        self.calls = 0
        authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        authority.cert_pem.write_to_path(folder / "ca.crt")
        self.token("first")
        (folder / "namespace").write_text("town\n")
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_PATCH(self) -> None:
                status, answer = api.answer(self)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nobody needs it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def token(self, text: str) -> None:
        """Replace the token, as Kubernetes does while the pod runs."""
        self._token = text
        (self.account / "token").write_text(f"{text}\n")

    def pod(self, **said: str) -> Pod:
        """The pod, as the environment and the files of its service account tell."""
        env = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self._server.server_port)}
        found = pod_of({**env, "TINYTOWN_POD_NAME": "worker-7", **said}, self.account)
        assert found is not None
        return found

    def answer(self, call: BaseHTTPRequestHandler) -> tuple[int, Any]:
        """What it says to one call."""
        self.calls += 1
        body = json.loads(call.rfile.read(int(call.headers["Content-Length"])))
        if self.status != 200:
            return self.status, {"kind": "Status", "message": f"no: {self.status}"}
        if call.headers["Authorization"] != f"Bearer {self._token}":
            return 401, {"message": "Unauthorized"}
        if call.path != PATH:
            return 404, {"message": f"nothing at {call.path}"}
        if call.headers["Content-Type"] != "application/merge-patch+json":
            return 415, {"message": call.headers["Content-Type"]}
        (annotations,) = body["metadata"].values()
        self.costs.append(annotations["controller.kubernetes.io/pod-deletion-cost"])
        return 200, {"kind": "Pod"}

    def close(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """The API of a cluster."""
    api = Api(tmp_path)
    yield api
    api.close()


def test_who_is_idle_costs_least_and_who_goes_anyway_less_than_that() -> None:
    assert [cost_of(turns, draining=False) for turns in (0, 1, 3)] == [0, 100, 300]
    assert cost_of(1, draining=True) < 0


def test_it_is_told_when_it_changes_and_not_otherwise(api: Api) -> None:
    costs = iter((0, 0, 200, 200, -100))
    told = DeletionCost(api.pod(), lambda: next(costs))

    for _ in range(5):
        told.tell()

    assert api.costs == ["0", "200", "-100"]


def test_a_token_that_was_replaced_is_read_again(api: Api) -> None:
    pod = api.pod()
    pod.annotate({"controller.kubernetes.io/pod-deletion-cost": "1"})

    api.token("second")
    pod.annotate({"controller.kubernetes.io/pod-deletion-cost": "2"})

    assert api.costs == ["1", "2"]


@pytest.mark.parametrize("status", [403, 404, 422])
def test_a_refusal_is_said_once_and_nothing_is_asked_again(api: Api, caplog: pytest.LogCaptureFixture, status: int) -> None:
    told = DeletionCost(api.pod(), lambda: 100)
    api.status = status

    told.tell()
    api.status = 200
    told.tell()

    assert api.calls == 1
    (line,) = [record.getMessage() for record in caplog.records if record.name == "tinytown.actors.deletion_cost"]
    assert f"answered {status} to a patch of pod town/worker-7: no: {status}" in line


@pytest.mark.parametrize("status", [401, 409, 429, 500, 503])
def test_an_outage_is_borne_and_said_once(api: Api, caplog: pytest.LogCaptureFixture, status: int) -> None:
    caplog.set_level(logging.INFO)
    told = DeletionCost(api.pod(), lambda: 100)
    api.status = status

    told.tell()
    told.tell()
    api.status = 200
    told.tell()

    assert api.costs == ["100"]
    assert [record.getMessage().partition(" this pod ")[2].partition(":")[0] for record in caplog.records] == [
        "will be told later",
        "is told again",
    ]


def test_an_api_with_another_authority_is_told_nothing(api: Api) -> None:
    pod = api.pod()
    trustme.CA().cert_pem.write_to_path(api.account / "ca.crt")

    with pytest.raises(Unavailable, match=r"does not answer: .*certificate verify failed"):
        pod.annotate({"a": "b"})

    assert api.calls == 0


def test_one_that_is_not_there_is_an_outage(api: Api) -> None:
    pod = api.pod()
    api.close()

    with pytest.raises(Unavailable, match="does not answer"):
        pod.annotate({"a": "b"})


def test_another_pod_is_a_refusal(api: Api) -> None:
    with pytest.raises(Refused, match="answered 404 to a patch of pod other/a%b: nothing at /api/v1/namespaces/other/pods/a%25b"):
        api.pod(TINYTOWN_POD_NAMESPACE="other", TINYTOWN_POD_NAME="a%b").annotate({"a": "b"})


def test_elsewhere_there_is_no_pod(tmp_path: Path) -> None:
    assert pod_of({}, tmp_path) is None
    assert pod_of({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, tmp_path) is None
    (tmp_path / "token").touch()
    with pytest.raises(SettingsError, match="KUBERNETES_SERVICE_PORT: must be a port"):
        pod_of({"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "https"}, tmp_path)


def test_a_worker_keeps_it_up_to_date(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.actors.upkeep.TELL_EVERY", timedelta(seconds=0.05))
    with rehearse() as town:
        host = Host(town, {}, "castle:1:x")
        registration = Registration(town, "castle:1:x", host.leases, queues=("agents",), concurrency=4)
        upkeep = Upkeep(host, registration, lambda: None, api.pod())

        upkeep.start()
        wait_until(lambda: api.costs == ["0"])
        with host.leases.keep(town.spawn("ada", cli="shell").id, 1):
            wait_until(lambda: api.costs == ["0", "100"])
        wait_until(lambda: api.costs == ["0", "100", "0"])
        upkeep.say_draining()
        wait_until(lambda: api.costs == ["0", "100", "0", "-100"])
        upkeep.stop()
