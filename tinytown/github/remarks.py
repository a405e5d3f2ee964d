"""What people and programs say about a pull request: reviews, threads that are not resolved, comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tinytown.domain.pull_request import Comment, PullReview, ReviewDecision
from tinytown.github.shapes import Author, CommentNode, ReviewNode, ThreadNode

__all__ = ["bot_comments", "decision", "reviews", "unresolved"]

GHOST = "ghost"
"""Whose account was deleted, as GitHub shows them."""

BOT_ENDING = "[bot]"
OPINIONS = {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}
_OF_THE_REPOSITORY = {"OWNER", "MEMBER", "COLLABORATOR"}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def decision(word: str | None) -> ReviewDecision:
    """What the reviews come to, by GitHub's own rules; nothing when nobody has to review."""
    try:
        return ReviewDecision.NONE if word is None else ReviewDecision(word.lower())
    except ValueError:
        return ReviewDecision.NONE


def reviews(nodes: Sequence[ReviewNode | None]) -> tuple[PullReview, ...]:
    """Of each person the newest review that says yes or no, oldest first."""
    latest: dict[str, ReviewNode] = {}
    known = [node for node in nodes if node is not None and node.state in OPINIONS]
    for node in sorted(known, key=lambda node: node.submitted_at or _LONG_AGO):
        author = _name(node.author)
        latest.pop(author, None)
        latest[node.id if author == GHOST else author] = node  # ghosts may be several people
    return tuple(
        PullReview(
            id=node.id,
            author=_name(node.author),
            state=node.state,
            commit=None if node.commit is None else node.commit.oid,
            body=node.body,
            is_bot=_is_bot(node.author),
        )
        for node in latest.values()
    )


def unresolved(nodes: Sequence[ThreadNode | None], author: Author | None) -> Iterator[Comment]:
    """Of each thread that nobody has resolved the newest comment that asks the author of the pull request for something.

    What the author answers asks for nothing; a thread that the author began does, for
    people may read what an agent made in their name. Nor does what strangers say: in a
    public repository anybody may, and agents would do it.
    """
    for node in nodes:
        if node is None or node.is_resolved:
            continue
        sent = [
            comment
            for comment in node.comments.nodes
            if comment is not None
            and comment.state != "PENDING"
            and _is_trusted(comment, author)
            and (comment.reply_to is None or not _same(comment.author, author))
        ]
        if sent:
            yield _comment(sent[-1], path=node.path, line=node.line)


def bot_comments(nodes: Sequence[CommentNode | None]) -> Iterator[Comment]:
    """The comments by programs that nobody has hidden as settled."""
    for node in nodes:
        if node is not None and _is_bot(node.author) and not node.is_minimized:
            yield _comment(node)


def _comment(node: CommentNode, *, path: str = "", line: int | None = None) -> Comment:
    return Comment(id=node.id, author=_name(node.author), is_bot=_is_bot(node.author), body=node.body, path=path, line=line, url=node.url)


def _is_trusted(comment: CommentNode, author: Author | None) -> bool:
    """May it ask for something: somebody of the repository, a program that is installed there, or the author?"""
    return comment.author_association in _OF_THE_REPOSITORY or _is_bot(comment.author) or _same(comment.author, author)


def _same(one: Author | None, other: Author | None) -> bool:
    return one is not None and other is not None and one.login == other.login


def _name(author: Author | None) -> str:
    return GHOST if author is None else author.login


def _is_bot(author: Author | None) -> bool:
    return author is not None and (author.kind == "Bot" or author.login.endswith(BOT_ENDING))
