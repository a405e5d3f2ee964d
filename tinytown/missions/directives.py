"""Directives: what a note asks for, told by whole words; anything else is for the agents at work."""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

__all__ = ["Directive", "Verb", "directive"]


class Verb(StrEnum):
    """What a note may ask for."""

    RESUME = "resume"
    PAUSE = "pause"
    REDIRECT = "redirect"
    SAY = "say"
    """Nothing of these: it is passed on."""


class Directive(msgspec.Struct, frozen=True, kw_only=True):
    """What a note asks for: for `redirect`, which item (None: the only one) goes to which agent."""

    verb: Verb
    item: str | None = None
    agent: str = ""
    reason: str = ""


_VERBS = {
    "resume": Verb.RESUME, "retry": Verb.RESUME, "continue": Verb.RESUME, "pause": Verb.PAUSE, "hold": Verb.PAUSE,
    "redirect": Verb.REDIRECT, "reassign": Verb.REDIRECT, "reroute": Verb.REDIRECT, "rebind": Verb.REDIRECT,
}  # fmt: skip
_PLAIN = re.compile(
    r"(?:please\s+)?(resume|retry|continue|pause|hold)(?:\s+(?:now|it|please|(?:the\s+)?(?:mission|work|run)))*\s*(?:$|[.!]+\s*$|(?:[:,;]|(?<=\s)[–—-])\s*(.*)|(?:because|since|as(?!\s+(?:soon|long)\b)|until)\b\s*(.*))",
    re.IGNORECASE | re.DOTALL,
)
_REDIRECT = re.compile(
    r"(?:please\s+)?(?:redirect|reassign|reroute|rebind)\s+(?:(\S+)\s+)?to\s+(?:\"([^\"]+)\"|'([^']+)'|(\S+?))(?:\s*[:,;.!]+(?:\s+|$)|\s+[–—-]\s+|\s+|$)(.*)",
    re.IGNORECASE | re.DOTALL,
)


def directive(body: str) -> Directive:
    """What a note asks for.

    A verb counts when it is the whole note, or is followed by punctuation or by a word
    such as `because`: "hold on, resume later" and "retry tomorrow" are words for people.
    An agent's label with blanks is written in quotation marks.
    """
    said = body.strip()
    redirected = _REDIRECT.fullmatch(said)
    if redirected is not None:
        item, double, single, bare, reason = redirected.groups()
        agent = next(name for name in (double, single, bare) if name is not None)
        return Directive(verb=Verb.REDIRECT, item=item, agent=agent, reason=reason.strip())
    plain = _PLAIN.fullmatch(said)
    if plain is not None:
        reason = next((part for part in plain.groups()[1:] if part is not None), "")
        return Directive(verb=_VERBS[plain.group(1).lower()], reason=reason.strip())
    return Directive(verb=Verb.SAY, reason=said)
