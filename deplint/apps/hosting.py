"""What a page is sent with and what answers its addresses, as the configuration of the server that has it says.

    for host in hosts(project, near):
        found = host.header("/index.html", "content-security-policy")
        if found is not None and found.value:
            print(found.value, found.place)

The servers are nginx, and the hosts that `deplint.settings.hosting` reads. Those of a package are the ones whose files lie in its folder,
or, if there are none, above it in the project; nginx' may lie beside the only package. What the servers of development (Vite, webpack) send
does not count.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deplint import Project
from deplint.apps.follow import home
from deplint.finding import Place
from deplint.settings.hosting import Header, Hosting
from deplint.settings.nginx import Directive, NginxConfig, locate, nearest, unseen

PAGE = "/index.html"
_PROXIES = ("proxy_pass", "grpc_pass", "uwsgi_pass", "fastcgi_pass", "scgi_pass")


@dataclass(frozen=True, eq=False)
class Host:
    """One server of a package's pages: a `Hosting`, or the `server` of a configuration of nginx."""

    path: str
    facts: Hosting | Directive

    def headers(self, path: str) -> list[Header] | None:
        """The headers that a file of the package is certainly sent with; None where that is not known."""
        if isinstance(self.facts, Hosting):
            return None if self.facts.partial else self.facts.sent(path)
        location = locate(self.facts, path)
        if location is None:
            return None
        if unseen(location) or any(block.name == "location" and block.all("if", "more_set_headers") for block in location.around):
            return None
        found = nearest(location, "add_header")
        return [Header(d.texts[0].lower(), None if "$" in d.texts[1] else d.texts[1], d.place) for d in found if len(d.texts) > 1]

    def header(self, path: str, name: str) -> Header | None:
        """The last header of this name that a file is certainly sent with; with an empty value if it is certainly sent without, None
        where that is not known."""
        headers = self.headers(path)
        if headers is None or (isinstance(self.facts, Hosting) and self.facts.maybe(name)):
            return None
        same = [header for header in headers if header.name == name]
        return same[-1] if same else Header(name, "", Place(self.path))

    def all(self, name: str) -> Iterator[Header]:
        """Every place in the configuration where a header is set, whatever for."""
        if isinstance(self.facts, Hosting):
            yield from (header for sent in self.facts.headers for header in sent.headers if header.name == name)
        else:
            for block in [*self.facts.around, *self.facts.walk()]:
                for each in block.all("add_header"):
                    if len(each.texts) > 1 and each.texts[0].lower() == name:
                        yield Header(name, each.texts[1], each.place)


def hosts(project: Project, near: Place) -> list[Host]:
    """The servers of the pages of the package that a file is part of."""
    return _hosts(project, home(project, near))


@lru_cache(maxsize=32)
def _hosts(project: Project, folder: Path) -> list[Host]:
    both: list[Hosting | NginxConfig] = [*project.all(Hosting), *project.all(NginxConfig)]
    every = [(Path(os.path.abspath(facts.path)).parent, facts) for facts in both]
    inside = [facts for where, facts in every if home(project, facts.place) == folder and _of(where, folder, facts)]
    found = inside or [facts for where, facts in every if folder.is_relative_to(where)]
    packages = [file for file in project.files if file.name == "package.json" and file.path.is_relative_to(folder.parent)]
    if not found and len(packages) == 1:  # nginx/default.conf beside frontend/
        found = [facts for where, facts in every if isinstance(facts, NginxConfig) and where.is_relative_to(folder.parent)]
    return [Host(facts.path, each) for facts in found for each in ([facts] if isinstance(facts, Hosting) else sites(facts))]


def _of(where: Path, folder: Path, facts: Hosting | NginxConfig) -> bool:
    """Whether what lies in `where` is about the pages of the package in `folder`: what hosts read lies beside its ``package.json``, or in
    the folder that is published."""
    published = where.parent == folder and where.name in _PUBLISHED
    return where.is_relative_to(folder) if isinstance(facts, NginxConfig) else where == folder or published


_PUBLISHED = frozenset({"public", "static", "dist", "build", "www", "html", "public_html", "src", "web", "app"})


def sites(config: NginxConfig) -> list[Directive]:
    """The servers of a configuration that send files."""
    found = []
    for server in config.servers:
        below = [server, *server.walk()]
        if any(each.name in ("root", "alias", "try_files") for each in below) or any(
            e.name == "root" for a in server.around for e in a.body
        ):
            location = locate(server, PAGE)
            if location is not None and not any(each.name in (*_PROXIES, "return") for each in location.body):
                found.append(server)
    return found
