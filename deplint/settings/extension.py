"""The ``manifest.json`` of a browser extension: its scripts in the order they are loaded, and its content security policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from deplint.finding import Place
from deplint.project import File
from deplint.settings.requirements import json_object
from deplint.settings.text import Finder, Word


@dataclass
class Group:
    """Scripts that are loaded into one page or worker, one after the other. `kind` is ``background``, ``worker`` or ``content``;
    `module` says that they are modules."""

    kind: str
    scripts: list[Word] = field(default_factory=list)
    module: bool = False


@dataclass
class Extension:
    """``manifest.json``. `version` is that of the manifest (2 or 3), `groups` are its scripts, `pages` the pages it names; `policy` is
    the content security policy of the extension's pages, None if none is written."""

    path: str
    version: int
    groups: list[Group] = field(default_factory=list)
    pages: list[Word] = field(default_factory=list)
    policy: Word | None = None
    policy_key: Place | None = None
    """Where the policy is written, if it is."""
    sandboxed: bool = False
    """Some pages are sandboxed, which has a policy of its own."""

    @property
    def place(self) -> Place:
        return Place(self.path)


def read_extension(file: File) -> Extension:
    source, data = json_object(file)
    finder, version = Finder(source), data.get("manifest_version")
    found = Extension(file.shown, version if type(version) is int else 0)

    def words(listed: Any) -> list[Word]:
        return [
            Word(text, finder.string(text), text) for text in (listed if isinstance(listed, list) else [listed]) if isinstance(text, str)
        ]

    background = _object(data.get("background"))
    module = background.get("type") == "module"
    if "service_worker" in background:
        found.groups.append(Group("worker", words(background["service_worker"]), module))
    if "scripts" in background:
        found.groups.append(Group("background", words(background["scripts"]), module))
    contents = data.get("content_scripts")
    for content in contents if isinstance(contents, list) else ():
        found.groups.append(Group("content", words(_object(content).get("js"))))
    for key in ("action", "browser_action", "page_action"):
        found.pages += words(_object(data.get(key)).get("default_popup"))
    found.pages += words(_object(data.get("options_ui")).get("page")) + words(data.get("options_page")) + words(background.get("page"))
    found.pages += words(_object(data.get("side_panel")).get("default_path")) + words(data.get("devtools_page"))
    found.sandboxed = "sandbox" in data
    policy = data.get("content_security_policy")
    if policy is not None:
        found.policy_key = finder.key("content_security_policy")
        text = policy if isinstance(policy, str) else _object(policy).get("extension_pages")
        found.policy = Word(text, finder.string(text), text) if isinstance(text, str) else None
    return found


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
