"""A sight: what one watch makes of a pull request; facts in, a judgement out."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import msgspec

from tinytown.domain.mission import NoChecks, Policy
from tinytown.domain.pull_request import CheckState, Comment, Mergeable, PullRequest, PullState, ReviewDecision
from tinytown.domain.watch import WatchKind

__all__ = ["DRAFT", "MERGEABLE", "UNSETTLED", "Sight", "look"]

MERGEABLE = "mergeable"
DRAFT = "a draft"
UNSETTLED = "a reviewer on GitHub wants changes and has not looked again"
_LONGEST = 4000


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What a watch saw: in words, whether that is all it waits for, and what has to be mended.

    `marks` are what it will not trigger for again.
    """

    finding: str
    is_complete: bool = False
    evidence: str = ""
    marks: tuple[str, ...] = ()


def look(kind: WatchKind, pull: PullRequest, *, seen: AbstractSet[str], since: datetime, now: datetime, policy: Policy) -> Sight:
    """What a watch of that kind makes of a pull request.

    Args:
        kind: which aspect.
        pull: as GitHub shows it.
        seen: the marks that have triggered already.
        since: when its head commit was first seen.
        now: the moment.
        policy: what no checks at all mean.
    """
    if pull.state is not PullState.OPEN:
        return Sight(finding=pull.state.value, is_complete=pull.state is PullState.MERGED)
    if kind is WatchKind.PR_CHECKS:
        return _checks(pull, seen, since, now, policy)
    if kind is WatchKind.BUGBOT_COMMENTS:
        reviewing = [remark for remark in pull.comments if any(name in remark.author.lower() for name in policy.review_bots)]
        remarks = tuple(remark for remark in (*pull.threads, *reviewing) if remark.is_bot)
        return _remarks(pull, remarks, seen, good=_are_good(pull, since, now, policy), whose="programs")
    if kind is WatchKind.REVIEW_COMMENTS:
        return _reviews(pull, seen, since, now, policy)
    return _mergeability(pull, seen)


def _are_good(pull: PullRequest, since: datetime, now: datetime, policy: Policy) -> bool | None:
    """Whether the checks of the head are good; None while that is open."""
    if any(check.state is CheckState.FAILURE for check in pull.checks):
        return False
    if any(check.state is CheckState.PENDING for check in pull.checks):
        return None
    if pull.checks:
        return True
    waited = now - since >= timedelta(seconds=policy.no_checks_grace_secs)
    return True if policy.no_checks is NoChecks.PASS and waited else None


def _checks(pull: PullRequest, seen: AbstractSet[str], since: datetime, now: datetime, policy: Policy) -> Sight:
    good = _are_good(pull, since, now, policy)
    if good is None:
        waiting = sum(check.state is CheckState.PENDING for check in pull.checks)
        return Sight(
            finding=f"checks that have not finished: {waiting} of {len(pull.checks)}" if pull.checks else "there are no checks yet"
        )
    if good:
        return Sight(finding="the checks are good" if pull.checks else "there are no checks", is_complete=True)
    failed = [check for check in pull.checks if check.state is CheckState.FAILURE]
    finding = f"failed checks: {', '.join(check.name for check in failed)}"
    mark = f"checks:{pull.head}"
    if mark in seen:
        return Sight(finding=finding)
    parts = [f"{finding} (commit {pull.head})"]
    for check in failed:
        details = "\n".join(part for part in (check.url, check.excerpt.strip()[-_LONGEST:]) if part)
        parts.append(_one(check.name, check.conclusion, details))
    return Sight(finding=finding, evidence="\n\n".join(parts), marks=(mark,))


def _one(name: str, conclusion: str, details: str) -> str:
    word = conclusion or "failure"
    return f"{name}: {word}\n{details}" if details else f"{name}: {word}"


def _remarks(
    pull: PullRequest,
    remarks: tuple[Comment, ...],
    seen: AbstractSet[str],
    *,
    good: bool | None,
    whose: str,
) -> Sight:
    fresh = [remark for remark in remarks if remark.id not in seen]
    if fresh:
        lines = [f"Remarks of {whose} on {pull.ref}:", *(_quoted(remark) for remark in fresh)]
        authors = ", ".join(dict.fromkeys(remark.author for remark in fresh))
        return Sight(finding=f"new remarks of {whose}: {authors}", evidence="\n\n".join(lines), marks=tuple(remark.id for remark in fresh))
    if good:
        return Sight(finding=f"no new remarks of {whose}", is_complete=True)
    return Sight(finding=f"no new remarks of {whose}; the checks are not good yet")


def _reviews(pull: PullRequest, seen: AbstractSet[str], since: datetime, now: datetime, policy: Policy) -> Sight:
    demands = tuple(
        Comment(
            id=f"review:{review.id}",
            author=review.author,
            is_bot=review.is_bot,
            body=review.body if review.body.strip() else "wants changes",
        )
        for review in pull.reviews
        if review.state == "CHANGES_REQUESTED"
    )
    remarks = (*demands, *(thread for thread in pull.threads if not thread.is_bot))
    sight = _remarks(pull, remarks, seen, good=_are_good(pull, since, now, policy), whose="reviewers")
    if not sight.evidence and pull.decision is ReviewDecision.CHANGES_REQUESTED:
        return Sight(finding=UNSETTLED)
    return sight


def _mergeability(pull: PullRequest, seen: AbstractSet[str]) -> Sight:
    if pull.draft:
        return Sight(finding=DRAFT)
    if pull.mergeable is Mergeable.YES:
        return Sight(finding=MERGEABLE)
    if pull.mergeable is Mergeable.UNKNOWN:
        return Sight(finding="not judged by GitHub yet")
    mark = f"conflict:{pull.head}:{pull.base}"
    evidence = f"{pull.ref} has conflicts with its base {pull.base}: bring it up to date, resolve them, and push."
    return Sight(finding="conflicting", evidence="" if mark in seen else evidence, marks=(mark,))


def _quoted(remark: Comment) -> str:
    place = "" if not remark.path else f" on {remark.path}{'' if remark.line is None else f':{remark.line}'}"
    return "\n".join(part for part in (f"{remark.author}{place}:", remark.body.strip()[:_LONGEST], remark.url) if part)
