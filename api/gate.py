"""The gate: who may come in, and for what."""

from __future__ import annotations

import falcon

from tinytown.api.auth.principal import Principal
from tinytown.api.operation import Operation
from tinytown.domain.scope import Scope
from tinytown.town import Town

__all__ = ["Gate"]

LOCAL = Principal(id="local", name="local", scopes=frozenset(Scope))


class Gate:
    """Admits requests, or refuses them."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def admit(self, request: falcon.Request, response: falcon.Response, operation: Operation) -> Principal:  # noqa: ARG002
        """Who is calling, if they may do this."""
        request.context.principal = LOCAL
        return LOCAL

    def parameters(self, operation: Operation) -> frozenset[str]:  # noqa: ARG002
        """The parameters of a query that are for the gate."""
        return frozenset()
