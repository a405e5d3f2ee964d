"""Roles, and which work suits an agent: by whole words, never by pieces of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

__all__ = ["ROLES", "Specialty", "fits", "hint", "specialty"]

ROLES: Mapping[str, str] = {
    "default": "Does whatever comes; the name may say more.",
    "worker": "Carries out tasks of any kind.",
    "reviewer": "Reads what others made, and approves it or asks for changes.",
    "researcher": "Finds things out and reports what it found.",
    "runner": "Runs commands, builds and tests, and reports what came of them.",
}
"""The roles that are built in; any other text is a role as well."""


class Specialty(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of work: the words by which an agent claims it, and a task shows it."""

    name: str
    hint: str
    called: frozenset[str]
    keywords: frozenset[str]


def _specialty(name: str, called: str, keywords: str, hint: str) -> Specialty:
    return Specialty(name=name, hint=hint, called=frozenset(called.split()), keywords=frozenset(keywords.split()))


_SPECIALTIES = (
    _specialty(
        "frontend",
        "front frontend ui ux web client",
        "frontend ui ux web client",
        "You look after what users see: interfaces, pages, clients.",
    ),
    _specialty(
        "backend",
        "back backend api server database",
        "backend api server database data",
        "You look after servers, interfaces between programs, and data.",
    ),
    _specialty(
        "tester",
        "test tests tester testing qa",
        "test testing qa validation regression",
        "You look after tests: write them, run them, say what breaks.",
    ),
    _specialty(
        "reviewer",
        "review reviewer reviews audit auditor",
        "review reviewer qa security audit validation",
        "You read what others made, and approve it or ask for changes.",
    ),
    _specialty(
        "docs",
        "doc docs documentation documenter writer",
        "doc docs documentation spec readme",
        "You look after what people read: documentation, specifications, READMEs.",
    ),
    _specialty(
        "devops",
        "devops ops infra infrastructure deploy deployer sre",
        "devops ops infra infrastructure deploy deployment ci reliability",
        "You look after builds, deployment and everything that keeps running.",
    ),
    _specialty(
        "security",
        "security sec",
        "security sec vulnerability vulnerabilities hardening audit",
        "You look after security: find weaknesses and close them.",
    ),
    _specialty(
        "researcher",
        "research researcher analyst investigator",
        "research investigate investigation analyse analyze analysis explore compare study survey",
        "You find things out and report what you found.",
    ),
    _specialty(
        "runner",
        "runner",
        "run execute build test ci deploy benchmark script",
        "You run commands, builds and tests, and report what came of them.",
    ),
)

_GENERAL = "You take work of any kind."
_WORD = re.compile(r"[a-z]+")


def specialty(role: str | None, name: str) -> Specialty | None:
    """The kind of work that an agent is for; None if it takes any.

    The role counts before the name. Of several words the last counts, as in
    English: a `ui-tester` tests.
    """
    for text in (role, name):
        for word in reversed(_WORD.findall(("" if text is None else text).lower())):
            for known in _SPECIALTIES:
                if word in known.called:
                    return known
    return None


def fits(role: str | None, name: str, description: str, tags: Iterable[str] = ()) -> bool:
    """Is this task one for an agent with that role and name?

    A task tagged with the agent's very role or name fits; else its tags and
    words decide, and an agent without a specialty takes anything.
    """
    labels = {tag.strip().lower() for tag in tags}
    if labels & {name.lower(), "" if role is None else role.lower()} - {""}:
        return True
    known = specialty(role, name)
    if known is None or labels & known.keywords:
        return True
    words = "|".join(sorted(known.keywords))
    return re.search(rf"(?<![a-z0-9])(?:{words})s?(?![a-z0-9])", description, re.IGNORECASE) is not None


def hint(role: str | None, name: str) -> str:
    """A sentence that tells an agent what it is for."""
    known = specialty(role, name)
    return _GENERAL if known is None else known.hint
