"""How issues and pull requests are written: numbers, short forms and the addresses of their pages."""

from __future__ import annotations

import re

from tinytown.domain.objective import GITHUB, IssueRef, PullRef
from tinytown.errors import PlanRefused
from tinytown.planning.repository import Repository, host_of

__all__ = ["REFERENCE", "as_issue", "needs_default", "parse", "parse_issue", "pulls_in", "run_at", "taken_from"]

_OWNER = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"
_REPO = r"[A-Za-z0-9_.-]{1,100}"
_HOST = r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::[0-9]{1,5})?"
_PAGE = rf"{_OWNER}/{_REPO}/(?:issues|pulls?)/[0-9]{{1,16}}"
_TAIL = r"(?![A-Za-z0-9_])(?:[/?\#][^\s<>()\[\]\"'`]*)?"

REFERENCE = re.compile(
    rf"""
      (?:https?://(?:[^\s/@]{{1,200}}@)?(?P<host>{_HOST})|(?P<bare>(?=[^/\s]*[.:]){_HOST}(?=/{_PAGE})))
        (?P<api>/(?:api/v3/)?repos)?
        /(?P<owner>{_OWNER})/(?P<repo>{_REPO})/(?P<page>issues|pulls?)/(?P<number>[0-9]{{1,16}}){_TAIL}
    | (?:(?:(?P<short_host>{_HOST})/)?(?P<short_owner>{_OWNER})/(?P<short_repo>{_REPO}))?
        (?:\#|(?<![A-Za-z0-9_/.-])GH-)(?P<short_number>[0-9]{{1,16}})(?![A-Za-z0-9_])
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""An issue or a pull request in any form but the plain number."""

_SCHEME = re.compile(r"https?://|(?<![\w./@-])(?:www\.)?github\.com/", re.IGNORECASE)
_FULL_SHORT = re.compile(rf"(?<![\w./-])(?:{_HOST}/)?{_OWNER}/{_REPO}#[0-9]", re.IGNORECASE)
_MARK = re.compile(r"(?<![\w-])(?:PRs?|pull[ -]requests?)(?![\w-])(?:\s+(?:is|was|at|number|no\.?))?[ \t:=*_`(\[]{0,8}", re.IGNORECASE)
_IS_AN_ISSUE = re.compile(
    r"(?:closed?|closes|closing|fix|fixes|fixed|fixing|resolved?|resolves|resolving|issues?|tickets?)[\s:*_`(\[]{1,8}\Z", re.IGNORECASE
)
_SEPARATOR = re.compile(r"\s*,\s*(?:(?:and\b|&)\s*)?|[ \t]*\n?[ \t]*(?:&|;|/|\+|\band\b)\s*|[ \t]+", re.IGNORECASE)
_NUMBER = re.compile(r"#?([0-9]{1,16})\Z")
_NEEDS_DEFAULT = re.compile(r"<?\s*(?:#|GH-)?[0-9]+\s*>?\Z", re.IGNORECASE)
_LARGEST = 2**53


def needs_default(text: str) -> bool:
    """Is this a number alone, which means an issue of a default repository?"""
    return _NEEDS_DEFAULT.match(text.strip()) is not None


def parse(text: str, default: Repository | None = None, *, host: str = GITHUB) -> IssueRef | PullRef:
    """The issue or pull request that a text names, and nothing else.

    Args:
        text: a number, `#N`, `owner/repo#N`, `host/owner/repo#N` or the address of a page.
        default: the repository of a number that stands alone.
        host: where `owner/repo#N` is.

    Raises:
        PlanRefused: it names none, or needs a default repository.
    """
    plain = text.strip().removeprefix("<").removesuffix(">").strip()
    if default is None and needs_default(plain):
        raise PlanRefused((f"{_shown(text)} does not say of which repository: write owner/repo#{plain.lstrip('#GHgh-')}",))
    found = REFERENCE.fullmatch(f"#{plain}" if _NUMBER.match(plain) and not plain.startswith("#") else plain)
    ref = None if found is None else taken_from(found, default, host=host)
    if ref is None:
        raise PlanRefused((f"{_shown(text)} names no issue: write #12, owner/repo#12 or the address of its page",))
    return ref


def parse_issue(text: str, default: Repository | None = None, *, host: str = GITHUB) -> IssueRef:
    """The issue that a text names.

    Raises:
        PlanRefused: it names none, or a pull request.
    """
    ref = parse(text, default, host=host)
    if isinstance(ref, PullRef):
        raise PlanRefused((f"{ref} is a pull request; a mission works on issues: name the issue that it is for",))
    return ref


def as_issue(ref: IssueRef | PullRef) -> IssueRef:
    """The same number as an issue: GitHub counts both together."""
    return IssueRef(ref.owner, ref.repo, ref.number, ref.host)


def taken_from(found: re.Match[str], default: Repository | None = None, *, host: str = GITHUB) -> IssueRef | PullRef | None:
    """What a match of `REFERENCE` names; None if it needs a default or cannot be."""
    if found["number"] is None:
        return _short(found, default, host)
    number, repo = int(found["number"]), found["repo"]
    if not 1 <= number <= _LARGEST or repo in {".", ".."}:
        return None
    where = host_of(found["bare"] if found["host"] is None else found["host"])
    if found["api"] is not None:
        where = where.removeprefix("api.")
    kind = PullRef if found["page"].lower().startswith("pull") else IssueRef
    return kind(found["owner"], repo, number, where)


def _short(found: re.Match[str], default: Repository | None, host: str) -> IssueRef | None:
    number, repo = int(found["short_number"]), found["short_repo"]
    if not 1 <= number <= _LARGEST or repo in {".", ".."}:
        return None
    if repo is None:
        return None if default is None else default.issue(number)
    return IssueRef(found["short_owner"], repo, number, host if found["short_host"] is None else host_of(found["short_host"]))


def run_at(text: str, start: int) -> tuple[tuple[re.Match[str], ...], int]:
    """The list of references that begins there, as matches, and where it ends.

    Between two of them stand commas, `&`, `and`, or spaces.
    """
    named: list[re.Match[str]] = []
    at = end = start
    while (found := REFERENCE.match(text, at)) is not None:
        named.append(found)
        end = _without_stop(text, found)
        separator = _SEPARATOR.match(text, end)
        at = end if separator is None else separator.end()
    return tuple(named), end


def pulls_in(text: str, default: Repository | None = None) -> tuple[PullRef, ...]:
    """The pull requests that the result of a task names, in order of appearance.

    Addresses of pages count before all else. Without any, `PR #12` and the like do, and
    without those, `owner/repo#12` where the text does not say that it is an issue.
    """
    host = GITHUB if default is None else default.host
    marked = (found for mark in _MARK.finditer(text) for found in run_at(text, mark.end())[0] if found["page"] is None)
    short = (found.start() for found in _FULL_SHORT.finditer(text))
    unsaid = (REFERENCE.match(text, at) for at in short if not _IS_AN_ISSUE.search(text[max(0, at - 40) : at]))
    pages = (REFERENCE.match(text, found.start()) for found in _SCHEME.finditer(text))
    for matches in ((page for page in pages if page is not None and str(page["page"]).lower().startswith("pull")), marked, unsaid):
        pulls = [ref for found in matches if found is not None and (ref := taken_from(found, default, host=host)) is not None]
        if pulls:
            break
    unique: dict[str, PullRef] = {}
    for ref in pulls:
        unique.setdefault(ref.key, PullRef(ref.owner, ref.repo, ref.number, ref.host))
    return tuple(unique.values())


def _without_stop(text: str, found: re.Match[str]) -> int:
    """Where the reference ends: a comma or full stop behind an address is not its own."""
    end = found.end()
    while found["number"] is not None and end > found.end("number") and text[end - 1] in ".,;:!?*_":
        end -= 1
    return end


def _shown(text: str) -> str:
    return repr(text if len(text) <= 100 else f"{text[:80]}…")
