"""The stand-in's REST API: issues, pull requests, check runs, merges, in GitHub's shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.github.world import IssueRecord, PullRecord, Run, World

__all__ = ["Reply", "answer", "problem"]

PER_PAGE = 30


@dataclass
class Reply:
    """What is answered: a document, or a text."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


def problem(status: int, message: str, **headers: str) -> Reply:
    """A refusal as GitHub words it."""
    document = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return Reply(status, document, {name.replace("_", "-"): value for name, value in headers.items()})


def answer(world: World, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> Reply:
    """The answer to a request below the root of the API."""
    for expected, pattern, handler in _ROUTES:
        found = re.fullmatch(pattern, path)
        if found is not None and expected == method:
            return handler(_Asked(world, f"{found[1]}/{found[2]}", int(found[3]), query, body))
    return problem(404, "Not Found")


@dataclass
class _Asked:
    world: World
    repo: str
    number: int
    query: dict[str, str]
    body: dict[str, Any]

    @property
    def place(self) -> tuple[str, int]:
        return self.repo.lower(), self.number

    def page(self, items: list[Any]) -> list[Any]:
        size, page = int(self.query.get("per_page", PER_PAGE)), int(self.query.get("page", 1))
        return items[size * (page - 1) : size * page]

    def run(self) -> Run | None:
        runs = (run for pull in self.world.pulls.values() for checks in pull.checks.values() for run in checks if isinstance(run, Run))
        return next((run for run in runs if run.id == self.number), None)


def _issue(asked: _Asked) -> Reply:
    pull = asked.world.pulls.get(asked.place)
    if pull is not None:
        return Reply(200, _as_issue(pull))
    issue = asked.world.issues.get(asked.place)
    return problem(404, "Not Found") if issue is None else Reply(200, _shape(issue))


def _sub_issues(asked: _Asked) -> Reply:
    issue = asked.world.issues.get(asked.place)
    if issue is None:
        return problem(404, "Not Found")
    return Reply(200, asked.page([_shape(asked.world.issues[repo.lower(), number]) for repo, number in issue.sub_issues]))


def _pull(asked: _Asked) -> Reply:
    pull = asked.world.pulls.get(asked.place)
    if pull is None:
        return problem(404, "Not Found")
    document = {
        "number": pull.number,
        "title": pull.title,
        "state": "open" if pull.state == "OPEN" else "closed",
        "draft": pull.draft,
        "merged": pull.state == "MERGED",
        "merge_commit_sha": pull.merge_commit,
        "mergeable": {"MERGEABLE": True, "CONFLICTING": False}.get(pull.mergeable),
        "head": {"ref": pull.branch, "sha": pull.head},
        "base": {"ref": pull.base},
        "user": {"login": pull.author, "type": "User"},
        "html_url": f"https://github.com/{pull.repo}/pull/{pull.number}",
    }
    return Reply(200, document)


def _merge(asked: _Asked) -> Reply:
    pull = asked.world.pulls.get(asked.place)
    if pull is None:
        return problem(404, "Not Found")
    method = asked.body.get("merge_method", "merge")
    if method not in asked.world.merge_methods:
        return problem(405, f"{method.capitalize()} commits are not allowed on this repository.")
    if pull.state != "OPEN" or pull.draft or pull.mergeable != "MERGEABLE":
        return problem(405, "Pull Request is not mergeable")
    if asked.body.get("sha") not in {None, pull.head}:
        return problem(409, "Head branch was modified. Review and try the merge again.")
    return Reply(200, {"sha": asked.world.merge(pull), "merged": True, "message": "Pull Request successfully merged"})


def _check_run(asked: _Asked) -> Reply:
    run = asked.run()
    if run is None:
        return problem(404, "Not Found")
    output = {**run.output, "annotations_count": len(run.annotations)}
    return Reply(200, {"id": run.id, "name": run.name, "status": run.status, "conclusion": run.conclusion, "output": output})


def _annotations(asked: _Asked) -> Reply:
    run = asked.run()
    return problem(404, "Not Found") if run is None else Reply(200, asked.page(run.annotations))


def _log(asked: _Asked) -> Reply:
    run = asked.run()
    if run is None or not run.log:
        return problem(404, "Not Found")
    return Reply(302, "", {"Location": f"{asked.world.logs_url}/_standin/logs/{run.id}?signature=not-for-the-log"})


def _shape(issue: IssueRecord) -> dict[str, Any]:
    return {
        "number": issue.number,
        "title": issue.title,
        "body": issue.body,
        "state": issue.state,
        "state_reason": issue.state_reason,
        "labels": [{"id": position, "name": label, "color": "ededed"} for position, label in enumerate(issue.labels)],
        "user": {"login": "ada", "type": "User"},
        "repository_url": f"https://api.github.com/repos/{issue.repo}",
        "html_url": f"https://github.com/{issue.repo}/issues/{issue.number}",
        "sub_issues_summary": {"total": len(issue.sub_issues), "completed": 0, "percent_completed": 0},
    }


def _as_issue(pull: PullRecord) -> dict[str, Any]:
    issue = IssueRecord(pull.repo, pull.number, pull.title, state="open" if pull.state == "OPEN" else "closed")
    merged_at = "2026-01-01T00:00:00Z" if pull.state == "MERGED" else None
    return {
        **_shape(issue),
        "pull_request": {"url": f"https://api.github.com/repos/{pull.repo}/pulls/{pull.number}", "merged_at": merged_at},
    }


_REPO = r"/repos/([^/]+)/([^/]+)"
_ROUTES = (
    ("GET", rf"{_REPO}/issues/(\d+)", _issue),
    ("GET", rf"{_REPO}/issues/(\d+)/sub_issues", _sub_issues),
    ("GET", rf"{_REPO}/pulls/(\d+)", _pull),
    ("PUT", rf"{_REPO}/pulls/(\d+)/merge", _merge),
    ("GET", rf"{_REPO}/check-runs/(\d+)", _check_run),
    ("GET", rf"{_REPO}/check-runs/(\d+)/annotations", _annotations),
    ("GET", rf"{_REPO}/actions/jobs/(\d+)/logs", _log),
)
