"""The reference of the API as one page, made from the OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from tinytown.api.openapi import openapi_document
from tinytown.api.pages.markup import block, element, inline
from tinytown.api.pages.schema_tables import SchemaTables

__all__ = ["reference_page"]


@cache
def reference_page() -> str:
    """The whole page."""
    described = openapi_document()
    info = described["info"]
    head = element(
        "head",
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
        element("title", "Townhall"),
        '<link rel="stylesheet" href="/docs/style.css">',
    )
    top = element("header", element("h1", "Townhall ", element("small", info["version"])), block(info["description"]), _downloads())
    page = _Page(described)
    main = element("main", top, *page.sections())
    body = element("body", element("nav", *page.contents(), aria_label="Operations"), main)
    return f"<!doctype html>{element('html', head, body, lang='en')}\n"


def _downloads() -> str:
    links = [element("a", text, href=place) for text, place in (("openapi.json", "/openapi.json"), ("openapi.yaml", "/openapi.yaml"))]
    return element("p", "The same for programs: ", " and ".join(links), ".")


class _Page:
    """The operations of a document, by their tags."""

    def __init__(self, described: dict[str, Any]) -> None:
        self._described = described
        self._tables = SchemaTables(described["components"]["schemas"])
        self._server = described["servers"][0]["url"]

    def contents(self) -> Iterator[str]:
        """The list at the side."""
        yield element("a", "Townhall", href="#", class_="home")
        for tag in self._described["tags"]:
            links = [
                element(
                    "li",
                    element(
                        "a",
                        _badge(method),
                        element("span", path.replace("/", "/<wbr>")),
                        href=f"#{found['operationId']}",
                        title=found["summary"],
                    ),
                )
                for path, method, found in self._of(tag["name"])
            ]
            yield element("details", element("summary", tag["name"]), element("ul", *links), open="open")

    def sections(self) -> Iterator[str]:
        """The text, tag by tag."""
        for tag in self._described["tags"]:
            operations = [self._operation(path, method, found) for path, method, found in self._of(tag["name"])]
            yield element("section", element("h2", tag["name"]), block(tag["description"]), *operations)

    def _of(self, tag: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, methods in self._described["paths"].items():
            for method, found in methods.items():
                if tag in found["tags"]:
                    yield path, method, found

    def _operation(self, path: str, method: str, found: dict[str, Any]) -> str:
        title = element("h3", _badge(method), element("code", path), element("a", "#", href=f"#{found['operationId']}", class_="anchor"))
        return element(
            "article",
            title,
            element("p", element("strong", inline(found["summary"]), ".")),
            block(found["description"]),
            self._parameters(found["parameters"]),
            self._body(found.get("requestBody")),
            self._call(path, method, found),
            self._answers(found["responses"]),
            id=found["operationId"],
        )

    def _parameters(self, parameters: list[dict[str, Any]]) -> str:
        rows = [
            element(
                "tr",
                element(
                    "th",
                    element("code", each["name"]),
                    element("span", "required", class_="needed") if each["required"] else "",
                    scope="row",
                ),
                element("td", each["in"], " · ", self._tables.kind(each["schema"]), class_="kind"),
                element("td", block(each["description"])),
            )
            for each in parameters
        ]
        return element("h4", "Parameters") + element("table", element("tbody", *rows), class_="members") if rows else ""

    def _body(self, body: dict[str, Any] | None) -> str:
        if body is None:
            return ""
        optional = "" if body["required"] else element("small", " may be left out")
        return element("h4", "Body", optional) + self._tables.table(body["content"]["application/json"]["schema"])

    def _call(self, path: str, method: str, found: dict[str, Any]) -> str:
        words = ["curl -s"]
        if method != "get":
            words.append(f"-X {method.upper()}")
        if found["security"] and {} not in found["security"]:
            words.append('-H "Authorization: Bearer $KEY"')
        if "requestBody" in found:
            sent = json.dumps(found["requestBody"]["content"]["application/json"]["example"], ensure_ascii=False)
            words.append(f"--json '{sent}'")
        words.append(f"{self._server}{path}")
        return element("pre", element("code", *(inline(word) for word in " ".join(words).split("`"))), class_="call")

    def _answers(self, answers: dict[str, Any]) -> str:
        return element("h4", "Answers") + "".join(self._answer(status, answer) for status, answer in answers.items())

    def _answer(self, status: str, answer: dict[str, Any]) -> str:
        name = answer.get("$ref", "").rpartition("/")[2]
        found = self._described["components"]["responses"][name] if name else answer
        first, _, rest = found["description"].partition("\n")
        inside = block(rest)
        for kind, content in found.get("content", {}).items():
            if "example" in content:
                example = json.dumps(content["example"], indent=2, ensure_ascii=False)
                inside += self._tables.table(content["schema"]) + element("pre", element("code", inline(example)))
            elif kind != "application/problem+json":
                inside += element("p", element("code", kind))
        summary = element("summary", element("code", status, class_=f"status s{status[0]}"), f" {inline(first.rstrip('.'))}")
        return element("details", summary, inside, class_="answer")


def _badge(method: str) -> str:
    return element("span", method.upper(), class_=f"method {method}")
