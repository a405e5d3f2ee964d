"""`tinytown.api.wsgi`: the town behind whatever server one likes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.acceptance.halls import get
from tests.acceptance.household import Household


def test_any_wsgi_server_can_serve_it(household: Household) -> None:
    program = household.run(
        "python", "-m", "gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "tinytown.api.wsgi:application", env=_on_path()
    )
    program.says("Listening at: http")
    url = program.output.partition("Listening at: ")[2].split()[0]

    assert get(url + "/health").status == 200
    assert get(url + "/ready").status == 200
    assert program.terminated() == 0


def test_the_plain_application_opens_its_town_at_the_first_request(household: Household) -> None:
    code = """
import threading
from wsgiref.util import setup_testing_defaults
from tinytown.api.wsgi import application

def ask(path):
    environ = {"PATH_INFO": path, "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    said = []
    b"".join(application(environ, lambda status, headers, exc_info=None: said.append(status)))
    statuses.extend(said)

statuses = []
threads = [threading.Thread(target=ask, args=("/ready",)) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*statuses, sep=",")
"""
    program = household.run("python", "-P", "-c", code, env=_on_path())
    nowhere = {name: value for name, value in household.env.items() if name != "REDIS_URL"} | _on_path()
    elsewhere = subprocess.run(["python", "-P", "-c", code], cwd="/", env=nowhere, capture_output=True, text=True, check=False)

    assert program.status() == 0, program.output
    assert program.output == ",".join(["200 OK"] * 8) + "\n"
    assert elsewhere.stdout == ",".join(["503 Service Unavailable"] * 8) + "\n", "there is no town"


def _on_path() -> dict[str, str]:
    return {"PATH": f"{Path(sys.executable).parent}:{os.defpath}"}
