"""Doors of the stand-in for programs that are no test: scripted agents open pull requests and push through them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tests.github.rest import Reply, problem
from tests.github.world import PullRecord, World

__all__ = ["knock"]


def knock(world: World, verb: str, body: dict[str, Any]) -> Reply:
    """Do what `POST /_standin/<verb>` asks for.

    All name the repository by `repo`, and all but `pulls` and `issues` the pull
    request by `number`, or by `branch`. `pulls` takes `branch`, `issue`, `title`,
    and opens none where that branch has an open one.
    """
    if verb == "issues":
        made = world.issue(**body)
        return Reply(201, {"number": made.number})
    if verb == "pulls":
        return Reply(201, _shown(_opened(world, body)))
    pull = _named(world, body)
    act: Callable[..., Any] | None = getattr(world, verb, None) if verb in _VERBS else None
    if act is None or pull is None:
        return problem(404, "no such verb, or no such pull request")
    known = inspect.signature(act).parameters
    act(pull, **{name: value for name, value in body.items() if name in known})
    return Reply(200, _shown(pull))


_VERBS = {"push", "check", "status", "review", "thread", "comment", "conflict", "merge", "close", "settle"}


def _opened(world: World, body: dict[str, Any]) -> PullRecord:
    known = _named(world, {"repo": body["repo"], "branch": body["branch"]})
    if known is not None and known.state == "OPEN":
        return known
    return world.pull(body["repo"], branch=body["branch"], closes=body.get("issue"), title=body.get("title", "A pull request"))


def _named(world: World, body: dict[str, Any]) -> PullRecord | None:
    repo = str(body.get("repo", "")).lower()
    if "number" in body:
        return world.pulls.get((repo, int(body["number"])))
    fitting = [pull for (place, _), pull in world.pulls.items() if place == repo and pull.branch == body.get("branch")]
    return fitting[-1] if fitting else None


def _shown(pull: PullRecord) -> dict[str, Any]:
    url = f"https://github.com/{pull.repo}/pull/{pull.number}"
    return {"number": pull.number, "url": url, "head": pull.head, "state": pull.state, "mergeable": pull.mergeable}
