"""What hosts of static sites are told: headers by path, and paths that are answered with something else.

    for header in hosting.sent("/index.html"):
        print(header.name, header.value, header.place)

Vercel, Netlify (and Cloudflare Pages, which has its files ``_headers`` and ``_redirects``), Firebase, Azure Static Web Apps, Apache by
``.htaccess``, IIS by ``web.config`` and Caddy (headers only). A pattern that cannot be read is None: it may match anything. Sources are
the hosts' own documents: vercel.com/docs/project-configuration, docs.netlify.com/routing, firebase.google.com/docs/hosting/full-config,
learn.microsoft.com/azure/static-web-apps/configuration, httpd.apache.org/docs/2.4/mod, learn.microsoft.com/iis/configuration and
caddyserver.com/docs/caddyfile.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from deplint.finding import Place
from deplint.project import File
from deplint.settings.requirements import json_object, toml_table
from deplint.settings.text import LONGEST_PATH, Finder, Misread, Source, expression, small

_MOST = 5_000
_ANY = re.compile(".*")


@dataclass(frozen=True)
class Header:
    """A header of answers; `name` in lower case, `value` empty where it is taken away, None where it is not known."""

    name: str
    value: str | None
    place: Place


@dataclass(frozen=True)
class Sent:
    """The headers of the paths that match a pattern, in whole; None may match any. `always` is false where something else is asked."""

    pattern: re.Pattern[str] | None
    headers: tuple[Header, ...]
    always: bool = True


@dataclass(frozen=True)
class Route:
    """Paths that are answered with `target`, in place of a file that is there if `first`."""

    pattern: re.Pattern[str] | None
    target: str
    first: bool
    place: Place
    status: int | None = None


@dataclass(eq=False)
class Hosting:
    """What one file tells a host. `kind` is ``vercel``, ``netlify``, ``firebase``, ``azure``, ``apache``, ``iis`` or ``caddy``; `public` is
    the folder that is served, relative to the file's, where it says so. `partial` says that not all of it could be read."""

    path: str
    kind: str
    headers: list[Sent] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    public: str = ""
    partial: bool = False

    @property
    def place(self) -> Place:
        return Place(self.path)

    def sent(self, path: str) -> list[Header]:
        """The headers that a path is certainly sent with, in order."""
        return [
            h
            for sent in self.headers
            if sent.always and sent.pattern is not None and sent.pattern.fullmatch(path[:LONGEST_PATH])
            for h in sent.headers
        ]

    def maybe(self, name: str) -> bool:
        """Whether it cannot be said which paths are sent with a header."""
        unsure = (sent for sent in self.headers if not sent.always or sent.pattern is None)
        return self.partial or any(header.name == name for sent in unsure for header in sent.headers)

    def answer(self, path: str) -> Route | None:
        """The route that answers a path for which there is a file, if one does before the file; None also where that is not known."""
        for route in self.routes:
            if route.pattern is None:
                return None
            if route.pattern.fullmatch(path[:LONGEST_PATH]):
                return route if route.first else None
        return None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)][:_MOST] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


_ADJACENT = re.compile(r"(?::\w+[^/]*){4}")
"""Many names in one part of a path, which may be divided among them in very many ways."""


def _made(pattern: str) -> re.Pattern[str] | None:
    """A pattern that was put together here from parts of which none can take long."""
    try:
        return re.compile(pattern) if len(pattern) < 2_000 else None
    except (re.error, RecursionError, OverflowError):
        return None


def _json(file: File) -> tuple[Source, dict[str, Any]] | None:
    """The object of a JSON file; None where there are comments in it, which some of these hosts take."""
    try:
        return json_object(file)
    except Misread:
        if re.search(r"(?m)(?:^|[\s,{\[])(?://|/\*)|,\s*[}\]]", file.text):
            return None
        raise


def path_to_regexp(source: str) -> re.Pattern[str] | None:
    """A path in the notation of path-to-regexp 6, which Vercel and Next.js have: ``/:name``, ``/:rest*``, ``/(.*)``, ``/:x(a|b)``."""
    found, position = "", 0
    if expression(re.sub(r"\{|\}", "", source)) is None or _ADJACENT.search(source):
        return None
    for match in re.finditer(
        r"(/)?:(\w+)(\((?:[^()\\]|\\.|\([^()]*\))*\))?([*+?]?)|(\((?:[^()\\]|\\.|\([^()]*\))*\))([*+?]?)|\\(.)|[{}]", source
    ):
        found, position = found + re.escape(source[position : match.start()]), match.end()
        if match[0] in "{}" or expression((match[3] or match[5] or "") + (match[6] or "")) is None:
            return None
        if match[7]:
            found += re.escape(match[7])
        elif match[5]:
            found += f"(?:{match[5][1:-1]}){match[6]}"
        else:
            inside = match[3][1:-1] if match[3] else r"[^/#?]+?"
            slash = "/" if match[1] else ""
            repeated = f"{slash}(?:{inside})(?:/(?:{inside}))*"
            found += {"": f"{slash}(?:{inside})", "?": f"(?:{slash}(?:{inside}))?", "+": repeated, "*": f"(?:{repeated})?"}[match[4]]
    return _made(found + re.escape(source[position:]) + "/?")


def read_vercel(file: File) -> Hosting:
    """``vercel.json`` and ``now.json``. `routes`, the older way, come before the files unless ``{"handle": "filesystem"}`` stands first;
    `rewrites` come after."""
    read = _json(file)
    if read is None:
        return Hosting(file.shown, "vercel", partial=True)
    source, data = read
    finder, found = Finder(source), Hosting(file.shown, "vercel", public=_text(data.get("outputDirectory")))
    for each in _objects(data.get("headers")):
        headers = tuple(
            Header(_text(h.get("key")).lower(), _text(h.get("value")), finder.string(_text(h.get("key"))))
            for h in _objects(each.get("headers"))
        )
        found.headers.append(Sent(path_to_regexp(_text(each.get("source"))), headers, not {"has", "missing"} & each.keys()))
    files_first = False
    for each in _objects(data.get("routes")):
        if each.get("handle") == "filesystem":
            files_first = True
        headers = tuple(Header(k.lower(), _text(v), finder.key(k)) for k, v in _object(each.get("headers")).items())
        pattern = expression(_text(each.get("src")))
        if headers:
            found.headers.append(Sent(pattern, headers, not {"has", "missing", "methods"} & each.keys()))
        if "src" in each and not each.get("continue") and (each.get("dest") or each.get("status")):
            target, status = _text(each.get("dest")), each.get("status")
            place = finder.string(target) if target else finder.string(_text(each.get("src")))
            sure = pattern if not {"has", "missing", "methods"} & each.keys() else None
            found.routes.append(Route(sure, target, not files_first, place, status if type(status) is int else None))
    return found


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _netlify(path: str) -> re.Pattern[str] | None:
    """``/a/*`` and ``/:name/x`` of Netlify; a trailing slash makes no difference."""
    path = re.sub(r"^https?://[^/]+", "", path)
    if path.count("*") > 3 or _ADJACENT.search(path):
        return None
    parts = ["(?:/.*)?" if part == "/*" else re.sub(r":\w+", "[^/]+", re.escape(part)) for part in re.findall(r"/\*$|/[^/]*", path)]
    return _made("".join(parts).replace(r"\*", ".*") + "/?")


def read_netlify(file: File) -> Hosting:
    """``netlify.toml``."""
    source, data = toml_table(file)
    finder, found = Finder(source), Hosting(file.shown, "netlify", public=_text(_object(data.get("build")).get("publish")))
    start = finder.section(r"[ \t]*\[\[\s*headers\s*\]\]")
    for each in _objects(data.get("headers")):
        headers = tuple(Header(k.lower(), _joined(v), finder.key(k, start)) for k, v in _object(each.get("values")).items())
        found.headers.append(Sent(_netlify(_text(each.get("for"))), headers))
    for each in _objects(data.get("redirects")):
        target, status = _text(each.get("to")), each.get("status", 301)
        sure = None if each.get("conditions") or each.get("query") else _netlify(_text(each.get("from")))
        found.routes.append(Route(sure, target, each.get("force") is True, finder.string(target), status if type(status) is int else None))
    return found


def _joined(value: Any) -> str:
    return ", ".join(_text(each) for each in value) if isinstance(value, list) else _text(value).strip()


def read_headers(file: File) -> Hosting:
    """``_headers`` of Netlify and Cloudflare Pages: a path, and below it, indented, the headers. ``! Name`` takes one away."""
    source, found = Source(file.shown, small(file)), Hosting(file.shown, "netlify")
    headers: list[Header] = []
    path, offset = "", 0
    for line in source.text.splitlines(keepends=True)[:_MOST]:
        stripped, place = line.strip(), source.place(offset, offset + len(line.rstrip()))
        offset += len(line)
        if not stripped or stripped.startswith("#"):
            continue
        name, colon, value = stripped.partition(":")
        if stripped.startswith(("/", "http://", "https://")):
            if path:
                found.headers.append(Sent(_netlify(path), tuple(headers)))
            path, headers = stripped, []
        elif colon:
            headers.append(Header(name.strip().lower(), value.strip(), place))
        elif stripped.startswith("!"):
            headers.append(Header(stripped[1:].strip().lower(), "", place))
    if path:
        found.headers.append(Sent(_netlify(path), tuple(headers)))
    return found


def read_redirects(file: File) -> Hosting:
    """``_redirects`` of Netlify: from, to, status; ``200!`` comes before a file that is there."""
    source, found, offset = Source(file.shown, small(file)), Hosting(file.shown, "netlify"), 0
    for line in source.text.splitlines(keepends=True)[:_MOST]:
        words, place = line.partition(" #")[0].split(), source.place(offset, offset + len(line.rstrip()))
        offset += len(line)
        if len(words) < 2 or words[0].startswith("#"):
            continue
        last = re.fullmatch(r"(\d{3})(!?)", words[2]) if len(words) > 2 else None
        sure = _netlify(words[0]) if len(words) == 2 or (last and len(words) == 3) else None
        found.routes.append(Route(sure, words[1], bool(last and last[2]), place, int(last[1]) if last else 301))
    return found


def _glob(pattern: str) -> re.Pattern[str] | None:
    """A glob of Firebase (minimatch with ``**``, ``@(a|b)`` and ``{a,b}``)."""
    if len(re.findall(r"\*+", pattern)) > 3:
        return None
    found = "" if pattern.startswith(("/", "**")) else "/"
    for part in re.findall(r"\*\*/|\*\*|\*|\?|@\([^()]*\)|\{[^{}]*\}|[!+]\(|.", pattern):
        match part:
            case "**/":
                found += "(?:.*/)?" if found else "/?(?:.*/)?"
            case "**":
                found += ".*"
            case "*":
                found += "[^/]*"
            case "?":
                found += "[^/]"
            case _ if part.startswith("@("):
                found += "(?:" + "|".join(map(_wild, part[2:-1].split("|"))) + ")"
            case _ if part.startswith("{"):
                found += "(?:" + "|".join(map(_wild, part[1:-1].split(","))) + ")"
            case "!(" | "+(" | "!":
                return None
            case _:
                found += re.escape(part)
    return _made(found)


def _wild(text: str) -> str:
    return re.escape(text).replace(r"\*", "[^/]*")


def read_firebase(file: File) -> list[Hosting]:
    """The sites of ``firebase.json``. Redirects come before the files, rewrites after."""
    read = _json(file)
    if read is None:
        return []
    source, data = read
    finder, hosting = Finder(source), data.get("hosting")
    found = []
    for site in _objects(hosting if isinstance(hosting, list) else [hosting]):
        one = Hosting(file.shown, "firebase", public=_text(site.get("public")))
        for each in _objects(site.get("headers")):
            headers = tuple(
                Header(_text(h.get("key")).lower(), _text(h.get("value")), finder.string(_text(h.get("key"))))
                for h in _objects(each.get("headers"))
            )
            written = _text(each.get("source") or each.get("glob"))
            one.headers.append(Sent(_glob(written) if written else expression(_text(each.get("regex"))), headers))
        for each in _objects(site.get("redirects")):
            target, written = _text(each.get("destination")), _text(each.get("source"))
            sure = None if ":" in written or not written else _glob(written)
            one.routes.append(Route(sure, target, True, finder.string(target), each.get("type") if type(each.get("type")) is int else None))
        found.append(one)
    return found


def read_azure(file: File) -> Hosting:
    """``staticwebapp.config.json``; its fallback answers where there is no file."""
    read = _json(file)
    if read is None:
        return Hosting(file.shown, "azure", partial=True)
    source, data = read
    finder, found = Finder(source), Hosting(file.shown, "azure")
    own = tuple(Header(k.lower(), _text(v), finder.key(k)) for k, v in _object(data.get("globalHeaders")).items())
    if own:
        found.headers.append(Sent(_ANY, own))
    for each in _objects(data.get("routes")):
        headers = tuple(Header(k.lower(), _text(v), finder.key(k)) for k, v in _object(each.get("headers")).items())
        pattern = _glob(_text(each.get("route")).replace("*", "**"))
        if headers:
            found.headers.append(Sent(pattern, headers, "methods" not in each))
    return found


_HEADER = re.compile(
    r"[ \t]*Header[ \t]+(?:(?:always|onsuccess)[ \t]+)?(set|add|append|merge|setifempty|unset)[ \t]+\"?([\w-]+):?\"?"
    r"(?:[ \t]+(\"(?:[^\"\\]|\\.)*\"|'[^']*'|\S+))?([^\n]*)",
    re.IGNORECASE,
)


def read_htaccess(file: File) -> Hosting:
    """``.htaccess`` of Apache: `Header`, and `RewriteRule` with the conditions before it."""
    source, found, offset = Source(file.shown, small(file)), Hosting(file.shown, "apache"), 0
    sections: list[tuple[str, re.Pattern[str] | None]] = []
    conditions: list[str] = []
    for line in source.text.splitlines(keepends=True)[:_MOST]:
        stripped, place = line.strip(), source.place(offset, offset + len(line.rstrip()))
        offset += len(line)
        if not stripped or stripped.startswith("#"):
            continue
        if match := re.match(r"<(/?)(\w+)\s*([^>]*)>", stripped):
            if match[1]:
                sections = sections[:-1]
            elif match[2].lower() != "ifmodule":
                sections = [*sections, (match[2], _files(match[2].lower(), match[3]))]
        elif match := _HEADER.match(line):
            within = [pattern for _, pattern in sections]
            pattern = None if None in within or len(within) > 1 else within[0] if within else _ANY
            value = "" if match[1].lower() == "unset" else (match[3] or "").strip("\"'")
            sure = not re.search(r"\b(?:env=|expr=|early)", match[4] or "") and "%{" not in value
            found.headers.append(Sent(pattern, (Header(match[2].lower(), value, place),), sure))
        elif match := re.match(r"RewriteCond\s+(.*)", stripped, re.IGNORECASE):
            conditions.append(match[1])
        elif match := re.match(r"RewriteRule\s+(\S+)\s+(\S+)(?:\s+\[([^\]]*)\])?", stripped, re.IGNORECASE):
            negated = match[1].startswith("!")
            pattern = None if conditions or negated or sections else _searched(match[1], "NC" in (match[3] or ""))
            # Conditions may be anything: what they are decides whether a file is passed over.
            found.routes.append(Route(pattern, match[2], not conditions, place))
            conditions = []
        elif re.match(r"(?:RewriteBase|RewriteMap|Include|SetEnvIf\w*)\b", stripped, re.IGNORECASE):
            found.partial = found.partial or not re.match(r"RewriteBase\s+/\s*$|SetEnvIf", stripped, re.IGNORECASE)
    return found


def _files(name: str, given: str) -> re.Pattern[str] | None:
    """The paths of a section of Apache."""
    given = given.strip()
    if name == "filesmatch" or (name == "files" and given.startswith("~")):
        inside = expression(given.lstrip("~ ").strip("\"'"))
        return _made(f"(?:.*/)?(?=[^/]*$)[^/]*?(?:{inside.pattern.replace('^', '(?<![^/])', 1)}).*") if inside is not None else None
    if name == "files":
        return _made(".*/" + _wild(given.strip("\"'")))
    return None


def _searched(pattern: str, ignore: bool) -> re.Pattern[str] | None:
    """The pattern of a `RewriteRule` in ``.htaccess``, which is searched for in the path without its first slash."""
    inside = expression(pattern.strip("\"'"), ignore)
    if inside is None:
        return None
    text = pattern.strip("\"'")
    start = f"/(?:{text[1:]})" if text.startswith("^") and "|" not in text else f"/.*?(?:{text})"
    return _made(("(?i)" if ignore else "") + (start if text.endswith("$") else start + ".*"))


_XML = re.compile(r"<!--|<(/?)(location|customHeaders|handlers|add|remove)\b([^>]{0,1000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


def read_web_config(file: File) -> Hosting:
    """``web.config`` of IIS: `customHeaders`, of the whole site or of a `location`. Handlers that it names may send more."""
    source, found = Source(file.shown, small(file)), Hosting(file.shown, "iis")
    at, pattern, inside = 0, _ANY, False
    while len(found.headers) < _MOST and (match := _XML.search(source.text, at)):
        at = match.end()
        if match[0] == "<!--":
            end = source.text.find("-->", at)
            at = end if end >= 0 else len(source.text)
            continue
        name, given = match[2].lower(), {key.lower(): a or b for key, a, b in _ATTRIBUTE.findall(match[3])}
        if name == "handlers":
            found.partial = True
        elif name == "location":
            path = re.escape(given.get("path", "").strip("/."))
            pattern = re.compile(f"/{path}(?:/.*)?") if path and not match[1] else _ANY
        elif name == "customheaders":
            inside = not match[1] and not match[3].rstrip().endswith("/")
        elif inside and not match[1] and "name" in given:
            value = given.get("value", "") if name == "add" else ""
            found.headers.append(Sent(pattern, (Header(given["name"].lower(), value, source.place(match.start(), match.end())),)))
    return found


_WORDS = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|`([^`]*)`|(\S+)")


def read_caddy(file: File) -> Hosting:
    """``Caddyfile``: `header`, with or without a path. What stands in blocks of their own, behind a named matcher or a placeholder is not
    known; a file that imports others, or hands everything on, tells a part."""
    source, found, offset = Source(file.shown, small(file)), Hosting(file.shown, "caddy"), 0
    blocks: list[str] = []
    sites = 0
    pattern: re.Pattern[str] | None = _ANY
    for line in source.text.splitlines(keepends=True)[:_MOST]:
        place = source.place(offset, offset + len(line.rstrip()))
        offset += len(line)
        words = [a or b or c for a, b, c in _WORDS.findall(re.sub(r"(?:^|\s)#.*", "", line))]
        if not words:
            continue
        if words[0] == "}":
            blocks = blocks[:-1]
            continue
        opens = words[-1] == "{"
        if "header" in blocks[-1:]:
            found.headers.append(_caddy_header(words, pattern, blocks[:-1], place))
        elif words[0] == "header":
            rest = words[1:-1] if opens else words[1:]
            matched = bool(rest) and rest[0][:1] in "/@*"
            pattern = _caddy_path(rest[0]) if matched else _ANY
            if not opens and len(rest) > matched:
                found.headers.append(_caddy_header(rest[matched:], pattern, blocks, place))
        elif words[0] == "import" or (words[0] in ("reverse_proxy", "php_fastcgi") and words[1:2] and words[1][:1] not in "/@"):
            found.partial = found.partial or len(blocks) < 2
        if opens:
            sites += not blocks and len(words) > 1 and not words[0].startswith("(")
            blocks.append(words[0] if len(words) > 1 else "")
    found.partial = found.partial or sites > 1
    return found


def _caddy_path(matcher: str) -> re.Pattern[str] | None:
    """A path of Caddy, in which a star at an end stands for anything; None for a named matcher."""
    if matcher.startswith("@") or "{" in matcher or matcher.count("*") > 2:
        return None
    return _made(re.escape(matcher).replace(r"\*", ".*") if matcher != "*" else ".*")


def _caddy_header(words: list[str], pattern: re.Pattern[str] | None, around: list[str], place: Place) -> Sent:
    name, value = words[0], words[1] if len(words) > 1 else ""
    known = None if "{" in value or name[:1] in "?>" else "" if name.startswith("-") else value
    always = len(around) < 2 and not any(block.startswith(("(", "@", "handle", "route")) for block in around)
    return Sent(pattern, (Header(name.lstrip("+-?>").lower(), known, place),), always)
