"""The description of the API, made from the operations themselves."""

from __future__ import annotations

from tinytown.api.openapi.document import json_text, openapi_document, yaml_text

__all__ = ["json_text", "openapi_document", "yaml_text"]
