"""A town to be configured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tinytown.config import Settings


@pytest.fixture
def user(home: Path) -> Path:
    """The user's own directory, which does not exist yet."""
    return home / ".tt"


@pytest.fixture
def town_file(place: Path) -> Path:
    """The file of a town that sets nothing."""
    path = place / "tinytown.toml"
    path.write_text("", encoding="utf-8")
    return path


@pytest.fixture
def user_file(user: Path) -> Path:
    """The user's file, empty."""
    user.mkdir()
    path = user / "config.toml"
    path.write_text("", encoding="utf-8")
    return path


@pytest.fixture
def load(place: Path, user: Path) -> Callable[..., Settings]:
    """Load the town's settings, with an environment of the test's own."""

    def loaded(**env: str) -> Settings:
        return Settings.load(place, env, user)

    return loaded
