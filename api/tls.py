"""TLS: the context that connections are encrypted with, read and checked before anybody connects, and who is at the other end."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from tinytown.api.refusals import AuthorityUnusable, CertificateExpired, CertificateUnusable, KeyMismatch, MtlsWithoutTls, TlsIncomplete
from tinytown.config import TownhallSettings

__all__ = ["ClientCertificate", "client_certificate", "expires_at", "server_context"]


class ClientCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a verified certificate of a caller is for."""

    subject: str
    """As in `CN=ci,O=Example`."""
    common_name: str | None
    names: tuple[str, ...]
    """Its alternative names, as in `DNS:ci.example.org` or `URI:spiffe://example.org/ci`."""


def server_context(settings: TownhallSettings, root: Path | None, now: datetime) -> ssl.SSLContext | None:
    """What connections are encrypted with; None when they are not.

    Args:
        settings: of townhall.
        root: the town's directory, where relative paths start.
        now: the time, to see what has expired.

    Raises:
        UnsafeStart: a file is missing, is not what it should be, or has expired.
    """
    if not settings.tls.enabled:
        if settings.mtls.is_on:
            raise MtlsWithoutTls
        return None
    certificate, key = _file(settings, root, "cert_file"), _file(settings, root, "key_file")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load_own(context, certificate, key)
    expires = _expiry(certificate)
    if expires <= now:
        raise CertificateExpired(str(certificate), f"{expires:%Y-%m-%d %H:%M} UTC")
    if settings.mtls.is_on:
        _load_authorities(context, settings.mtls.ca_file, root)
        context.verify_mode = ssl.CERT_REQUIRED if settings.mtls.required else ssl.CERT_OPTIONAL
    return context


def expires_at(settings: TownhallSettings, root: Path | None) -> datetime | None:
    """When the certificate of townhall ends; None when it needs none."""
    return _expiry(_file(settings, root, "cert_file")) if settings.tls.enabled else None


def client_certificate(environ: Mapping[str, Any]) -> ClientCertificate | None:
    """The certificate that the caller of a request has shown and we have verified; None when there is none."""
    connection = environ.get("gunicorn.socket")
    if not isinstance(connection, ssl.SSLSocket):
        return None
    shown: Any = connection.getpeercert()  # empty, unless it was verified
    if not shown:
        return None
    parts = [(str(name), str(value)) for group in shown.get("subject", ()) for name, value in group]
    common = next((value for name, value in parts if name == "commonName"), None)
    names = tuple(f"{kind}:{value}" for kind, value in shown.get("subjectAltName", ()))
    return ClientCertificate(
        subject=",".join(f"{_SHORT.get(name, name)}={value}" for name, value in parts), common_name=common, names=names
    )


_SHORT = {
    "commonName": "CN",
    "countryName": "C",
    "localityName": "L",
    "organizationName": "O",
    "organizationalUnitName": "OU",
    "stateOrProvinceName": "ST",
}


def _file(settings: TownhallSettings, root: Path | None, name: str) -> Path:
    said = settings.tls.cert_file if name == "cert_file" else settings.tls.key_file
    if said is None or not said.strip():
        raise TlsIncomplete(name)
    path = _below(root, said)
    try:
        path.read_bytes()
    except OSError as error:
        raise CertificateUnusable(name, str(path), str(error.strerror)) from None
    return path


def _expiry(certificate: Path) -> datetime:
    """When the first certificate of a file ends."""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(certificate.read_bytes())[0].not_valid_after_utc
    except ValueError as error:
        raise CertificateUnusable("cert_file", str(certificate), str(error)) from None


def _load_own(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")  # nobody is there to type one
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise KeyMismatch(str(certificate), str(key)) from None
        _expiry(certificate)  # says so, should it be the certificate
        raise CertificateUnusable("key_file", str(key), "it holds no private key in PEM form, or one with a password") from None


def _load_authorities(context: ssl.SSLContext, named: str | None, root: Path | None) -> None:
    if named is None or not named.strip():
        raise AuthorityUnusable("is not set: it names the authorities whose certificates callers may show")
    path = _below(root, named)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        raise AuthorityUnusable(f"({path}) holds no certificates in PEM form") from None
    except OSError as error:
        raise AuthorityUnusable(f"({path}) cannot be read: {error.strerror}") from None


def _below(root: Path | None, name: str) -> Path:
    return (Path.cwd() if root is None else root) / Path(name).expanduser()
