"""The pages in docs/ work word for word: what they say is run by this test is run, in order, in one shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.household import Household
from tests.acceptance.test_readme import PORT, environment
from tests.acceptance.tour import expect_tour
from tests.rules.commands_shown import PAGES, blocks, run_by

ME = "tests/acceptance/test_docs.py"
RUN_HERE = sorted({block.page for page in PAGES for block in blocks(page) if block.says == f"run by: {ME}"})


def test_pages_are_those_that_this_test_knows() -> None:
    assert RUN_HERE == ["docs/deploy/laptop.md"]


@pytest.mark.parametrize("page", RUN_HERE)
def test_a_page_works_word_for_word(homestead: Household, page: str) -> None:
    """In a folder that is a project without a town."""
    (homestead.folder / "tinytown.toml").unlink()
    env = environment(homestead)
    port = env["TINYTOWN_TOWNHALL__REST_PORT"]

    expect_tour(run_by(ME, page), Path(homestead.folder), env, spelt=lambda command: command.replace(PORT, port))
