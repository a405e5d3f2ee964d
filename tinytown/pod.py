"""The pod that this process runs in, and the one thing that is asked of Kubernetes: to annotate it."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec

from tinytown.config import value_of
from tinytown.errors import Refused, SettingsError, Unavailable

__all__ = ["Pod", "pod_of"]

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
PATIENCE_SECONDS = 5
MOST_BYTES = 65536
PASSING = {401, 408, 409, 429}
"""Refusals that may be none the next time: a token that was just replaced, a record that others change, too many calls."""


class Pod(msgspec.Struct, frozen=True, kw_only=True):
    """A pod, by whose name and namespace, and where the API of its cluster is; `account` holds token and authority."""

    name: str
    namespace: str
    host: str
    port: int
    account: Path

    def annotate(self, annotations: Mapping[str, str]) -> None:
        """Set annotations of this pod, and leave its others alone.

        Token and authority are read anew each time: Kubernetes replaces them while the pod runs.

        Raises:
            Unavailable: the API does not answer, or not now.
            Refused: it will not; the service account lacks the right, or there is no such pod.
        """
        from http.client import HTTPException  # few workers are in a pod, and all would have it in memory

        body = json.dumps({"metadata": {"annotations": dict(annotations)}})
        path = f"/api/v1/namespaces/{quote(self.namespace, safe='')}/pods/{quote(self.name, safe='')}"
        try:
            status, said = self._patch(path, body)
        except (OSError, HTTPException, UnicodeDecodeError) as error:
            raise Unavailable(f"the Kubernetes API at {self.host}:{self.port} does not answer: {error or type(error).__name__}") from error
        if 200 <= status < 300:
            return
        text = f"the Kubernetes API answered {status} to a patch of pod {self.namespace}/{self.name}: {_message(said)}"
        raise Unavailable(text) if status >= 500 or status in PASSING else Refused(text)

    def _patch(self, path: str, body: str) -> tuple[int, bytes]:
        import ssl
        from http.client import HTTPSConnection

        token = (self.account / "token").read_text(encoding="ascii").strip()
        context = ssl.create_default_context(cafile=self.account / "ca.crt")
        connection = HTTPSConnection(self.host, self.port, timeout=PATIENCE_SECONDS, context=context)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/merge-patch+json", "Accept": "application/json"}
        try:
            connection.request("PATCH", path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read(MOST_BYTES)
        finally:
            connection.close()


def pod_of(env: Mapping[str, str], account: Path = SERVICE_ACCOUNT) -> Pod | None:
    """The pod of this process; None where there is none, or none with a service account.

    Its name is TINYTOWN_POD_NAME, else the host's; its namespace TINYTOWN_POD_NAMESPACE, else the service account's.

    Raises:
        SettingsError: KUBERNETES_SERVICE_PORT is no port.
    """
    host, port = value_of(env, "KUBERNETES_SERVICE_HOST"), value_of(env, "KUBERNETES_SERVICE_PORT") or "443"
    if host is None or not (account / "token").is_file():
        return None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise SettingsError("KUBERNETES_SERVICE_PORT", f"must be a port, not {port[:40]!r}")
    name = value_of(env, "TINYTOWN_POD_NAME") or socket.gethostname()
    return Pod(name=name, namespace=_namespace(env, account), host=host, port=int(port), account=account)


def _namespace(env: Mapping[str, str], account: Path) -> str:
    named = value_of(env, "TINYTOWN_POD_NAMESPACE")
    if named is not None:
        return named
    try:
        return (account / "namespace").read_text(encoding="utf-8").strip() or "default"
    except (OSError, UnicodeDecodeError):
        return "default"


def _message(said: bytes) -> str:
    """What a `Status` of Kubernetes says in words."""
    try:
        return str(json.loads(said)["message"])[:400]
    except (ValueError, KeyError, TypeError):
        return said[:400].decode(errors="replace") or "nothing"
