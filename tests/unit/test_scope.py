"""Scopes: what allows what."""

from __future__ import annotations

import pytest

from tinytown.domain.scope import Scope, grants, parse_scope, parse_scopes
from tinytown.errors import InvalidValue

each_scope = pytest.mark.parametrize("scope", Scope)


@each_scope
def test_a_scope_is_read_as_it_is_written(scope: Scope) -> None:
    assert parse_scope(scope.value) is scope


@each_scope
def test_a_colon_stands_for_the_dot(scope: Scope) -> None:
    assert parse_scope(f" {scope.value.replace('.', ':')} ") is scope


@pytest.mark.parametrize("text", ["", "town", "TOWN.READ", "town.read ,admin", "*", "town..read", "é\x00", "x" * 1_000_000])
def test_an_unknown_scope_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse_scope(text)

    assert all(scope.value in str(caught.value) for scope in Scope)
    assert len(str(caught.value)) < 300


@each_scope
def test_admin_allows_everything(scope: Scope) -> None:
    assert grants({Scope.ADMIN}, scope)


@each_scope
def test_any_other_scope_allows_only_itself(scope: Scope) -> None:
    others = {other for other in Scope if grants({scope}, other)}

    assert others == (set(Scope) if scope is Scope.ADMIN else {scope})


@each_scope
def test_no_scopes_allow_nothing(scope: Scope) -> None:
    assert not grants(frozenset(), scope)


def test_scopes_are_read_together() -> None:
    assert parse_scopes(["town.read", "town:read", "admin"]) == {Scope.TOWN_READ, Scope.ADMIN}
