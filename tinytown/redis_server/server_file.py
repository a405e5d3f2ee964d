"""The settings a server of ours is started with, as the text of its `redis.conf`."""

from __future__ import annotations

from collections.abc import Iterator

from tinytown.config import Persist, RedisAddress, RedisSettings
from tinytown.errors import SettingsError
from tinytown.redis_server.place import Place

__all__ = ["server_file"]

_SNAPSHOTS = ("3600 1", "300 100", "60 10000")


def server_file(redis: RedisSettings, address: RedisAddress, place: Place) -> str:
    """The text of the file; in it and not on the command line, which everybody can see, stands the password.

    Raises:
        SettingsError: TLS is asked for without a certificate or key.
    """
    lines = [*_process(place), *_listening(redis, address, place), *_durability(redis.persist)]
    return "# Written anew whenever the server is started: change tinytown.toml instead.\n" + "".join(
        f"{' '.join((name, *(_quoted(word) for word in words)))}\n" for name, *words in lines
    )


def _process(place: Place) -> Iterator[tuple[str, ...]]:
    yield "daemonize", "yes"
    yield "supervised", "no"
    yield "dir", str(place.directory)
    yield "pidfile", str(place.pid)
    yield "logfile", str(place.log)
    yield "loglevel", "notice"
    yield "always-show-logo", "no"
    yield "maxmemory-policy", "noeviction"


def _listening(redis: RedisSettings, address: RedisAddress, place: Place) -> Iterator[tuple[str, ...]]:
    if address.socket is not None:
        yield "port", "0"
        yield "unixsocket", str(address.socket)
        yield "unixsocketperm", "700"
        return
    yield "bind", *(redis.host if redis.bind is None else redis.bind).split()
    yield "protected-mode", "yes"
    if redis.tls_enabled:
        yield from _tls(redis, place)
    else:
        yield "port", str(redis.port)
    if address.password is not None:
        yield "requirepass", address.password


def _tls(redis: RedisSettings, place: Place) -> Iterator[tuple[str, ...]]:
    if redis.tls_cert is None or redis.tls_key is None:
        raise SettingsError("redis.tls_enabled", "a server with TLS needs redis.tls_cert and redis.tls_key")
    yield "port", "0"
    yield "tls-port", str(redis.port)
    yield "tls-cert-file", str(place.base / redis.tls_cert)
    yield "tls-key-file", str(place.base / redis.tls_key)
    if redis.tls_ca_cert is not None:
        yield "tls-ca-cert-file", str(place.base / redis.tls_ca_cert)
    # Clients show a password; by default the server would demand a certificate of them, too.
    yield "tls-auth-clients", "no"


def _durability(persist: Persist) -> Iterator[tuple[str, ...]]:
    logged = persist in {Persist.AOF, Persist.ALWAYS}
    yield "appendonly", "yes" if logged else "no"
    yield "appendfsync", "always" if persist is Persist.ALWAYS else "everysec"
    if persist is Persist.SNAPSHOT:
        yield from (("save", *moment.split()) for moment in _SNAPSHOTS)
    else:
        yield "save", ""
    if persist is Persist.NONE:
        # Neither read nor written: what an earlier setting saved stays as it is, for when it comes back.
        yield "dbfilename", "unused.rdb"


def _quoted(word: str) -> str:
    r"""The word as the server reads it: in quotes, with `\xHH` for what is not plain ASCII."""
    if word and all(byte.isalnum() or byte in "._-/:" for byte in word) and word.isascii():
        return word
    raw = word.encode("utf-8", "surrogateescape")
    return '"' + "".join(chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\' else f"\\x{byte:02x}" for byte in raw) + '"'
