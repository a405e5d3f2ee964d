"""The page on Compose works word for word."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.tour import expect_tour
from tests.compose.engine import compose_command
from tests.compose.images import Bases
from tests.compose.stack import FILE, Stack
from tests.rules.commands_shown import run_by

pytestmark = pytest.mark.timeout(600)

PAGE = "docs/deploy/compose.md"


@pytest.fixture
def untouched(images: Bases) -> Iterator[Stack]:
    """A stack that is not up yet, and is gone afterwards."""
    stack = Stack(images)
    stack.remove()
    yield stack
    stack.remove()


def test_the_page_works_word_for_word(untouched: Stack, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("host")

    def spelt(command: str) -> str:
        """With the port of this test, the Compose of this machine, and the file of this checkout."""
        command = command.replace("docker compose", " ".join(compose_command())).replace("deploy/compose.yaml", str(FILE))
        return command.replace("localhost:8080", f"localhost:{untouched.port}")

    expect_tour(run_by("make test-compose", PAGE), folder, untouched.env, spelt=spelt, timeout=580)
