"""Images are built once; nothing here is collected unless it is asked for, for it takes a Docker engine and minutes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.compose.images import Bases, bases
from tests.compose.stack import Stack

collect_ignore_glob = [] if os.environ.get("TINYTOWN_TEST_COMPOSE") else ["test_*.py"]

IDLE_TIMEOUT_SECONDS = 8


@pytest.fixture(scope="session")
def base_images() -> Bases:
    """What our images are built on."""
    return bases()


@pytest.fixture(scope="session")
def images(base_images: Bases) -> Bases:
    """Our images, built by Compose from this checkout."""
    Stack(base_images).compose("--profile", "worker", "build", "--quiet")
    return base_images


@pytest.fixture(scope="module")
def stack(images: Bases) -> Iterator[Stack]:
    """The stack, up, without workers; its leases are short, so that tests are."""
    stack = Stack(
        images,
        TINYTOWN_AGENT__IDLE_TIMEOUT_SECS=str(IDLE_TIMEOUT_SECONDS),
        TINYTOWN_AGENT__LEASE_SECS="3",
        TINYTOWN_DEFAULT_CLI="shell",
    )
    stack.remove()  # what a run that was broken off left
    try:
        stack.compose("up", "--detach")
        stack.await_healthy("townhall")
        yield stack
    finally:
        stack.remove()
