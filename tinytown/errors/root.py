"""The root of the tree: what every error of ours has."""

from __future__ import annotations

__all__ = ["TownError"]


class TownError(Exception):
    """Anything that Tinytown refuses or cannot do.

    `code` is stable and made for programs; `exit_code` and `status` are what
    the command line and HTTP answer with; `str()` is a sentence for people.
    """

    code = "error"
    exit_code = 1
    status = 500

    @property
    def detail(self) -> str:
        """The sentence without advice that is for the command line only."""
        return str(self)
