"""Markdown as a list of blocks: what is said, in which list or below which heading, and what is only quoted or code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

__all__ = ["Block", "blocks", "joined", "lines_of"]

_GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_BOX = re.compile(r"\[([ xX])\][ \t\n]+(?=\S)")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_HIDDEN = re.compile(r"<(pre|code|script|style|blockquote|del|s)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_HIDING_TAG = re.compile(r"<(/?)(?:code|del|s)\b", re.IGNORECASE)
_GAP = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands for code in what is said: nothing that is looked for goes through it."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A heading, a paragraph, or the first paragraph of a list item.

    `text` is for reading: code is in it, emphasis is not. `said` is for understanding:
    without code, without what is struck out, links as their addresses.
    """

    text: str
    said: str
    source: str
    heading: int = 0
    """The level of a heading; 0 for anything else."""
    depth: int = 0
    """In how many lists it is, one in another."""
    is_item: bool = False
    """Does a list item begin with it?"""
    box: bool | None = None
    """Is the box of a task ticked? None without a box."""
    quoted: bool = False
    first: int
    """Its first line."""
    after: int
    """The line after it."""
    end: int
    """The line after the whole list item, if it is one; else as `after`."""


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text in Markdown, without those that are code or comments."""
    return tuple(_walk(_GITHUB.parse(text)))


def lines_of(text: str) -> list[str]:
    """The lines of a text as blocks count them."""
    # Markdown knows these ends of lines only; `splitlines` knows more.
    return re.split(r"\r\n|\r|\n", text)


def joined(lines: Sequence[str]) -> str:
    """The lines as a text, without the indentation that they share and blank lines around."""
    margin = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
    return "\n".join(line[margin:].rstrip() for line in lines).strip("\n")


def _walk(tokens: Sequence[Token]) -> Iterator[Block]:
    depth = quotes = heading = 0
    items: list[tuple[int, int] | None] = []
    for token in tokens:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                depth += 1
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
            case "blockquote_open":
                quotes += 1
            case "blockquote_close":
                quotes -= 1
            case "list_item_open":
                items.append(_span(token))
            case "list_item_close":
                items.pop()
            case "heading_open":
                heading = int(token.tag[1:])
            case "inline" | "html_block":
                item = items[-1] if items else None
                yield _block(token, heading=heading, depth=depth, quoted=quotes > 0, item=item)
                heading = 0
                if items:
                    items[-1] = None
            case "fence" | "code_block" if items:
                items[-1] = None
            case _:
                pass


def _block(token: Token, *, heading: int, depth: int, quoted: bool, item: tuple[int, int] | None) -> Block:
    first, after = _span(token)
    if token.type == "html_block":
        text = said = source = _TAG.sub(" ", _HIDDEN.sub(_GAP, _COMMENT.sub("", token.content))).strip()
    else:
        text, said, source = _read(token), _said(token), token.content.strip()
    box = _BOX.match(source) if item is not None else None
    if box is not None:
        text, said, source = (_BOX.sub("", each, count=1) for each in (text, said, source))
    return Block(
        text=text,
        said=said,
        source=source,
        heading=heading,
        depth=depth,
        is_item=item is not None,
        box=None if box is None else box[1] != " ",
        quoted=quoted,
        first=first,
        after=after,
        end=after if item is None else item[1],
    )


def _span(token: Token) -> tuple[int, int]:
    assert token.map is not None, "blocks know their lines"
    return token.map[0], token.map[1]


def _children(token: Token) -> Sequence[Token]:
    return () if token.children is None else token.children


def _read(token: Token) -> str:
    parts: list[str] = []
    for child in _children(token):
        match child.type:
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "html_inline":
                pass
            case _:
                parts.append(child.content)
    return "".join(parts).strip()


def _said(token: Token) -> str:
    parts: list[str] = []
    hidden = 0
    link: str | None = None
    for child in _children(token):
        tag = _HIDING_TAG.match(child.content) if child.type == "html_inline" else None
        if child.type == "s_open" or (tag is not None and not tag[1]):
            hidden += 1
            parts.append(_GAP)
        elif child.type == "s_close" or tag is not None:
            hidden = max(0, hidden - 1)
        elif child.type == "link_open" and not hidden:
            link = str(child.attrGet("href"))
            parts.append(link if _is_page(link) else "")
        elif child.type == "link_close":
            link = None
        elif not hidden and not (link is not None and _is_page(link)):
            parts.append(_word(child))
    return "".join(parts).strip()


def _word(child: Token) -> str:
    match child.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "code_inline" | "image":
            return _GAP
        case "html_inline":
            return ""
        case _:
            return child.content


def _is_page(link: str) -> bool:
    return link.startswith(("https://", "http://"))
