"""TLS of townhall: certificates that are checked before it listens, and callers' certificates."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from tests.acceptance.halls import Hall
from tests.acceptance.household import QUICK, Household
from tests.server import Server
from tests.waiting import wait_until

TLS = '\n[townhall.tls]\nenabled = true\ncert_file = "tls/cert.pem"\nkey_file = "tls/key.pem"\n'
MTLS = '\n[townhall.mtls]\nenabled = true\nca_file = "tls/callers.pem"\n'


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs the certificate of townhall."""
    return trustme.CA()


@pytest.fixture(scope="module")
def callers() -> trustme.CA:
    """Who signs the certificates of callers."""
    return trustme.CA()


@pytest.fixture
def house(place: Path, home: Path, server: Server, authority: trustme.CA, callers: trustme.CA) -> Iterator[Household]:
    """A town with certificates in a folder of it."""
    household = Household(place, home, server.url, QUICK + TLS)
    folder = place / "tls"
    folder.mkdir()
    _write(folder, authority.issue_cert("localhost"))
    callers.cert_pem.write_to_path(str(folder / "callers.pem"))
    yield household
    household.close()


def test_it_speaks_tls(house: Household, authority: trustme.CA) -> None:
    hall = Hall(house, "--bind", "localhost")
    trusting = _trusting(authority)

    answer = hall.get("/health", context=trusting)

    assert hall.url.startswith("https://localhost:")
    assert answer.status == 200
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        hall.get("/health", context=ssl.create_default_context())


def test_it_refuses_old_protocols(house: Household, authority: trustme.CA) -> None:
    hall = Hall(house, "--bind", "localhost")
    old = _trusting(authority)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")

    with pytest.raises(OSError, match=r"(?i)version|protocol"):
        hall.get("/health", context=old)


def test_callers_without_a_certificate_are_turned_away_where_one_is_required(
    house: Household, authority: trustme.CA, callers: trustme.CA
) -> None:
    _add(house, MTLS + "required = true\n")
    hall = Hall(house, "--bind", "localhost")
    known, unknown, nobody = _trusting(authority), _trusting(authority), _trusting(authority)
    callers.issue_cert("ci.example.org", common_name="ci").configure_cert(known)
    trustme.CA().issue_cert("ci.example.org").configure_cert(unknown)

    answer = hall.get("/health", context=known)

    assert answer.status == 200
    for other in (nobody, unknown):
        with pytest.raises((OSError, http.client.HTTPException)):
            hall.get("/health", context=other)
    assert hall.get("/health", context=known).status == 200


def test_callers_may_show_a_certificate_where_none_is_required(house: Household, authority: trustme.CA, callers: trustme.CA) -> None:
    _add(house, MTLS)
    hall = Hall(house, "--bind", "localhost")
    known, unknown = _trusting(authority), _trusting(authority)
    callers.issue_cert("ci.example.org").configure_cert(known)
    trustme.CA().issue_cert("ci.example.org").configure_cert(unknown)

    statuses = [hall.get("/health", context=context).status for context in (known, _trusting(authority))]

    assert statuses == [200, 200]
    with pytest.raises((OSError, http.client.HTTPException)):
        hall.get("/health", context=unknown)


def test_plain_http_and_silence_at_the_tls_port_stall_nobody(house: Household, authority: trustme.CA) -> None:
    house.env["TINYTOWN_TOWNHALL__THREADS"] = "4"
    hall = Hall(house, "--bind", "localhost")
    trusting = _trusting(authority)
    hall.get("/health", context=trusting)
    others = [socket.create_connection(hall.place, 5) for _ in range(60)]
    for plain in others[:20]:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for halfway in others[20:23]:
        halfway.sendall(b"\x16\x03\x01\x02\x00\x01")

    began = time.monotonic()
    answers = [hall.get("/health", context=trusting).status for _ in range(10)]
    took = time.monotonic() - began

    assert answers == [200] * 10
    assert took < 3
    for each in others:
        each.close()


def test_a_certificate_that_was_renewed_is_read_on_a_hang_up_and_a_bad_one_is_not(
    house: Household, authority: trustme.CA, callers: trustme.CA
) -> None:
    hall = Hall(house, "--bind", "localhost")
    hall.get("/health", context=_trusting(authority))
    folder = house.folder / "tls"

    _write(folder, callers.issue_cert("localhost"))
    hall.program.signal(1)
    wait_until(lambda: _answers(hall, _trusting(callers)), 10)
    (folder / "cert.pem").write_text("nonsense")
    hall.program.signal(1)
    hall.program.says("the certificate from before stays in use")

    assert hall.get("/health", context=_trusting(callers)).status == 200
    assert hall.program.terminated() == 0


EXPIRED = datetime.now(UTC) - timedelta(days=1)


@pytest.mark.parametrize(
    ("mistake", "complaint"),
    [
        (lambda folder: (folder / "cert.pem").unlink(), r"cert_file (.*/tls/cert.pem) cannot be used: No such file"),
        (lambda folder: (folder / "key.pem").unlink(), r"key_file (.*/tls/key.pem) cannot be used: No such file"),
        (lambda folder: (folder / "cert.pem").write_text("nonsense"), "cert_file"),
        (lambda folder: (folder / "key.pem").write_text("nonsense"), "it holds no private key"),
        (lambda folder: _write(folder, trustme.CA().issue_cert("localhost"), cert=False), "is not the key of cert_file"),
        (lambda folder: _write(folder, trustme.CA().issue_cert("localhost", not_after=EXPIRED)), "expired on"),
    ],
    ids=["no certificate", "no key", "bad certificate", "bad key", "other key", "expired"],
)
def test_it_does_not_start_on_a_bad_certificate(house: Household, mistake: object, complaint: str) -> None:
    mistake(house.folder / "tls")  # type: ignore[operator]

    hall = Hall(house)

    assert hall.program.status() == 1
    assert complaint.replace("(.*", f"({house.folder}") in hall.program.output


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ("[townhall.tls]\nenabled = true\n", "[townhall.tls] is enabled, and cert_file is not set"),
        (MTLS, "[townhall.mtls] needs TLS"),
        (TLS + "[townhall.mtls]\nrequired = true\n", "ca_file is not set"),
        (TLS + MTLS.replace("callers", "absent"), "cannot be read: No such file"),
        (TLS + MTLS.replace("callers", "key"), "holds no certificates in PEM form"),
    ],
)
def test_it_does_not_start_on_half_of_the_settings(house: Household, settings: str, complaint: str) -> None:
    (house.folder / "tinytown.toml").write_text(QUICK + "\n" + settings)

    hall = Hall(house)

    assert hall.program.status() == 1
    assert hall.program.output.startswith("tt: [townhall.")
    assert complaint in hall.program.output


def _write(folder: Path, certificate: trustme.LeafCert, *, cert: bool = True) -> None:
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    if cert:
        certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))


def _trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def _add(house: Household, settings: str) -> None:
    with (house.folder / "tinytown.toml").open("a") as file:
        file.write(settings)


def _answers(hall: Hall, context: ssl.SSLContext) -> bool:
    try:
        return hall.get("/health", context=context).status == 200
    except OSError:
        return False
