"""Content security policies: what a page of the project may load, wherever that is said.

    for policy in policies(facts, project):
        if policy.refuses("connect-src", "https://models.example.org/net.onnx"):
            print(policy.place, policy.files)

How sources are held against addresses is section 6.7.2 of https://www.w3.org/TR/CSP3/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from deplint import Project
from deplint.apps.follow import home
from deplint.apps.hosting import PAGE, Host, hosts, sites
from deplint.apps.site import local, platform
from deplint.code.source import SourceFile
from deplint.finding import Place, Span
from deplint.settings.hosting import Hosting
from deplint.settings.nginx import NginxConfig

_META = re.compile(r"<meta\b((?:[^>\"']|\"[^\"]*\"|'[^']*'){0,4000})>", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_NAME = re.compile(r"http-equiv\s*=\s*[\"']?content-security-policy[\"'\s>]", re.IGNORECASE)
HEADER = "content-security-policy"
HELMET = "default-src 'self'; script-src 'self'; connect-src 'self'"
"""What `helmet()` sends of what matters here; `connect-src` is there because `default-src` is (helmet 4 to 8)."""


@dataclass(frozen=True, eq=False)
class Policy:
    """One policy, and the files whose code runs under it."""

    text: str
    place: Place
    files: Sequence[SourceFile]

    def sources(self, *names: str) -> str | None:
        """The sources of the first of these directives that the policy has; None if it has none of them."""
        directives: dict[str, str] = {}
        for part in self.text.split(";"):
            name, _, sources = " ".join(part.split()).partition(" ")
            directives.setdefault(name.lower(), sources)
        return next((directives[name] for name in names if name in directives), None)

    def refuses(self, name: str, address: str) -> bool:
        """Whether the policy certainly refuses an address with a host of its own, for `connect-src` or `script-src`."""
        sources = self.sources(*(("script-src-elem",) if name == "script-src" else ()), name, "default-src")
        if sources is None or re.search(r"[{%<$\\]|'(?:nonce|sha\d+)-|'strict-dynamic'", sources):
            return False
        wanted = urlsplit("https:" + address if address.startswith("//") else address)
        if wanted.scheme not in ("http", "https") or not wanted.hostname or re.fullmatch(r"localhost|127\.0\.0\.1|\[.*", wanted.hostname):
            return False
        scheme = "https" if self.sources("upgrade-insecure-requests") is not None else wanted.scheme
        return not any(_matches(source.lower(), scheme, wanted.hostname, wanted.path) for source in sources.split())


def _matches(source: str, scheme: str, host: str, path: str) -> bool:
    """Whether a source may mean an address."""
    if source in ("*", f"{scheme}:", "http:" if scheme == "https" else ""):
        return True
    match = re.fullmatch(r"(?:(\w+)://)?(\*\.)?([\w.*-]+)(?::[\d*]+)?(/.*)?", source)
    if match is None or source.startswith("'") or source.endswith(":"):
        return False
    if match[1] and match[1] not in (scheme, "http" if scheme == "https" else scheme):
        return False
    if match[2]:
        return host.endswith("." + match[3])
    if match[3] not in (host, "*"):
        return False
    within = match[4] or "/"
    return within == "/" or path.lower() == within or (within.endswith("/") and path.lower().startswith(within))


def policies(facts: SourceFile | Hosting | NginxConfig, project: Project) -> Iterator[Policy]:
    """The policies that a file sets: in the head of a page, in the headers of its host, by a server in JavaScript."""
    if isinstance(facts, SourceFile):
        if facts.language == "html":
            yield from _of_page(facts, project)
        elif facts.web and facts.mentions(r"helmet\s*\(|(?i:content-security-policy)"):
            yield from _of_server(facts, project)
        return
    for host in [Host(facts.path, facts)] if isinstance(facts, Hosting) else [Host(facts.path, site) for site in sites(facts)]:
        header = host.header(PAGE, HEADER)
        if header is not None and header.value:
            yield Policy(header.value, header.place, _served(facts.path, project))


def _served(path: str, project: Project) -> list[SourceFile]:
    """The pages and scripts of the packages whose host a file configures."""
    return [
        f for f in project.all(SourceFile) if f.web and any(host.path == path for host in hosts(project, f.place)) and _shown(f, project)
    ]


def _shown(file: SourceFile, project: Project) -> bool:
    """Whether a file is no test, nor a server's."""
    return (
        not re.search(r"(?:^|/)(?:tests?|__tests__|e2e|node_modules)/|\.(?:test|spec)\.", file.path) and platform(project, file) != "node"
    )


def _of_page(file: SourceFile, project: Project) -> Iterator[Policy]:
    if not file.mentions(r"(?i)content-security-policy"):
        return
    text = re.sub(r"<!--.*?(?:-->|\Z)", lambda match: re.sub(r"[^\n]", " ", match[0]), file.text, flags=re.S)
    for match in _META.finditer(text):
        content = _CONTENT.search(match[1])
        if content is None or not _NAME.search(match[0]):
            continue
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - text.rfind("\n", 0, match.start())
        place = Place(file.path, Span(line, column, line, column + 5))
        paths = [local(project, file.place, script.address) for script in file.scripts if script.address]
        found = [project.file(path) for path in paths if path is not None]
        loaded = [each for f in found if f is not None for each in project.facts(f, SourceFile)]
        yield Policy(content[1] or content[2] or "", place, [file, *loaded])


def _of_server(file: SourceFile, project: Project) -> Iterator[Policy]:
    """The policies that an Express server of a package sends with its static pages."""
    if not file.mentions(r"express(?:\.static)?\b") or not file.mentions(r"\.static\s*\(|sendFile\s*\(|\brender\s*\("):
        return
    folder = home(project, file.place)
    files = [f for f in project.all(SourceFile) if f.web and home(project, f.place) == folder and f is not file and _shown(f, project)]
    for call in file.calls("helmet", "helmet.default"):
        if not call.arguments:
            yield Policy(HELMET, call.place, files)
    for call in file.calls("**.{setHeader,header,set}"):
        name, value = call.argument(None, 0), call.argument(None, 1)
        if (
            name is not None
            and value is not None
            and isinstance(name.value, str)
            and name.value.lower() == HEADER
            and isinstance(value.value, str)
        ):
            yield Policy(value.value, call.place, files)
