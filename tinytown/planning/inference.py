"""What kind of work something is, and whose: from its labels, else from the words of its title, and hardly from its body.

1. Labels decide first: `kind:design` and `type: test` before bare ones such as `documentation`.
2. Then the whole words of the title, of which the first counts: "Review the design" is a
   review. Code, references and phrases of dependency are not read.
3. The body decides a kind by a line of its own only (`Kind: test`), for nearly every body speaks
   of tests, and of designs, and what escaped its review for such a word would be merged
   unread. It decides a role by such a line (`Role: backend`), or by words if they name one
   role and no other.

A test is the tester's and a review the reviewer's, unless a label or the title says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tinytown.domain.work_item import WorkKind
from tinytown.planning.markdown import blocks
from tinytown.planning.phrases import without_references

__all__ = ["inferred", "kind_named"]


def _table(rows: Mapping[str, str]) -> dict[str, str]:
    return {word.replace("_", " "): value for value, words in rows.items() for word in words.split()}


_KINDS = _table({
    "design": "design designs rfc rfcs proposal proposals",
    "test": "test tests testing spec specs",
    "review": "review reviews",
    "merge_gate": "merge mergegate merge_gate",
    "followup": "followup followups follow_up follow_ups",
    "implement": "implement implements implementation feature feat fix fixes",  # as followups, fixes would go unreviewed
})  # fmt: skip
_KIND_LABELS = _KINDS | _table({
    "implement": "implement implementation feature feat enhancement bug bugfix chore refactor refactoring task documentation docs doc",
    "test": "test tests testing qa e2e",
    "design": "design rfc proposal adr",
})  # fmt: skip
_ROLES = _table({
    "backend": "backend api apis server servers",
    "frontend": "frontend ui ux web",
    "tester": "qa",
    "devops": "devops infrastructure infra deploy deployment",
    "docs": "docs documentation readme",
})  # fmt: skip
_ROLE_LABELS = _ROLES | _table({
    "backend": "backend back_end api server database",
    "frontend": "frontend front_end ui ux web client",
    "tester": "tester qa",
    "reviewer": "reviewer audit",
    "devops": "devops ops infrastructure infra deploy deployment ci",
    "docs": "docs doc documentation",
    "security": "security",
})  # fmt: skip
_OF_KIND = {WorkKind.TEST: "tester", WorkKind.REVIEW: "reviewer"}
_BY_WEIGHT = [WorkKind.DESIGN, WorkKind.TEST, WorkKind.REVIEW, WorkKind.MERGE_GATE, WorkKind.FOLLOWUP, WorkKind.IMPLEMENT]

_KIND_PREFIXES = {"kind", "type", "work", "category"}
_OWNER_PREFIXES = {"role", "owner", "owner role"}
_ROLE_PREFIXES = {"area", "team", "component", "scope", *_OWNER_PREFIXES}
_LABEL = re.compile(r"\s*(?:([\w -]+?)\s*[:/=]\s*)?(.+?)\s*\Z", re.DOTALL)
_LINE = re.compile(r"^\s*(kind|role|owner|owner[ _]role)\s*:\s*([A-Za-z][A-Za-z _-]{0,40}?)\s*\.?\s*$", re.IGNORECASE | re.MULTILINE)
_CODE = re.compile(r"`[^`]*`")


def inferred(labels: Iterable[str], title: str, body: str) -> tuple[WorkKind, str | None]:
    """The kind of a piece of work, and the role that should do it, if any."""
    tags = sorted(_split(label) for label in labels)
    heading = without_references(_CODE.sub(" ", title))
    said = [block.said for block in blocks(body) if not block.quoted]
    lines = {name.lower().replace("_", " "): value for name, value in _LINE.findall("\n".join(said))}
    kind = _first_kind(_labelled_kind(tags), _word_of(heading, _KINDS), lines.get("kind"))
    roles: Iterator[str | None] = iter((
        _labelled_role(tags),
        _word_of(heading, _ROLES),
        next((_role_named(lines[name]) for name in ("role", "owner role", "owner") if name in lines), None),
        _OF_KIND.get(kind),
        _only_word(said, _ROLES),
    ))  # fmt: skip
    return kind, next((role for role in roles if role is not None), None)


def kind_named(text: str) -> WorkKind | None:
    """The kind of that name, however it is spelt; None if there is none."""
    word = re.sub(r"[\s_-]+", "_", text.strip().lower())
    aliases = {"mergegate": "merge_gate", "follow_up": "followup"}
    word = aliases.get(word, word)
    return WorkKind(word) if word in set(WorkKind) else None


def _first_kind(labelled: WorkKind | None, word: str | None, line: str | None) -> WorkKind:
    if labelled is not None:
        return labelled
    if word is not None:
        return WorkKind(word)
    named = None if line is None else kind_named(line)
    return WorkKind.IMPLEMENT if named is None else named


def _labelled_kind(tags: Sequence[tuple[str, str]]) -> WorkKind | None:
    for prefixes in (_KIND_PREFIXES, {""}):
        named = {_KIND_LABELS[value] for prefix, value in tags if prefix in prefixes and value in _KIND_LABELS}
        for kind in _BY_WEIGHT:
            if kind in named:
                return kind
    return None


def _labelled_role(tags: Sequence[tuple[str, str]]) -> str | None:
    for prefixes in (_OWNER_PREFIXES, _ROLE_PREFIXES, {""} | _KIND_PREFIXES):
        for prefix, value in tags:
            if prefix in prefixes and value in _ROLE_LABELS:
                return _ROLE_LABELS[value]
            if prefix in _OWNER_PREFIXES:
                return value
    return None


def _role_named(value: str) -> str:
    plain = _plain(value)
    return _ROLE_LABELS.get(plain, plain)


def _split(label: str) -> tuple[str, str]:
    """A label's prefix and value: `area/frontend`, `kind: design`, `bug`."""
    found = _LABEL.match(label)
    if found is None:
        return "", _plain(label)
    return ("" if found[1] is None else _plain(found[1])), _plain(found[2])


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[_-]+", " ", text.lower()).split())


def _pattern(table: Mapping[str, str]) -> re.Pattern[str]:
    words = "|".join(re.escape(word).replace(r"\ ", "[ _-]?") for word in sorted(table, key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", re.IGNORECASE)


_PATTERNS = {id(table): _pattern(table) for table in (_KINDS, _ROLES)}


def _words(text: str, table: Mapping[str, str]) -> Iterator[str]:
    for found in _PATTERNS[id(table)].finditer(text):
        word = _plain(found[0])
        yield table[word] if word in table else table[word.replace(" ", "")]


def _word_of(text: str, table: Mapping[str, str]) -> str | None:
    return next(_words(text, table), None)


def _only_word(said: Iterable[str], table: Mapping[str, str]) -> str | None:
    named = {value for text in said for value in _words(without_references(text), table)}
    return named.pop() if len(named) == 1 else None
