"""Operations: what can be asked of townhall, each with the types that validate, represent and document it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from tinytown.api.signature import Signature, signature_of
from tinytown.domain.scope import Scope
from tinytown.errors import TownError

__all__ = ["Operation", "Tag"]

H = TypeVar("H", bound=Callable[..., Any])


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path.

    Attributes:
        id: as programs call it, in camel case.
        path: with its parameters in braces.
        scope: what a caller must be allowed; None: anybody.
        is_probe: public, unless `[townhall] public_probes` says otherwise.
        status: of the answer, unless the handler says another of `answers`.
        answers: the type of the answer by status; None for one without a body.
        refuses: the errors that belong to this operation, beside those that any may meet.
        takes_key: whether an `Idempotency-Key` makes a repeat harmless.
        takes_version: whether `If-Match` is heeded.
        revalidates: whether the version covers all of the answer, so that one with the same version is not sent again.
        headers: what it reads of the request's headers beside those that many do, with a sentence each.
        media_type: of the answer.
        as_text: makes plain text of the answer, for whoever would rather have that; None where there is none.
        handler: does it.
    """

    id: str
    method: str
    path: str
    tag: str
    scope: Scope | None
    is_probe: bool
    status: int
    answers: Mapping[int, Any]
    refuses: tuple[type[TownError], ...]
    takes_key: bool
    takes_version: bool
    revalidates: bool
    headers: Mapping[str, str]
    media_type: str
    as_text: Callable[[Any], str] | None
    summary: str
    description: str
    signature: Signature
    handler: Callable[..., Any]

    @property
    def changes(self) -> bool:
        """Whether it may change the town: what the audit is about."""
        return self.method not in {"GET", "HEAD"} and self.scope is not Scope.TOWN_READ


class Tag:
    """A noun of the API: its operations are functions that are decorated with its methods.

    The name of a function is the id of its operation, its docstring the documentation,
    and its annotations say what is accepted and answered.
    """

    def __init__(self, name: str, about: str) -> None:
        self.name = name
        self.about = about
        self.operations: list[Operation] = []

    def get(self, path: str, **traits: Any) -> Callable[[H], H]:
        """Make a function answer GET."""
        return self._adding("GET", path, traits)

    def post(self, path: str, **traits: Any) -> Callable[[H], H]:
        """Make a function answer POST."""
        return self._adding("POST", path, traits)

    def patch(self, path: str, **traits: Any) -> Callable[[H], H]:
        """Make a function answer PATCH."""
        return self._adding("PATCH", path, traits)

    def delete(self, path: str, **traits: Any) -> Callable[[H], H]:
        """Make a function answer DELETE."""
        return self._adding("DELETE", path, traits)

    def _adding(self, method: str, path: str, traits: dict[str, Any]) -> Callable[[H], H]:
        def add(handler: H) -> H:
            self.operations.append(_operation(self.name, method, path, handler, **traits))
            return handler

        return add


def _operation(
    tag: str,
    method: str,
    path: str,
    handler: Callable[..., Any],
    *,
    scope: Scope | None = None,
    is_probe: bool = False,
    status: int = 200,
    answers: Mapping[int, Any] | None = None,
    refuses: tuple[type[TownError], ...] = (),
    takes_key: bool = False,
    takes_version: bool = False,
    revalidates: bool = True,
    headers: Mapping[str, str] | None = None,
    media_type: str = "application/json",
    as_text: Callable[[Any], str] | None = None,
    id: str | None = None,  # noqa: A002 - a keyword of the decorators, where no other word would do
) -> Operation:
    signature = signature_of(handler, path)
    summary, _, rest = _docstring(handler).partition("\n")
    return Operation(
        id=_camel(handler.__name__) if id is None else id,
        method=method,
        path=path,
        tag=tag,
        scope=scope,
        is_probe=is_probe,
        status=status,
        answers={status: signature.answer, **({} if answers is None else answers)},
        refuses=refuses,
        takes_key=takes_key,
        takes_version=takes_version,
        revalidates=revalidates,
        headers={} if headers is None else headers,
        media_type=media_type,
        as_text=as_text,
        summary=summary.strip().rstrip("."),
        description=rest.strip(),
        signature=signature,
        handler=handler,
    )


def _docstring(handler: Callable[..., Any]) -> str:
    from inspect import getdoc

    text = getdoc(handler)
    assert text is not None, f"{handler.__name__} is documented by its docstring"
    return text


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)
