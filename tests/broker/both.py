"""The same check on a stock broker, where it has to fail, and on both of ours."""

from __future__ import annotations

import pytest

__all__ = ["fails_on_stock", "on_both"]

on_both = pytest.mark.parametrize("kind", ["stock", "ours", "streams"])


def fails_on_stock(why: str) -> pytest.MarkDecorator:
    """Run the test for all kinds; the check must fail on stock, and nothing else may."""
    stock = pytest.param("stock", marks=pytest.mark.xfail(reason=why, raises=AssertionError, strict=True))
    return pytest.mark.parametrize("kind", [stock, "ours", "streams"])
