"""What the Python Package Index says of a package's releases: its files, by the simple API's JSON (PEP 691)."""

from __future__ import annotations

import json
import os
import urllib.request
from functools import lru_cache
from typing import NamedTuple

from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename


class Released(NamedTuple):
    """One file of a release. `size` is in bytes, `python` the interpreters it is for (PEP 440, "" for any), `day` when it was uploaded."""

    name: str
    version: str
    url: str
    size: int
    python: str
    day: str


def fetch(url: str, accept: str = "*/*") -> bytes:
    """What is at `url`."""
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=120) as answer:
        data: bytes = answer.read()
    return data


@lru_cache
def released(package: str) -> list[Released]:
    """The files of every release of `package` that was not withdrawn, as the index lists them."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/")
    listed = json.loads(fetch(f"{index}/{package}/", "application/vnd.pypi.simple.v1+json"))["files"]
    found = []
    for file in listed:
        name = file["filename"]
        try:
            version = str((parse_wheel_filename if name.endswith(".whl") else parse_sdist_filename)(name)[1])
        except (InvalidWheelFilename, InvalidSdistFilename):
            continue
        if not file.get("yanked"):
            python, day = file.get("requires-python") or "", (file.get("upload-time") or "")[:10]
            found.append(Released(name, version, file["url"], file.get("size") or 0, python, day))
    return found
