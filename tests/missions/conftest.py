"""A town with an author and a reviewer, whose missions are driven by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.recount import check_town
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture
def town() -> Iterator[Rehearsal]:
    """A town with ada, who makes things, and rex, who reads them; its indexes agree with a count afterwards."""
    with rehearse("stage") as town:
        town.spawn("ada", role="backend")
        town.spawn("rex", role="reviewer")
        yield town
        check_town(town)
