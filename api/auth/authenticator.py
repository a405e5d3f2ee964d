"""The one question of every protected call: who is it?"""

from __future__ import annotations

from typing import Protocol

from tinytown.api.auth.credentials import Offered
from tinytown.config import AuthMode
from tinytown.domain.principal import LOCAL, Principal
from tinytown.town import Town

__all__ = ["Authenticator", "authenticator_for"]


class Authenticator(Protocol):
    """Knows callers in one of the ways that there are; threads share it."""

    def authenticate(self, offered: Offered, *, address: str | None, in_query: bool = False) -> Principal:
        """Say who is calling.

        Args:
            offered: the credentials of the request.
            address: where it comes from, by which wrong keys are counted.
            in_query: whether a key in the query counts, as for probes.

        Raises:
            Unauthenticated: nobody that we know; the same for missing and wrong credentials.
            TooManyTries: too many wrong keys came from that address.
            TooManyRequests: more keys have to be verified than can be.
            Forbidden: a token lacks one of the scopes that every token must have.
            RedisUnavailable: a key cannot be looked up at the moment.
            IdentityProviderUnavailable: no token can be checked at the moment.
        """
        ...


class _Everybody:
    """Believes everybody, who may do everything."""

    def authenticate(self, offered: Offered, *, address: str | None, in_query: bool = False) -> Principal:
        del offered, address, in_query
        return LOCAL


def authenticator_for(town: Town) -> Authenticator:
    """What the settings of the town ask for; make one for each process.

    Raises:
        SettingsError: what that way needs is not set.
    """
    match town.settings.townhall.auth.mode:
        case AuthMode.NONE:
            return _Everybody()
        case AuthMode.API_KEY:
            from tinytown.api.auth.keys import KeyAuthenticator

            return KeyAuthenticator(town)
        case AuthMode.OIDC:
            from tinytown.api.auth.tokens import TokenAuthenticator

            return TokenAuthenticator.of(town.settings.townhall.auth, town.desk.clock)
