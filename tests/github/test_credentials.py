"""Where the token comes from, and that nobody gets to see it."""

from __future__ import annotations

import logging
import os
import pickle
from pathlib import Path

import pytest

from tests.github.conftest import ISSUE, SHOP, Make
from tests.github.standin import StandIn
from tinytown.clock import SystemClock
from tinytown.config.missions import GitHubSettings
from tinytown.errors import GitHubRefused, GitHubUnavailable, TownError
from tinytown.github.credentials import Credentials, graphql_url
from tinytown.github.network import proxy_for


def token(env: dict[str, str], **settings: str) -> str | None:
    return Credentials(GitHubSettings(**settings), env, SystemClock()).token()  # type: ignore[arg-type]


@pytest.fixture
def gh(home: Path) -> dict[str, str]:
    """An environment with a `gh` that is logged in on two hosts."""
    program = home / "gh"
    program.write_text('#!/bin/sh\n[ "$1 $2 $3" = "auth token --hostname" ] || exit 1\necho "gho_of_$4"\n')
    program.chmod(0o700)
    return {"PATH": f"{home}{os.pathsep}{os.defpath}", "HOME": str(home)}


def test_the_nearest_token_is_taken(gh: dict[str, str]) -> None:
    env = {"GITHUB_TOKEN": " one\n", "GH_TOKEN": "two", **gh}

    assert token(env, token="three") == "three"
    assert token(env) == "one"
    assert token({**env, "GITHUB_TOKEN": "  "}) == "two"
    assert token(gh) == "gho_of_github.com"
    assert token(gh, host="git.acme.example") == "gho_of_git.acme.example"
    assert token({"GH_ENTERPRISE_TOKEN": "four", **env}, host="git.acme.example") == "four"
    assert token({"GH_ENTERPRISE_TOKEN": "four", **env}) == "one"


def test_without_gh_there_is_none() -> None:
    assert token({"PATH": "/nowhere"}) is None


@pytest.mark.parametrize("body", ["exit 1", "exec sleep 60", "kill -9 $$"])
def test_a_gh_that_fails_or_hangs_is_as_none(home: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Defect 16: it has its time limit, too."""
    monkeypatch.setattr("tinytown.github.credentials._GH_SECONDS", 0.2)
    (home / "gh").write_text(f"#!/bin/sh\n{body}\n")
    (home / "gh").chmod(0o700)

    assert token({"PATH": f"{home}{os.pathsep}{os.defpath}", "HOME": str(home)}) is None


def test_pull_requests_need_a_token_and_that_is_said(standin: StandIn, make: Make) -> None:
    with pytest.raises(GitHubRefused, match="takes a token: set GITHUB_TOKEN, or log in with `gh auth login`") as refused:
        make(token=None, env={"PATH": "/nowhere"}).pull(SHOP)

    assert refused.value.reason == "unauthorized"
    assert standin.asked() == 0


def test_a_new_login_is_noticed_after_the_old_token_was_refused(standin: StandIn, make: Make, home: Path, gh: dict[str, str]) -> None:
    standin.pull("acme/shop", 10)
    github = make(token=None, env=gh)
    with pytest.raises(GitHubRefused, match="not valid"):
        github.pull(SHOP)
    (home / "gh").write_text("#!/bin/sh\necho ghp_right\n")

    assert github.pull(SHOP).ref == SHOP


def test_a_token_that_can_be_none_is_refused_unseen(make: Make) -> None:
    """Or an HTTP library would show it in its complaint about the header."""
    with pytest.raises(GitHubRefused, match="what GITHUB_TOKEN holds has characters") as refused:
        make(token=None, env={"GITHUB_TOKEN": "ghp_secret\r\nX-Evil: 1"}).issue(ISSUE)

    assert "ghp_secret" not in str(refused.value)


def test_the_token_is_shown_nowhere(standin: StandIn, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """Not in errors, even if GitHub repeats it, not in logs, and not where objects are printed."""
    caplog.set_level(logging.DEBUG)
    standin.issue("acme/shop", 1)
    github = make()
    shown = [repr(github), repr(vars(github)), repr(github._pulls._requests._credentials)]
    errors: list[TownError] = []
    github.issue(ISSUE)
    for status in (401, 403, 404, 422, 500):
        standin.fail("issues", status, message=f"no ghp_right here {'x' * 500}")
    standin.garble("issues", '"ghp_right"')
    for _ in range(6):
        with pytest.raises((GitHubRefused, GitHubUnavailable)) as raised:
            github.issue(ISSUE)
        errors.append(raised.value)

    everything = [*shown, caplog.text, *(str(error) for error in errors), *(pickle.dumps(error).decode("latin-1") for error in errors)]

    assert [text for text in everything if "ghp_right" in text] == []
    assert "Bearer" not in caplog.text


def test_graphql_is_beside_the_third_version_of_an_enterprise_server() -> None:
    assert graphql_url("https://api.github.com") == "https://api.github.com/graphql"
    assert graphql_url("https://git.acme.example/api/v3/") == "https://git.acme.example/api/graphql"
    assert graphql_url("http://127.0.0.1:80") == "http://127.0.0.1:80/graphql"


def test_a_proxy_is_used_where_the_environment_names_one() -> None:
    env = {"HTTPS_PROXY": "proxy.acme.example:3128", "NO_PROXY": "localhost,.acme.example"}

    assert proxy_for("https://api.github.com", env) == "http://proxy.acme.example:3128"
    assert proxy_for("https://git.acme.example/api/v3", env) is None
    assert proxy_for("http://127.0.0.1:80", env) is None
    assert proxy_for("https://api.github.com", {"all_proxy": "http://other:1"}) == "http://other:1"


def test_requests_go_through_the_proxy(standin: StandIn, make: Make) -> None:
    """The stand-in plays the proxy, which is asked for the whole address."""
    with pytest.raises(GitHubRefused, match="no such thing"):
        make(api_url="http://github.example", env={"http_proxy": standin.url}).issue(ISSUE)

    assert standin.seen[0][0] == "GET http://github.example/repos/acme/shop/issues/1"
