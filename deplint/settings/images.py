"""Names of container images, and what the tags of some of them say about the libraries inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from deplint.finding import Place
from deplint.settings.pins import Pin
from deplint.settings.text import HOLE, Word, known

_HUB = {"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}


@dataclass(frozen=True)
class Image:
    """An image's name: ``nvcr.io/nvidia/tritonserver:23.10-py3`` is registry ``nvcr.io``, name ``nvidia/tritonserver``, tag ``23.10-py3``.

    `registry` is empty for Docker Hub, whose ``library/`` is left out of `name`. `tag` and `digest` are empty where none is written
    (no tag means ``latest``). Each part is None where a variable makes it unknown.
    """

    written: str
    place: Place
    registry: str | None = ""
    name: str | None = None
    tag: str | None = ""
    digest: str | None = ""

    def __str__(self) -> str:
        return self.written

    @property
    def repository(self) -> str | None:
        """Registry and name, without tag."""
        if self.name is None or self.registry is None:
            return None
        return f"{self.registry}/{self.name}" if self.registry else self.name

    @property
    def pins(self) -> list[Pin]:
        """What the tag pins; empty where neither image nor tag is known."""
        for package, pattern in MEANINGS.get(self.repository or "", ()):
            match = re.match(pattern, self.tag or "")
            if match:
                number = match.group(1)
                specifier = f"=={number}" if number.count(".") > 1 or package in _SERIES else f"=={number}.*"
                return [Pin(package, specifier, self.place, "docker", written=self.written, url=self.written)]
        return []


def image(word: Word) -> Image:
    """The image that a word names."""
    rest, _, digest = word.masked.partition("@")
    head, slash, last = rest.rpartition("/")
    last, _, tag = last.partition(":")
    path = head + slash + last
    registry, _, name = path.partition("/")
    if not name or not (HOLE in registry or re.search(r"[.:]", registry) or registry == "localhost"):
        registry, name = "", path
    if registry in _HUB:
        registry = ""
    if not registry:
        name = name.removeprefix("library/")
    parts = [known(part) for part in (registry or HOLE * name.startswith(HOLE), name, tag, digest)]
    if HOLE in last:  # the hole may hold the rest too
        parts[2:] = [part or None for part in parts[2:]]
    return Image(word.written.strip("\"'") or word.masked, word.place, parts[0], parts[1] or None, parts[2], parts[3])


_NUMBER = r"v?([0-9]+(?:\.[0-9]+)*(?:rc[0-9]+)?)(?:[-_]|$)"
_SERIES = {"tritonserver"}

MEANINGS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "tensorflow/tensorflow": (("tensorflow", _NUMBER),),
    "tensorflow/serving": (("tensorflow-serving", _NUMBER),),
    "pytorch/pytorch": (("torch", _NUMBER),),
    "pytorch/torchserve": (("torchserve", _NUMBER),),
    "python": (("python", _NUMBER),),
    "amazon/aws-lambda-python": (("python", _NUMBER),),
    "public.ecr.aws/lambda/python": (("python", _NUMBER),),
    "public.ecr.aws/docker/library/python": (("python", _NUMBER),),
    "node": (("node", _NUMBER),),
    "nvcr.io/nvidia/tritonserver": (("tritonserver", _NUMBER),),
    "nvidia/cuda": (("cuda", _NUMBER),),
    "nvcr.io/nvidia/cuda": (("cuda", _NUMBER),),
}
"""Image without tag -> the package whose version leads the tag. Three numbers are a version, fewer a series (``3.11`` is any 3.11.x)."""
