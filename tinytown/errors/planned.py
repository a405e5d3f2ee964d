"""The error of what is promised, and not there yet."""

from __future__ import annotations

from tinytown.errors.root import TownError

__all__ = ["NotImplementedYet"]


class NotImplementedYet(TownError):
    """This version cannot do that; a later one will."""

    code = "not_implemented"
    status = 501

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"{self.what}: this version of Tinytown cannot do that yet"
