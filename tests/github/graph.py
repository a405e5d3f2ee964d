"""The stand-in's GraphQL: our four questions, told apart by their names, answered in GitHub's shapes, page by page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from tests.github.world import Account, PullRecord, Remark, Review, Run, Status, Thread, World

__all__ = ["PAGE", "answer"]

PAGE = 100


def answer(world: World, body: dict[str, Any], allowed: Callable[[str], bool]) -> dict[str, Any]:
    """The answer to a query, with its errors beside the data."""
    named = re.search(r"query (\w+)\(", body.get("query", ""))
    variables = body.get("variables", {})
    if named is None or named[1] not in _QUESTIONS:
        said = "Field 'nonsense' doesn't exist on type 'Query'"
        return {"errors": [{"message": said, "extensions": {"code": "undefinedField"}}]}
    repo = f"{variables['owner']}/{variables['name']}"
    if not allowed(repo):
        said = "Resource not accessible by personal access token"
        return {"data": {"repository": {"pullRequest": None}}, "errors": [{"type": "FORBIDDEN", "path": ["repository"], "message": said}]}
    if not any(place == repo.lower() for place, _ in (*world.pulls, *world.issues)):
        said = f"Could not resolve to a Repository with the name '{repo}'."
        return {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "path": ["repository"], "message": said}]}
    return _QUESTIONS[named[1]](world, repo.lower(), variables)


def _pull_question(world: World, repo: str, variables: dict[str, Any]) -> dict[str, Any]:
    return _of_pull(world, repo, variables, _whole)


def _threads_question(world: World, repo: str, variables: dict[str, Any]) -> dict[str, Any]:
    return _of_pull(world, repo, variables, lambda pull, after: {"reviewThreads": _page(pull.threads, after, _thread(pull))})


def _comments_question(world: World, repo: str, variables: dict[str, Any]) -> dict[str, Any]:
    return _of_pull(world, repo, variables, lambda pull, after: {"comments": _page(pull.comments, after, _remark(pull))})


def _checks_question(world: World, repo: str, variables: dict[str, Any]) -> dict[str, Any]:
    for (place, _), pull in world.pulls.items():
        if place == repo and (variables["oid"] == pull.head or variables["oid"] in pull.checks):
            return {"data": {"repository": {"object": {"statusCheckRollup": _rollup(pull, variables["oid"], variables["after"])}}}}
    return {"data": {"repository": {"object": None}}}


def _of_pull(
    world: World, repo: str, variables: dict[str, Any], shape: Callable[[PullRecord, str | None], dict[str, Any]]
) -> dict[str, Any]:
    pull = world.pulls.get((repo, variables["number"]))
    if pull is None:
        said = f"Could not resolve to a PullRequest with the number of {variables['number']}."
        missing = {"type": "NOT_FOUND", "path": ["repository", "pullRequest"], "locations": [{"line": 1, "column": 1}], "message": said}
        return {"data": {"repository": {"pullRequest": None}}, "errors": [missing]}
    return {"data": {"repository": {"pullRequest": shape(pull, variables["after"])}}}


def _whole(pull: PullRecord, after: str | None) -> dict[str, Any]:
    shown = pull.head if pull.lags_behind is None else pull.lags_behind
    latest = {each.author.login if each.author is not None else each.id: each for each in pull.reviews if each.state != "COMMENTED"}
    return {
        "title": pull.title,
        "state": pull.state,
        "isDraft": pull.draft,
        "mergeable": pull.mergeable,
        "reviewDecision": pull.decision,
        "headRefOid": pull.head,
        "headRefName": pull.branch,
        "baseRefName": pull.base,
        "author": {"__typename": "User", "login": pull.author},
        "mergeCommit": None if pull.merge_commit is None else {"oid": pull.merge_commit},
        "latestOpinionatedReviews": {"nodes": [_review(each) for each in latest.values() if _association(pull, each.author) != "NONE"]},
        "commits": {"nodes": [{"commit": {"oid": shown, "statusCheckRollup": _rollup(pull, shown, after)}}]},
        "reviewThreads": _page(pull.threads, after, _thread(pull)),
        "comments": _page(pull.comments, after, _remark(pull)),
    }


def _rollup(pull: PullRecord, commit: str, after: str | None) -> dict[str, Any] | None:
    checks = pull.checks.get(commit, [])
    return {"contexts": _page(checks, after, _context)} if checks else None


def _page(nodes: Sequence[Any], after: str | None, shape: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    begin = 0 if after is None else int(after.removeprefix("cursor:"))
    shown = nodes[begin : begin + PAGE]
    end = begin + len(shown)
    info = {"hasNextPage": end < len(nodes), "endCursor": f"cursor:{end}" if shown else None}
    return {"pageInfo": info, "nodes": [shape(node) for node in shown]}


def _context(check: Run | Status) -> dict[str, Any]:
    if isinstance(check, Status):
        return {
            "__typename": "StatusContext",
            "id": f"SC_{check.id}",
            "context": check.context,
            "state": check.state.upper(),
            "description": check.description or None,
            "targetUrl": f"https://ci.example/{check.id}",
            "createdAt": f"2026-01-01T00:{check.id // 60 % 60:02}:{check.id % 60:02}Z",
        }
    run = None if check.workflow is None else {"event": check.event, "workflow": {"name": check.workflow}}
    return {
        "__typename": "CheckRun",
        "databaseId": check.id,
        "name": check.name,
        "status": check.status.upper(),
        "conclusion": None if check.conclusion is None else check.conclusion.upper(),
        "detailsUrl": f"https://github.com/runs/{check.id}",
        "checkSuite": {"app": {"slug": check.app}, "workflowRun": run},
    }


def _review(review: Review) -> dict[str, Any]:
    return {
        "id": f"PRR_{review.id}",
        "state": review.state,
        "body": review.body,
        "submittedAt": review.at.isoformat().replace("+00:00", "Z"),
        "commit": None if review.commit is None else {"oid": review.commit},
        "author": _author(review.author),
    }


def _thread(pull: PullRecord) -> Callable[[Thread], dict[str, Any]]:
    def shape(thread: Thread) -> dict[str, Any]:
        first = {"id": f"IC_{thread.remarks[0].id}"}
        said = [
            {**_remark(pull)(each), "state": "PENDING" if each.pending else "SUBMITTED", "replyTo": None if number == 0 else first}
            for number, each in enumerate(thread.remarks)
        ][-10:]
        return {"isResolved": thread.resolved, "path": thread.path, "line": thread.line, "comments": {"nodes": said}}

    return shape


def _remark(pull: PullRecord) -> Callable[[Remark], dict[str, Any]]:
    return lambda remark: {
        "id": f"IC_{remark.id}",
        "body": remark.body,
        "url": f"https://github.com/{pull.repo}/pull/{pull.number}#issuecomment-{remark.id}",
        "isMinimized": remark.minimized,
        "authorAssociation": _association(pull, remark.author),
        "author": _author(remark.author),
    }


def _association(pull: PullRecord, account: Account | None) -> str:
    return "NONE" if account is not None and account.login in pull.strangers else "COLLABORATOR"


def _author(account: Account | None) -> dict[str, str] | None:
    return None if account is None else {"__typename": "Bot" if account.is_bot else "User", "login": account.login}


_QUESTIONS = {
    "PullRequest": _pull_question,
    "Checks": _checks_question,
    "Threads": _threads_question,
    "Comments": _comments_question,
}
