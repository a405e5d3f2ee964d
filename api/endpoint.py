"""Endpoints: the paths of the API, each with the operations that it answers."""

from __future__ import annotations

from collections.abc import Sequence

from tinytown.api.hall import Hall
from tinytown.api.operation import Operation
from tinytown.api.responder import Responder

__all__ = ["Endpoint"]


class Endpoint:
    """What Falcon calls a resource: it has `on_get` and the like for its operations; HEAD is as GET."""

    def __init__(self, operations: Sequence[Operation], hall: Hall) -> None:
        self.operations = {operation.method: operation for operation in operations}
        for operation in operations:
            responder = Responder(operation, hall)
            setattr(self, f"on_{operation.method.lower()}", responder)
            if operation.method == "GET":
                self.on_head = responder
