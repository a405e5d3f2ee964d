"""What an issue says that it depends on: "depends on #1, #2 and owner/repo#3", "blocked by:" before a list, and the like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tinytown.domain.objective import GITHUB, IssueRef
from tinytown.planning.markdown import Block, blocks
from tinytown.planning.references import REFERENCE, as_issue, run_at, taken_from
from tinytown.planning.repository import Repository

__all__ = ["dependencies", "tracked", "without_references"]

_KEYWORD = re.compile(r"(?<![\w-])(?:depends?\s+on|dependent\s+on|after|blocked\s+by|requires?)(?![\w-])(?:\s*:)?\s*", re.IGNORECASE)
"""\"Dependent on\" says the same as "depends on"; "depending on" only weighs one thing against another, and is none."""

_FILLER = re.compile(r"(?:the\s+)?(?:both\s+)?(?:(?:issues?|tickets?|PRs?|pull\s+requests?)\s*:?\s+)?[(\[]?", re.IGNORECASE)
_ADVERB = r"(?:(?!only\b)\w+ly|yet|be|been|being|longer|any|more|even|to|need|have|in|fact|is|are|it)"
_NEGATED = re.compile(
    rf"(?:(?<![\w-])(?:not(?!\s+(?:only|just|merely|simply)\b)|cannot|no\s+longer|never|neither|nor|without)|n['’]t)(?:\s+{_ADVERB}){{0,4}}\s+\Z",
    re.IGNORECASE,
)
_REACH = 80
"""So many characters before a phrase can negate it."""


def dependencies(text: str, home: Repository | None) -> tuple[IssueRef, ...]:
    """The issues that a text in Markdown says it depends on, in order of appearance.

    Args:
        text: the body of an issue, or of a part of a document.
        home: the repository of `#N`; without one, only whole references count.
    """
    read = [block for block in blocks(text) if not block.quoted]
    found = (ref for at, block in enumerate(read) for ref in _said_in(block, read[at + 1 :], home))
    return _once(found)


def tracked(text: str, home: Repository | None) -> tuple[tuple[IssueRef, bool], ...]:
    """The issues of a text's task lists, and whether each is ticked off.

    An entry is for an issue if it begins with a reference to it.
    """
    entries = ((_leading(block, home), block.box) for block in blocks(text) if block.box is not None and not block.quoted)
    unique: dict[str, tuple[IssueRef, bool]] = {}
    for refs, box in entries:
        for ref in refs[:1]:
            unique.setdefault(ref.key, (ref, bool(box)))
    return tuple(unique.values())


def without_references(said: str) -> str:
    """The words without phrases of dependency, references and addresses."""
    text = said
    for keyword in reversed(list(_KEYWORD.finditer(said))):
        named, end = run_at(said, _filled(said, keyword.end()))
        if named:
            text = text[: keyword.start()] + " " + text[end:]
    return re.sub(r"(?:https?://|www\.)\S+", " ", REFERENCE.sub(" ", text))


def _said_in(block: Block, following: Sequence[Block], home: Repository | None) -> Iterator[IssueRef]:
    for keyword in _KEYWORD.finditer(block.said):
        start = max(0, keyword.start() - _REACH)
        if _NEGATED.search(block.said[start : keyword.start()]):
            continue
        named, _ = run_at(block.said, _filled(block.said, keyword.end()))
        yield from _refs(named, home)
        if not named and keyword.end() == len(block.said):
            yield from (ref for item in _list_below(block, following) for ref in _leading(item, home))


def _list_below(block: Block, following: Sequence[Block]) -> Iterator[Block]:
    """The items of the list that follows at once."""
    for item in following:
        if item.depth <= (block.depth if block.is_item else 0):
            return
        if item.is_item:
            yield item


def _leading(item: Block, home: Repository | None) -> tuple[IssueRef, ...]:
    named, _ = run_at(item.said, _filled(item.said, 0))
    return tuple(_refs(named, home))


def _filled(said: str, at: int) -> int:
    filler = _FILLER.match(said, at)
    return at if filler is None else filler.end()


def _refs(named: Sequence[re.Match[str]], home: Repository | None) -> Iterator[IssueRef]:
    host = GITHUB if home is None else home.host
    for found in named:
        ref = taken_from(found, home, host=host)
        if ref is not None:
            yield as_issue(ref)


def _once(refs: Iterator[IssueRef]) -> tuple[IssueRef, ...]:
    unique: dict[str, IssueRef] = {}
    for ref in refs:
        unique.setdefault(ref.key, ref)
    return tuple(unique.values())
