"""Manifests of browser extensions: scripts, pages and policies, with their places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deplint.model import Unreadable
from deplint.project import File
from deplint.settings import READERS
from deplint.settings.extension import Extension, read_extension


def read(folder: Path, data: dict[str, Any] | str) -> Extension:
    path = folder / "manifest.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data, indent=1))
    return read_extension(File(path))


def test_version_3(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "manifest_version": 3,
            "background": {"service_worker": "b.js", "type": "module"},
            "content_scripts": [{"matches": ["<all_urls>"], "js": ["tf.min.js", "c.js"]}],
            "action": {"default_popup": "p.html"},
            "content_security_policy": {"extension_pages": "script-src 'self'"},
        },
    )
    assert (found.version, found.sandboxed) == (3, False)
    assert [(g.kind, [w.text for w in g.scripts], g.module) for g in found.groups] == [
        ("worker", ["b.js"], True),
        ("content", ["tf.min.js", "c.js"], False),
    ]
    assert [page.text for page in found.pages] == ["p.html"]
    assert found.policy is not None and found.policy.text == "script-src 'self'"
    span = found.groups[1].scripts[1].place.span
    assert span is not None and (tmp_path / "manifest.json").read_text().split("\n")[span.line - 1].strip() == '"c.js"'


def test_version_2(tmp_path: Path) -> None:
    found = read(
        tmp_path, {"manifest_version": 2, "background": {"scripts": ["a.js", "b.js"]}, "content_security_policy": "script-src 'self'"}
    )
    assert [(g.kind, len(g.scripts)) for g in found.groups] == [("background", 2)]
    assert found.policy is not None and found.policy_key is not None


@pytest.mark.parametrize("data", ["", "[]", "{", '{"manifest_version": 3'])
def test_broken(tmp_path: Path, data: str) -> None:
    with pytest.raises(Unreadable):
        read(tmp_path, data)


@pytest.mark.parametrize(
    "data",
    [
        {"manifest_version": "3", "background": 1, "content_scripts": {"js": 1}, "action": []},
        {"background": {"scripts": [1, None]}, "content_scripts": [1], "content_security_policy": 1},
    ],
)
def test_odd_values(tmp_path: Path, data: dict[str, Any]) -> None:
    assert read(tmp_path, data).version == 0


def test_other_manifests_are_none(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"name": "a web app", "icons": []}')
    reader = next(reader for reader in READERS if reader.name == "extension")
    assert not reader.claims(File(tmp_path / "manifest.json"))
