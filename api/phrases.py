"""What a status is called, in the words of RFC 9110 whatever Python runs: those of the standard library changed in 3.13."""

from __future__ import annotations

from http import HTTPStatus

__all__ = ["phrase_of"]

_RENAMED = {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}


def phrase_of(status: int) -> str:
    """The few words after the number."""
    return _RENAMED.get(status) or HTTPStatus(status).phrase
