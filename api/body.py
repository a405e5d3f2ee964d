"""Bodies: read within limits, and made what the operation takes."""

from __future__ import annotations

import re
import time
from collections.abc import Collection

import falcon
import msgspec

from tinytown.api.cutoff import Cutoff
from tinytown.api.problems import Fault, Refusal

__all__ = ["Raw", "decoded", "faults_of", "read_body"]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at `\$(.*)`)?\Z", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*?)`(?: - at `\$(.*)`)?\Z", re.DOTALL)
_AT = re.compile(r"(.*?)(?: - at `\$(.*)`)?\Z", re.DOTALL)


class Raw(msgspec.Struct, frozen=True, kw_only=True):
    """A body as it came, for handlers to whom its very bytes matter."""

    data: bytes = b""


def read_body(request: falcon.Request, limit: int, *, cutoff: Cutoff, seconds: float, kinds: Collection[str] = (JSON,)) -> bytes | None:
    """The bytes of the body; None when there is none.

    Args:
        request: that it comes with.
        limit: bytes that are accepted.
        cutoff: cuts off whoever is too slow.
        seconds: in which it has to arrive.
        kinds: the media types that are taken.

    Raises:
        Refusal: it is longer than the limit, of another type, ends too early, or does not arrive in time.
    """
    is_chunked = "chunked" in (request.get_header("Transfer-Encoding") or "").lower()
    length = request.content_length
    if not is_chunked and not length:
        return b"" if request.content_type and length == 0 else None
    if length is not None and length > limit:
        raise _too_large(limit)
    if (request.content_type or "").partition(";")[0].strip().lower() not in kinds:
        raise Refusal(415, "The body must be JSON: send Content-Type: application/json.")
    began = time.monotonic()
    try:
        with cutoff.watching(request.env.get("gunicorn.socket"), seconds):
            data = (request.stream if is_chunked else request.bounded_stream).read(limit + 1)
    except OSError as error:  # silence, or nobody there any more
        raise _too_slow() from error
    except Exception as error:  # the server's own, which are of another kind with each server
        if time.monotonic() - began >= seconds:
            raise _too_slow() from error
        raise Refusal(400, "The body is not sent as its headers say.", headers={"Connection": "close"}) from error
    if time.monotonic() - began >= seconds and (length is None or len(data) < length):
        raise _too_slow()
    if len(data) > limit:
        raise _too_large(limit)
    if length is not None and len(data) < length:
        raise Refusal(400, f"The body ended after {len(data)} of {length} bytes.")
    return data


def decoded(data: bytes, kind: type[msgspec.Struct]) -> msgspec.Struct:
    """The value that a body stands for.

    Raises:
        Refusal: it is no JSON, or not what is taken here.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise Refusal(422, "The body does not fit; `errors` says where.", errors=(_fault(str(error)),)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refusal(400, f"The body is no JSON: {error}", code="malformed_json") from error


def faults_of(error: msgspec.ValidationError) -> tuple[Fault, ...]:
    """What a validation stumbled over, and where."""
    return (_fault(str(error)),)


def _fault(said: str) -> Fault:
    for pattern, sentence in ((_UNKNOWN, "There is no such member."), (_MISSING, "This member is missing.")):
        found = pattern.match(said)
        if found is not None:
            return Fault(pointer=f"{_pointer(found[2])}/{_escaped(found[1])}", detail=sentence)
    found = _AT.match(said)
    assert found is not None, "the pattern matches anything"
    return Fault(pointer=_pointer(found[2]), detail=_plain(found[1]))


def _pointer(path: str | None) -> str:
    """A path of msgspec's, such as `.tags[2]`, as a JSON Pointer."""
    if not path:
        return ""
    return "".join(f"/{_escaped(step)}" for step in re.findall(r"[^.\[\]]+", path))


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


_WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list", "object": "an object"}


def _plain(said: str) -> str:
    """A sentence of msgspec's, such as "Expected `int | null`, got `str`", in the words of JSON."""
    return re.sub(r"`([\w |]+)`", lambda found: " or ".join(_WORDS.get(word, word) for word in found[1].split(" | ")), said) + "."


def _too_large(limit: int) -> Refusal:
    return Refusal(413, f"The body is longer than {limit} bytes, the most that is accepted here.", headers={"Connection": "close"})


def _too_slow() -> Refusal:
    return Refusal(408, "The body did not arrive in time.", headers={"Connection": "close"})
