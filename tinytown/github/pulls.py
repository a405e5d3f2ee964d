"""Reads a pull request: one question, and further ones only for long lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from tinytown.clock import Clock
from tinytown.domain.objective import PullRef
from tinytown.domain.pull_request import Check, CheckState, Mergeable, PullRequest, PullState
from tinytown.errors import GitHubUnavailable, Unavailable
from tinytown.github.checks import FoundCheck, newest
from tinytown.github.excerpts import Excerpts
from tinytown.github.queries import CHECKS, COMMENTS, PULL, THREADS
from tinytown.github.remarks import bot_comments, decision, reviews, unresolved
from tinytown.github.requests import Requests
from tinytown.github.shapes import Context, Page, PullNode, Repository, RepositoryNode, Rollup

__all__ = ["Pulls"]

T = TypeVar("T")

MOST_PAGES = 50
MOST_EXCERPTS = 5
MERGEABLE = {"MERGEABLE": Mergeable.YES, "CONFLICTING": Mergeable.CONFLICTING}
STATES = {"OPEN": PullState.OPEN, "CLOSED": PullState.CLOSED, "MERGED": PullState.MERGED}


class Pulls:
    """Makes a snapshot of a pull request."""

    def __init__(self, requests: Requests, excerpts: Excerpts, clock: Clock) -> None:
        self._requests = requests
        self._excerpts = excerpts
        self._clock = clock

    def read(self, ref: PullRef) -> PullRequest:
        """The pull request as it is now."""
        node = _pull(self._ask(ref, PULL, {"number": ref.number, "after": None}))
        if node.state not in STATES or not node.head_ref_oid or node.review_threads is None or node.comments is None:
            raise GitHubUnavailable(f"what it says of {ref} is not complete", 30)
        threads = self._all(ref, THREADS, {"number": ref.number}, node.review_threads, lambda answer: _pull(answer).review_threads)
        comments = self._all(ref, COMMENTS, {"number": ref.number}, node.comments, lambda answer: _pull(answer).comments)
        return PullRequest(
            ref=ref,
            title=node.title,
            state=STATES[node.state],
            draft=node.is_draft,
            head=node.head_ref_oid,
            base=node.base_ref_name,
            branch=node.head_ref_name,
            checks=self._with_excerpts(ref, newest(self._contexts(ref, node))),
            decision=decision(node.review_decision),
            reviews=reviews([] if node.latest_opinionated_reviews is None else node.latest_opinionated_reviews.nodes),
            threads=tuple(unresolved(threads, node.author)),
            comments=tuple(bot_comments(comments)),
            mergeable=MERGEABLE.get(node.mergeable, Mergeable.UNKNOWN),
            merge_commit=None if node.merge_commit is None else node.merge_commit.oid,
            fetched_at=self._clock.now(),
        )

    def _contexts(self, ref: PullRef, node: PullNode) -> list[Context | None]:
        """The checks of the head, even just after a push, when GitHub's list of commits lags behind."""
        commits = [] if node.commits is None else [each.commit for each in node.commits.nodes if each is not None]
        variables = {"oid": node.head_ref_oid}
        if commits and commits[-1].oid == node.head_ref_oid:
            first = _contexts_of(commits[-1].status_check_rollup)
        else:
            first = _contexts_of(_rollup(self._ask(ref, CHECKS, {**variables, "after": None})))
        return self._all(ref, CHECKS, variables, first, lambda answer: _contexts_of(_rollup(answer)))

    def _with_excerpts(self, ref: PullRef, found: list[FoundCheck]) -> tuple[Check, ...]:
        """The checks, with what failed ones said as far as it can be had: that is never worth the whole snapshot."""
        said: dict[int, str] = {}
        with suppress(Unavailable):
            for position, each in [pair for pair in enumerate(found) if pair[1].check.state is CheckState.FAILURE][:MOST_EXCERPTS]:
                said[position] = self._excerpts.read(ref, each)
        return tuple(self._excerpts.beside(each.check, said.get(position, "")) for position, each in enumerate(found))

    def _all(
        self, ref: PullRef, query: str, variables: Mapping[str, Any], page: Page[T], further: Callable[[RepositoryNode], Page[T] | None]
    ) -> list[T | None]:
        """A whole list; half a list would make a check or a remark vanish, so it is all or an error."""
        nodes = list(page.nodes)
        for _ in range(MOST_PAGES):
            if not page.page_info.has_next_page:
                return nodes
            found = further(self._ask(ref, query, {**variables, "after": page.page_info.end_cursor}))
            if found is None:
                break
            page = found
            nodes += page.nodes
        raise GitHubUnavailable(f"the lists of {ref} have no end", 300)

    def _ask(self, ref: PullRef, query: str, variables: Mapping[str, Any]) -> RepositoryNode:
        answer = self._requests.query(str(ref), query, {"owner": ref.owner, "name": ref.repo, **variables}, Repository)
        if answer.repository is None:
            raise GitHubUnavailable(f"it says nothing of {ref}", 30)
        return answer.repository


def _pull(answer: RepositoryNode) -> PullNode:
    if answer.pull_request is None:
        raise GitHubUnavailable("it says nothing of the pull request", 30)
    return answer.pull_request


def _rollup(answer: RepositoryNode) -> Rollup | None:
    if answer.object is None:
        raise GitHubUnavailable("it does not know the head of the pull request yet", 10)
    return answer.object.status_check_rollup


def _contexts_of(rollup: Rollup | None) -> Page[Context]:
    return Page([]) if rollup is None else rollup.contexts
