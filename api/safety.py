"""Safety: what must hold before townhall listens, from its settings and where it is to listen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from tinytown.api.binding import Binding, Resolve, addresses_of, is_loopback
from tinytown.api.refusals import CannotListen, HashUnusable, KeyMissing, OidcIncomplete, OpenToAnybody, ScopeUnknown, UnsafeStart
from tinytown.api.tls import expires_at, server_context
from tinytown.config import AuthMode, TownhallSettings
from tinytown.config.townhall import TownhallAuth
from tinytown.domain.scope import Scope
from tinytown.errors import InvalidValue, TownError

__all__ = ["is_local", "problems", "settings_problems", "warnings"]

SOON = timedelta(days=14)

HasNamedKeys = Callable[[], bool | None]


def problems(
    settings: TownhallSettings,
    bindings: Sequence[Binding],
    root: Path | None,
    *,
    now: datetime,
    has_named_keys: HasNamedKeys = lambda: None,
    resolve: Resolve = addresses_of,
) -> list[TownError]:
    """Everything that forbids to start, the worst first; nothing if all is well.

    Args:
        settings: of townhall.
        bindings: where it is to listen.
        root: the town's directory.
        now: the time.
        has_named_keys: whether there are keys with names; None when Redis cannot tell.
        resolve: gives the addresses of a host.
    """
    found: list[TownError] = []
    for binding in bindings:
        try:
            if settings.auth.mode is AuthMode.NONE and not is_local(binding, resolve):
                found.append(OpenToAnybody(str(binding)))
        except CannotListen as error:
            found.append(error)
    try:
        server_context(settings, root, now)
    except UnsafeStart as error:
        found.append(error)
    return [*found, *settings_problems(settings.auth, has_named_keys)]


def settings_problems(auth: TownhallAuth, has_named_keys: HasNamedKeys = lambda: None) -> list[TownError]:
    """What forbids to start wherever it listens: callers could not be told apart as the settings say."""
    found: list[TownError] = []
    if auth.api_key_hash is not None and auth.api_key_hash.strip():
        fault = _fault_of_hash(auth.api_key_hash.strip())
        if fault is not None:
            found.append(HashUnusable(fault))
    elif auth.mode is AuthMode.API_KEY and has_named_keys() is False:
        found.append(KeyMissing())
    if auth.mode is AuthMode.OIDC:
        found += _oidc_problems(auth)
    for setting in ("api_key_scopes", "required_scopes"):
        found += [ScopeUnknown(setting, name, ", ".join(Scope)) for name in getattr(auth, setting) if not _is_scope(name)]
    return found


def warnings(
    settings: TownhallSettings, bindings: Sequence[Binding], root: Path | None, *, now: datetime, resolve: Resolve = addresses_of
) -> list[str]:
    """What an operator should know of a townhall that may start."""
    found = []
    if settings.auth.api_key_hash is not None and not settings.auth.api_key_scopes:
        found.append("[townhall.auth] api_key_scopes is empty: the key of api_key_hash may do nothing; list its scopes")
    if settings.auth.mode is not AuthMode.NONE and not settings.tls.enabled:
        found += [
            f"{binding} can be reached from other machines without TLS: whoever listens on the way reads keys and tokens; "
            "set [townhall.tls], or keep it behind a proxy that speaks TLS"
            for binding in bindings
            if not is_local(binding, resolve)
        ]
    ends = expires_at(settings, root)
    if ends is not None and ends - now < SOON:
        found.append(f"the certificate of townhall expires on {ends:%Y-%m-%d %H:%M} UTC; SIGHUP makes it read a new one")
    return found


def is_local(binding: Binding, resolve: Resolve = addresses_of) -> bool:
    """Whether only this machine can reach it: a unix socket, or loopback by every address that the host has."""
    return binding.path is not None or all(is_loopback(address) for address in resolve(binding.host))


def _fault_of_hash(text: str) -> str | None:
    """What is wrong with a hash; None for a good one."""
    from tinytown.services.key_hash import check_hash

    try:
        check_hash(text)
    except InvalidValue as error:
        return error.why
    return None


def _oidc_problems(auth: TownhallAuth) -> list[TownError]:
    found: list[TownError] = []
    if _blank(auth.issuer):
        found.append(OidcIncomplete("issuer is not set: whose tokens are to be believed"))
    if _blank(auth.audience):
        found.append(OidcIncomplete("audience is not set: tokens for any other service of the issuer would be let in"))
    for name, url in (("issuer", auth.issuer), ("jwks_url", auth.jwks_url)):
        if not _blank(url) and not _is_safe_url(str(url)):
            found.append(OidcIncomplete(f"{name} is {url!r}: keys must come over https://, or http:// from this machine"))
    return found


def _blank(text: str | None) -> bool:
    return text is None or not text.strip()


def _is_safe_url(url: str) -> bool:
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in {"localhost", "127.0.0.1", "::1"}))


def _is_scope(name: str) -> bool:
    return name.strip().replace(":", ".") in set(Scope)
