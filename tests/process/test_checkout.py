"""The checkout: a clone comes into an empty directory, whole or not at all, and secrets into no file and no argument."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_server.processes import is_running
from tests.waiting import wait_until
from tinytown.errors import SettingsError, Unavailable
from tinytown.process import Signals, fill_working_directory

PATH = os.environ["PATH"]
FILLING = """\
import logging, os
from tinytown.process import Signals, fill_working_directory
logging.basicConfig(level=logging.INFO)
with Signals() as signals:
    fill_working_directory(None, dict(os.environ), signals)
"""


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """A bare repository: a first commit with the tag `v1`, a second one on `main`, and a branch `draft` with a third."""
    return Git(tmp_path)


class Git:
    """A repository that can be cloned from this machine."""

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "origin.git"
        self.work = folder / "origin"
        self("init", "--quiet", "--initial-branch=main", str(self.work), at=folder)
        self.first = self._commit("one", "hello\n")
        self("tag", "v1")
        self.second = self._commit("two", "hello again\n")
        self("switch", "--quiet", "--create", "draft")
        self._commit("three", "a draft\n")
        self("switch", "--quiet", "main")
        self("clone", "--quiet", "--bare", str(self.work), str(self.bare), at=folder)

    @property
    def url(self) -> str:
        """Its address."""
        return self.bare.as_uri()

    def __call__(self, *words: str, at: Path | None = None) -> str:
        """Call git in the work tree, or elsewhere."""
        env = {
            "PATH": PATH, "HOME": str(self.work.parent), "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b", "GIT_CONFIG_NOSYSTEM": "1",
        }  # fmt: skip
        return subprocess.run(
            ["git", *words], cwd=self.work if at is None else at, env=env, check=True, capture_output=True, text=True
        ).stdout.strip()

    def _commit(self, message: str, text: str) -> str:
        (self.work / "README").write_text(text)
        self("add", "README")
        self("commit", "--quiet", "-m", message)
        return self("rev-parse", "HEAD")


class Fill:
    """Fills a directory, `place` if no other is given, as the environment says."""

    def __init__(self, folder: Path, signals: Signals) -> None:
        self.place = folder / "new" / "workspace"
        self._signals = signals

    def __call__(self, url: str, *, at: Path | None = None, **said: str) -> bool:
        """Whether it was filled, or found so."""
        place = self.place if at is None else at
        env = {"PATH": PATH, "HOME": str(self.place.parent.parent), "TINYTOWN_TOWN_DIR": str(place), "TINYTOWN_REPO_URL": url, **said}
        return fill_working_directory(None, env, self._signals)


@pytest.fixture
def fill(tmp_path: Path) -> Iterator[Fill]:
    """Fills directories, and is not told to end."""
    with Signals() as signals:
        yield Fill(tmp_path, signals)


@pytest.mark.parametrize(("ref", "text"), [("", "hello again\n"), ("v1", "hello\n"), ("draft", "a draft\n"), ("FIRST", "hello\n")])
def test_an_empty_directory_is_filled_at_a_branch_a_tag_or_a_commit(git: Git, fill: Fill, ref: str, text: str) -> None:
    place = fill.place

    filled = fill(git.url, TINYTOWN_REPO_REF=git.first if ref == "FIRST" else ref)

    assert filled
    assert (place / "README").read_text() == text
    assert git("status", "--porcelain", at=place) == ""
    assert {entry.name for entry in place.iterdir()} == {".git", ".tt", "README"}


def test_a_clone_of_it_is_left_as_it_is(git: Git, fill: Fill) -> None:
    """Agents may have work in there."""
    place = fill.place
    fill(git.url)
    (place / "README").write_text("in the making\n")

    again = fill(git.url.removesuffix(".git") + "/", TINYTOWN_REPO_REF="v1")

    assert again
    assert (place / "README").read_text() == "in the making\n"


def test_a_directory_with_something_else_is_refused(git: Git, fill: Fill) -> None:
    place = fill.place
    place.mkdir(parents=True)
    (place / "thesis.txt").touch()

    with pytest.raises(SettingsError, match="workspace is not empty and no clone of"):
        fill(git.url)
    with pytest.raises(SettingsError, match="origin is a clone of no other repository, and not of"):
        fill(git.url, at=git.work)

    assert [entry.name for entry in place.iterdir()] == ["thesis.txt"]


def test_a_new_volume_counts_as_empty(git: Git, fill: Fill) -> None:
    (fill.place / "lost+found").mkdir(parents=True)

    assert fill(git.url)


def test_one_that_was_cut_short_is_made_whole(git: Git, tmp_path: Path, fill: Fill) -> None:
    """Once in the middle of cloning, once in the middle of moving the clone to its place."""
    cloning, moving = tmp_path / "cloning", tmp_path / "moving"
    (cloning / ".tt" / "clone.part" / ".git").mkdir(parents=True)
    (moving / ".tt").mkdir(parents=True)
    git("clone", "--quiet", git.url, str(moving / ".tt" / "clone"))
    (moving / ".tt" / "clone" / ".git").rename(moving / ".git")

    for place in (cloning, moving):
        assert fill(git.url, at=place)

    assert [git("status", "--porcelain", at=place) for place in (cloning, moving)] == ["", "?? .tt/"]
    assert [(place / "README").read_text() for place in (cloning, moving)] == ["hello again\n"] * 2


def test_git_that_outlives_a_killed_worker_is_waited_for(git: Git, tmp_path: Path, fill: Fill) -> None:
    place, slow = fill.place, _program(tmp_path, 'echo $$ > "$HOME/pid"; exec sleep 600')
    env = {"PATH": f"{slow}:{PATH}", "HOME": str(tmp_path), "TINYTOWN_TOWN_DIR": str(place), "TINYTOWN_REPO_URL": git.url}
    first = subprocess.Popen([sys.executable, "-c", FILLING], env=env, stderr=subprocess.DEVNULL)
    pid = tmp_path / "pid"
    wait_until(lambda: pid.exists() and pid.read_text().strip())
    first.kill()
    first.wait()
    orphan = int(pid.read_text())

    second = subprocess.Popen([sys.executable, "-c", FILLING], env={**env, "PATH": PATH}, stderr=subprocess.PIPE, text=True)
    assert second.stderr is not None
    waiting, was_running = second.stderr.readline(), is_running(orphan)
    os.kill(orphan, signal.SIGKILL)
    status = second.wait(20)
    second.stderr.close()

    assert waiting.endswith(f"waiting for another process that clones into {place}\n")
    assert was_running
    assert status == 0
    assert (place / "README").read_text() == "hello again\n"


def test_who_is_told_to_end_leaves_nothing_that_counts(git: Git, tmp_path: Path, fill: Fill) -> None:
    slow = _program(tmp_path, f"kill -TERM {os.getpid()}; exec sleep 600")

    ended = fill(git.url, PATH=f"{slow}:{PATH}")

    assert not ended
    with Signals() as signals:
        assert Fill(tmp_path, signals)(git.url)


@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        pytest.param("https://me:s3cret@git.example/a.git", "", "me:s3cret", id="in the address"),
        pytest.param("https://s3cret@git.example/a", "", "s3cret:", id="as a user"),
        pytest.param("https://github.com/a/b", "s3cret", "x-access-token:s3cret", id="GitHub"),
        pytest.param("https://git.example/a", "s3cret", "", id="nobody else is told"),
        pytest.param("http://github.com/a", "s3cret", "", id="nor anybody on the way"),
    ],
)
def test_who_is_let_in_is_in_no_argument_and_in_no_log(tmp_path: Path, fill: Fill, url: str, token: str, said: str) -> None:
    """Git is told by its environment; what it repeats of that is masked."""
    seen, shown = tmp_path / "seen", url.replace("me:s3cret@", "").replace("s3cret@", "")
    fake = _program(tmp_path, f'echo "$*" > {seen}; echo "$GIT_CONFIG_VALUE_0" >> {seen}; echo "bad $GIT_CONFIG_VALUE_0" >&2; exit 1')

    with pytest.raises(Unavailable) as refused:
        fill(url, GITHUB_TOKEN=token, PATH=f"{fake}:{PATH}")

    header = f"Authorization: Basic {b64encode(said.encode()).decode()}" if said else ""
    assert seen.read_text().splitlines() == [f"clone --quiet -- {shown} {fill.place}/.tt/clone.part", header]
    assert str(refused.value) == f"{shown} cannot be cloned: bad{' Authorization: Basic ****' if said else ''}"


@pytest.mark.parametrize(
    ("said", "error", "why"),
    [
        pytest.param({"url": "-x"}, SettingsError, "TINYTOWN_REPO_URL: is no address", id="an option"),
        pytest.param({"url": "https://h:x/y"}, SettingsError, "TINYTOWN_REPO_URL: .*no address", id="no port"),
        pytest.param({"url": "ssh://a:b@h/y"}, SettingsError, r"ssh://a:\*\*\*\*@h/y: only an https", id="a password"),
        pytest.param({"TINYTOWN_REPO_REF": "--x"}, SettingsError, "TINYTOWN_REPO_REF: '--x' is the name of no branch", id="a flag"),
        pytest.param({"TINYTOWN_REPO_REF": "nowhere"}, SettingsError, "TINYTOWN_REPO_REF: .*no branch, tag or commit 'nowhere'", id="none"),
        pytest.param({"url": "file:///nowhere/at/all"}, Unavailable, "cannot be cloned: .*nowhere", id="no repository"),
        pytest.param({"PATH": "/nowhere"}, SettingsError, "git is needed to clone it", id="no git"),
    ],
)
def test_what_cannot_be_is_said(git: Git, fill: Fill, said: dict[str, str], error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        fill(said.pop("url", git.url), at=fill.place, **said)


def _program(folder: Path, script: str) -> Path:
    """A folder with a `git` that does something else."""
    programs = folder / "programs"
    programs.mkdir()
    program = programs / "git"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return programs
