"""Audit: a line in the log whatever happens, and no secret in it."""

from __future__ import annotations

import json

import pytest

from tests.api.auth.absent import Switchable
from tests.contract.test_audit import record
from tinytown.domain.audit import AuditResult, audited_path, result_of
from tinytown.log import set_up_audit_log, set_up_logging
from tinytown.testing import in_memory, rehearse


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, "success"),
        (204, "success"),
        (304, "success"),
        (401, "denied"),
        (403, "denied"),
        (404, "error"),
        (429, "error"),
        (503, "error"),
    ],
)
def test_a_status_says_what_came_of_it(status: int, result: str) -> None:
    assert result_of(status) is AuditResult(result)


@pytest.mark.parametrize(
    ("route", "path", "written"),
    [
        ("/v1/agents/{agent}", "/v1/agents/ada", "/v1/agents/ada"),
        ("/v1/agents", "/v1/agents?api_key=geheim", "/v1/agents"),
        ("/hirefire/{token}/info", "/hirefire/geheim/info", "/hirefire/{token}/info"),
        ("/v1/agents/{agent}", "/v1/agents/" + "x" * 5000, "/v1/agents/" + "x" * 1013 + "…"),
    ],
)
def test_a_path_is_written_without_secrets(route: str, path: str, written: str) -> None:
    assert audited_path(route, path) == written


def test_a_record_is_a_line_of_json_on_stderr_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    """api.md: the records once went to a target that the program's own filter switched off."""
    set_up_logging()
    set_up_audit_log()
    set_up_audit_log()

    rehearse().audit.write(record(7, 403))

    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["principal"], said["address"], said["status"], said["result"]) == ("key:1", "192.0.2.7", 403, "denied")
    assert said["changed"] == [{"kind": "agent", "id": "a1"}]


def test_without_redis_the_line_is_written_and_the_call_goes_on(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    set_up_audit_log()
    connection = Switchable(in_memory())
    town = rehearse(connection=connection)
    connection.is_away = True

    for number in range(3):
        town.audit.write(record(number))

    assert len(capsys.readouterr().err.splitlines()) == 3
    assert [entry.message.partition(":")[0] for entry in caplog.records] == ["audit records go to the log alone"]


def test_what_callers_send_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    import msgspec

    set_up_audit_log()

    rehearse().audit.write(msgspec.structs.replace(record(1), path='/v1/x\n{"principal": "admin"}\x1b[2J'))

    assert len(capsys.readouterr().err.splitlines()) == 1
