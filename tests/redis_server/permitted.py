"""The permission list that the documentation shows, as users of a server."""

from __future__ import annotations

from pathlib import Path

__all__ = ["ACL", "acl_line", "permissions"]

ACL = Path(__file__).parents[2] / "deploy" / "redis" / "acl.conf"


def acl_line(password: str) -> str:
    """The line that makes the user, with that password."""
    (line,) = [line for line in ACL.read_text().splitlines() if line.startswith("user ")]
    return line.replace(">CHANGE-ME", f">{password}")


def permissions() -> list[str]:
    """The commands on the list."""
    return [word.removeprefix("+") for word in acl_line("x").split() if word.startswith("+")]
