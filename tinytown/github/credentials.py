"""Who we are to GitHub, and where it is: addresses and the token, which is shown to nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from threading import Lock

from tinytown.clock import Clock
from tinytown.config.missions import GitHubSettings
from tinytown.config.redact import MASK
from tinytown.domain.objective import GITHUB
from tinytown.errors import GitHubRefused

__all__ = ["HOW_TO_GET_ONE", "Credentials", "graphql_url", "token_of_gh"]

HOW_TO_GET_ONE = "set GITHUB_TOKEN, or log in with `gh auth login`"

_REMEMBERED_SECONDS = 300.0
_GH_SECONDS = 5.0


class Credentials:
    """The token of one host, looked for when it is first needed; threads may share it."""

    def __init__(self, settings: GitHubSettings, env: Mapping[str, str], clock: Clock) -> None:
        self.host = settings.host.lower()
        self._settings = settings
        self._env = env
        self._clock = clock
        self._found: tuple[str | None, float] | None = None
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"Credentials({self.host}, token={MASK})"

    def token(self) -> str | None:
        """The token, or None when there is none.

        Raises:
            GitHubRefused: what was found can be no token.
        """
        with self._lock:
            if self._found is None or self._found[1] <= self._clock.monotonic():
                self._found = (self._look(), self._clock.monotonic() + _REMEMBERED_SECONDS)
            return self._found[0]

    def forget(self) -> None:
        """Look for the token again when it is needed next: it was refused, and its owner may have got another."""
        with self._lock:
            self._found = None

    @property
    def who(self) -> str:
        """A name for the owner of the token that is no secret: limits and answers are kept for each."""
        token = self.token()
        known = f"{self._settings.api_url} {'' if token is None else token}"
        return sha256(known.encode()).hexdigest()[:16]

    def _look(self) -> str | None:
        for source, value in self._candidates():
            token = value.strip()
            if token and not (token.isascii() and token.isprintable() and " " not in token):
                raise GitHubRefused("the token", f"what {source} holds has characters that no token has", "unauthorized")
            if token:
                return token
        return None

    def _candidates(self) -> Iterator[tuple[str, str]]:
        if self._settings.token is not None:
            yield "the setting [github] token", self._settings.token
        of_the_company = () if self.host == GITHUB else ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
        for name in (*of_the_company, "GITHUB_TOKEN", "GH_TOKEN"):
            yield name, self._env.get(name, "")
        yield "`gh auth token`", token_of_gh(self.host, self._env)


def token_of_gh(host: str, env: Mapping[str, str]) -> str:
    """What `gh auth token` says; empty without gh, or when nobody has logged in there."""
    from shutil import which
    from subprocess import DEVNULL, PIPE, SubprocessError, run

    program = which("gh", path=env.get("PATH"))
    if program is None:
        return ""
    try:
        done = run(
            [program, "auth", "token", "--hostname", host],
            env=dict(env), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, timeout=_GH_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, ValueError, SubprocessError):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def graphql_url(api_url: str) -> str:
    """Where GraphQL is spoken: on Enterprise servers it is beside the REST API's `/v3`, not below it."""
    url = api_url.rstrip("/")
    return f"{url.removesuffix('/v3')}/graphql" if url.endswith("/api/v3") else f"{url}/graphql"
