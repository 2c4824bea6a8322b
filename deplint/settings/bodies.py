"""Requests that stand in files of their own: those that REST clients of editors send (``*.http``), and bodies as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.project import File
from deplint.settings.curl import Curl, parsed
from deplint.settings.text import Source, Word, small

_LINE = re.compile(r"(?m)^[ \t]*(GET|POST|PUT|DELETE|PATCH|HEAD)[ \t]+(\S+)(?:[ \t]+HTTP/[\d.]+)?[ \t]*$")
_HOST = re.compile(r"(?mi)^[ \t]*host:[ \t]*(\S+)")


@dataclass
class RequestFile:
    """The requests of one file. That of a bare body has an empty address and method."""

    path: str
    requests: list[Curl] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.path)


def read_http(file: File) -> RequestFile:
    """A file of requests as RFC 9110 words them: a line with method and address, headers, an empty line, the body; ``###`` ends one."""
    source = Source(file.shown, small(file))
    found = RequestFile(file.shown)
    starts = list(_LINE.finditer(source.text))
    for match, following in zip(starts, [*starts[1:], None], strict=False):
        end = following.start() if following else len(source.text)
        text = re.split(r"(?m)^###", source.text[match.end() : end])[0]
        head, blank, rest = text.partition("\n\n")
        host = _HOST.search(head)
        address = (host[1] if host and match[2].startswith("/") else "") + match[2]
        url = Word(None if "{{" in address else address, source.place(match.start(2), match.end(2)), address)
        body = rest.strip()
        at = match.end() + len(head) + len(blank) + len(rest) - len(rest.lstrip())
        data = Word(body, source.place(at, at + len(body)), body) if body else None
        found.requests.append(Curl(url, match[1], parsed(data), data))
    return found


def read_body(file: File) -> RequestFile:
    """A body as JSON."""
    source = Source(file.shown, small(file))
    found = RequestFile(file.shown)
    try:
        body = json.loads(source.text)
    except (ValueError, RecursionError):  # tells of no request
        return found
    place = source.place(len(source.text) - len(source.text.lstrip()))
    found.requests.append(Curl(Word("", place), "", body, Word(source.text, place)))
    return found
