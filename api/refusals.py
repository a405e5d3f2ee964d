"""Why townhall does not start: each reason an error of its own that says what to do."""

from __future__ import annotations

from tinytown.errors import TownError

__all__ = [
    "AddressTaken",
    "AddressUnusable",
    "AuthorityUnusable",
    "CannotListen",
    "CertificateExpired",
    "CertificateUnusable",
    "HashUnusable",
    "KeyMismatch",
    "KeyMissing",
    "MtlsWithoutTls",
    "OidcIncomplete",
    "OpenToAnybody",
    "ScopeUnknown",
    "TlsIncomplete",
    "UnknownHost",
    "UnsafeStart",
]


class CannotListen(TownError):
    """Townhall does not get the address it is told to listen on."""

    code = "cannot_listen"


class AddressTaken(CannotListen):
    """Another program listens there."""

    code = "address_taken"

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address

    def __str__(self) -> str:
        return f"{self.address} is taken by another program; end that, or choose another port with --port or [townhall] rest_port (0: any)"


class AddressUnusable(CannotListen):
    """The system does not let us listen there."""

    code = "address_unusable"

    def __init__(self, address: str, why: str) -> None:
        super().__init__(address, why)
        self.address = address
        self.why = why

    def __str__(self) -> str:
        return f"cannot listen on {self.address}: {self.why}"


class UnknownHost(CannotListen):
    """The name to listen on has no address."""

    code = "unknown_host"

    def __init__(self, host: str, why: str) -> None:
        super().__init__(host, why)
        self.host = host
        self.why = why

    def __str__(self) -> str:
        return f"the host {self.host!r} has no address ({self.why}); see --bind or [townhall] bind"


class UnsafeStart(TownError):
    """Townhall would not be what its settings promise; subclasses say why and what to do."""

    code = "unsafe_start"
    sentence = "townhall would not be safe"

    def __init__(self, *what: str) -> None:
        super().__init__(*what)
        self.what = what

    def __str__(self) -> str:
        return self.sentence.format(*self.what)


class OpenToAnybody(UnsafeStart):
    """Other machines can reach it, and it asks nobody who they are."""

    code = "open_to_anybody"
    sentence = (
        "{} can be reached from other machines, and [townhall.auth] mode is none: anybody could run commands through the agents; "
        'set mode = "api_key" (`tt auth gen-key` makes a key) or "oidc", or bind 127.0.0.1'
    )


class TlsIncomplete(UnsafeStart):
    """TLS is on, and a file is not named."""

    code = "tls_incomplete"
    sentence = "[townhall.tls] is enabled, and {} is not set"


class CertificateUnusable(UnsafeStart):
    """The certificate or its key cannot be read."""

    code = "certificate_unusable"
    sentence = "[townhall.tls] {} ({}) cannot be used: {}"


class KeyMismatch(UnsafeStart):
    """The key is another certificate's."""

    code = "key_mismatch"
    sentence = "[townhall.tls] key_file ({1}) is not the key of cert_file ({0})"


class CertificateExpired(UnsafeStart):
    """The certificate is no longer valid."""

    code = "certificate_expired"
    sentence = "[townhall.tls] cert_file ({}) expired on {}; no caller would believe it: renew it"


class MtlsWithoutTls(UnsafeStart):
    """Callers cannot show certificates where there is no TLS."""

    code = "mtls_without_tls"
    sentence = "[townhall.mtls] needs TLS: set [townhall.tls] enabled, cert_file and key_file"


class AuthorityUnusable(UnsafeStart):
    """There are no authorities to check callers' certificates with."""

    code = "authority_unusable"
    sentence = "[townhall.mtls] ca_file {}"


class KeyMissing(UnsafeStart):
    """Keys are asked for, and there is none."""

    code = "key_missing"
    sentence = (
        "[townhall.auth] mode is api_key, and there is no key: nobody could call; `tt auth gen-key` makes one "
        "for TINYTOWN_TOWNHALL__AUTH__API_KEY_HASH, and with --name one that the town remembers"
    )


class HashUnusable(UnsafeStart):
    """What should be the hash of a key is none."""

    code = "hash_unusable"
    sentence = "[townhall.auth] api_key_hash {}"


class OidcIncomplete(UnsafeStart):
    """Tokens cannot be checked with what is known of their issuer."""

    code = "oidc_incomplete"
    sentence = "[townhall.auth] mode is oidc, and {}"


class ScopeUnknown(UnsafeStart):
    """A setting names a scope that does not exist."""

    code = "scope_unknown"
    sentence = "[townhall.auth] {} names {!r}, which is no scope; there are {}"
