"""What must be right about authentication before townhall listens, and what its operator should know."""

from __future__ import annotations

from collections.abc import Iterator

from tinytown.config import AuthMode, TownhallAuth
from tinytown.errors import InvalidValue, SettingsError, Unavailable
from tinytown.town import Town

__all__ = ["check_auth"]


def check_auth(town: Town) -> list[str]:
    """Refuse settings under which every call would be refused; answers what to warn of.

    Raises:
        SettingsError: nobody could ever be let in, or a setting that is needed is not there.
    """
    auth = town.settings.townhall.auth
    match auth.mode:
        case AuthMode.NONE:
            return []
        case AuthMode.API_KEY:
            return [*_checked_hash(auth), *_checked_keys(town)]
        case AuthMode.OIDC:
            from tinytown.api.auth.tokens import TokenAuthenticator

            TokenAuthenticator.of(auth, town.desk.clock)
            return []


def _checked_hash(auth: TownhallAuth) -> Iterator[str]:
    from tinytown.services.key_hash import check_hash

    if auth.api_key_hash is None:
        return
    try:
        check_hash(auth.api_key_hash)
    except InvalidValue as error:
        raise SettingsError("townhall.auth.api_key_hash", error.why) from None
    if not auth.api_key_scopes:
        yield "townhall.auth.api_key_scopes is empty: the key of api_key_hash may do nothing; list its scopes"


def _checked_keys(town: Town) -> Iterator[str]:
    """There must be a key: the configured one, or a named one that is live."""
    if town.settings.townhall.auth.api_key_hash is not None:
        return
    try:
        is_any = any(key.is_live(town.desk.now()) for key in town.api_keys.list())
    except Unavailable as error:
        yield f"whether there is any API key cannot be seen: {error}"
        return
    if not is_any:
        raise SettingsError(
            "townhall.auth", "mode = api_key, and there is no key; `tt auth gen-key --name NAME --scope town.read` makes one"
        )
