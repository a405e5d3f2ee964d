"""The gate: who may come in, for what, and how often."""

from __future__ import annotations

import falcon

from tinytown.api.address import Proxies
from tinytown.api.auth.authenticator import authenticator_for
from tinytown.api.auth.credentials import Offered
from tinytown.api.operation import Operation
from tinytown.api.rate_limits import RateLimiter, rate_headers, refusal
from tinytown.config import AuthMode
from tinytown.domain.principal import Principal, Via
from tinytown.domain.scope import Scope
from tinytown.town import Town

__all__ = ["ANYBODY", "Gate"]

ANYBODY = Principal(id="anonymous", name="anonymous", scopes=frozenset(), via=Via.LOCAL)
"""Whoever asks for what is open to all."""

QUERY_KEY = "api_key"


class Gate:
    """Admits requests, or refuses them.

    Raises:
        SettingsError: nobody could ever be admitted.
    """

    def __init__(self, town: Town) -> None:
        settings = town.settings.townhall
        self.proxies = Proxies(settings.trusted_proxies)
        self._authenticator = authenticator_for(town)
        self._limiter = RateLimiter(town)
        self._probes_are_public = settings.public_probes
        self._believes_everybody = settings.auth.mode is AuthMode.NONE

    def admit(self, request: falcon.Request, response: falcon.Response, operation: Operation) -> Principal:
        """Who is calling, if they may do this, and have not called too often.

        Raises:
            Denied: they may not, or not now.
            Unavailable: that cannot be found out at the moment.
        """
        scope = self._demanded(operation)
        if scope is None:
            request.context.principal = ANYBODY
            return ANYBODY
        address = self.proxies.address_of(request)
        principal = self._authenticator.authenticate(_offered(request), address=address, in_query=operation.is_probe)
        request.context.principal = principal
        principal.demand(scope)
        permit = self._limiter.take(principal.id, writes=operation.changes)
        if permit is not None:
            response.set_headers(rate_headers(permit))
            if not permit.allowed:
                raise refusal(permit)
        return principal

    def knows(self, key: str, request: falcon.Request) -> bool:
        """Is that a key of somebody who may read the scaling signal? For callers who can send it in a path only.

        Raises:
            TooManyTries: too many wrong keys came from there.
            Unavailable: that cannot be found out at the moment.
        """
        if self._believes_everybody:
            return False
        offered = Offered(x_api_key=key)
        return self._authenticator.authenticate(offered, address=self.proxies.address_of(request)).may(Scope.SCALING_READ)

    def parameters(self, operation: Operation) -> frozenset[str]:
        """The parameters of a query that are for the gate."""
        return frozenset({QUERY_KEY}) if operation.is_probe else frozenset()

    def _demanded(self, operation: Operation) -> Scope | None:
        """The scope that it takes; None where it is open to all."""
        if operation.is_probe and not self._probes_are_public:
            return Scope.SCALING_READ
        return operation.scope


def _offered(request: falcon.Request) -> Offered:
    return Offered(
        authorization=request.get_header("Authorization"),
        x_api_key=request.get_header("X-API-Key"),
        query_key=request.get_param(QUERY_KEY),
    )
