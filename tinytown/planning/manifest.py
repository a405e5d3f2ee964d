"""A manifest: what people say about the items of a mission, and the work that they add, in TOML or YAML."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tinytown.domain.mission import Policy
from tinytown.domain.objective import IssueRef
from tinytown.domain.work_item import WorkKind
from tinytown.errors import PlanRefused
from tinytown.planning.documents import titled
from tinytown.planning.inference import kind_named
from tinytown.planning.references import parse_issue
from tinytown.planning.repository import Repository

__all__ = ["Entry", "Manifest", "manifest", "tables_of"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest says of one item: of an issue, of a document or a part of it, or of work of its own.

    `depends_on` is None if nothing is said of it; empty clears what was found elsewhere.
    """

    place: str
    """Where in the file it stands, for errors."""
    issue: IssueRef | None = None
    doc: str | None = None
    title: str | None = None
    body: str = ""
    kind: WorkKind | None = None
    role: str | None = None
    depends_on: tuple[IssueRef | str, ...] | None = None
    skip: bool = False
    priority: int | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest that was read: its entries, and the members of the policy that it gives."""

    name: str
    entries: tuple[Entry, ...] = ()
    policy: dict[str, Any] = {}


class _Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry as it is written."""

    issue: int | str | None = None
    doc: str | None = None
    title: str | None = None
    body: str | None = None
    kind: str | None = None
    role: str | None = None
    owner_role: str | None = None
    depends_on: list[int | str] | None = None
    skip: bool = False
    priority: int | None = None


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    items: list[dict[str, Any]] | None = None
    work_items: list[dict[str, Any]] | None = None
    policy: dict[str, Any] = {}


def tables_of(name: str, text: str) -> dict[str, Any]:
    """The tables of a file in TOML or YAML, by its name's ending.

    Raises:
        PlanRefused: it is neither, or cannot be read.
    """
    if name.lower().endswith(".toml"):
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PlanRefused((f"{name} is not valid TOML: {error}",)) from None
        except RecursionError:
            raise PlanRefused((f"{name} is nested too deeply",)) from None
    if not name.lower().endswith((".yaml", ".yml")):
        raise PlanRefused((f"{name} is no manifest: its name must end in .toml, .yaml or .yml",))
    return _yaml(name, text)


def manifest(name: str, tables: Mapping[str, Any], default: Repository | None, *, host: str) -> Manifest:
    """The manifest in the tables of a file.

    Args:
        name: what the file is called in errors.
        tables: what is in it.
        default: the repository of issues that are given by number.
        host: where `owner/repo#N` is.

    Raises:
        PlanRefused: with everything that is wrong: file, item, key, and what was probably meant.
    """
    try:
        file = msgspec.convert(tables, _File)
    except msgspec.ValidationError as error:
        raise PlanRefused((f"{name}: {_why(error, _File)}",)) from None
    if file.items is not None and file.work_items is not None:
        raise PlanRefused((f"{name}: items and work_items mean the same; keep one of them",))
    listed = file.work_items if file.items is None else file.items
    problems: list[str] = []
    entries: list[Entry] = []
    for number, raw in enumerate([] if listed is None else listed, start=1):
        place = f"{name}: item {number}{_called(raw)}"
        try:
            entries.append(_entry(place, msgspec.convert(raw, _Item), default, host))
        except msgspec.ValidationError as error:
            problems.append(f"{place}: {_why(error, _Item)}")
        except PlanRefused as error:
            problems.extend(error.problems)
    problems.extend(_twice(entries))
    try:
        msgspec.convert(file.policy, Policy)
    except msgspec.ValidationError as error:
        problems.append(f"{name}: policy: {_why(error, Policy)}")
    if problems:
        raise PlanRefused(tuple(problems))
    return Manifest(name=name, entries=tuple(entries), policy=file.policy)


def _yaml(name: str, text: str) -> dict[str, Any]:
    import yaml  # slower to import than all else here, and rarely needed

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PlanRefused((f"{name} is not valid YAML: {' '.join(str(error).split())}",)) from None
    except (RecursionError, ValueError):
        raise PlanRefused((f"{name} is not valid YAML: it is nested too deeply, or holds an impossible value",)) from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise PlanRefused((f"{name} must be a table with the keys items and policy",))
    return data


def _entry(place: str, item: _Item, default: Repository | None, host: str) -> Entry:
    if sum(each is not None for each in (item.issue, item.doc, item.title)) != 1:
        raise PlanRefused((f"{place}: give one of issue, doc and title",))
    if item.body is not None and item.title is None:
        raise PlanRefused((f"{place}: body: only work with a title has one",))
    if item.title is not None and not titled(item.title):
        raise PlanRefused((f"{place}: title: it is empty",))
    if item.role is not None and item.owner_role is not None:
        raise PlanRefused((f"{place}: role and owner_role mean the same; keep one of them",))
    role = item.owner_role if item.role is None else item.role
    return Entry(
        place=place,
        issue=None if item.issue is None else _issue(f"{place}: issue", item.issue, default, host),
        doc=item.doc,
        title=item.title,
        body="" if item.body is None else item.body,
        kind=None if item.kind is None else _kind(place, item.kind),
        role=None if role is None else role.strip(),
        depends_on=None if item.depends_on is None else tuple(_dependency(place, each, default, host) for each in item.depends_on),
        skip=item.skip,
        priority=item.priority,
    )


def _issue(place: str, text: int | str, default: Repository | None, host: str) -> IssueRef:
    try:
        return parse_issue(str(text), default, host=host)
    except PlanRefused as error:
        raise PlanRefused(tuple(f"{place}: {problem}" for problem in error.problems)) from None


def _dependency(place: str, text: int | str, default: Repository | None, host: str) -> IssueRef | str:
    """An issue, or the key or title of another item as it stands."""
    looks_like_one = isinstance(text, int) or re.fullmatch(r"\s*(?:https?://.*|(?:GH-)?[0-9]+|[^\s]*#[0-9]+)\s*", text, re.IGNORECASE)
    return _issue(f"{place}: depends_on", text, default, host) if looks_like_one else str(text)


def _kind(place: str, text: str) -> WorkKind:
    kind = kind_named(text)
    if kind is None:
        words = [each.value for each in WorkKind]
        raise PlanRefused((f"{place}: kind: there is no kind {text!r}, only {', '.join(words)}{_near(text, words)}",))
    return kind


def _called(raw: Mapping[str, Any]) -> str:
    name = next((str(raw[key]) for key in ("issue", "doc", "title") if key in raw), "")
    return f" ({name if len(name) <= 60 else name[:60] + '…'})" if name else ""


def _twice(entries: Iterable[Entry]) -> Iterator[str]:
    first: dict[str, Entry] = {}
    for entry in entries:
        key = f"title {entry.title}" if entry.title is not None else f"doc {entry.doc}" if entry.issue is None else entry.issue.key
        if key in first:
            yield f"{entry.place}: the same as{first[key].place.partition(':')[2]}"
        first.setdefault(key, entry)


_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at .*)?\Z", re.DOTALL)
_AT = re.compile(r"(.*?)(?: - at `\$\.?(.*)`)?\Z", re.DOTALL)
_TYPES = re.compile(r"`([a-z]+(?: \| [a-z]+)*)`")
_PLAIN = {"int": "a whole number", "float": "a number", "str": "text", "bool": "true or false", "object": "a table", "array": "a list"}


def _why(error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> str:
    """The key that a validation stumbled over, and why, in the words of a file."""
    unknown = _UNKNOWN.match(str(error))
    if unknown is not None:
        return f"{unknown[1]}: there is no such key{_near(unknown[1], kind.__struct_fields__)}"
    if " - at `key` in " in str(error):
        return "every key must be text"
    found = _AT.match(str(error))
    assert found is not None, "the pattern matches anything"
    why = _TYPES.sub(lambda typed: " or ".join(_PLAIN.get(word, word) for word in typed[1].split(" | ") if word != "null"), found[1])
    why = why.replace("Expected", "must be")
    return f"{found[2]}: {why}" if found[2] else why


def _near(word: str, known: Iterable[str]) -> str:
    matches = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {matches[0]}?" if matches else ""
