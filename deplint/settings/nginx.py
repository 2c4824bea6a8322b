"""The configuration of nginx: a tree of directives, and what of it holds for a path.

    for server in config.servers:
        place = locate(server, "/models/net.onnx")
        if place is not None:
            print(nearest(place, "client_max_body_size"))

Variables stay as they are written (``$uri``). How a location is chosen and what it inherits is nginx' own documentation of `location` and
of `ngx_http_headers_module`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from deplint.finding import Place
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.text import LONGEST_PATH, Misread, Source, Word, expression, small

_DEEPEST = 32
_MOST = 50_000
_TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<mark>[;{}])
    |(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(?=[\s;{)]|$)
    |(?P<word>(?:\\.|\$\{\w*\}|[^\s;{}"'\\]|(?<=[^\s;{}])["'])(?:\\.|\$\{\w*\}|\{[\d,]+\}|[^\s;{}\\])*)""",
    re.VERBOSE | re.DOTALL,
)
_TEMPLATE = re.compile(r"\{\{|\{%|<%|\$\{[^}]*[^\w}]|%[A-Z_]+%|(?m:^\s*@\w+@)")
_LUA = re.compile(r"\w+_by_lua_block")


@dataclass(eq=False)
class Directive:
    """A directive, with its `body` if it is a block. `above` is the block it stands in, None at the top of the file."""

    name: str
    words: list[Word]
    place: Place
    above: Directive | None = None
    body: list[Directive] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The arguments without their quotes."""
        return [word.text or "" for word in self.words]

    def all(self, *names: str) -> list[Directive]:
        """The directives of these names that stand directly in this block."""
        return [each for each in self.body if each.name in names]

    def walk(self) -> Iterator[Directive]:
        """The directives in this block, at any depth, in order."""
        for each in self.body:
            yield each
            yield from each.walk()

    @property
    def around(self) -> Iterator[Directive]:
        """This block and those around it, from inside."""
        block: Directive | None = self
        while block is not None:
            yield block
            block = block.above


@dataclass(eq=False)
class NginxConfig:
    """A file of nginx' configuration. `top` holds what is written outside of any block."""

    path: str
    top: Directive

    @property
    def place(self) -> Place:
        return Place(self.path)

    @cached_property
    def every(self) -> list[Directive]:
        return list(self.top.walk())

    def all(self, *names: str) -> list[Directive]:
        """The directives of these names, at any depth."""
        return [each for each in self.every if each.name in names]

    @property
    def servers(self) -> list[Directive]:
        """The servers of HTTP; those of `stream` and `mail` are none."""
        return [each for each in self.all("server") if each.body and not any(a.name in ("upstream", "stream", "mail") for a in each.around)]

    @cached_property
    def upstreams(self) -> dict[str, list[str]]:
        """The addresses of each named group of servers."""
        return {
            each.texts[0]: [server.texts[0] for server in each.all("server") if server.texts] for each in self.all("upstream") if each.texts
        }


def read_nginx(file: File) -> list[NginxConfig]:
    """A file of nginx' configuration; nothing for a template of one.

    Raises:
        Unreadable: its blocks do not end, or it is too large or too deep.
    """
    source = Source(file.shown, small(file))
    top = Directive("", [], Place(file.shown))
    try:
        _read(source, top)
    except Unreadable:
        if _TEMPLATE.search(source.text):
            return []
        raise
    return [NginxConfig(file.shown, top)]


def _read(source: Source, block: Directive) -> None:
    """Read what a text holds into a block."""
    text, position, count, depth = source.text, 0, 0, 0
    words: list[Word] = []
    start = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Misread(f"nginx: unexpected {text[position]!r}", source.place(position))
        position, kind = match.end(), match.lastgroup
        if kind is None:
            continue
        count += 1
        if count > _MOST:
            raise Unreadable(f"more than {_MOST:,} words")
        if kind != "mark":
            written = match[0]
            if not words:
                start = match.start()
            words.append(
                Word(
                    written if kind == "word" else re.sub(r"\\([\"'])", r"\1", written[1:-1]),
                    source.place(match.start(), position),
                    written,
                )
            )
            continue
        if match[0] == "}":
            if block.above is None or words:
                raise Misread('nginx: unexpected "}"', source.place(match.start()))
            block, depth = block.above, depth - 1
            continue
        if not words:
            if match[0] == ";":
                raise Misread('nginx: unexpected ";"', source.place(match.start()))
            raise Misread('nginx: unexpected "{"', source.place(match.start()))
        found = Directive(words[0].text or "", words[1:], source.place(start, match.start()), block)
        block.body.append(found)
        words = []
        if match[0] == "{":
            if _LUA.fullmatch(found.name):
                position = _skipped(text, position)
                continue
            block, depth = found, depth + 1
            if depth > _DEEPEST:
                raise Unreadable(f"more than {_DEEPEST} blocks in one another")
    if block.above is not None or words:
        raise Misread('nginx: unexpected end of file, expecting "}" or ";"', source.place(max(len(text) - 1, 0)))


def _skipped(text: str, position: int) -> int:
    """Where a block of Lua ends."""
    depth = 1
    for match in re.compile(r"--[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[{}]").finditer(text, position):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    raise Unreadable("a block of Lua does not end")


def harmless(include: Directive) -> bool:
    """Whether a file that is included, by its name, holds nothing but types and parameters."""
    name = (include.texts or [""])[0].rpartition("/")[2]
    return name == "mime.types" or name.endswith("_params") or name == "fastcgi.conf"


def unseen(block: Directive) -> bool:
    """Whether more than what is written may hold in a location or server: a file that is included may hold anything."""
    return any(not harmless(include) for each in block.around if each.name in ("location", "server") for include in each.all("include"))


def nearest(block: Directive, *names: str) -> list[Directive]:
    """The directives of these names that hold in a block: its own, else those of the nearest block around it that has any."""
    return next((found for each in block.around if (found := each.all(*names))), [])


def modifier(location: Directive) -> tuple[str, str]:
    """How a location is matched (``=``, ``^~``, ``~``, ``~*``, ``@``; empty for a prefix) and with what."""
    texts = location.texts
    if len(texts) == 2 and texts[0] in ("=", "^~", "~", "~*"):
        return texts[0], texts[1]
    only = texts[0] if len(texts) == 1 else ""
    match = re.match(r"(=|\^~|~\*|~|@)(.+)", only)
    return (match[1], match[2]) if match else ("", only)


def locate(block: Directive, path: str) -> Directive | None:
    """The location that answers a path, or the server itself if none does; None where that is not known."""
    return _locate(block, path)[0] if len(path) <= LONGEST_PATH else None


def _locate(block: Directive, path: str) -> tuple[Directive | None, bool]:
    """The location, and whether no expression around it comes before it."""
    best: Directive | None = None
    locations = [(location, *modifier(location)) for location in block.all("location")]
    for location, kind, given in locations:
        if kind == "=" and given == path:
            return location, True
        if kind in ("", "^~") and given and path.startswith(given) and (best is None or len(given) > len(modifier(best)[1])):
            best = location
    if best is not None:
        inside, last = _locate(best, path)
        if last:
            return inside, True
    for location, kind, given in locations if best is None or modifier(best)[0] != "^~" else ():
        if kind in ("~", "~*"):
            wanted = expression(given, kind == "~*")
            if wanted is None:
                return None, True
            if wanted.search(path):
                return _locate(location, path)[0], True
    return (inside if best is not None else block), False


@dataclass(frozen=True)
class Proxied:
    """One server that requests are handed on to. `scheme` is ``http``, ``https`` or ``grpc`` (``grpcs``); `host` is empty for a socket of
    the file system; `port` is None where the address names none that is known; `uri` is what replaces the location's prefix, None if
    nothing does. What holds a variable is not here."""

    directive: Directive
    scheme: str
    host: str
    port: int | None
    uri: str | None

    @property
    def location(self) -> Directive:
        above = self.directive.above
        assert above is not None
        return above


_DEFAULTS = {"http": 80, "https": 443, "grpc": 80, "grpcs": 443}


def proxied(config: NginxConfig) -> Iterator[Proxied]:
    """The servers that `proxy_pass` and `grpc_pass` lead to, those of a named group one by one."""
    for directive in config.all("proxy_pass", "grpc_pass"):
        address = directive.texts[0] if len(directive.texts) == 1 else ""
        match = re.fullmatch(r"(?:(https?|grpcs?)://)?((?!unix:)[^/:$]+(?::\d+)?)(/[^$]*)?", address)
        if match is None or directive.above is None or (match[1] is None) != (match[1] is None and directive.name == "grpc_pass"):
            continue
        scheme = match[1] or "grpc"
        for server in config.upstreams.get(match[2], [match[2]]):
            host, _, port = server.partition(":")
            if re.fullmatch(r"[\w.-]+", host) and (not port or port.isdigit()) and "$" not in server:
                yield Proxied(directive, scheme, host, int(port) if port else _DEFAULTS[scheme], match[3])
