"""Answers that are no JSON document: plain text, and streams of events."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

__all__ = ["Streamed", "Text"]


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """Text in a media type of its own."""

    body: str
    media_type: str = "text/plain; charset=utf-8"
    status: int = 200


class Streamed:
    """Pieces that are sent as they come; `close` is called whatever ends the answer."""

    def __init__(self, pieces: Iterator[bytes], media_type: str) -> None:
        self.pieces = pieces
        self.media_type = media_type
