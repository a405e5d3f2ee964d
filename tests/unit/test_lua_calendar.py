"""The calendar that our Lua has to have, because Redis gives it none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tinytown.store.scripts import source
from tinytown.testing import in_memory

STUB = "local redis = {call = function() return {ARGV[1], ARGV[2]} end}\n"
DAYS = ["1970-01-01", "1999-12-31", "2000-02-29", "2000-03-01", "2024-02-29", "2026-12-31", "2027-01-01", "2028-02-28", "2100-02-28"]


@pytest.mark.parametrize("day", DAYS)
def test_a_moment_is_written_as_rfc_3339_has_it(day: str) -> None:
    moments = [datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=UTC) for hour in ("00:00:00", "12:34:56", "23:59:59")]
    moments += [moment + timedelta(days=1) for moment in moments]

    with_stub = STUB + source("_docket") + "\nreturn rfc3339()"
    written = [in_memory().call("EVAL", with_stub, 0, int(moment.timestamp()), 78_999).decode() for moment in moments]

    assert written == [f"{moment:%Y-%m-%dT%H:%M:%S}.078Z" for moment in moments]
