"""The documentation of the API, for programs and for people."""

from __future__ import annotations

from tinytown.api.answers import Text
from tinytown.api.call import Call
from tinytown.api.operation import Tag

__all__ = ["documentation"]

documentation = Tag("Documentation", "This description, for programs and for people.")

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@documentation.get("/openapi.json", media_type="application/json")
def get_openapi_json(call: Call) -> Text:
    """Get the OpenAPI document as JSON."""
    from tinytown.api.openapi import json_text

    call.tag_text(json_text())
    return Text(body=json_text(), media_type="application/json")


@documentation.get("/openapi.yaml", media_type="application/yaml")
def get_openapi_yaml(call: Call) -> Text:
    """Get the OpenAPI document as YAML."""
    from tinytown.api.openapi import yaml_text

    call.tag_text(yaml_text())
    return Text(body=yaml_text(), media_type="application/yaml")


@documentation.get("/docs", media_type="text/html")
def get_docs(call: Call) -> Text:
    """Read about the API in a browser."""
    from tinytown.api.pages import reference_page

    call.let_browsers_load(_POLICY)
    call.tag_text(reference_page())
    return Text(body=reference_page(), media_type="text/html; charset=utf-8")


@documentation.get("/docs/style.css", media_type="text/css")
def get_docs_style(call: Call) -> Text:
    """Get the style of the pages."""
    from tinytown.api.pages import style

    call.tag_text(style())
    return Text(body=style(), media_type="text/css; charset=utf-8")
