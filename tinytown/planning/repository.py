"""A repository, and how git's remotes name it."""

from __future__ import annotations

import re

import msgspec

from tinytown.domain.objective import GITHUB, IssueRef

__all__ = ["Repository", "host_of", "repository_of"]

_NAMES = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,99})/([A-Za-z0-9_.-]{1,100})\Z")
_URL = re.compile(r"(?P<scheme>https?|ssh|git|git\+ssh|git\+https)://(?:[^/@\s]*@)?(?P<host>[^/@\s]+)/(?P<path>\S+)\Z", re.IGNORECASE)
_SCP = re.compile(r"(?:[^/@:\s]+@)?(?P<host>[^/@:\s]{2,}):(?P<path>[^\s]+)\Z")
_FRONT = re.compile(r"(?:www|ssh|redirect)\.(?=github\.com\Z)")
_SSH_ALIAS = re.compile(r"github\.com[-_].*\Z")


class Repository(msgspec.Struct, frozen=True):
    """A repository on GitHub, or on a server of its kind."""

    owner: str
    repo: str
    host: str = GITHUB

    def __str__(self) -> str:
        where = "" if self.host == GITHUB else f"{self.host}/"
        return f"{where}{self.owner}/{self.repo}"

    def issue(self, number: int) -> IssueRef:
        """One of its issues."""
        return IssueRef(self.owner, self.repo, number, self.host)


def repository_of(remote: str) -> Repository | None:
    """The repository that a git remote leads to; None if it is none of GitHub's form."""
    text = remote.strip()
    found = _URL.match(text)
    if found is not None:
        is_web = found["scheme"].lower() in {"http", "https"}
        host = host_of(found["host"] if is_web else found["host"].partition(":")[0])
    else:
        found = None if "://" in text else _SCP.match(text)
        if found is None:
            return None
        # ~/.ssh/config often has a `Host github.com-work` for a second account.
        host = _SSH_ALIAS.sub(GITHUB, host_of(found["host"]))
    names = _NAMES.match(found["path"].strip("/").removesuffix(".git"))
    if names is None or names[2] in {"", ".", ".."}:
        return None
    return Repository(names[1], names[2], host)


def host_of(text: str) -> str:
    """A host as it is compared: in lower case, without `www.` and the usual ports."""
    host = text.lower()
    host = host.removesuffix(":443").removesuffix(":80")
    return _FRONT.sub("", host)
