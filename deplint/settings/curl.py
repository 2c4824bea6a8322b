"""Requests that shell scripts send with curl."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deplint.settings.scripts import Script
from deplint.settings.text import Word

if TYPE_CHECKING:
    from deplint.settings.bodies import RequestFile

_DATA = ("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json")
_VALUED = (
    "-H",
    "--header",
    "-o",
    "--output",
    "-u",
    "--user",
    "-A",
    "-e",
    "-b",
    "-c",
    "-F",
    "--form",
    "-m",
    "--max-time",
    "-w",
    "-T",
    "--cacert",
    "--cert",
)


@dataclass(frozen=True)
class Curl:
    """One request. `data` is what is sent, None if nothing is; `body` that as JSON, None where it is not known or no JSON."""

    url: Word
    method: str
    body: Any
    data: Word | None


def curls(script: Script | RequestFile) -> Iterator[Curl]:
    """The calls whose address is written in the script; the requests of a file of requests."""
    if not isinstance(script, Script):
        yield from script.requests
        return
    for command in script.commands:
        words = command.words
        if not words or posixpath.basename(words[0].text or "") != "curl":
            continue
        urls: list[Word] = []
        method, data = "", None
        rest = iter(words[1:])
        for word in rest:
            text = word.text or ""
            name, _, value = text.partition("=") if text.startswith("--") else (text, "", "")
            if name in _DATA:
                data = word if value else next(rest, None)
            elif name in ("-X", "--request"):
                given = next(rest, None) if not value else word
                method = (value or (given.text if given else None) or "").upper()
            elif text.startswith("-X"):
                method = text[2:].upper()
            elif name in ("-G", "--get", "-K", "--config"):
                break
            elif name in _VALUED:
                next(rest, None)
            elif not text.startswith("-"):
                urls.append(word)
        else:
            if len(urls) == 1:
                yield Curl(urls[0], method or ("GET" if data is None else "POST"), parsed(data), data)


def parsed(data: Word | None) -> Any:
    """What is sent, as JSON; None where it is none."""
    if data is None:
        return None
    text = data.text or ""
    try:
        return json.loads(text.partition("=")[2] if text.startswith("--") else text)
    except (ValueError, RecursionError):  # "@body.json" too
        return None
