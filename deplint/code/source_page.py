"""The scripts of a page (HTML, or a single-file component): their code in place, the addresses they load, the comments around them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

TAG = 4_000
"""Characters of a tag that are looked at."""

_OPEN = re.compile(r"<!--|<script(?=[\s>/])", re.IGNORECASE)
_TAG_END = re.compile(r"""(?:[^>"']|"[^"]*"|'[^']*')*?>""")
_CLOSE = re.compile(r"</script(?=[\s>/])[^>]*>?", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_CODE = frozenset(
    {"", "module", "text/javascript", "application/javascript", "text/babel", "text/jsx", "text/ecmascript", "text/typescript"}
)


@dataclass(frozen=True)
class Tag:
    """A script tag: what its attributes say, where it stands, and where the code in it does (nowhere if it has an address)."""

    attributes: dict[str, str]
    start: int
    end: int
    code: tuple[int, int] = (0, 0)

    @property
    def address(self) -> str:
        return self.attributes.get("src", "")


@dataclass
class Page:
    """`code` is the scripts' text at the lines and columns it has in the page, everything else left out. `language` is javascript,
    typescript or tsx; `tags` are the scripts that are code, `comments` (start, end), `mapped` the import map.
    """

    code: str = ""
    language: str = "javascript"
    tags: list[Tag] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    mapped: dict[str, str] = field(default_factory=dict)


def read_page(text: str) -> Page:
    """The scripts in `text`. Scripts in comments are none; one that is not closed goes on to the end; a tag that is not ends it all."""
    page = Page()
    pieces: list[str] = []
    written = position = 0
    while match := _OPEN.search(text, position):
        if match[0] == "<!--":
            end = text.find("-->", match.end())
            position = len(text) if end < 0 else end + 3
            page.comments.append((match.start(), position))
            continue
        tag = _TAG_END.match(text, match.end(), match.end() + TAG)
        if tag is None:
            break
        attributes = _attributes(text[match.end() : tag.end() - 1])
        close = _CLOSE.search(text, tag.end())
        end = close.start() if close else len(text)
        position = close.end() if close else len(text)
        if attributes.get("src"):
            page.tags.append(Tag(attributes, match.start(), tag.end()))
        elif attributes.get("type", "").lower() in _CODE:
            pieces += [_blank(text, written, tag.end()), text[tag.end() : end], ";"]
            written = end + 1
            page.tags.append(Tag(attributes, match.start(), tag.end(), (tag.end(), end)))
            if attributes.get("lang", "").lower() in ("ts", "tsx"):
                page.language = {"ts": "typescript", "tsx": "tsx"}[attributes["lang"].lower()]
        elif attributes["type"].lower() == "importmap":
            page.mapped.update(_map(text[tag.end() : end]))
    page.code = "".join(pieces)
    return page


def _attributes(text: str) -> dict[str, str]:
    return {m[1].lower(): (m[2] or m[3] or m[4] or "").strip() for m in _ATTRIBUTE.finditer(text)}


def _blank(text: str, start: int, end: int) -> str:
    """As many lines as between `start` and `end`, and blanks up to the column of `end`."""
    lines = text.count("\n", start, end)
    return "\n" * lines + " " * (end - (text.rfind("\n", start, end) + 1 if lines else start))


def _map(text: str) -> dict[str, str]:
    try:
        imports = json.loads(text)["imports"]
        return {str(k): str(v) for k, v in imports.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
