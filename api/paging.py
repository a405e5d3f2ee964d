"""Pages: long lists a piece at a time, by a cursor that callers hand back as it is."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, TypeVar

import msgspec

from tinytown.api.problems import Fault, Refusal

__all__ = ["Limit", "PageQuery", "cursor_after", "position_of"]

T = TypeVar("T")

MOST = 500

Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST, description=f"How many at most: 1 to {MOST}.")]


class PageQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which piece of a list is wanted."""

    limit: Limit = 50
    cursor: Annotated[str, msgspec.Meta(max_length=1000, description="The `next_cursor` of the page before.")] | None = None


def cursor_after(position: object) -> str:
    """A position in a list, to be handed back."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def position_of(cursor: str | None, kind: type[T]) -> T | None:
    """The position that a cursor stands for; None for the beginning.

    Raises:
        Refusal: it is no cursor of this list.
    """
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        detail = "This is no cursor of this list; hand back `next_cursor` as it was given, or begin without one."
        raise Refusal(422, detail, errors=(Fault(parameter="cursor", detail="no cursor of this list"),)) from error
